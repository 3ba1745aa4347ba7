//! Steps of images: one transfer for all that come from one store, so that shared layers travel once.

use std::collections::{BTreeMap, HashMap};

use crate::model::image::ImageReference;
use crate::plan::change::{Action, Change};
use crate::plan::diff::EngineDiff;
use crate::plan::lower::removals::Removals;
use crate::plan::lower::{Entry, Lowering};
use crate::plan::route::Route;
use crate::plan::step::{Operation, Step};
use crate::resource::Address;
use crate::resource::build::ImageBuild;
use crate::resource::engine_path::EnginePath;

/// The steps after which each image is there.
pub(super) type Images = BTreeMap<ImageReference, usize>;

impl Lowering<'_> {
    /// Brings the images that are missing or stale.
    pub(super) fn images_made(&mut self, diff: &EngineDiff<'_>, entry: &Entry) -> Images {
        let mut made = Images::new();
        let mut transfers: BTreeMap<EnginePath, Vec<(ImageReference, Address)>> = BTreeMap::new();
        // What is another name of an image is built after it.
        let is_again = |change: &&Change| {
            let route = diff.routes.get(&change.object);
            matches!(route, Some(Route::Build(build)) if build.first.is_some())
        };
        let (again, first): (Vec<_>, Vec<_>) = diff.images.iter().partition(is_again);
        for change in first.into_iter().chain(again) {
            let Some(route) = diff.routes.get(&change.object) else {
                continue;
            };
            let reference = ImageReference::new(&change.object);
            if diff.seeded.contains(&reference) {
                continue;
            }
            let address = change.address.clone();
            let (after, operation) = match route {
                Route::Transfer(from) => {
                    transfers
                        .entry(from.clone())
                        .or_default()
                        .push((reference, address));
                    continue;
                }
                // Named when what comes from other engines is there, too.
                Route::Name(_) => continue,
                Route::Pull => {
                    let after = [entry.ready.as_slice(), &entry.registries].concat();
                    (after, pull(diff, &reference, diff.platform_of(&reference)))
                }
                Route::Build(build) => {
                    let settings = build.settings.without_secrets(&diff.key);
                    let name = change.object.as_str();
                    let operation = Operation::BuildImage(Box::new(ImageBuild {
                        reference: reference.clone(),
                        source: build.source.clone(),
                        settings: build.settings.clone(),
                        labels: self.labels(&address, name, &settings, &build.settings.labels),
                        how: build.how.clone(),
                    }));
                    let first = build.first.as_ref().and_then(|first| made.get(first));
                    let after = entry.ready.iter().chain(first).copied().collect();
                    (after, operation)
                }
                Route::Archive(archive) => {
                    let operation = Operation::LoadArchive {
                        path: archive.path.clone(),
                        reference: reference.clone(),
                        content: archive.content.clone(),
                    };
                    (entry.ready.clone(), operation)
                }
            };
            let step = self.push(diff, vec![address], after, operation);
            made.insert(reference, step);
        }
        for (from, images) in transfers {
            let (references, addresses): (Vec<_>, Vec<_>) = images.into_iter().unzip();
            let places: Vec<_> = (references.iter())
                .map(|reference| (from.clone(), reference.clone()))
                .collect();
            let brought = places.iter().filter_map(|place| self.brought(place));
            let after: Vec<usize> = entry.ready.iter().copied().chain(brought).collect();
            let operation = Operation::TransferImages {
                from,
                references: references.clone(),
                // Counted when all steps are known.
                engines: 1,
            };
            let step = self.push(diff, addresses, after, operation);
            for place in places {
                self.taken.entry(place).or_default().push(step);
            }
            made.extend(references.into_iter().map(|reference| (reference, step)));
        }
        self.images_named(diff, entry, &mut made);
        self.container_images(diff, entry, &mut made);
        let brought = made.iter();
        let brought = brought.map(|(image, step)| ((diff.path.clone(), image.clone()), *step));
        self.brought.extend(brought);
        made
    }

    /// Gives images their other names.
    fn images_named(&mut self, diff: &EngineDiff<'_>, entry: &Entry, made: &mut Images) {
        for change in &diff.images {
            let Some(Route::Name(image)) = diff.routes.get(&change.object) else {
                continue;
            };
            let name = ImageReference::new(&change.object);
            let there = made.get(image).copied();
            let after: Vec<usize> = entry.ready.iter().copied().chain(there).collect();
            let operation = Operation::NameImage {
                reference: image.clone(),
                name: name.clone(),
            };
            let step = self.push(diff, vec![change.address.clone()], after, operation);
            made.insert(name, step);
        }
    }

    /// Pulls the images that containers of the engine need and nothing else brings.
    fn container_images(&mut self, diff: &EngineDiff<'_>, entry: &Entry, made: &mut Images) {
        for (change, fixed) in diff.pulled_for_containers() {
            let reference = &fixed.image;
            if !made.contains_key(reference) {
                let operation = pull(diff, reference, fixed.platform.clone());
                let after = [entry.ready.as_slice(), &entry.registries].concat();
                let step = self.push(diff, vec![change.address.clone()], after, operation);
                made.insert(reference.clone(), step);
            }
        }
    }

    /// Removes what nest built and a new build has taken the name from, now or in a run that was killed.
    pub(super) fn superseded_removed(
        &mut self,
        diff: &EngineDiff<'_>,
        (entry, images): (&Entry, &Images),
        removals: &Removals,
    ) {
        let old = diff.record.superseded.iter().map(|id| (None, id));
        let new = diff.superseded.iter();
        let new = new.map(|(name, id)| (images.get(&ImageReference::new(name)).copied(), id));
        // Their other names are others' now.
        let is_named = |route: &Route| matches!(route, Route::Name(_));
        let named = diff.routes.iter().filter(|(_, route)| is_named(route));
        let named = named.filter_map(|(name, _)| images.get(&ImageReference::new(name)));
        let named: Vec<usize> = named.copied().collect();
        for (built, id) in old.chain(new) {
            let freed = removals.of_image(id);
            let after: Vec<usize> = freed
                .chain(built)
                .chain(named.iter().copied())
                .chain(entry.ready.iter().copied())
                .collect();
            let operation = Operation::RemoveUnnamedImage { id: id.clone() };
            self.push(diff, Vec::new(), after, operation);
        }
    }

    /// Removes the images that nest put there and the file no longer lists, when no engine inside takes them any more, and
    /// those that come are there: an engine that loses the last name of an image while it takes the same has neither.
    pub(super) fn images_removed(
        &mut self,
        diff: &EngineDiff<'_>,
        (entry, made): (&Entry, &Images),
        removals: &Removals,
    ) {
        for change in diff
            .images
            .iter()
            .filter(|change| change.action == Action::Delete)
        {
            let reference = ImageReference::new(&change.object);
            let observed = diff.observed.map(|observed| &observed.images);
            let image = observed.and_then(|images| images.get(&reference));
            let freed = image.map(|image| removals.of_image(&image.id));
            let taken = self.taken.get(&(diff.path.clone(), reference.clone()));
            let after = freed
                .into_iter()
                .flatten()
                .chain(taken.into_iter().flatten().copied())
                .chain(made.values().copied())
                .chain(entry.ready.iter().copied())
                .collect::<Vec<_>>();
            let operation = Operation::RemoveImage { reference };
            self.push(diff, vec![change.address.clone()], after, operation);
        }
    }
}

/// Pulls an image, logged in to its registry where the file says how.
fn pull(diff: &EngineDiff<'_>, reference: &ImageReference, platform: Option<String>) -> Operation {
    Operation::PullImage {
        reference: reference.clone(),
        platform,
        login: diff.desired.logins.get(reference.host()).cloned(),
    }
}

/// Tells every transfer how many engines get the same.
pub(super) fn count_engines(steps: &mut [Step]) {
    let mut engines: HashMap<(EnginePath, Vec<ImageReference>), usize> = HashMap::new();
    for step in &*steps {
        if let Operation::TransferImages {
            from, references, ..
        } = &step.operation
        {
            let same = (from.clone(), references.clone());
            *engines.entry(same).or_default() += 1;
        }
    }
    for step in steps {
        if let Operation::TransferImages {
            from,
            references,
            engines: count,
        } = &mut step.operation
        {
            let same = (from.clone(), references.clone());
            *count = engines.get(&same).copied().unwrap_or(1);
        }
    }
}
