//! Targets: the part of a plan that its user asked for, and what that part needs.

mod check;
mod going;

use std::collections::BTreeSet;

use crate::desired::{DesiredEngine, DesiredImageSource};
use crate::model::image::ImageReference;
use crate::plan::change::{Action, Change, Impact};
use crate::plan::diff::container::mounts_any;
use crate::plan::diff::{EngineDiff, InnerDiff, Terms};
use crate::plan::route::Route;
pub(crate) use crate::plan::target::check::check;
use crate::plan::target::going::{add_dependants, add_ephemeral};
use crate::resource::Address;
use crate::resource::push::PushRegistry;

/// The resources that a plan is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Selection {
    /// All.
    All,
    /// These.
    Only(BTreeSet<Address>),
}

impl Selection {
    /// Whether the plan is about the resource.
    pub(crate) fn has(&self, address: &Address) -> bool {
        match self {
            Selection::All => true,
            Selection::Only(addresses) => addresses.contains(address),
        }
    }
}

/// What the options select of what was compared, with what the selected needs.
pub(crate) fn select(diff: &EngineDiff<'_>, terms: Terms<'_>) -> Selection {
    let targets = &terms.options.targets;
    if targets.is_empty() {
        return Selection::All;
    }
    let mut known = known(diff);
    known.retain(|address| targets.iter().any(|target| target.covers(address)));
    let mut selected = known;
    if terms.options.destroy.is_some() {
        add_dependants(&mut selected, diff, terms);
    } else {
        // What an address needs may be on an engine that has been looked at before.
        loop {
            let before = selected.len();
            add_needed(&mut selected, diff, terms);
            add_sources(&mut selected, diff, diff);
            if selected.len() == before {
                break;
            }
        }
    }
    add_ephemeral(&mut selected, diff);
    Selection::Only(selected)
}

/// Every address that the file declares, or that the project has or had when it was last applied.
fn known(diff: &EngineDiff<'_>) -> BTreeSet<Address> {
    let mut known = BTreeSet::new();
    add_known(&mut known, diff);
    known
}

fn add_known(known: &mut BTreeSet<Address>, diff: &EngineDiff<'_>) {
    add_declared(known, diff.desired);
    let changes = diff.networks.iter().chain(&diff.volumes);
    let changes = changes.chain(&diff.images).chain(&diff.pushes);
    let changes = changes.chain(&diff.containers);
    known.extend(changes.map(|change| change.address.clone()));
    known.extend(diff.kept.iter().map(|kept| kept.address.clone()));
    let record = &diff.record;
    let containers = record.containers.values();
    known.extend(containers.filter_map(|applied| applied.address.clone()));
    let others = record.networks.values().chain(record.volumes.values());
    known.extend(others.chain(record.images.values()).cloned());
    for engine in diff.further() {
        add_known(known, engine);
    }
    for unread in &diff.unread {
        unread
            .desired
            .iter()
            .for_each(|desired| add_declared(known, desired));
    }
}

/// Adds what a file declares for an engine and for those inside it, the deferred ones too.
fn add_declared(known: &mut BTreeSet<Address>, engine: &DesiredEngine) {
    known.extend(engine.networks.values().map(|it| it.address.clone()));
    known.extend(engine.volumes.values().map(|it| it.address.clone()));
    known.extend(engine.images.values().map(|it| it.address.clone()));
    known.extend(engine.pushes.keys().cloned());
    for container in engine.containers.values() {
        known.insert(container.address.clone());
        if let Some(inner) = &container.engine {
            add_declared(known, &inner.engine);
        }
    }
}

/// Adds what the selected needs: the containers around it, and what containers are made of and wait for.
fn add_needed(selected: &mut BTreeSet<Address>, diff: &EngineDiff<'_>, terms: Terms<'_>) {
    for engine in diff.further() {
        add_needed(selected, engine, terms);
    }
    loop {
        let before = selected.len();
        add_users_of_replaced(selected, diff, terms);
        add_pushes(selected, diff);
        add_named(selected, diff);
        for wanted in diff.desired.containers.values() {
            let mut inside = BTreeSet::new();
            if let Some(inner) = &wanted.engine {
                add_declared(&mut inside, &inner.engine);
            }
            let holds_selected = selected
                .iter()
                .any(|address| inside.contains(address) || address.is_inside(&wanted.address));
            if holds_selected {
                selected.insert(wanted.address.clone());
            }
            if !selected.contains(&wanted.address) {
                continue;
            }
            let volumes = wanted.fixed.volumes();
            let volumes = volumes.filter_map(|name| diff.desired.volumes.get(name));
            selected.extend(volumes.map(|volume| volume.address.clone()));
            let networks = wanted.live.networks.keys();
            let networks = networks.filter_map(|name| diff.desired.networks.get(name));
            selected.extend(networks.map(|network| network.address.clone()));
            let others = wanted.depends_on.keys().chain(&wanted.registries);
            let others = others.filter_map(|name| diff.desired.containers.get(name));
            selected.extend(others.map(|other| other.address.clone()));
            let image = diff.desired.images.get(&wanted.fixed.image);
            selected.extend(image.map(|image| image.address.clone()));
        }
        if selected.len() == before {
            return;
        }
    }
}

