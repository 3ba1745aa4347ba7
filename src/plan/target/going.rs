//! What goes with the targets of a plan that goes.

use std::collections::BTreeSet;

use crate::desired::DesiredContainer;
use crate::plan::change::{Action, Change, Impact};
use crate::plan::diff::container::mounted_volumes;
use crate::plan::diff::{EngineDiff, Terms};
use crate::plan::target::{add_users, add_users_of_images};
use crate::resource::Address;

/// Adds what cannot stay without the selected, and what was made for it alone.
pub(super) fn add_dependants(
    selected: &mut BTreeSet<Address>,
    diff: &EngineDiff<'_>,
    terms: Terms<'_>,
) {
    add_users(selected, diff, diff.volumes.iter(), diff.networks.iter());
    add_users_of_images(selected, diff);
    add_known_by_file(selected, diff, terms);
    let held = held(selected, diff);
    let declared = terms.desired.engine.at(&diff.path);
    for (name, volume) in declared.into_iter().flat_map(|it| &it.volumes) {
        let made_for = volume.made_for.as_ref();
        if made_for.is_some_and(|container| selected.contains(container)) && !held.contains(name) {
            selected.insert(volume.address.clone());
        }
    }
    for other in &diff.others {
        add_dependants(selected, other, terms);
    }
}

/// The volumes of containers that stay: a client keeps the socket of an engine that goes.
fn held(selected: &BTreeSet<Address>, diff: &EngineDiff<'_>) -> BTreeSet<String> {
    let observed = diff.observed.map(|observed| &observed.containers);
    let stays = |change: &&Change| !(selected.contains(&change.address) && change.removes());
    let staying = diff.containers.iter().filter(stays);
    let staying = staying.filter_map(|change| observed?.get(&change.object));
    staying.flat_map(mounted_volumes).collect()
}

/// Adds the addresses that the file has for selected containers: with other replicas they were made under others. One
/// that is gone counts where it had something selected: a run that broke off may have left what was made for it.
fn add_known_by_file(selected: &mut BTreeSet<Address>, diff: &EngineDiff<'_>, terms: Terms<'_>) {
    let observed = diff.observed.map(|observed| &observed.containers);
    let declared = terms.desired.engine.at(&diff.path);
    for (name, wanted) in declared.into_iter().flat_map(|it| &it.containers) {
        let applied = diff.record.containers.get(name);
        let applied = applied.and_then(|applied| applied.address.as_ref());
        let is_gone = !observed.is_some_and(|containers| containers.contains_key(name));
        if applied.is_some_and(|address| selected.contains(address))
            || is_gone && had_any(wanted, diff, selected)
        {
            selected.insert(wanted.address.clone());
            selected.extend(applied.cloned());
        }
    }
}

/// Whether a container was made with any of these that goes, as far as file and record tell.
fn had_any(wanted: &DesiredContainer, diff: &EngineDiff<'_>, any: &BTreeSet<Address>) -> bool {
    let record = &diff.record;
    let stays = |volume: &str| diff.kept.iter().any(|kept| kept.object == volume);
    let volumes = wanted.fixed.volumes().filter(|volume| !stays(volume));
    let volumes = volumes.filter_map(|name| record.volumes.get(name));
    let networks = wanted.live.networks.keys();
    let networks = networks.filter_map(|name| record.networks.get(name));
    let image = record.images.get(&wanted.fixed.image);
    let mut had = volumes.chain(networks).chain(image);
    had.any(|address| any.contains(address))
}

/// Adds the volumes that hold nothing of their own and go with the containers that go, unless one that stays has them
/// too.
pub(super) fn add_ephemeral(selected: &mut BTreeSet<Address>, diff: &EngineDiff<'_>) {
    let goes = |change: &&Change| change.action == Action::Delete;
    let held = held(selected, diff);
    let mut left = BTreeSet::new();
    let observed = diff.observed.map(|observed| &observed.containers);
    for change in &diff.containers {
        let existing = observed.and_then(|containers| containers.get(&change.object));
        let mounted = existing.map(mounted_volumes).unwrap_or_default();
        let is_selected = selected.contains(&change.address);
        if is_selected && goes(&change) {
            left.extend(mounted);
        }
    }
    let volumes = diff.volumes.iter().filter(goes).filter(|volume| {
        let name = &volume.object;
        volume.impact != Impact::DataLoss && left.contains(name) && !held.contains(name)
    });
    selected.extend(volumes.map(|volume| volume.address.clone()));
    for engine in diff.further() {
        add_ephemeral(selected, engine);
    }
}
