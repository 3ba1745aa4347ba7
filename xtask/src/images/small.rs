//! `alpine:3.20` and `busybox:1.36`: small images that run a shell and share no layer.

use std::collections::BTreeSet;
use std::rc::Rc;

use anyhow::Result;
use serde_json::json;

use crate::image::Image;
use crate::images::Source;
use crate::layer::Layer;

pub(super) fn images(source: &Source) -> Result<[Image; 2]> {
    let alpine = image(source, "alpine:3.20", "/bin/sh")?;
    let busybox = image(source, "busybox:1.36", "sh")?;
    Ok([alpine, busybox])
}

/// One layer with the programs, 2 MB, and a small one that says which image it is.
fn image(source: &Source, name: &'static str, command: &str) -> Result<Image> {
    let (distribution, version) = name.split_once(':').unwrap_or((name, ""));
    let mut programs = Layer::default();
    let binary = std::fs::read(source.root.join("usr/bin/busybox"))?;
    programs.file("bin/busybox", 0o755, binary);
    let applets: BTreeSet<String> = source.applets()?.into_iter().collect();
    for applet in applets {
        programs.link(&applet, "/bin/busybox");
    }
    programs.folder("tmp", 0o1777);
    // Without this the two images would have this layer in common.
    programs.file(
        &format!("etc/{distribution}-release"),
        0o644,
        format!("{version}\n"),
    );

    let mut system = Layer::default();
    system.file("etc/passwd", 0o644, "root:x:0:0:root:/root:/bin/sh\n");
    system.file("etc/group", 0o644, "root:x:0:\n");
    let about = format!("ID={distribution}\nVERSION_ID={version}\nVARIANT=\"nest stand-in\"\n");
    system.file("etc/os-release", 0o644, about);
    system.folder("root", 0o700);

    Ok(Image {
        name,
        layers: vec![
            Rc::new(source.write(&programs, &format!("{distribution}-programs"))?),
            Rc::new(source.write(&system, &format!("{distribution}-system"))?),
        ],
        config: json!({
            "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
            "Cmd": [command],
        }),
    })
}