/// Adds the images that selected names stand for.
fn add_named(selected: &mut BTreeSet<Address>, diff: &EngineDiff<'_>) {
    let images = &diff.desired.images;
    let meant = images.iter().filter_map(|(name, image)| {
        let is_alias = matches!(image.source, DesiredImageSource::Alias(_));
        let is_selected = is_alias && selected.contains(&image.address);
        images.get(diff.desired.named_by(name).filter(|_| is_selected)?)
    });
    let meant: Vec<Address> = meant.map(|image| image.address.clone()).collect();
    selected.extend(meant);
}

/// Adds what the selected registries should have, and what is pushed to them.
fn add_pushes(selected: &mut BTreeSet<Address>, diff: &EngineDiff<'_>) {
    for push in diff.desired.pushes.values() {
        let container = match &push.place.registry {
            PushRegistry::Container(name) => diff.desired.containers.get(name),
            PushRegistry::Host(_) => None,
        };
        if container.is_some_and(|container| selected.contains(&container.address)) {
            selected.insert(push.address.clone());
        }
        if selected.contains(&push.address) {
            let image = diff.desired.images.get(&push.reference);
            selected.extend(image.map(|image| image.address.clone()));
        }
    }
}

/// Adds the images that the plan brings to an engine further out, and from there to one that the selection has.
fn add_sources(selected: &mut BTreeSet<Address>, outer: &EngineDiff<'_>, diff: &EngineDiff<'_>) {
    for (image, route) in &diff.routes {
        let is_it = |change: &&Change| change.object == *image;
        let wanted = diff.images.iter().find(is_it);
        let is_selected = wanted.is_some_and(|change| selected.contains(&change.address));
        if let Route::Transfer(from) = route
            && is_selected
            && let Some(source) = outer.at(from)
        {
            let brought = source.images.iter().find(is_it);
            selected.extend(brought.map(|change| change.address.clone()));
            let is_listed = source
                .desired
                .images
                .contains_key(&ImageReference::new(image));
            let mut pulled = source.pulled_for_containers();
            let pulled = pulled.find(|(_, fixed)| fixed.image.as_str() == image && !is_listed);
            selected.extend(pulled.map(|(change, _)| change.address.clone()));
        }
    }
    for engine in diff.further() {
        add_sources(selected, outer, engine);
    }
}

/// Adds the containers that must go, if only for a while, so that a selected volume can be replaced or removed, and those
/// that are on a selected network which is removed, if only to be made anew.
fn add_users_of_replaced(
    selected: &mut BTreeSet<Address>,
    diff: &EngineDiff<'_>,
    terms: Terms<'_>,
) {
    let goes = |change: &&Change| change.action == Action::Delete;
    let removed = diff.volumes.iter().filter(goes);
    let volumes = diff.replaced_volumes(terms).chain(removed);
    // What is on a network that is made anew is taken off it, and put on it again.
    let networks = diff.networks.iter().filter(|change| change.removes());
    add_users(selected, diff, volumes, networks);
    add_users_of_images(selected, diff);
}

/// Adds the containers that keep a selected image from being removed, and go themselves or are made anew.
fn add_users_of_images(selected: &mut BTreeSet<Address>, diff: &EngineDiff<'_>) {
    let Some(observed) = diff.observed else {
        return;
    };
    let goes = |change: &&Change| change.action == Action::Delete;
    for image in diff.images.iter().filter(goes) {
        let reference = ImageReference::new(&image.object);
        let Some(found) = observed.images.get(&reference) else {
            continue;
        };
        if !selected.contains(&image.address) {
            continue;
        }
        let goes = diff.containers.iter().filter(|change| change.removes());
        let goes = goes.map(|change| (&change.object, &change.address));
        for (name, address) in goes.chain(undecided(diff)) {
            let existing = observed.containers.get(name);
            if existing.is_some_and(|existing| existing.image_id == found.id) {
                selected.insert(address.clone());
            }
        }
    }
}

