//! Steps of images that registries should have.

use std::collections::BTreeMap;

use crate::model::image::ImageReference;
use crate::plan::diff::EngineDiff;
use crate::plan::lower::image::Images;
use crate::plan::lower::storage::makes;
use crate::plan::lower::{Entry, Lifecycle, Lowering};
use crate::plan::step::Operation;
use crate::plan::target::Selection;
use crate::resource::Address;
use crate::resource::digest::Digest;
use crate::resource::push::PushRegistry;

/// The steps after which each registry has what it should have.
pub(super) type Pushed = BTreeMap<PushRegistry, Vec<usize>>;

impl Lowering<'_> {
    /// Ends the pushes that killed runs of the project left.
    pub(super) fn pushes_ended(&mut self, diff: &EngineDiff<'_>, base: &[usize]) -> Vec<usize> {
        let left = diff.observed.into_iter().flat_map(|it| &it.left_pushes);
        let ended = left.map(|left| {
            let end = Operation::EndPush(left.clone());
            self.push(diff, Vec::new(), base.iter().copied(), end)
        });
        ended.collect()
    }

    /// Pushes the images that are missing or stale, when they and the registry are there.
    pub(super) fn pushed(
        &mut self,
        diff: &EngineDiff<'_>,
        entry: &Entry,
        images: &Images,
        lifecycles: &BTreeMap<&str, Lifecycle>,
    ) -> Pushed {
        let mut pushed = Pushed::new();
        for change in diff.pushes.iter().filter(|change| makes(change)) {
            let Some(wanted) = diff.desired.pushes.get(&change.address) else {
                continue;
            };
            let registry = &wanted.place.registry;
            let ready = match registry {
                PushRegistry::Container(name) => lifecycles.get(name.as_str()),
                PushRegistry::Host(_) => None,
            };
            let ready = ready.and_then(|lifecycle| lifecycle.ready);
            let image = images.get(&wanted.reference).copied();
            let after = entry.ready.iter().copied().chain(ready).chain(image);
            let operation = Operation::PushImage {
                project: self.terms.desired.project.clone(),
                reference: wanted.reference.clone(),
                place: wanted.place.clone(),
                login: wanted.place.login.clone(),
            };
            let step = self.push(diff, vec![change.address.clone()], after, operation);
            pushed.entry(registry.clone()).or_default().push(step);
        }
        pushed
    }
}

/// The steps that an engine waits for before it pulls, which uses the registries in these containers and may use those
/// of any host.
pub(super) fn before<'a>(
    pushed: &'a Pushed,
    containers: impl Iterator<Item = &'a str> + Clone,
) -> impl Iterator<Item = usize> {
    let is_used = move |registry: &PushRegistry| match registry {
        PushRegistry::Container(name) => containers.clone().any(|used| used == name),
        PushRegistry::Host(_) => true,
    };
    let used = pushed.iter().filter(move |(registry, _)| is_used(registry));
    used.flat_map(|(_, steps)| steps.iter().copied())
}

/// What registries have been given, when the plan has been carried out, and by which digests they have what was given to
/// them before: those of what the plan pushes are known once it is pushed.
pub(super) fn given(
    diff: &EngineDiff<'_>,
    selection: &Selection,
) -> (BTreeMap<Address, Option<Digest>>, BTreeMap<Address, String>) {
    let stays =
        |address: &Address| diff.desired.pushes.contains_key(address) || !selection.has(address);
    let mut pushed = diff.record.pushed.clone();
    pushed.retain(|address, _| stays(address));
    let mut digests = diff.record.pushed_digests.clone();
    digests.retain(|address, _| stays(address));
    for change in diff.pushes.iter().filter(|change| makes(change)) {
        let reference = ImageReference::new(&change.object);
        pushed.insert(change.address.clone(), diff.content_of(&reference));
        digests.remove(&change.address);
    }
    (pushed, digests)
}
