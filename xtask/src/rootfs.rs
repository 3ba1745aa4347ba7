//! A root file system with Docker Engine in it, from Debian packages.
//!
//! The private engine runs in it, and the stand-in images are cut out of it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::cache::Cache;
use crate::digest;
use crate::output::talk;
use crate::program::{self, run};
use crate::suite::Suite;

/// What the engine needs, and what the stand-in images are made of.
const PACKAGES: &[&str] = &[
    "aardvark-dns",
    "busybox-static",
    "ca-certificates",
    "crun",
    "docker-cli",
    "docker-registry",
    "docker.io",
    "fuse-overlayfs",
    "iproute2",
    "iptables",
    "jq",
    "openssh-server",
    "openssl",
    "podman",
    "procps",
    "rootlesskit",
    "slirp4netns",
    "tini",
    "uidmap",
];

/// What to do where `mmdebstrap` cannot be installed.
const WITHOUT_MMDEBSTRAP: &str = "it is needed to make a private engine: install it, or set `DOCKER_HOST` to an engine that \
                                  runs privileged containers";

/// The root file system of a suite as a folder in the cache, made on first use.
pub(crate) fn root_file_system(cache: &Cache, suite: Suite) -> Result<PathBuf> {
    let options = options("essential", PACKAGES);
    let recipe = digest::of_bytes(options.join("\n").as_bytes());
    cache.entry(&format!("rootfs/{suite}-{}", &recipe[..12]), |folder| {
        program::install("mmdebstrap", WITHOUT_MMDEBSTRAP)?;
        talk(format_args!(
            "making a root file system from Debian {suite}, once: this takes about a minute"
        ));
        let mut command = Command::new("mmdebstrap");
        command.args(&options).arg(suite.to_string()).arg(folder);
        run(&mut command)
            .with_context(|| format!("cannot make a root file system from Debian {suite}"))
    })
}

/// Unpacks packages of a suite, with those that they depend on, into a folder.
pub(crate) fn unpack(suite: Suite, packages: &[&str], folder: &Path) -> Result<()> {
    program::install("mmdebstrap", WITHOUT_MMDEBSTRAP)?;
    talk(format_args!(
        "unpacking {} from Debian {suite}, once",
        packages.join(", ")
    ));
    let mut command = Command::new("mmdebstrap");
    command
        .args(options("extract", packages))
        .arg(suite.to_string())
        .arg(folder);
    run(&mut command).with_context(|| format!("cannot unpack packages from Debian {suite}"))
}

fn options(variant: &str, packages: &[&str]) -> Vec<String> {
    let mut options = vec![
        "--quiet".to_owned(),
        format!("--variant={variant}"),
        "--format=directory".to_owned(),
        // The release file of a mirror snapshot of `sid` counts as expired.
        "--aptopt=Acquire::Check-Valid-Until \"false\"".to_owned(),
        format!("--include={}", packages.join(",")),
    ];
    let unused = ["doc", "info", "locale", "man"];
    options.extend(unused.map(|it| format!("--dpkgopt=path-exclude=/usr/share/{it}/*")));
    options
}
