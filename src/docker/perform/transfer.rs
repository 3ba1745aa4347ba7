//! Images from one engine's store into another's.

use futures_util::TryStreamExt as _;

use crate::docker::Docker;
use crate::docker::client::Client;
use crate::docker::error::Attempt;
use crate::docker::perform::{image, load};
use crate::engine::{EngineError, Progress};
use crate::model::image::ImageReference;
use crate::resource::engine_path::EnginePath;

/// Streams images from the store of the engine at `from` into another, all in one archive so that layers which they
/// share go once, and looks whether each is there with what it contained.
pub(crate) async fn transfer(
    docker: &Docker,
    target: &Client,
    from: &EnginePath,
    references: &[ImageReference],
    report: &dyn Fn(Progress),
) -> Result<(), EngineError> {
    let source = docker.client(from).await?;
    let phrase = format!("hand out {}", list(references));
    let giving = source.attempt(&phrase);
    let mut contents = Vec::new();
    for reference in references {
        let Some(found) = image::find(&source, reference, giving).await? else {
            return Err(giving.refused(404, &format!("it has no image `{reference}`")));
        };
        contents.push(found.content);
    }
    let patient = source.patient();
    let names: Vec<_> = references.iter().map(ImageReference::as_str).collect();
    let archive = {
        let engine = from.clone();
        let phrase = phrase.clone();
        patient.export_images(&names).map_err(move |error| {
            Attempt {
                engine: &engine,
                phrase: &phrase,
            }
            .failed(error)
        })
    };
    let phrase = format!("load {}", list(references));
    let taking = target.attempt(&phrase);
    load::load(target, taking, archive, report).await?;
    for (reference, content) in references.iter().zip(contents) {
        let found = image::find(target, reference, taking).await?;
        let reason = match found {
            Some(found) if found.content == content => continue,
            Some(_) => format!("`{reference}` there is another image than the one sent"),
            None => format!("`{reference}` is not there"),
        };
        return Err(taking.without_effect(reason));
    }
    Ok(())
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
