//! Engines that would be older than the one that wrote their data: what they do to it, nobody knows.

use std::collections::BTreeMap;

use crate::desired::{DesiredContainer, DesiredData};
use crate::observed::{ObservedContainer, ObservedInner};
use crate::plan::diff::container::has_data_mount;
use crate::plan::diff::{EngineDiff, Terms};
use crate::plan::refusal::RefusalCause;
use crate::resource::Address;

/// An engine that would be older than its data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Downgrade {
    /// The version of the engine that wrote the data.
    pub(crate) wrote: String,
    /// The version of the engine that would use it.
    pub(crate) comes: String,
    /// The volume at the data root, where it is one.
    pub(crate) volume: Option<String>,
}

/// Finds them, as far as it can be known, and refuses them unless losing data is allowed.
pub(crate) fn downgrades(diff: &mut EngineDiff<'_>, terms: Terms<'_>) {
    let mut found = BTreeMap::new();
    for (name, wanted) in &diff.desired.containers {
        let existing = diff.owned_container(terms, name);
        if let Some(downgrade) = existing.and_then(|existing| downgrade(diff, wanted, existing)) {
            found.insert(wanted.address.clone(), downgrade);
        }
    }
    if !terms.options.allow_data_loss {
        for (address, downgrade) in &found {
            let (wrote, comes) = (downgrade.wrote.clone(), downgrade.comes.clone());
            diff.refuse(address, RefusalCause::OlderEngine { wrote, comes });
        }
    }
    diff.downgrades = found;
}

fn downgrade(
    diff: &EngineDiff<'_>,
    wanted: &DesiredContainer,
    existing: &ObservedContainer,
) -> Option<Downgrade> {
    let ObservedInner::Awake(inner) = &existing.engine else {
        return None;
    };
    let data = &wanted.engine.as_ref()?.data;
    if *data == DesiredData::Memory || !has_data_mount(existing, wanted) {
        return None;
    }
    let image = diff.observed?.images.get(&wanted.fixed.image)?;
    if image.id == existing.image_id {
        return None;
    }
    let (wrote, comes) = (&inner.identity.version, image.engine_version.as_ref()?);
    is_older(comes, wrote).then(|| Downgrade {
        wrote: wrote.clone(),
        comes: comes.clone(),
        volume: match data {
            DesiredData::Volume(volume) => Some(volume.clone()),
            DesiredData::HostPath | DesiredData::Memory => None,
        },
    })
}

/// Whether a version comes before another, as far as both go.
fn is_older(version: &str, other: &str) -> bool {
    let numbers = |text: &str| -> Vec<u64> {
        text.split(['.', '-', '+', '~'])
            .map_while(|part| part.parse().ok())
            .collect()
    };
    let pairs = numbers(version).into_iter().zip(numbers(other));
    let mut differing = pairs.filter(|(one, other)| one != other);
    differing.next().is_some_and(|(one, other)| one < other)
}

impl EngineDiff<'_> {
    /// The environment whose engine would be older than what it wrote on this volume.
    pub(super) fn downgraded_on(&self, volume: &str) -> Option<&Address> {
        let is_there =
            |(_, downgrade): &(&Address, &Downgrade)| downgrade.volume.as_deref() == Some(volume);
        self.downgrades
            .iter()
            .find(is_there)
            .map(|(address, _)| address)
    }
}

#[cfg(test)]
mod tests {
    use crate::plan::diff::downgrade::is_older;

    #[test]
    fn versions_are_compared_by_their_numbers_as_far_as_both_go() {
        for (version, other) in [("27.5.1", "28.0"), ("28.5.2", "28.10.0"), ("9", "10.0")] {
            assert!(is_older(version, other), "{version} {other}");
            assert!(!is_older(other, version), "{other} {version}");
        }
        for (version, other) in [
            ("28", "28.5.2"),
            ("28.5.2", "28.5.2-rc.1"),
            ("", "28"),
            ("x", "1"),
        ] {
            assert!(!is_older(version, other), "{version} {other}");
        }
    }
}
