//! Which way an image travels into an engine.

use std::collections::{BTreeMap, BTreeSet};

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
    /// Named after this image, which the engine has then.
    Name(ImageReference),
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
    /// The images that the plan removes there.
    pub(crate) leaving: BTreeSet<ImageReference>,
}

/// The nearest engine that has the image, or will have it, and what that contains where it is known. One from which the
/// plan removes it counts only where no other has it.
pub(crate) fn nearest(
    reference: &ImageReference,
    outward: &[Store<'_>],
) -> Option<(EnginePath, Option<Digest>)> {
    let keeps = |store: &&Store<'_>| !store.leaving.contains(reference);
    let mut staying = outward.iter().filter(keeps);
    let found = staying.find_map(|store| store.content(reference));
    found.or_else(|| outward.iter().find_map(|store| store.content(reference)))
}

impl Store<'_> {
    fn content(&self, reference: &ImageReference) -> Option<(EnginePath, Option<Digest>)> {
        if let Some(content) = self.arriving.get(reference) {
            return Some((self.path.clone(), content.clone()));
        }
        let image = self.observed?.images.get(reference)?;
        Some((self.path.clone(), Some(image.content.clone())))
    }
}
