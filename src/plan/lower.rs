//! From changes to steps: what runs, and what has to wait for what.
//!
//! Every step of an engine waits for the engine's record, so that a run that is killed leaves nothing that the next run
//! would not know. A replacement stops and removes the old container before it makes the new one: two engines on one
//! data root would destroy it.

mod container;
mod image;
mod inside;
pub(in crate::plan) mod operation;
mod push;
pub(crate) mod record;
mod removals;
mod seed;
pub(in crate::plan) mod storage;
mod unawaited;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::desired::Condition;
use crate::model::image::ImageReference;
use crate::model::name::ProjectName;
use crate::plan::change::Reason;
use crate::plan::diff::attribute::remembered;
use crate::plan::diff::{EngineDiff, InnerDiff, Terms};
use crate::plan::lower::container::Parts;
use crate::plan::lower::removals::Removals;
use crate::plan::step::{self, Operation, Step};
use crate::plan::target::Selection;
use crate::resource::container::{ContainerRef, FixedSettings};
use crate::resource::digest::Digest;
use crate::resource::engine_path::EnginePath;
use crate::resource::label::{self, Labels};
use crate::resource::{Address, Kind};

/// The steps of a whole plan.
pub(crate) fn lower(terms: Terms<'_>, selection: &Selection, diff: &EngineDiff<'_>) -> Vec<Step> {
    let mut lowering = Lowering {
        terms,
        selection,
        around: None,
        first: 0,
        steps: Vec::new(),
        brought: BTreeMap::new(),
        recorded: BTreeMap::new(),
        noted: BTreeMap::new(),
        taken: BTreeMap::new(),
    };
    lowering.engine(diff, &Entry::default());
    image::count_engines(&mut lowering.steps);
    if terms.options.no_wait {
        return unawaited::without_waits(lowering.steps, diff);
    }
    lowering.steps
}

pub(crate) struct Lowering<'a> {
    terms: Terms<'a>,
    selection: &'a Selection,
    /// What the engine around has come to.
    around: Option<&'a Lowering<'a>>,
    /// The number of the first step of `steps`.
    first: usize,
    steps: Vec<Step>,
    /// The steps that bring images, by engine and image.
    brought: BTreeMap<(EnginePath, ImageReference), usize>,
    /// The first step that writes each engine's record.
    recorded: BTreeMap<EnginePath, usize>,
    /// The steps that write the records of engines that stop, before they do.
    noted: BTreeMap<EnginePath, Vec<usize>>,
    /// The steps that take images from an engine's store into another's.
    taken: BTreeMap<(EnginePath, ImageReference), Vec<usize>>,
}

/// How the steps of an engine begin.
#[derive(Debug, Clone, Default)]
struct Entry {
    /// Steps after which the engine can be used.
    ready: Vec<usize>,
    /// Steps after which what stops with the engine can be noted there, where it stops.
    noting: Vec<usize>,
    /// Steps after which its registries answer.
    registries: Vec<usize>,
    /// Whether the engine has been stopped, and with it all that ran inside.
    restarted: bool,
}

/// The steps of one container that others wait for.
#[derive(Debug, Clone, Default)]
struct Lifecycle {
    /// The step that makes it.
    create: Option<usize>,
    /// The step that starts it.
    start: Option<usize>,
    /// The step after which it is ready.
    ready: Option<usize>,
    /// The step that removes the old one.
    removed: Option<usize>,
    /// Whether what ran inside has been stopped.
    restarted: bool,
}

