//! What each engine of a project holds of images, and the seeds.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::model::image::ImageReference;
use crate::observed::holdings::{HeldImage, Holdings};
use crate::report::style::{BOLD, DIM, REMOVE, styled};
use crate::report::words;
use crate::resource::Address;
use crate::resource::engine_path::EnginePath;
use crate::resource::record::Record;

/// The version of the JSON form.
const FORMAT_VERSION: &str = "0.1";
/// How much of an id is shown.
const ID_LENGTH: usize = 12;

/// The images of one engine.
#[derive(Debug)]
pub struct EngineImages {
    /// The engine.
    pub path: EnginePath,
    /// What holds it; nothing for an outer engine.
    pub address: Option<Address>,
    /// Its version.
    pub version: String,
    /// Its images, or why they are not known.
    pub images: Result<Vec<HeldImage>, String>,
    /// What nest remembers of it.
    pub record: Record,
}

impl EngineImages {
    /// The address of the image that nest put there under one of these names.
    fn put_by_nest(&self, image: &HeldImage) -> Option<&Address> {
        let mut put = self.record.images.iter();
        let put = put.find(|(reference, _)| {
            let full = reference.as_str();
            image.names.iter().any(|name| is_named(name, full))
        });
        put.map(|(_, address)| address)
    }
}

/// Whether an engine's name of an image is one that a file gives: podman's have the host that Docker leaves out.
fn is_named(name: &str, reference: &str) -> bool {
    let plain = |text: &str| {
        let text = text.strip_prefix("docker.io/").unwrap_or(text);
        let text = text.strip_prefix("library/").unwrap_or(text);
        let last = text.rsplit('/').next().unwrap_or_default();
        let tag = if last.contains([':', '@']) {
            ""
        } else {
            ":latest"
        };
        format!("{text}{tag}")
    };
    plain(name) == plain(reference)
}

/// All of it as text.
pub fn text(engines: &[EngineImages], seeds: Option<&Holdings>) -> String {
    let mut text = String::new();
    for engine in engines {
        let name = match &engine.address {
            Some(address) => words::escaped(address.as_str()),
            None => words::escaped(&engine.path.to_string()),
        };
        let version = words::escaped(&engine.version);
        let version = styled(DIM, format!("({version})"));
        let _ = writeln!(text, "{} {version}", styled(BOLD, name));
        match &engine.images {
            Ok(images) if images.is_empty() => text.push_str("  no images\n"),
            Ok(images) => text.push_str(&table(engine, images)),
            Err(reason) => {
                let reason = words::escaped(reason);
                let _ = writeln!(text, "  {} {reason}", styled(REMOVE, "not read:"));
            }
        }
        text.push('\n');
    }
    let rows = seeds.map(seed_rows).unwrap_or_default();
    if rows.len() > 1 {
        let _ = writeln!(text, "{}", styled(BOLD, "seeds"));
        text.push_str(&words::columns(&rows));
    }
    format!("{}\n", text.trim_end())
}

fn table(engine: &EngineImages, images: &[HeldImage]) -> String {
    let mut rows = vec![
        ["", "IMAGE", "ID", "SIZE", "PUT THERE FOR"]
            .map(str::to_owned)
            .to_vec(),
    ];
    for image in images {
        let names: Vec<&str> = image.names.iter().map(String::as_str).collect();
        let names = if names.is_empty() {
            "<none>".to_owned()
        } else {
            words::escaped(&names.join(", "))
        };
        let address = engine.put_by_nest(image).map(Address::as_str);
        rows.push(vec![
            String::new(),
            names,
            short(&image.id),
            image.size.map_or_else(|| "?".to_owned(), words::bytes),
            words::escaped(address.unwrap_or_default()),
        ]);
    }
    words::columns(&rows)
}

fn short(id: &str) -> String {
    let id = id.trim_start_matches("sha256:");
    words::escaped(&id.chars().take(ID_LENGTH).collect::<String>())
}

fn seed_rows(holdings: &Holdings) -> Vec<Vec<String>> {
    let mut rows = vec![
        ["", "SEED", "SIZE", "ENGINE", "IMAGES"]
            .map(str::to_owned)
            .to_vec(),
    ];
    for volume in holdings.seeds.volumes.keys() {
        let content = holdings.seed_contents.get(volume);
        let images = content.map(|content| {
            let names = content.images.keys();
            let names: Vec<&str> = names.map(ImageReference::as_str).collect();
            names.join(", ")
        });
        let size = holdings.sizes.as_ref().and_then(|sizes| sizes.get(volume));
        let engine = content.map(|content| content.engine.to_string());
        rows.push(vec![
            String::new(),
            words::escaped(volume),
            size.map_or_else(|| "?".to_owned(), |size| words::bytes(*size)),
            words::escaped(&engine.unwrap_or_default()),
            words::escaped(&images.unwrap_or_default()),
        ]);
    }
    rows
}

/// All of it as data.
pub fn json(engines: &[EngineImages], seeds: Option<&Holdings>) -> Value {
    let engines = engines.iter().map(|engine| {
        let images = engine.images.iter().flatten().map(|image| {
            json!({
                "id": image.id,
                "names": image.names,
                "size_bytes": image.size,
                "put_there_for": engine.put_by_nest(image),
            })
        });
        json!({
            "engine": engine.path.as_text(),
            "address": engine.address,
            "version": engine.version,
            "images": images.collect::<Vec<_>>(),
            "error": engine.images.as_ref().err(),
        })
    });
    let seed = |holdings: &Holdings, volume: &String, maker: &String| {
        let content = holdings.seed_contents.get(volume);
        let mut marked = holdings.seeds.marked.values();
        json!({
            "volume": volume,
            "made_by": maker,
            "whole": marked.any(|it| it == volume),
            "size_bytes": holdings.sizes.as_ref().and_then(|sizes| sizes.get(volume)),
            "engine_image": content.map(|content| &content.engine),
            "images": content.map(|content| content.images.keys().collect::<Vec<_>>()),
        })
    };
    let seeds = seeds.into_iter().flat_map(|holdings| {
        let volumes = holdings.seeds.volumes.iter();
        volumes.map(move |(volume, maker)| seed(holdings, volume, maker))
    });
    json!({
        "format_version": FORMAT_VERSION,
        "engines": engines.collect::<Vec<_>>(),
        "seeds": seeds.collect::<Vec<_>>(),
    })
}
