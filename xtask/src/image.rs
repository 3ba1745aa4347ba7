//! Images in the form that `docker save` writes and `docker load` reads, without a Dockerfile.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::rc::Rc;

use anyhow::Result;
use serde_json::{Value, json};
use tar::{Builder, Header};

use crate::digest;
use crate::layer::LayerFile;

/// The label that tells a stand-in from the image whose name it bears.
pub(crate) const STAND_IN_LABEL: &str = "dev.nest.stand-in";

/// An image: its name, its layers from the lowest up, and how to run it.
pub(crate) struct Image {
    /// The reference with its tag.
    pub(crate) name: &'static str,
    /// Shared with the other images of an archive.
    pub(crate) layers: Vec<Rc<LayerFile>>,
    /// The `config` object of the image's configuration; its labels are added.
    pub(crate) config: Value,
}

/// The name with its host: podman would take a short one for one of its own.
fn in_full(name: &str) -> String {
    match name.split_once('/') {
        Some((host, _)) if host.contains('.') => name.to_owned(),
        _ => format!("docker.io/library/{name}"),
    }
}

/// Writes the images into one archive; a layer that several of them have is in it once.
pub(crate) fn write_archive(images: &[Image], path: &Path) -> Result<()> {
    let mut tar = Builder::new(BufWriter::new(File::create(path)?));
    let mut written: Vec<&str> = Vec::new();
    let mut manifest = Vec::new();
    for image in images {
        for layer in &image.layers {
            if !written.contains(&layer.diff_id.as_str()) {
                written.push(&layer.diff_id);
                let file = File::open(&layer.path)?;
                let length = file.metadata()?.len();
                append(&mut tar, &layer_name(layer), length, file)?;
            }
        }
        let configuration = serde_json::to_vec(&configuration(image))?;
        let name = format!("{}.json", digest::of_bytes(&configuration));
        append(
            &mut tar,
            &name,
            configuration.len() as u64,
            configuration.as_slice(),
        )?;
        manifest.push(json!({
            "Config": name,
            "RepoTags": [in_full(image.name)],
            "Layers": image.layers.iter().map(|layer| layer_name(layer)).collect::<Vec<_>>(),
        }));
    }
    let manifest = serde_json::to_vec(&manifest)?;
    append(
        &mut tar,
        "manifest.json",
        manifest.len() as u64,
        manifest.as_slice(),
    )?;
    tar.into_inner()?.flush()?;
    Ok(())
}

fn layer_name(layer: &LayerFile) -> String {
    format!("{}/layer.tar", layer.diff_id)
}

fn configuration(image: &Image) -> Value {
    const CREATED: &str = "2025-01-01T00:00:00Z";
    let mut config = image.config.clone();
    config["Labels"] = json!({ STAND_IN_LABEL: "true" });
    let history: Vec<Value> = image
        .layers
        .iter()
        .map(|_| json!({"created": CREATED, "created_by": "cargo xtask engine"}))
        .collect();
    let diff_ids: Vec<String> = image
        .layers
        .iter()
        .map(|layer| format!("sha256:{}", layer.diff_id))
        .collect();
    json!({
        "architecture": architecture(),
        "os": "linux",
        "created": CREATED,
        "config": config,
        "rootfs": {"type": "layers", "diff_ids": diff_ids},
        "history": history,
    })
}

/// The name that container images give to the processor of this machine.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

fn append(
    tar: &mut Builder<impl Write>,
    name: &str,
    length: u64,
    content: impl std::io::Read,
) -> Result<()> {
    let mut header = Header::new_gnu();
    header.set_mode(0o644);
    header.set_size(length);
    tar.append_data(&mut header, name, content)?;
    Ok(())
}