/// The declared containers of which nothing can be said but why nothing is done: one that is paused.
fn undecided<'d>(diff: &'d EngineDiff<'_>) -> impl Iterator<Item = (&'d String, &'d Address)> {
    let decided: BTreeSet<&String> = diff.containers.iter().map(|it| &it.object).collect();
    let declared = diff.desired.containers.iter();
    let undecided = declared.filter(move |(name, _)| !decided.contains(name));
    undecided.map(|(name, wanted)| (name, &wanted.address))
}

/// Adds the containers that were made with one of these volumes, or are on one of these networks, where it is selected.
fn add_users<'c>(
    selected: &mut BTreeSet<Address>,
    diff: &EngineDiff<'_>,
    volumes: impl Iterator<Item = &'c Change>,
    networks: impl Iterator<Item = &'c Change>,
) {
    let is_selected = |change: &&Change| selected.contains(&change.address);
    let name = |change: &Change| change.object.clone();
    let volumes: BTreeSet<String> = volumes.filter(is_selected).map(name).collect();
    let networks: BTreeSet<String> = networks.filter(is_selected).map(name).collect();
    let observed = diff.observed.map(|observed| &observed.containers);
    let decided = diff.containers.iter();
    let decided = decided.map(|change| (&change.object, &change.address));
    for (name, address) in decided.chain(undecided(diff)) {
        let Some(existing) = observed.and_then(|it| it.get(name)) else {
            continue;
        };
        let mut connected = existing.live.networks.keys();
        if mounts_any(existing, &volumes).is_some() || connected.any(|it| networks.contains(it)) {
            selected.insert(address.clone());
        }
    }
}

/// Takes out of a comparison what is not selected. A container that stays as it is remains, without a change: it is
/// started again where the engine that it runs on is restarted.
pub(crate) fn narrow(diff: &mut EngineDiff<'_>, terms: Terms<'_>, selection: &Selection) {
    let Selection::Only(selected) = selection else {
        return;
    };
    let is_in = |change: &Change| selected.contains(&change.address);
    diff.networks.retain(is_in);
    diff.volumes.retain(is_in);
    diff.note_going(terms);
    diff.images.retain(is_in);
    diff.pushes.retain(is_in);
    let images = &diff.images;
    let applied = &diff.record.contents;
    // What an earlier run brought and did not note, a run for the whole notes.
    diff.contents.retain(|image, _| {
        let change = images.iter().find(|change| change.object == *image);
        let is_known = applied.contains_key(&ImageReference::new(image));
        change.is_some_and(|change| change.action != Action::NoOp || is_known)
    });
    diff.superseded
        .retain(|image, _| images.iter().any(|change| change.object == *image));
    diff.containers.retain(|change| {
        is_in(change) || !matches!(change.action, Action::Create | Action::Delete)
    });
    for change in diff.containers.iter_mut().filter(|change| !is_in(change)) {
        change.action = Action::NoOp;
        change.impact = Impact::None;
        change.reason = None;
        change.fields.clear();
    }
    diff.kept.retain(|kept| selected.contains(&kept.address));
    diff.refusals
        .retain(|refusal| selected.contains(&refusal.address));
    diff.unread.retain(|unread| {
        let mut declared = BTreeSet::new();
        if let Some(desired) = unread.desired {
            add_declared(&mut declared, desired);
        }
        !declared.is_disjoint(selected)
    });
    for other in &mut diff.others {
        narrow(other, terms, selection);
    }
    let desired = diff.desired;
    let stopped = diff.stopped();
    for (name, inner) in &mut diff.inner {
        match inner {
            InnerDiff::Planned(inner) => {
                inner.stops = diff.stops || stopped.contains(name);
                narrow(inner, terms, selection);
            }
            InnerDiff::Deferred => {
                let mut inside = BTreeSet::new();
                let wanted = desired
                    .containers
                    .get(name)
                    .and_then(|it| it.engine.as_ref());
                if let Some(wanted) = wanted {
                    add_declared(&mut inside, &wanted.engine);
                }
                let container = desired.containers.get(name).map(|it| &it.address);
                let below = |address: &Address| container.is_some_and(|it| address.is_inside(it));
                // What it holds and is not declared is asked for with the container itself.
                let targets = &terms.options.targets;
                let is_target = container.is_some_and(|it| targets.iter().any(|t| t.covers(it)));
                if inside.is_disjoint(selected) && !selected.iter().any(below) && !is_target {
                    *inner = InnerDiff::None;
                }
            }
            InnerDiff::None => {}
        }
    }
}
