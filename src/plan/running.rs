//! Steps that stop containers and start them again as they are, whatever the file says of them now.
//!
//! The record of each engine says what was stopped so, until it is started again: that is nobody else's doing.

use std::collections::{BTreeMap, BTreeSet};

use crate::desired::{Desired, DesiredContainer, DesiredEngine};
use crate::model::name::ProjectName;
use crate::observed::{ContainerState, ObservedContainer, ObservedEngine, ObservedInner};
use crate::plan::diff::container::once::is_done;
use crate::plan::diff::known::current_record;
use crate::plan::lower::operation::wait;
use crate::plan::lower::record::noted::rewritten;
use crate::plan::step::{Operation, Step};
use crate::resource::Address;
use crate::resource::container::ContainerRef;
use crate::resource::engine_path::EnginePath;
use crate::resource::record::Record;

/// The steps that stop the containers of these addresses, after those that need them and those inside them.
pub fn stop(desired: &Desired, observed: &ObservedEngine, chosen: &BTreeSet<Address>) -> Vec<Step> {
    let mut stops = Stops {
        project: &desired.project,
        chosen,
        steps: Vec::new(),
    };
    for place in outermost(desired, observed) {
        stops.engine(place, false);
    }
    stops.steps
}

/// The steps that start the containers of these addresses that exist and do not run: those that they need first, and those
/// that need them after that where they were stopped by [`stop`]. Services that have done their work are left, but for those
/// of `again` and those that [`stop`] kept from it.
///
/// What is inside an engine that does not run is not known: once the steps are done there may be more.
pub fn start(
    desired: &Desired,
    observed: &ObservedEngine,
    chosen: &BTreeSet<Address>,
    again: &BTreeSet<Address>,
) -> Vec<Step> {
    let mut starts = Starts {
        project: &desired.project,
        chosen,
        again,
        dependants: dependants(desired, chosen),
        steps: Vec::new(),
    };
    for place in outermost(desired, observed) {
        starts.engine(place, false);
    }
    starts.steps
}

/// The addresses of the containers that need one of these, directly or not, on their own engines, and of themselves.
pub fn dependants(desired: &Desired, chosen: &BTreeSet<Address>) -> BTreeSet<Address> {
    let mut all = BTreeSet::new();
    for (_, engine) in desired.engine.outermost() {
        add_dependants(engine, chosen, &mut all);
    }
    all
}

fn add_dependants(engine: &DesiredEngine, chosen: &BTreeSet<Address>, all: &mut BTreeSet<Address>) {
    let is_chosen = |name: &str| chosen.contains(&engine.containers[name].address);
    let named = engine.containers.keys().map(String::as_str);
    let mut meant: BTreeSet<&str> = named.filter(|name| is_chosen(name)).collect();
    loop {
        let before = meant.len();
        for (name, wanted) in &engine.containers {
            if needs(wanted).any(|needed| meant.contains(needed)) {
                meant.insert(name);
            }
        }
        if meant.len() == before {
            break;
        }
    }
    let addresses = meant.into_iter();
    all.extend(addresses.map(|name| engine.containers[name].address.clone()));
    for wanted in engine.containers.values() {
        if let Some(inner) = &wanted.engine {
            add_dependants(&inner.engine, chosen, all);
        }
    }
}

/// The containers of the same engine that one needs.
fn needs(wanted: &DesiredContainer) -> impl Iterator<Item = &str> {
    let needed = wanted.depends_on.keys().chain(&wanted.registries);
    needed.map(String::as_str)
}

/// An engine: its path, what is wanted of it, and what it holds.
type Place<'a> = (EnginePath, &'a DesiredEngine, &'a ObservedEngine);

/// The outer engines that were read.
fn outermost<'a>(
    desired: &'a Desired,
    observed: &'a ObservedEngine,
) -> impl Iterator<Item = Place<'a>> {
    let engines = desired.engine.outermost();
    engines.filter_map(|(path, wanted)| {
        let observed = observed.at(&path)?;
        Some((path, wanted, observed))
    })
}

