//! Containers that go the way of others: those whose namespaces they share, and those with which they are started again.

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
    while let Some((place, reason)) = next(diff, terms) {
        let change = &mut diff.containers[place];
        if matches!(reason, Reason::NeighbourReplaced(_)) {
            change.action = Action::Replace;
            change.impact = Impact::Replace;
        } else {
            change.action = Action::Update;
        }
        change.reason = Some(reason);
    }
}

/// The next container that has to follow another one, and does not yet.
fn next(diff: &EngineDiff<'_>, terms: Terms<'_>) -> Option<(usize, Reason)> {
    for (place, change) in diff.containers.iter().enumerate() {
        let Some(wanted) = diff.desired.containers.get(&change.object) else {
            continue;
        };
        let Some(existing) = diff.owned_container(terms, &change.object) else {
            continue;
        };
        if !matches!(change.action, Action::NoOp | Action::Update) {
            continue;
        }
        for neighbour in &wanted.shares {
            if way(diff, neighbour) == Some(Way::Made) {
                return Some((place, Reason::NeighbourReplaced(neighbour.clone())));
            }
        }
        // What starts anyway, or has done its work, is not started again.
        let starts = matches!(
            change.reason,
            Some(Reason::NotRunning | Reason::NeighbourRestarted(_))
        );
        if starts || existing.state != ContainerState::Running {
            continue;
        }
        for neighbour in &wanted.restarts_with {
            let is_newer = wanted.shares.contains(neighbour)
                && diff
                    .owned_container(terms, neighbour)
                    .is_some_and(|other| is_newer(other, existing));
            if is_newer || way(diff, neighbour).is_some() {
                return Some((place, Reason::NeighbourRestarted(neighbour.clone())));
            }
        }
    }
    None
}

/// Whether a container has been started after another one, which shares what it had before.
fn is_newer(container: &ObservedContainer, other: &ObservedContainer) -> bool {
    container.state == ContainerState::Running && container.started_at > other.started_at
}

fn way(diff: &EngineDiff<'_>, name: &str) -> Option<Way> {
    let is_it = |change: &&Change| change.object == *name;
    let change = diff.containers.iter().find(is_it)?;
    match (change.action, &change.reason) {
        (Action::Create | Action::Replace, _) => Some(Way::Made),
        (Action::Update, Some(Reason::NotRunning | Reason::NeighbourRestarted(_))) => {
            Some(Way::Started)
        }
        (Action::Update, _) if change.impact == Impact::EngineRestart => Some(Way::Started),
        _ => None,
    }
}
