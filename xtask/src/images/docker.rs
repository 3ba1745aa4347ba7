//! `docker:cli`, and `docker:dind` on top of it, layered as the official ones are.

use std::rc::Rc;

use anyhow::Result;
use serde_json::{Value, json};

use crate::image::Image;
use crate::images::{Source, link_iptables};
use crate::layer::LayerFile;

pub(super) fn cli_layer(source: &Source) -> Result<LayerFile> {
    let mut layer = source.package_layer(&["docker-cli"])?;
    layer.file(
        "usr/local/bin/docker-entrypoint.sh",
        0o755,
        include_bytes!("docker-entrypoint.sh"),
    );
    // Certificates are written by one container and read by others, as any user.
    layer.folder("certs", 0o1777);
    layer.folder("certs/client", 0o1777);
    source.write(&layer, "docker-cli")
}

pub(super) fn cli(source: &Source, base: &Rc<LayerFile>, cli: &Rc<LayerFile>) -> Result<Image> {
    Ok(Image {
        name: "docker:cli",
        layers: vec![Rc::clone(base), Rc::clone(cli)],
        config: json!({
            "Env": environment(source)?,
            "Entrypoint": ["docker-entrypoint.sh"],
            "Cmd": ["sh"],
        }),
    })
}

pub(super) fn dind(source: &Source, base: &Rc<LayerFile>, cli: &Rc<LayerFile>) -> Result<Image> {
    let mut layer = source.package_layer(&["docker.io", "containerd", "runc", "iptables"])?;
    // In a package of its own in some releases, in that of `tini` in others.
    layer.copy(source.root, "usr/bin/tini-static")?;
    layer.link("usr/local/bin/docker-init", "/usr/bin/tini-static");
    layer.file(
        "usr/local/bin/dockerd-entrypoint.sh",
        0o755,
        include_bytes!("dockerd-entrypoint.sh"),
    );
    layer.file("usr/local/bin/dind", 0o755, include_bytes!("dind.sh"));
    // In front on PATH: the entrypoint turns these to the other variant where nftables fails.
    link_iptables(&mut layer, "usr/local/sbin", "nft");
    layer.folder("var/lib/docker", 0o710);
    let layer = source.write(&layer, "docker-dind")?;
    Ok(Image {
        name: "docker:dind",
        layers: vec![Rc::clone(base), Rc::clone(cli), Rc::new(layer)],
        config: json!({
            "Env": environment(source)?,
            "Entrypoint": ["dockerd-entrypoint.sh"],
            "Cmd": [],
            "Volumes": {"/var/lib/docker": {}},
            "ExposedPorts": {"2375/tcp": {}, "2376/tcp": {}},
        }),
    })
}

fn environment(source: &Source) -> Result<Value> {
    let version = source.packages.version("docker.io")?;
    Ok(json!([
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        format!("DOCKER_VERSION={version}"),
        "DOCKER_TLS_CERTDIR=/certs",
    ]))
}
