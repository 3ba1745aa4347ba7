//! Programs of Debian packages that are unpacked, not installed.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::cache::Cache;
use crate::rootfs;
use crate::suite::Suite;

/// Packages in a folder of the cache, with the C library that they need.
pub(crate) struct Unpacked {
    root: PathBuf,
    linker: PathBuf,
}

impl Unpacked {
    /// Unpacks the packages and those that they depend on, on first use.
    pub(crate) fn install(cache: &Cache, suite: Suite, packages: &[&str]) -> Result<Self> {
        let recipe = packages.join("+");
        let root = cache.entry(&format!("tools/{recipe}-{suite}"), |folder| {
            rootfs::unpack(suite, packages, folder)
        })?;
        let linker = find_linker(&root)
            .with_context(|| format!("no dynamic linker in `{}`", root.display()))?;
        Ok(Self { root, linker })
    }

    /// The folder that they are in.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The start of a command line that runs a program, by its path in the packages.
    ///
    /// Its C library may be newer than that of the machine, so it is run by its linker.
    pub(crate) fn command(&self, program: &str) -> Vec<OsString> {
        let libraries = self.linker.parent().unwrap_or(&self.root);
        vec![
            self.linker.clone().into(),
            "--library-path".into(),
            libraries.into(),
            self.root.join(program).into(),
        ]
    }
}

/// The words as a shell reads them.
pub(crate) fn shell_words(words: &[OsString]) -> String {
    let words: Vec<String> = words
        .iter()
        .map(|word| format!("'{}'", word.to_string_lossy()))
        .collect();
    words.join(" ")
}

/// It stands beside the libraries, in a folder named after the machine's architecture.
fn find_linker(root: &Path) -> Option<PathBuf> {
    let folders = fs::read_dir(root.join("usr/lib")).ok()?.flatten();
    let files = folders.filter_map(|folder| fs::read_dir(folder.path()).ok());
    files
        .flatten()
        .flatten()
        .find(|file| file.file_name().to_string_lossy().starts_with("ld-linux"))
        .map(|file| file.path())
}
