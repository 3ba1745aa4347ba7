//! What comes with data roots from seeds. The engines on these cannot be told of it before they run, so the engine around
//! them remembers it until then.

use std::collections::BTreeMap;

use crate::desired::{DesiredContainer, DesiredData};
use crate::model::image::ImageReference;
use crate::plan::diff::{EngineDiff, InnerDiff};
use crate::plan::lower::Lowering;
use crate::plan::target::Selection;
use crate::resource::Address;

/// Images with their addresses, by the volume at a data root.
type Seeded = BTreeMap<String, BTreeMap<ImageReference, Address>>;

impl Lowering<'_> {
    /// The steps after which the engines on data roots from seeds say themselves what came with these.
    pub(super) fn told_of_seeds(&self, diff: &EngineDiff<'_>) -> Vec<usize> {
        let volumes = diff.record.seeded.keys().chain(diff.seeds.used.keys());
        let told = volumes.filter_map(|volume| {
            let inside = diff.path.inside(container_on(diff, volume)?);
            self.recorded.get(&inside)
        });
        told.copied().collect()
    }

    /// What came with data roots whose engines cannot be told of it yet.
    pub(super) fn still_seeded(&self, diff: &EngineDiff<'_>) -> Seeded {
        let mut seeded = diff.record.seeded.clone();
        if *self.selection == Selection::All {
            seeded.retain(|volume, _| {
                let user = container_on(diff, volume).and_then(|name| diff.inner.get(name));
                matches!(user, Some(InnerDiff::Deferred))
            });
        }
        seeded
    }
}

/// The images that come with data roots from seeds, by the volume.
pub(super) fn seeded(diff: &EngineDiff<'_>) -> Seeded {
    let used = diff.seeds.used.iter();
    let seeded = used.filter_map(|(volume, used)| {
        let Some(InnerDiff::Planned(inside)) = diff.inner.get(&used.container) else {
            return None;
        };
        let come = inside.images.iter().map(|change| {
            let reference = ImageReference::new(&change.object);
            (reference, change.address.clone())
        });
        let come = come.filter(|(reference, _)| inside.seeded.contains(reference));
        Some((volume.clone(), come.collect()))
    });
    seeded.collect()
}

/// The container whose engine has a volume at its data root.
fn container_on<'d>(diff: &EngineDiff<'d>, volume: &str) -> Option<&'d String> {
    let is_on = |wanted: &DesiredContainer| {
        let data = wanted.engine.as_ref().map(|inner| &inner.data);
        matches!(data, Some(DesiredData::Volume(data)) if data == volume)
    };
    let mut containers = diff.desired.containers.iter();
    let found = containers.find(|(_, wanted)| is_on(wanted));
    found.map(|(name, _)| name)
}
