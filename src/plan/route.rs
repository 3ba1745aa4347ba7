//! Which way an image travels into an engine.

use std::collections::BTreeMap;

use crate::desired::build::DesiredBuild;
use crate::desired::facts::ArchivedImage;
use crate::model::image::ImageReference;
use crate::observed::ObservedEngine;
use crate::resource::digest::Digest;
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
    /// Built by the engine.
    Build(Box<DesiredBuild>),
}

/// The image store of an engine around the one that needs an image.
#[derive(Debug, Clone)]
pub(crate) struct Store<'a> {
    pub(crate) path: EnginePath,
    pub(crate) observed: Option<&'a ObservedEngine>,
    /// The images that the plan brings there, with what they contain where that is known.
    pub(crate) arriving: BTreeMap<ImageReference, Option<Digest>>,
}

/// The nearest engine that has the image, or will have it, and what that contains where it is known.
pub(crate) fn nearest(
    reference: &ImageReference,
    outward: &[Store<'_>],
) -> Option<(EnginePath, Option<Digest>)> {
    outward.iter().find_map(|store| {
        if let Some(content) = store.arriving.get(reference) {
            return Some((store.path.clone(), content.clone()));
        }
        let image = store
            .observed
            .and_then(|observed| observed.images.get(reference))?;
        Some((store.path.clone(), Some(image.content.clone())))
    })
}
