//! `quay.io/podman/stable`: Debian's podman with the official image's paths and settings.

use std::rc::Rc;

use anyhow::Result;
use serde_json::json;

use crate::image::Image;
use crate::images::{Source, link_iptables};
use crate::layer::LayerFile;

/// The official image's storage: layers by `fuse-overlayfs`, which works without privileges too.
const STORAGE: &str = "\
[storage]
driver = \"overlay\"
runroot = \"/run/containers/storage\"
graphroot = \"/var/lib/containers/storage\"

[storage.options.overlay]
mount_program = \"/usr/bin/fuse-overlayfs\"
mountopt = \"nodev,fsync=0\"
";

pub(super) fn podman(source: &Source, base: &Rc<LayerFile>) -> Result<Image> {
    let mut layer = source.package_layer(&[
        "conmon",
        "crun",
        "fuse-overlayfs",
        "golang-github-containers-common",
        "golang-github-containers-image",
        "iptables",
        "netavark",
        "podman",
    ])?;
    layer.file(
        "etc/containers/containers.conf",
        0o644,
        include_bytes!("containers.conf"),
    );
    layer.file("etc/containers/storage.conf", 0o644, STORAGE);
    link_iptables(&mut layer, "usr/local/sbin", "nft");
    layer.folder("var/lib/containers", 0o755);
    layer.folder("var/tmp", 0o1777);
    layer.folder("tmp", 0o1777);
    let layer = source.write(&layer, "podman")?;
    Ok(Image {
        name: "quay.io/podman/stable:latest",
        layers: vec![Rc::clone(base), Rc::new(layer)],
        config: json!({
            "Env": [
                "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                "_CONTAINERS_USERNS_CONFIGURED=",
                "BUILDAH_ISOLATION=chroot",
            ],
            "Cmd": ["/bin/sh"],
            "Volumes": {"/var/lib/containers": {}},
        }),
    })
}
