//! Images from one engine's store into another's.

use std::io;

use bytes::Bytes;
use futures_util::{Stream, TryStreamExt as _};

use crate::docker::Docker;
use crate::docker::client::Client;
use crate::docker::error::Attempt;
use crate::docker::perform::export::Handout;
use crate::docker::perform::{image, load};
use crate::engine::{EngineError, Progress};
use crate::model::image::ImageReference;
use crate::resource::engine_path::EnginePath;

/// Streams images from the store of one engine into another, all in one archive so that layers which they share go once,
/// and looks whether each is there with what it contained. Where several engines get the same, the archive is made once.
pub(crate) async fn transfer(
    docker: &Docker,
    target: &Client,
    (from, references, engines): (&EnginePath, &[ImageReference], usize),
    report: &dyn Fn(Progress),
) -> Result<(), EngineError> {
    let source = docker.client(from).await?;
    let phrase = format!("hand out {}", list(references));
    let giving = source.attempt(&phrase);
    let mut images = Vec::new();
    for reference in references {
        let Some(found) = image::find(&source, reference, giving).await? else {
            return Err(giving.refused(404, &format!("it has no image `{reference}`")));
        };
        images.push((reference.clone(), found.content));
    }
    let load_phrase = format!("load {}", list(references));
    let taking = target.attempt(&load_phrase);
    let shared = if engines > 1 {
        let handout = Handout {
            from: from.clone(),
            images: images.clone(),
        };
        let start = || archive(&source, references, phrase.clone()).map_err(io::Error::other);
        // Without room for a file each engine gets an archive of its own.
        docker.exports.join(handout, engines, start).ok()
    } else {
        None
    };
    let is_loaded = match shared {
        Some(export) => {
            let engine = from.clone();
            let phrase = phrase.clone();
            let pieces = export.read().map_err(move |error| {
                let attempt = Attempt {
                    engine: &engine,
                    phrase: &phrase,
                };
                attempt.broken(error)
            });
            match load::load(target, taking, pieces, report).await {
                Err(_) if export.could_not_be_kept() => false,
                loaded => loaded.map(|_| true)?,
            }
        }
        None => false,
    };
    if !is_loaded {
        let pieces = archive(&source, references, phrase.clone());
        load::load(target, taking, pieces, report).await?;
    }
    for (reference, content) in images {
        let found = image::find(target, &reference, taking).await?;
        let reason = match found {
            Some(found) if found.content == content => continue,
            Some(_) => format!("`{reference}` there is another image than the one sent"),
            None => format!("`{reference}` is not there"),
        };
        return Err(taking.without_effect(reason));
    }
    Ok(())
}

/// The archive of images as their engine makes it.
fn archive(
    source: &Client,
    references: &[ImageReference],
    phrase: String,
) -> impl Stream<Item = Result<Bytes, EngineError>> + Send + use<> {
    let names: Vec<_> = references.iter().map(ImageReference::as_str).collect();
    let engine = source.path.clone();
    source
        .patient()
        .export_images(&names)
        .map_err(move |error| {
            Attempt {
                engine: &engine,
                phrase: &phrase,
            }
            .failed(error)
        })
}

fn list(references: &[ImageReference]) -> String {
    let quoted: Vec<_> = references
        .iter()
        .map(|reference| format!("`{reference}`"))
        .collect();
    match quoted.as_slice() {
        [one] => format!("image {one}"),
        several => format!("images {}", several.join(", ")),
    }
}
