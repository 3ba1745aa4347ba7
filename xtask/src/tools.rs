//! Programs that the checks use, each at one version for everybody, built once into the cache.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::cache::Cache;
use crate::output::talk;

/// A program from crates.io.
#[derive(Clone, Copy)]
pub(crate) struct Tool {
    name: &'static str,
    version: &'static str,
}

/// Licences, sources and bans of what we depend on.
pub(crate) const CARGO_DENY: Tool = Tool {
    name: "cargo-deny",
    version: "0.20.2",
};

/// Random input.
pub(crate) const CARGO_FUZZ: Tool = Tool {
    name: "cargo-fuzz",
    version: "0.13.1",
};

/// Dependencies that nobody uses.
pub(crate) const CARGO_MACHETE: Tool = Tool {
    name: "cargo-machete",
    version: "0.9.2",
};

/// The book.
pub(crate) const MDBOOK: Tool = Tool {
    name: "mdbook",
    version: "0.5.4",
};

impl Tool {
    /// The path of the program, installed on first use.
    pub(crate) fn program(self, cache: &Cache) -> Result<PathBuf> {
        let Self { name, version } = self;
        let folder = cache.entry(&format!("tools/{name}-{version}"), |folder| {
            talk(format_args!(
                "installing {name} {version}, once: this takes minutes"
            ));
            fs::create_dir_all(folder)?;
            let status = Command::new("cargo")
                .args(["install", "--quiet", "--locked", "--root"])
                .arg(folder)
                .arg(format!("{name}@{version}"))
                // Cargo then builds in a folder of its own and removes it.
                .env_remove("CARGO_TARGET_DIR")
                .stdin(Stdio::null())
                .status()
                .context("cannot start `cargo`")?;
            ensure!(status.success(), "cannot install {name} {version}");
            Ok(())
        })?;
        Ok(folder.join("bin").join(name))
    }
}
