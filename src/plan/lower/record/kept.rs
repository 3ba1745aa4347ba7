//! What the record says of volumes that stay or go otherwise than their labels say.

use std::collections::BTreeMap;

use crate::desired::{DesiredVolume, VolumeRole};
use crate::plan::change::Action;
use crate::plan::diff::EngineDiff;
use crate::resource::label;

/// The volumes that will be declared otherwise than their labels say, and those that left the file so.
pub(super) fn kept(diff: &EngineDiff<'_>) -> BTreeMap<String, bool> {
    let observed = diff.observed.map(|observed| &observed.volumes);
    let is_there = |name: &str| observed.is_some_and(|volumes| volumes.contains_key(name));
    let is_made_otherwise = |name: &str, wanted: &DesiredVolume| {
        let volume = observed.and_then(|volumes| volumes.get(name));
        let made_to_go = volume.is_some_and(|it| it.labels.contains_key(label::EPHEMERAL));
        made_to_go == (wanted.role == VolumeRole::Data)
    };
    let mut kept = diff.record.keep.clone();
    kept.retain(|name, _| is_there(name));
    for change in &diff.volumes {
        let name = &change.object;
        match (change.action, diff.desired.volumes.get(name)) {
            (Action::NoOp, _) => {}
            (Action::Update, Some(wanted)) if is_made_otherwise(name, wanted) => {
                kept.insert(name.clone(), wanted.role == VolumeRole::Data);
            }
            _ => drop(kept.remove(name)),
        }
    }
    kept
}

/// Keeps what was applied, unless the object is known already: with fewer replicas it has another address.
pub(super) fn keep<T: Clone>(known: &mut BTreeMap<String, T>, name: &str, applied: &T) {
    known
        .entry(name.to_owned())
        .or_insert_with(|| applied.clone());
}
