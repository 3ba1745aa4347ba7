//! Docker Compose and the docker CLI, from Debian packages, to compare nest with.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::cache::Cache;
use crate::rootfs;
use crate::suite::Suite;

/// Unpacked, they come with the C library that they need.
const PACKAGES: [&str; 2] = ["docker-cli", "docker-compose"];

/// The programs, unpacked in the cache.
pub(crate) struct Compose {
    root: PathBuf,
    linker: PathBuf,
}

impl Compose {
    /// Unpacks the programs, on first use.
    pub(crate) fn install(cache: &Cache) -> Result<Self> {
        let recipe = PACKAGES.join("+");
        let root = cache.entry(&format!("tools/{recipe}-{}", Suite::Sid), |folder| {
            rootfs::unpack(Suite::Sid, &PACKAGES, folder)
        })?;
        let linker = find_linker(&root)
            .with_context(|| format!("no dynamic linker in `{}`", root.display()))?;
        Ok(Self { root, linker })
    }

    /// The start of a command line that runs Compose. The docker CLI is not run in front of it, since
    /// that would add its own time.
    pub(crate) fn command(&self) -> Vec<OsString> {
        self.run("usr/libexec/docker/cli-plugins/docker-compose")
    }

    /// Makes the program `docker` in a folder, for a search path.
    pub(crate) fn put_docker_in(&self, folder: &Path) -> Result<()> {
        let words = self.run("usr/bin/docker");
        let words: Vec<String> = words
            .iter()
            .map(|word| format!("'{}'", word.to_string_lossy()))
            .collect();
        let program = folder.join("docker");
        fs::create_dir_all(folder)?;
        fs::write(
            &program,
            format!("#!/bin/sh\nexec {} \"$@\"\n", words.join(" ")),
        )?;
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755))?;
        Ok(())
    }

    /// Their C library may be newer than that of the machine, so each is run by its linker.
    fn run(&self, program: &str) -> Vec<OsString> {
        let libraries = self.linker.parent().unwrap_or(&self.root);
        vec![
            self.linker.clone().into(),
            "--library-path".into(),
            libraries.into(),
            self.root.join(program).into(),
        ]
    }
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
