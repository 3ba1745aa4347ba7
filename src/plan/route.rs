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
    /// What images are to run on there, where the file says.
    pub(crate) platforms: BTreeMap<ImageReference, String>,
}

/// The nearest engine that has the image for a platform, or will have it, and what that contains where it is known. One
/// from which the plan removes it counts only where no other has it.
pub(crate) fn nearest(
    reference: &ImageReference,
    platform: Option<&String>,
    outward: &[Store<'_>],
) -> Option<(EnginePath, Option<Digest>)> {
    let is_for = |store: &&Store<'_>| {
        let wanted = platform.is_none_or(|wanted| {
            let there = store.platform(reference);
            there.is_none_or(|there| runs_on(there, wanted))
        });
        wanted && store.has(reference)
    };
    let keeps = |store: &&Store<'_>| !store.leaving.contains(reference);
    let mut having = outward.iter().filter(is_for);
    let found = having.clone().find(keeps).or_else(|| having.next());
    found.and_then(|store| store.content(reference))
}

/// What the nearest engine that has the image has it for, where that is known.
pub(crate) fn nearest_platform<'s>(
    reference: &ImageReference,
    outward: &'s [Store<'_>],
) -> Option<&'s str> {
    let mut having = outward.iter().filter(|store| store.has(reference));
    having.next()?.platform(reference)
}

/// Whether an image for one platform is one for another, of which the variant may be left out. Of one that says nothing
/// nobody knows.
pub(crate) fn runs_on(image: &str, wanted: &str) -> bool {
    let parts = |text: &str| text.splitn(3, '/').map(str::to_owned).collect::<Vec<_>>();
    let same = parts(image).into_iter().zip(parts(wanted));
    image.is_empty() || same.into_iter().all(|(one, other)| one == other)
}

impl Store<'_> {
    fn has(&self, reference: &ImageReference) -> bool {
        self.content(reference).is_some()
    }

    fn content(&self, reference: &ImageReference) -> Option<(EnginePath, Option<Digest>)> {
        if let Some(content) = self.arriving.get(reference) {
            return Some((self.path.clone(), content.clone()));
        }
        let image = self.observed?.images.get(reference)?;
        Some((self.path.clone(), Some(image.content.clone())))
    }

    /// What the image is for that it has, or that comes: what the file says, or the engine's own.
    fn platform(&self, reference: &ImageReference) -> Option<&str> {
        let observed = self.observed;
        let platform = if self.arriving.contains_key(reference) {
            let own = observed.map(|observed| &observed.identity.platform);
            self.platforms.get(reference).or(own)
        } else {
            observed.and_then(|it| Some(&it.images.get(reference)?.platform))
        };
        platform.map(String::as_str).filter(|it| !it.is_empty())
    }
}
