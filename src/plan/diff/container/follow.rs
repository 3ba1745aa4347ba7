//! Containers that go the way of others: those whose namespaces they share, and those with which they are started again.

use std::collections::{BTreeMap, BTreeSet};

use crate::observed::{ContainerState, ObservedContainer};
use crate::plan::change::{Action, Change, Impact, Reason};
use crate::plan::diff::{EngineDiff, Terms};

/// What another container's change means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// It is started, or started again.
    Started,
    /// It is made, or made anew.
    Made,
}

/// Lets containers follow those that they depend on, and others follow them in turn.
pub(super) fn neighbours(diff: &mut EngineDiff<'_>, terms: Terms<'_>) {
    let places = diff.containers.iter().enumerate();
    let places: BTreeMap<String, usize> = places
        .map(|(place, change)| (change.object.clone(), place))
        .collect();
    let mut followers: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (name, wanted) in &diff.desired.containers {
        for neighbour in wanted.shares.iter().chain(&wanted.restarts_with) {
            if let (Some(neighbour), Some(place)) = (places.get(neighbour), places.get(name)) {
                followers.entry(*neighbour).or_default().push(*place);
            }
        }
    }
    let mut open: BTreeSet<usize> = followers.values().flatten().copied().collect();
    loop {
        follow(diff, terms, (&places, &followers), &mut open);
        let Some(place) = lacking(diff, terms, &places) else {
            return;
        };
        let change = &mut diff.containers[place];
        (change.action, change.impact) = (Action::Update, Impact::None);
        change.reason = Some(Reason::NotRunning);
        open.extend(followers.get(&place).into_iter().flatten());
    }
}

/// The first container that has done its work, and whose namespaces another one has to be started in: they are there only
/// while it runs.
fn lacking(
    diff: &EngineDiff<'_>,
    terms: Terms<'_>,
    places: &BTreeMap<String, usize>,
) -> Option<usize> {
    let comes = diff
        .containers
        .iter()
        .filter(|change| way(change).is_some());
    let wanted = comes.filter_map(|change| diff.desired.containers.get(&change.object));
    let mut shared = wanted.flat_map(|wanted| &wanted.shares);
    shared.find_map(|name| {
        let place = *places.get(name)?;
        let has_ended = matches!(
            diff.owned_container(terms, name)?.state,
            ContainerState::Exited(_)
        );
        (has_ended && way(&diff.containers[place]).is_none()).then_some(place)
    })
}

/// Lets those follow that are open, and others follow them.
fn follow(
    diff: &mut EngineDiff<'_>,
    terms: Terms<'_>,
    (places, followers): (&BTreeMap<String, usize>, &BTreeMap<usize, Vec<usize>>),
    open: &mut BTreeSet<usize>,
) {
    while let Some(place) = open.pop_first() {
        let Some(reason) = follows(diff, terms, places, place) else {
            continue;
        };
        let change = &mut diff.containers[place];
        if matches!(reason, Reason::NeighbourReplaced(_)) {
            change.action = Action::Replace;
            change.impact = Impact::Replace;
        } else {
            change.action = Action::Update;
            let wanted = diff.desired.containers.get(&change.object);
            if wanted.is_some_and(|wanted| wanted.engine.is_some()) {
                change.impact = Impact::EngineRestart;
            }
        }
        change.reason = Some(reason);
        open.extend(followers.get(&place).into_iter().flatten());
    }
}

/// Why a container has to follow another one, where it does not yet.
fn follows(
    diff: &EngineDiff<'_>,
    terms: Terms<'_>,
    places: &BTreeMap<String, usize>,
    place: usize,
) -> Option<Reason> {
    let change = &diff.containers[place];
    let wanted = diff.desired.containers.get(&change.object)?;
    let existing = diff.owned_container(terms, &change.object)?;
    if !matches!(change.action, Action::NoOp | Action::Update) {
        return None;
    }
    let way = |neighbour: &String| way(&diff.containers[*places.get(neighbour)?]);
    let is_made = |neighbour: &&String| way(neighbour) == Some(Way::Made);
    if let Some(neighbour) = wanted.shares.iter().find(is_made) {
        return Some(Reason::NeighbourReplaced(neighbour.clone()));
    }
    // What starts anyway, or has done its work, is not started again.
    let starts = matches!(
        change.reason,
        Some(Reason::NotRunning | Reason::NeighbourRestarted(_))
    );
    if starts || existing.state != ContainerState::Running {
        return None;
    }
    let restarts = |neighbour: &&String| {
        let is_newer = wanted.shares.contains(*neighbour)
            && diff
                .owned_container(terms, neighbour)
                .is_some_and(|other| is_newer(other, existing));
        is_newer || way(neighbour).is_some()
    };
    let neighbour = wanted.restarts_with.iter().find(restarts)?;
    Some(Reason::NeighbourRestarted(neighbour.clone()))
}

/// Whether a container has been started after another one, which shares what it had before.
fn is_newer(container: &ObservedContainer, other: &ObservedContainer) -> bool {
    container.state == ContainerState::Running && container.started_at > other.started_at
}

fn way(change: &Change) -> Option<Way> {
    match (change.action, &change.reason) {
        (Action::Create | Action::Replace, _) => Some(Way::Made),
        (Action::Update, Some(Reason::NotRunning | Reason::NeighbourRestarted(_))) => {
            Some(Way::Started)
        }
        (Action::Update, _) if change.impact == Impact::EngineRestart => Some(Way::Started),
        _ => None,
    }
}
