//! `registry:2`: Debian's distribution registry with the official image's paths and settings.

use std::rc::Rc;

use anyhow::Result;
use serde_json::json;

use crate::image::Image;
use crate::images::Source;
use crate::layer::{Layer, LayerFile};

/// Every setting in it can be overridden by a `REGISTRY_…` variable, and any other added.
const CONFIGURATION: &str = "\
version: 0.1
log:
  fields:
    service: registry
storage:
  cache:
    blobdescriptor: inmemory
  filesystem:
    rootdirectory: /var/lib/registry
http:
  addr: :5000
  headers:
    X-Content-Type-Options: [nosniff]
health:
  storagedriver:
    enabled: true
    interval: 10s
    threshold: 3
";

pub(super) fn registry(source: &Source, base: &Rc<LayerFile>) -> Result<Image> {
    let mut layer = Layer::default();
    layer.copy(source.root, "usr/bin/docker-registry")?;
    layer.link("usr/bin/registry", "docker-registry");
    layer.file("etc/docker/registry/config.yml", 0o644, CONFIGURATION);
    layer.file(
        "entrypoint.sh",
        0o755,
        include_bytes!("registry-entrypoint.sh"),
    );
    layer.folder("var/lib/registry", 0o755);
    let layer = source.write(&layer, "registry")?;
    Ok(Image {
        name: "registry:2",
        layers: vec![Rc::clone(base), Rc::new(layer)],
        config: json!({
            "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
            "Entrypoint": ["/entrypoint.sh"],
            "Cmd": ["/etc/docker/registry/config.yml"],
            "Volumes": {"/var/lib/registry": {}},
            "ExposedPorts": {"5000/tcp": {}},
        }),
    })
}
