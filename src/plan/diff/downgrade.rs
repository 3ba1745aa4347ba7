//! Engines that would be older than the one that wrote their data, or of another kind: what they do to it, nobody knows.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::desired::{DesiredContainer, DesiredData};
use crate::mode::Mode;
use crate::observed::{ContainerState, ObservedContainer, ObservedInner};
use crate::parallel;
use crate::plan::change::Reason;
use crate::plan::diff::attribute;
use crate::plan::diff::container::has_data_mount;
use crate::plan::diff::{EngineDiff, Terms};
use crate::plan::refusal::RefusalCause;
use crate::resource::container::FixedSettings;

/// An engine that cannot be trusted with its data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Downgrade {
    /// Why its change is refused.
    pub(crate) cause: RefusalCause,
    /// Why what holds the data is replaced where losing it is allowed.
    pub(crate) reason: Reason,
    /// The volume at the data root, where it is one.
    pub(crate) volume: Option<String>,
}

/// Finds them, as far as it can be known, and refuses them unless losing data is allowed.
pub(crate) fn downgrades(diff: &mut EngineDiff<'_>, terms: Terms<'_>) {
    let known = &*diff;
    let of = |(name, wanted): (&String, &DesiredContainer)| {
        let existing = known.owned_container(terms, name)?;
        let found = other_mode(wanted, existing).or_else(|| downgrade(known, wanted, existing));
        found.map(|downgrade| (wanted.address.clone(), downgrade))
    };
    let found = parallel::map(&diff.desired.containers, of);
    let found: BTreeMap<_, _> = found.into_iter().flatten().collect();
    if !terms.options.allow_data_loss {
        for (address, downgrade) in &found {
            diff.refuse(address, downgrade.cause.clone());
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
    let image = diff.observed?.images.get(&wanted.fixed.image)?;
    if image.id == existing.image_id || *data == DesiredData::Memory {
        return None;
    }
    if !has_data_mount(existing, wanted) {
        return None;
    }
    let (wrote, comes) = (&inner.identity.version, image.engine_version.as_ref()?);
    is_older(comes, wrote).then(|| Downgrade {
        cause: RefusalCause::OlderEngine {
            wrote: wrote.clone(),
            comes: comes.clone(),
        },
        reason: Reason::OlderEngine,
        volume: volume_of(data),
    })
}

/// The data of one mode is no other's where the modes keep it in different places: it is laid out in another way, and
/// belongs to another user.
fn other_mode(wanted: &DesiredContainer, existing: &ObservedContainer) -> Option<Downgrade> {
    // One that was never started wrote nothing.
    if existing.state == ContainerState::Created {
        return None;
    }
    let own = |mode: &Option<String>| Mode::named(mode.as_deref()?)?.own_engine();
    let Moded { mode } = attribute::remembered(&existing.labels)?;
    let (wrote, comes) = (own(&mode)?, own(&wanted.fixed.mode)?);
    if wrote.data_root == comes.data_root {
        return None;
    }
    let settings = attribute::remembered::<FixedSettings>(&existing.labels)?;
    let mounted = |settings: &FixedSettings, target: &str| {
        let mut mounts = settings.mounts.iter();
        let mount = mounts.find(|mount| mount.target == target);
        mount.map(|mount| mount.source.clone())
    };
    let data = &wanted.engine.as_ref()?.data;
    let same = mounted(&settings, wrote.data_root) == mounted(&wanted.fixed, comes.data_root);
    (*data != DesiredData::Memory && same).then(|| Downgrade {
        cause: RefusalCause::OtherMode {
            wrote: mode.unwrap_or_default(),
            comes: wanted.fixed.mode.clone().unwrap_or_default(),
        },
        reason: Reason::OtherMode,
        volume: volume_of(data),
    })
}

/// Of what a label remembers only the mode.
#[derive(Deserialize)]
struct Moded {
    #[serde(default)]
    mode: Option<String>,
}

fn volume_of(data: &DesiredData) -> Option<String> {
    match data {
        DesiredData::Volume(volume) => Some(volume.clone()),
        DesiredData::HostPath | DesiredData::Memory => None,
    }
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
    /// The engine that cannot be trusted with what is on this volume.
    pub(super) fn downgraded_on(&self, volume: &str) -> Option<&Downgrade> {
        let mut downgrades = self.downgrades.values();
        downgrades.find(|downgrade| downgrade.volume.as_deref() == Some(volume))
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
