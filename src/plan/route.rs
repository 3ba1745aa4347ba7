//! Which way an image travels into an engine.

use crate::desired::facts::ArchivedImage;
use crate::model::image::ImageReference;
use crate::observed::{ObservedEngine, ObservedImage};
use crate::resource::engine_path::EnginePath;

/// The way of one image.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Route {
    /// Streamed from the store of another engine.
    Transfer(EnginePath),
    /// Pulled by the engine itself.
    Pull,
    /// Streamed from an archive.
    Archive(ArchivedImage),
}

/// The image store of an engine around the one that needs an image.
#[derive(Debug, Clone)]
pub(crate) struct Store<'a> {
    pub(crate) path: EnginePath,
    pub(crate) observed: Option<&'a ObservedEngine>,
}

/// The nearest engine that has the image now, and the image that it has.
pub(crate) fn nearest<'a>(
    reference: &ImageReference,
    outward: &[Store<'a>],
) -> Option<(EnginePath, &'a ObservedImage)> {
    outward.iter().find_map(|store| {
        let image = store
            .observed
            .and_then(|observed| observed.images.get(reference))?;
        Some((store.path.clone(), image))
    })
}
