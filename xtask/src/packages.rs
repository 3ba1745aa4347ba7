//! Which files of a Debian root file system belong to which package.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The packages installed in a root file system.
pub(crate) struct Packages {
    root: PathBuf,
    installed: BTreeMap<String, Package>,
}

struct Package {
    version: String,
    libraries: Vec<String>,
}

impl Packages {
    /// Reads the package database of a root file system.
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let database = root.join("var/lib/dpkg/status");
        let text = fs::read_to_string(&database)
            .with_context(|| format!("cannot read `{}`", database.display()))?;
        Ok(Self {
            root: root.to_owned(),
            installed: text.split("\n\n").filter_map(paragraph).collect(),
        })
    }

    /// The upstream part of a package's version: `26.1.5` of `26.1.5+dfsg1-9`.
    pub(crate) fn version(&self, name: &str) -> Result<&str> {
        let version = self.package(name)?.version.as_str();
        let version = version.split_once(':').map_or(version, |(_, rest)| rest);
        Ok(version.split(['+', '~', '-']).next().unwrap_or(version))
    }

    /// The files and folders of these packages and of the libraries they need, relative to the
    /// root. Other dependencies are left out: they serve a system that boots and is administered.
    pub(crate) fn files(&self, names: &[&str]) -> Result<BTreeSet<String>> {
        let mut found: BTreeSet<&str> = BTreeSet::new();
        let mut wanted: Vec<&str> = names.to_vec();
        let mut files = BTreeSet::new();
        while let Some(name) = wanted.pop() {
            if found.insert(name) {
                wanted.extend(self.package(name)?.libraries.iter().map(String::as_str));
                files.extend(self.file_list(name)?.lines().filter_map(useful_path));
            }
        }
        Ok(files)
    }

    fn package(&self, name: &str) -> Result<&Package> {
        self.installed
            .get(name)
            .with_context(|| format!("package `{name}` is not in the root file system"))
    }

    fn file_list(&self, name: &str) -> Result<String> {
        let folder = self.root.join("var/lib/dpkg/info");
        let plain = folder.join(format!("{name}.list"));
        if plain.exists() {
            return Ok(fs::read_to_string(plain)?);
        }
        // Packages that can be installed for several architectures carry theirs in the name.
        let prefix = format!("{name}:");
        for file in fs::read_dir(&folder)? {
            let file = file?;
            let name = file.file_name();
            let name = name.to_string_lossy();
            if name.starts_with(&prefix) && name.ends_with(".list") {
                return Ok(fs::read_to_string(file.path())?);
            }
        }
        anyhow::bail!("no file list of package `{name}` in `{}`", folder.display())
    }
}

fn paragraph(text: &str) -> Option<(String, Package)> {
    let field = |name: &str| {
        text.lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    };
    let libraries = ["Depends", "Pre-Depends"]
        .into_iter()
        .filter_map(field)
        .flat_map(|list| list.split(", "))
        .filter_map(|dependency| dependency.split([' ', ':', '|']).next())
        .filter(|name| name.starts_with("lib") || *name == "zlib1g")
        .map(str::to_owned)
        .collect();
    let package = Package {
        version: field("Version")?.to_owned(),
        libraries,
    };
    Some((field("Package")?.to_owned(), package))
}

/// The path without its first slash and below `usr` where Debian has merged a folder into it; none
/// for what an image has no use for.
fn useful_path(line: &str) -> Option<String> {
    const UNUSED: &[&str] = &[
        "etc/init.d",
        "usr/lib/systemd",
        "usr/lib/udev",
        "usr/share/bash-completion",
        "usr/share/doc",
        "usr/share/info",
        "usr/share/lintian",
        "usr/share/locale",
        "usr/share/man",
        "usr/share/zsh",
        // Old and manual ways into containerd, 48 MB of them.
        "usr/bin/containerd-shim",
        "usr/bin/containerd-shim-runc-v1",
        "usr/bin/ctr",
        // Tests of podman's own, and what only users' systems need.
        "usr/bin/rootlessctl",
        "usr/lib/podman/netavark-dhcp-proxy-client",
        "usr/libexec/podman/podman-testing",
        "usr/libexec/podman/quadlet",
    ];
    let path = line.strip_prefix('/').filter(|path| *path != ".")?;
    let merged = ["bin/", "sbin/", "lib/", "lib64/"];
    let path = if merged.iter().any(|folder| path.starts_with(folder)) {
        format!("usr/{path}")
    } else {
        path.to_owned()
    };
    let unused = UNUSED.iter().any(|unused| {
        path.strip_prefix(unused)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    });
    let is_character_table = path.contains("/gconv");
    (!unused && !is_character_table).then_some(path)
}
