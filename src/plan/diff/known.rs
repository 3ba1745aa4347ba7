//! What nest remembers of an engine.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::image::ImageReference;
use crate::model::name::ProjectName;
use crate::observed::{ObservedEngine, ObservedVolume};
use crate::plan::route::Store;
use crate::resource::Address;
use crate::resource::label;
use crate::resource::record::Record;

/// Of the images that an engine was given with its data root, those that it has.
pub(super) fn given(
    given: Option<&BTreeMap<ImageReference, Address>>,
    observed: Option<&ObservedEngine>,
) -> BTreeMap<ImageReference, Address> {
    let (Some(given), Some(observed)) = (given, observed) else {
        return BTreeMap::new();
    };
    let there = given.iter();
    let there = there.filter(|(reference, _)| observed.images.contains_key(*reference));
    there
        .map(|(reference, address)| (reference.clone(), address.clone()))
        .collect()
}

/// Of the images of which registries were asked, those that an engine has as they are published, by the digest that an
/// engine around it has for the same.
pub(super) fn published_around(
    observed: Option<&ObservedEngine>,
    outward: &[Store<'_>],
) -> BTreeSet<ImageReference> {
    let published = observed.into_iter().flat_map(|observed| {
        let images = &observed.images;
        let there = observed.published.iter();
        there.filter_map(|(reference, digest)| Some((reference, digest, images.get(reference)?)))
    });
    let published = published.filter(|(reference, digest, present)| {
        let mut around = outward.iter().filter_map(|store| store.observed);
        around.any(|it| {
            let same = it.images.get(reference);
            let same = same.filter(|image| image.content == present.content);
            same.is_some_and(|image| image.digests.contains(*digest))
        })
    });
    published.map(|(reference, ..)| reference.clone()).collect()
}

/// The highest-numbered record of an engine, with its number; 0 and an empty one where there is none.
pub(in crate::plan) fn current_record(
    observed: &ObservedEngine,
    project: &ProjectName,
) -> (u64, Record) {
    let newest = records(observed, project).max_by_key(|(number, ..)| *number);
    match newest {
        Some((number, _, volume)) => {
            let text = volume
                .labels
                .get(label::RECORD)
                .map(String::as_str)
                .unwrap_or_default();
            (number, serde_json::from_str(text).unwrap_or_default())
        }
        None => (0, Record::default()),
    }
}

/// The project's records on an engine: their numbers, names and volumes.
pub(super) fn records<'o>(
    observed: &'o ObservedEngine,
    project: &ProjectName,
) -> impl Iterator<Item = (u64, &'o String, &'o ObservedVolume)> {
    observed.volumes.iter().filter_map(|(name, volume)| {
        let number = Record::number(project, name)?;
        let is_own = label::is_of(&volume.labels, project.as_str(), name);
        is_own.then_some((number, name, volume))
    })
}
