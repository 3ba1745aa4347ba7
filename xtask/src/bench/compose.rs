//! Docker Compose and the docker CLI, from Debian packages, to compare nest with.

use std::ffi::OsString;
use std::path::Path;

use anyhow::Result;

use crate::cache::Cache;
use crate::program;
use crate::suite::Suite;
use crate::unpacked::{Unpacked, shell_words};

/// The programs, unpacked in the cache.
pub(crate) struct Compose(Unpacked);

impl Compose {
    /// Unpacks the programs, on first use.
    pub(crate) fn install(cache: &Cache) -> Result<Self> {
        let packages = ["docker-cli", "docker-compose"];
        Unpacked::install(cache, Suite::Sid, &packages).map(Self)
    }

    /// The start of a command line that runs Compose. The docker CLI is not run in front of it, since
    /// that would add its own time.
    pub(crate) fn command(&self) -> Vec<OsString> {
        let program = "usr/libexec/docker/cli-plugins/docker-compose";
        self.0.command(program)
    }

    /// Makes the program `docker` in a folder, for a search path.
    pub(crate) fn put_docker_in(&self, folder: &Path) -> Result<()> {
        let words = shell_words(&self.0.command("usr/bin/docker"));
        program::write_script(&folder.join("docker"), &format!("exec {words} \"$@\""))
    }
}