fn runs(container: &ObservedContainer) -> bool {
    matches!(
        container.state,
        ContainerState::Running | ContainerState::Paused | ContainerState::Restarting
    )
}

fn reference(name: &str, found: &ObservedContainer) -> ContainerRef {
    ContainerRef {
        name: name.to_owned(),
        id: Some(found.id.clone()),
    }
}

/// Writes another record of an engine that has one, when some steps are done, and hands over the steps that do.
fn rewrite(
    steps: &mut Vec<Step>,
    project: &ProjectName,
    (path, observed): (&EnginePath, &ObservedEngine),
    mut after: Vec<usize>,
    change: impl FnOnce(&mut Record),
) -> Vec<usize> {
    let mut written = Vec::new();
    for operation in rewritten(project, observed, change).into_iter().flatten() {
        let index = steps.len();
        steps.push(Step {
            addresses: Vec::new(),
            engine: path.clone(),
            operation,
            after: std::mem::replace(&mut after, vec![index]),
            after_end: Vec::new(),
        });
        written.push(index);
    }
    written
}

struct Stops<'a> {
    project: &'a ProjectName,
    chosen: &'a BTreeSet<Address>,
    steps: Vec<Step>,
}

impl Stops<'_> {
    /// Stops what is chosen on an engine, or all of it. Hands over the steps that do, and those that note it before: an
    /// engine that has no room for a note is stopped without.
    fn engine(&mut self, (path, wanted, observed): Place<'_>, all: bool) -> [Vec<usize>; 2] {
        let containers = wanted.containers.iter();
        let ends = containers.filter(|(name, container)| {
            let is_chosen = all || self.chosen.contains(&container.address);
            is_chosen && observed.containers.get(*name).is_some_and(runs)
        });
        let ends: Vec<String> = ends.map(|(name, _)| name.clone()).collect();
        let place = (&path, observed);
        let noted = rewrite(&mut self.steps, self.project, place, Vec::new(), |record| {
            record.stopped.extend(ends);
        });
        let mut stopped = BTreeMap::new();
        for name in wanted.containers.keys() {
            self.container((&path, wanted, observed), name, all, &mut stopped);
        }
        let stopped: Vec<usize> = stopped.into_values().flatten().collect();
        for stop in &stopped {
            self.steps[*stop].after_end.extend(noted.first());
        }
        [stopped, noted]
    }

    fn container<'b>(
        &mut self,
        (path, wanted, observed): (&EnginePath, &'b DesiredEngine, &ObservedEngine),
        name: &'b str,
        all: bool,
        stopped: &mut BTreeMap<&'b str, Vec<usize>>,
    ) {
        if stopped.contains_key(name) {
            return;
        }
        stopped.insert(name, Vec::new());
        let container = &wanted.containers[name];
        let is_chosen = all || self.chosen.contains(&container.address);
        let (mut after, mut after_end) = (Vec::new(), Vec::new());
        if is_chosen {
            let others = wanted.containers.iter();
            let users = others.filter(|(_, other)| needs(other).any(|needed| needed == name));
            for user in users.map(|(user, _)| user.as_str()) {
                self.container((path, wanted, observed), user, all, stopped);
                after.extend(stopped[user].iter().copied());
            }
        }
        let Some(found) = observed.containers.get(name) else {
            return;
        };
        if let (Some(inner), ObservedInner::Awake(engine)) = (&container.engine, &found.engine) {
            let place = (path.inside(name), &inner.engine, &**engine);
            let [inside, noted] = self.engine(place, is_chosen);
            after.extend(inside);
            after_end.extend(noted);
        }
        if is_chosen && runs(found) {
            let index = self.steps.len();
            self.steps.push(Step {
                addresses: vec![container.address.clone()],
                engine: path.clone(),
                operation: Operation::StopContainer {
                    container: reference(name, found),
                },
                after,
                after_end,
            });
            stopped.insert(name, vec![index]);
        }
    }
}

