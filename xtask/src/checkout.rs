//! The checkout that xtask works for.

use std::env;
use std::path::{Path, PathBuf};

use crate::digest;

/// The folder with the workspace's `Cargo.toml`.
pub(crate) fn folder() -> PathBuf {
    // `cargo run` says where the package is now; the path from the build serves other ways to run.
    let package = env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    package.parent().map(Path::to_owned).unwrap_or(package)
}

/// Where cargo puts what it builds.
pub(crate) fn target_folder() -> PathBuf {
    let folder = folder();
    match env::var_os("CARGO_TARGET_DIR") {
        Some(target) => folder.join(target),
        None => folder.join("target"),
    }
}

/// A name for this checkout's engine: two checkouts on one machine have different ones.
pub(crate) fn engine_name() -> String {
    let folder = folder();
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let name: String = name
        .chars()
        .filter(|letter| letter.is_ascii_alphanumeric() || *letter == '-')
        .take(20)
        .collect();
    let hash = digest::of_bytes(folder.as_os_str().as_encoded_bytes());
    format!("{name}-{}", &hash[..6])
}
