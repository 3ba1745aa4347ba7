//! `docker:dind-rootless`: `docker:dind` with a user that runs the engine, and what that takes.

use std::fs;
use std::rc::Rc;

use anyhow::Result;

use crate::image::Image;
use crate::images::{Source, link_iptables};

/// The user that the engine runs as, by number.
const USER: u64 = 1000;
/// To take on any user.
const SET_USER: u32 = 7;
/// To take on any group.
const SET_GROUP: u32 = 6;

pub(super) fn rootless(source: &Source, dind: &Image) -> Result<Image> {
    let mut layer = source.package_layer(&[
        "fuse-overlayfs",
        "iproute2",
        "libselinux1",
        "rootlesskit",
        "slirp4netns",
        "uidmap",
    ])?;
    // As the official image's: root's identity would not do where the container is not privileged.
    layer.give_capability("usr/bin/newuidmap", SET_USER);
    layer.give_capability("usr/bin/newgidmap", SET_GROUP);
    // Those of busybox run other commands of busybox in place of the real ones.
    for program in ["nsenter", "unshare"] {
        layer.copy(source.root, &format!("usr/bin/{program}"))?;
    }
    for (path, line) in [
        (
            "etc/passwd",
            "rootless:x:1000:1000:Rootless:/home/rootless:/bin/sh",
        ),
        ("etc/group", "rootless:x:1000:"),
        ("etc/subuid", "rootless:100000:65536"),
        ("etc/subgid", "rootless:100000:65536"),
    ] {
        let known = fs::read_to_string(source.root.join(path)).unwrap_or_default();
        layer.file(path, 0o644, format!("{known}{line}\n"));
    }
    // In front on PATH where nftables fails.
    link_iptables(&mut layer, "usr/local/sbin/.iptables-legacy", "legacy");
    // The engine makes its own folder in it, as any user.
    layer.folder("run/user", 0o1777);
    let mut path = "home/rootless".to_owned();
    layer.folder_of(USER, &path, 0o755);
    for part in [".local", "share", "docker"] {
        path = format!("{path}/{part}");
        layer.folder_of(USER, &path, 0o755);
    }
    let layer = source.write(&layer, "docker-rootless")?;
    let mut config = dind.config.clone();
    config["User"] = "rootless".into();
    config["Volumes"][format!("/{path}")] = serde_json::json!({});
    let mut layers: Vec<_> = dind.layers.iter().map(Rc::clone).collect();
    layers.push(Rc::new(layer));
    Ok(Image {
        name: "docker:dind-rootless",
        layers,
        config,
    })
}