impl Lowering<'_> {
    fn engine(&mut self, diff: &EngineDiff<'_>, entry: &Entry) {
        let first = self.end();
        let (base, mut record) = self.record_before(diff, entry);
        let cleared = self.seeds_cleared(diff, &mut record, &base);
        let ended = self.pushes_ended(diff, &base);
        let entry = Entry {
            ready: [base.clone(), cleared, ended].concat(),
            ..entry.clone()
        };
        let images = self.images_made(diff, &entry);
        let removed = self.users_removed(diff, &entry, &images);
        let mut made = self.storage_made(diff, &entry.ready, &removed);
        self.seeds(diff, &entry, &mut made);
        let mut lifecycles = BTreeMap::new();
        let specs = self.container_specs(diff);
        for (change, spec) in diff.containers.iter().zip(specs) {
            let parts = Parts {
                made: &made,
                images: &images,
                removed: removed.get(&change.object).copied(),
            };
            let lifecycle = self.container(diff, (change, spec), &entry, &parts);
            lifecycles.insert(change.object.as_str(), lifecycle);
        }
        self.connect_dependencies(diff, &lifecycles);
        let pushed = self.pushed(diff, &entry, &images, &lifecycles);
        let inside = diff.inner.iter().filter_map(|(name, inner)| {
            let InnerDiff::Planned(inner) = inner else {
                return None;
            };
            let lifecycle = lifecycles.get(name.as_str()).cloned().unwrap_or_default();
            let wanted = diff.desired.containers.get(name);
            let registries = wanted.into_iter().flat_map(|wanted| &wanted.registries);
            let used = || registries.clone().map(String::as_str);
            let noting = if diff.stops { &entry.noting } else { &base };
            let inner_entry = Entry {
                ready: lifecycle.ready.into_iter().collect(),
                noting: noting.clone(),
                registries: used()
                    .filter_map(|registry| lifecycles.get(registry)?.ready)
                    .chain(push::before(&pushed, used()))
                    .chain(entry.registries.iter().copied())
                    .collect(),
                restarted: lifecycle.restarted,
            };
            Some((&**inner, inner_entry))
        });
        self.engines_inside(&inside.collect::<Vec<_>>());
        self.stop_after_notes(diff, first);
        self.connect_images(diff, &lifecycles);
        self.connect_removals(diff, &lifecycles);
        self.connect_followers(diff, &lifecycles);
        let mut removals = Removals::default();
        for (name, lifecycle) in &lifecycles {
            let existing = diff
                .observed
                .and_then(|observed| observed.containers.get(*name));
            if let (Some(step), Some(existing)) = (lifecycle.removed, existing) {
                removals.add(existing, step);
            }
        }
        self.superseded_removed(diff, (&entry, &images), &removals);
        self.images_removed(diff, (&entry, &images), &removals);
        self.storage_removed(diff, &entry.ready, &removals);
        let steps = (first..).zip(&self.steps[first - self.first..]);
        let own = steps.filter(|(_, step)| step.engine == diff.path);
        let mut own: Vec<usize> = own.map(|(number, _)| number).collect();
        own.extend(self.others(diff, &base));
        self.record_after(diff, record, &[entry.ready.as_slice(), &own].concat());
    }

    /// The steps of the other outer engines. Those come back that take the project off an engine: it leaves the record
    /// after them.
    fn others(&mut self, diff: &EngineDiff<'_>, recorded: &[usize]) -> Vec<usize> {
        let left = diff.engines_after(self.terms, self.selection);
        let mut leaving = Vec::new();
        for other in &diff.others {
            let first = self.end();
            let entry = Entry {
                ready: recorded.to_vec(),
                ..Entry::default()
            };
            self.engine(other, &entry);
            let stays = other
                .path
                .outermost()
                .is_some_and(|it| left.contains_key(&it));
            if !stays {
                leaving.extend(first..self.end());
            }
        }
        leaving
    }

    /// Makes the start of a container wait for those that it depends on, and its making for those that it cannot be
    /// made without.
    fn connect_dependencies(
        &mut self,
        diff: &EngineDiff<'_>,
        lifecycles: &BTreeMap<&str, Lifecycle>,
    ) {
        let mut awaited = BTreeMap::new();
        for (name, wanted) in &diff.desired.containers {
            let Some(lifecycle) = lifecycles.get(name.as_str()) else {
                continue;
            };
            for (other, condition) in &wanted.depends_on {
                let there = match (condition, lifecycles.get(other.as_str())) {
                    (Condition::Started, Some(other)) => other.start,
                    (
                        _,
                        Some(Lifecycle {
                            ready: Some(ready), ..
                        }),
                    ) => Some(*ready),
                    _ if lifecycle.start.or(lifecycle.create).is_none() => None,
                    _ => self.service_awaited(diff, other, &mut awaited),
                };
                let Some(there) = there else { continue };
                let create = lifecycle.create;
                let create = create.filter(|_| wanted.needed_first.contains(other));
                for waiting in lifecycle.start.into_iter().chain(create) {
                    let step = self.step(waiting);
                    if wanted.optional.contains(other) {
                        step.after_end.push(there);
                    } else {
                        step.after.push(there);
                    }
                }
            }
        }
    }

    /// Makes the start of a container wait for the images of the environments that it waits for: it may run them at once.
    fn connect_images(&mut self, diff: &EngineDiff<'_>, lifecycles: &BTreeMap<&str, Lifecycle>) {
        for (name, wanted) in &diff.desired.containers {
            let Some(start) = lifecycles.get(name.as_str()).and_then(|it| it.start) else {
                continue;
            };
            let awaited = wanted.depends_on.iter();
            let awaited = awaited.filter(|(_, condition)| **condition != Condition::Started);
            for (environment, _) in awaited {
                let inside = diff.path.inside(environment);
                let first = (inside.clone(), ImageReference::new(""));
                let brought = self.brought.range(first..);
                let brought = brought.take_while(|((at, _), _)| *at == inside);
                let brought: Vec<usize> = brought.map(|(_, step)| *step).collect();
                for step in brought {
                    if !self.waits_for(step, start) {
                        self.step(start).after.push(step);
                    }
                }
            }
        }
    }

    /// Makes the removal of a container wait for that of those which share its namespaces: podman removes it after them
    /// only.
    fn connect_removals(&mut self, diff: &EngineDiff<'_>, lifecycles: &BTreeMap<&str, Lifecycle>) {
        let Some(observed) = diff.observed else {
            return;
        };
        for (name, lifecycle) in lifecycles {
            let (Some(removed), Some(existing)) =
                (lifecycle.removed, observed.containers.get(*name))
            else {
                continue;
            };
            let settings = remembered::<FixedSettings>(&existing.labels).unwrap_or_default();
            for neighbour in settings.surroundings.neighbours() {
                let theirs = lifecycles.get(neighbour).and_then(|it| it.removed);
                if let Some(theirs) = theirs.filter(|step| !self.waits_for(removed, *step)) {
                    self.step(theirs).after.push(removed);
                }
            }
        }
    }

    /// Makes the making of a container wait for the removal of those that are made anew because of it: once it is there,
    /// nothing tells any more that they have to be.
    fn connect_followers(&mut self, diff: &EngineDiff<'_>, lifecycles: &BTreeMap<&str, Lifecycle>) {
        for change in &diff.containers {
            let Some(Reason::NeighbourReplaced(neighbour)) = &change.reason else {
                continue;
            };
            let own = lifecycles.get(change.object.as_str());
            let made = lifecycles.get(neighbour.as_str()).and_then(|it| it.create);
            if let (Some(removed), Some(made)) = (own.and_then(|it| it.removed), made)
                && !self.waits_for(removed, made)
            {
                self.step(made).after.push(removed);
            }
        }
    }

    /// Whether a step waits for another one, or is it.
    fn waits_for(&self, step: usize, other: usize) -> bool {
        step::waits_for((self.first, &self.steps), step, other)
    }

    /// Waits for a service to which nothing else is done: it may still be on its way.
    fn service_awaited(
        &mut self,
        diff: &EngineDiff<'_>,
        name: &str,
        awaited: &mut BTreeMap<String, usize>,
    ) -> Option<usize> {
        if let Some(step) = awaited.get(name) {
            return Some(*step);
        }
        let wanted = diff.desired.containers.get(name)?;
        let existing = diff.owned_container(self.terms, name)?;
        if wanted.kind != Kind::Service || diff.is_done(wanted, (name, existing)) {
            return None;
        }
        let container = ContainerRef {
            name: name.to_owned(),
            id: Some(existing.id.clone()),
        };
        let wait = operation::wait(container, wanted);
        let step = self.push(diff, vec![wanted.address.clone()], Vec::new(), wait);
        awaited.insert(name.to_owned(), step);
        Some(step)
    }

    fn push(
        &mut self,
        diff: &EngineDiff<'_>,
        addresses: Vec<Address>,
        after: impl IntoIterator<Item = usize>,
        operation: Operation,
    ) -> usize {
        let mut after: Vec<usize> = after.into_iter().collect();
        after.sort_unstable();
        after.dedup();
        self.steps.push(Step {
            addresses,
            engine: diff.path.clone(),
            operation,
            after,
            after_end: Vec::new(),
        });
        self.end() - 1
    }

    /// The labels of an object, its settings among them.
    fn labels(
        &self,
        address: &Address,
        name: &str,
        settings: &impl Serialize,
        own: &Labels,
    ) -> Labels {
        let desired = self.terms.desired;
        let made_by = (&desired.project, desired.file.as_str());
        let mut labels = own.clone();
        labels.extend(own_labels(made_by, address, name, settings));
        labels
    }
}

/// The labels that nest puts on an object that a project makes from a file.
pub(crate) fn own_labels(
    (project, file): (&ProjectName, &str),
    address: &Address,
    name: &str,
    settings: &impl Serialize,
) -> Labels {
    let canonical = serde_json::to_string(settings).unwrap_or_default();
    let digest = Digest::of_bytes(canonical.as_bytes());
    let labels = [
        (label::PROJECT, project.to_string()),
        (label::ADDRESS, address.to_string()),
        (label::NAME, name.to_owned()),
        (label::FILE, file.to_owned()),
        (label::VERSION, env!("CARGO_PKG_VERSION").to_owned()),
        (label::DIGEST, digest.as_str().to_owned()),
        (label::SETTINGS, canonical),
    ];
    labels
        .map(|(key, value)| (key.to_owned(), value))
        .into_iter()
        .collect()
}
