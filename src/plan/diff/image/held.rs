//! Images that are no longer listed and stay for now, since something needs them.

use std::collections::BTreeSet;

use crate::desired::DesiredEngine;
use crate::model::image::ImageReference;
use crate::plan::change::{Action, Change};
use crate::plan::diff::{EngineDiff, InnerDiff};
use crate::plan::{Kept, KeptBecause};
use crate::resource::Kind;

/// Adds the images of an engine and of those inside it.
fn add_images(engine: &DesiredEngine, images: &mut BTreeSet<ImageReference>) {
    images.extend(engine.images.keys().cloned());
    for container in engine.containers.values() {
        if let Some(inner) = &container.engine {
            add_images(&inner.engine, images);
        }
    }
}

impl EngineDiff<'_> {
    /// Keeps the last names of images that would be removed while containers stay that were made from them: engines refuse
    /// to remove those. That is so where somebody removed the name that the file gives.
    pub(in crate::plan::diff) fn keep_last_names(&mut self) {
        let Some(observed) = self.observed else {
            return;
        };
        let leaving = self.leaving();
        let stays = |change: &&Change| matches!(change.action, Action::NoOp | Action::Update);
        for change in self.containers.iter().filter(stays) {
            let Some(id) = observed
                .containers
                .get(&change.object)
                .map(|it| &it.image_id)
            else {
                continue;
            };
            let names = observed.images.iter().filter(|(_, image)| image.id == *id);
            let names: Vec<&ImageReference> = names.map(|(name, _)| name).collect();
            let Some(last) = names.last().copied() else {
                continue;
            };
            // What comes has come before anything goes.
            let content = Some(&observed.images[last].content);
            let another_comes = self.arriving.values().any(|it| it.as_ref() == content);
            if another_comes || !names.iter().all(|name| leaving.contains(*name)) {
                continue;
            }
            let is_last = |change: &mut Change| change.object == last.as_str();
            for image in self.images.extract_if(.., is_last) {
                self.kept.push(Kept {
                    address: image.address,
                    kind: Kind::Image,
                    object: image.object,
                    engine: self.path.clone(),
                    because: KeptBecause::LastName(change.object.clone()),
                });
                self.awaited.insert(last.clone());
            }
        }
    }

    /// Keeps the images that would be removed and that an engine wants which is read in a later wave.
    pub(in crate::plan::diff) fn keep_awaited(&mut self) {
        let mut awaited = BTreeSet::new();
        self.add_awaited(&mut awaited);
        let goes = |change: &Change| {
            let is_awaited = awaited.contains(&ImageReference::new(&change.object));
            change.action == Action::Delete && is_awaited
        };
        let kept = self.images.extract_if(.., |change| goes(change));
        self.awaited
            .extend(kept.map(|it| ImageReference::new(&it.object)));
    }

    fn add_awaited(&self, awaited: &mut BTreeSet<ImageReference>) {
        for (name, inner) in &self.inner {
            match inner {
                InnerDiff::None => {}
                InnerDiff::Planned(inner) => inner.add_awaited(awaited),
                InnerDiff::Deferred => {
                    let container = self.desired.containers.get(name);
                    if let Some(inner) = container.and_then(|it| it.engine.as_ref()) {
                        add_images(&inner.engine, awaited);
                    }
                }
            }
        }
    }
}