struct Starts<'a> {
    project: &'a ProjectName,
    chosen: &'a BTreeSet<Address>,
    /// Those that do their work again.
    again: &'a BTreeSet<Address>,
    /// These, and what needs them.
    dependants: BTreeSet<Address>,
    steps: Vec<Step>,
}

impl Starts<'_> {
    /// Starts what is chosen on an engine, or all of it.
    fn engine(&mut self, (path, wanted, observed): Place<'_>, all: bool) {
        let (_, record) = current_record(observed, self.project);
        let begins = wanted.containers.iter();
        let begins = begins.filter(|one| self.begins((observed, &record), *one));
        let again =
            begins.flat_map(|(name, container)| [name].into_iter().chain(&container.shares));
        let again: BTreeSet<&str> = again.map(String::as_str).collect();
        let mut ready = BTreeMap::new();
        for (name, container) in &wanted.containers {
            let address = &container.address;
            let was_stopped = record.stopped.contains(name) && self.dependants.contains(address);
            let is_chosen = all || was_stopped || self.chosen.contains(address);
            if is_chosen {
                self.container((wanted, observed, &again), (&path, name), &mut ready);
            }
            let Some(found) = observed.containers.get(name) else {
                continue;
            };
            if let (Some(inner), ObservedInner::Awake(engine)) = (&container.engine, &found.engine)
            {
                self.engine((path.inside(name), &inner.engine, engine), is_chosen);
            }
        }
        ready.retain(|_, last| !last.is_empty());
        let last = ready.values().flatten().copied().collect();
        let place = (&path, observed);
        // An engine that comes up starts some by itself.
        let is_up = |name: &str| observed.containers.get(name).is_some_and(runs);
        rewrite(&mut self.steps, self.project, place, last, |record| {
            let stays = |name: &String| !is_up(name) && !ready.contains_key(name.as_str());
            record.stopped.retain(stays);
            record.interrupted.retain(stays);
        });
    }

    /// Whether a container does not run, and is not left since it has done its work.
    fn begins(
        &self,
        (observed, record): (&ObservedEngine, &Record),
        (name, container): (&String, &DesiredContainer),
    ) -> bool {
        let is_again = self.again.contains(&container.address)
            || record.stopped.contains(name)
            || record.interrupted.contains(name);
        let found = observed.containers.get(name);
        found.is_some_and(|found| !runs(found) && (is_again || !is_done(container, found)))
    }

    /// Starts a container after those that it needs. What has done its work is left, unless it is among those that start
    /// again: others share its namespaces, which are there only while it runs.
    fn container<'b>(
        &mut self,
        (wanted, observed, again): (&'b DesiredEngine, &ObservedEngine, &BTreeSet<&str>),
        (path, name): (&EnginePath, &'b str),
        ready_after: &mut BTreeMap<&'b str, Vec<usize>>,
    ) {
        if ready_after.contains_key(name) {
            return;
        }
        ready_after.insert(name, Vec::new());
        let (Some(container), Some(found)) =
            (wanted.containers.get(name), observed.containers.get(name))
        else {
            return;
        };
        let (mut after, mut after_end) = (Vec::new(), Vec::new());
        for needed in needs(container) {
            self.container((wanted, observed, again), (path, needed), ready_after);
            let waits = if container.optional.contains(needed) {
                &mut after_end
            } else {
                &mut after
            };
            waits.extend(ready_after[needed].iter().copied());
        }
        if runs(found) || is_done(container, found) && !again.contains(name) {
            return;
        }
        let reference = reference(name, found);
        let start = Operation::StartContainer {
            container: reference.clone(),
        };
        let mut last = after;
        for operation in [start, wait(reference, container)] {
            let index = self.steps.len();
            self.steps.push(Step {
                addresses: vec![container.address.clone()],
                engine: path.clone(),
                operation,
                after: std::mem::replace(&mut last, vec![index]),
                after_end: std::mem::take(&mut after_end),
            });
        }
        ready_after.insert(name, last);
    }
}
