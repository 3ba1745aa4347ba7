//! Stand-ins for the official images, built without a registry from the root file system.
//!
//! A private engine holds them under the official names, labelled `dev.nest.stand-in=true`. The
//! engine of a user gets the official images, never these.

mod docker;
mod podman;
mod registry;
mod rootless;
mod small;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::rc::Rc;

use anyhow::{Context, Result, ensure};

use crate::cache::{self, Cache};
use crate::digest;
use crate::image::{Image, write_archive};
use crate::layer::{Layer, LayerFile};
use crate::output::talk;
use crate::packages::Packages;

/// The images that tests, examples and the demo use.
pub(crate) const NAMES: [&str; 7] = [
    "docker:dind",
    "docker:dind-rootless",
    "docker:cli",
    "quay.io/podman/stable:latest",
    "registry:2",
    "alpine:3.20",
    "busybox:1.36",
];

/// What the archive depends on besides the root file system.
const RECIPE: [&[u8]; 14] = [
    include_bytes!("images.rs"),
    include_bytes!("images/docker.rs"),
    include_bytes!("images/podman.rs"),
    include_bytes!("images/rootless.rs"),
    include_bytes!("images/registry.rs"),
    include_bytes!("images/small.rs"),
    include_bytes!("images/docker-entrypoint.sh"),
    include_bytes!("images/dockerd-entrypoint.sh"),
    include_bytes!("images/dind.sh"),
    include_bytes!("images/containers.conf"),
    include_bytes!("images/registry-entrypoint.sh"),
    include_bytes!("image.rs"),
    include_bytes!("layer.rs"),
    include_bytes!("packages.rs"),
];

/// Where the layers of the images come from, and where they are put until the archive has them.
struct Source<'a> {
    root: &'a Path,
    packages: Packages,
    folder: PathBuf,
}

/// All stand-ins in one archive for `docker load`, in the cache, made on first use.
pub(crate) fn archive(cache: &Cache, root: &Path) -> Result<PathBuf> {
    let suite = root.file_name().unwrap_or_default().to_string_lossy();
    let recipe = digest::of_bytes(&RECIPE.concat());
    cache.entry(&format!("images/{suite}-{}.tar", &recipe[..12]), |path| {
        talk("building the stand-in images, once");
        let folder = path.with_extension("layers");
        cache::remove(&folder)?;
        fs::create_dir_all(&folder)?;
        let source = Source {
            root,
            packages: Packages::read(root)?,
            folder: folder.clone(),
        };
        let built = images(&source).and_then(|images| write_archive(&images, path));
        cache::remove(&folder)?;
        built.context("cannot build the stand-in images")
    })
}

fn images(source: &Source) -> Result<Vec<Image>> {
    let base = source.base()?;
    let cli = Rc::new(docker::cli_layer(source)?);
    let dind = docker::dind(source, &base, &cli)?;
    let mut images = vec![
        rootless::rootless(source, &dind)?,
        dind,
        docker::cli(source, &base, &cli)?,
        podman::podman(source, &base)?,
        registry::registry(source, &base)?,
    ];
    images.extend(small::images(source)?);
    Ok(images)
}

/// Links the commands of iptables in a folder to one of its variants, `nft` or `legacy`.
fn link_iptables(layer: &mut Layer, folder: &str, variant: &str) {
    for program in ["iptables", "ip6tables"] {
        for action in ["", "-save", "-restore"] {
            let target = format!("/usr/sbin/xtables-{variant}-multi");
            layer.link(&format!("{folder}/{program}{action}"), &target);
        }
    }
}

impl Source<'_> {
    /// The layer under `docker:*` and `registry:2`: a shell and the tools that their scripts use.
    fn base(&self) -> Result<Rc<LayerFile>> {
        // Made when packages are installed, so no package owns them.
        const GENERATED: [&str; 4] = [
            "etc/group",
            "etc/ld.so.cache",
            "etc/nsswitch.conf",
            "etc/passwd",
        ];
        let mut layer = Layer::default();
        for path in self.base_files()? {
            layer.copy(self.root, &path)?;
        }
        for path in GENERATED {
            layer.copy(self.root, path)?;
        }
        layer.copy_tree(self.root, "etc/ssl/certs")?;
        for applet in self.applets()? {
            let name = applet.rsplit('/').next().unwrap_or(&applet);
            layer.link(&format!("usr/bin/{name}"), "busybox");
        }
        Ok(Rc::new(self.write(&layer, "base")?))
    }

    fn base_files(&self) -> Result<BTreeSet<String>> {
        self.packages
            .files(&["base-files", "busybox-static", "ca-certificates", "openssl"])
    }

    /// A layer of packages and their libraries, on top of the base.
    fn package_layer(&self, names: &[&str]) -> Result<Layer> {
        let base = self.base_files()?;
        let mut layer = Layer::default();
        for path in self.packages.files(names)?.difference(&base) {
            layer.copy(self.root, path)?;
        }
        Ok(layer)
    }

    /// The commands that busybox can be, as paths: `bin/sh`, `usr/bin/wc`.
    fn applets(&self) -> Result<Vec<String>> {
        let list = Command::new(self.root.join("usr/bin/busybox"))
            .arg("--list-full")
            .stdin(Stdio::null())
            .output()
            .context("cannot run the busybox of the root file system")?;
        ensure!(list.status.success(), "busybox does not list its commands");
        let list = String::from_utf8(list.stdout)?;
        Ok(list
            .lines()
            .filter(|applet| !applet.ends_with("/busybox"))
            .map(str::to_owned)
            .collect())
    }

    fn write(&self, layer: &Layer, name: &str) -> Result<LayerFile> {
        layer.write(self.folder.join(name))
    }
}
