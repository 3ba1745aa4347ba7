//! What a plan comes to: counts, and what stops running for a while.

use serde::{Deserialize, Serialize};

use crate::observed::{ContainerState, ObservedEngine, ObservedInner};
use crate::plan::Plan;
use crate::plan::change::{Action, Impact};
use crate::plan::diff::{EngineDiff, InnerDiff, Terms};
use crate::resource::{Address, label};

/// How many resources a plan adds, changes and destroys. A replacement adds one and destroys one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Resources that are made.
    pub add: usize,
    /// Resources that change in place.
    pub change: usize,
    /// Resources that are removed.
    pub destroy: usize,
}

/// An engine inside a container that stops, for a while or for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interruption {
    /// The environment.
    pub address: Address,
    /// Whether the engine runs again when the plan is applied.
    pub comes_back: bool,
    /// Containers that run inside it now.
    pub running: u64,
    /// How many of them this project did not make.
    pub running_of_others: u64,
}

impl Plan {
    /// How many resources the plan adds, changes and destroys.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for change in &self.changes {
            match change.action {
                Action::NoOp => {}
                Action::Create => counts.add += 1,
                Action::Update => counts.change += 1,
                Action::Delete => counts.destroy += 1,
                Action::Replace => {
                    counts.add += 1;
                    counts.destroy += 1;
                }
            }
        }
        counts
    }
}

/// The engines that the plan stops.
pub(crate) fn interruptions(diff: &EngineDiff<'_>, terms: Terms<'_>) -> Vec<Interruption> {
    let mut interruptions = Vec::new();
    for change in &diff.containers {
        let stops = change.action == Action::Delete
            || matches!(
                change.impact,
                Impact::EngineRestart | Impact::Replace | Impact::DataLoss
            );
        let observed = diff
            .observed
            .and_then(|observed| observed.containers.get(&change.object));
        match observed.map(|container| &container.engine) {
            Some(ObservedInner::Awake(inner)) if stops => {
                let comes_back = change.action != Action::Delete;
                let place = (change.address.clone(), &**inner);
                add(&mut interruptions, place, comes_back, terms);
            }
            _ => {
                if let Some(InnerDiff::Planned(inner)) = diff.inner.get(&change.object) {
                    interruptions.extend(self::interruptions(inner, terms));
                }
            }
        }
    }
    for other in &diff.others {
        interruptions.extend(self::interruptions(other, terms));
    }
    interruptions
}

/// Adds an engine that stops, and those inside it.
fn add(
    interruptions: &mut Vec<Interruption>,
    (address, engine): (Address, &ObservedEngine),
    comes_back: bool,
    terms: Terms<'_>,
) {
    let running = engine.running_containers;
    let of_project = running_of_project(engine, terms);
    interruptions.push(Interruption {
        address,
        comes_back,
        running,
        running_of_others: running.saturating_sub(of_project),
    });
    for container in engine.containers.values() {
        let address = container.labels.get(label::ADDRESS);
        if let (ObservedInner::Awake(inner), Some(address)) = (&container.engine, address) {
            let place = (Address::from_label(address), &**inner);
            add(interruptions, place, comes_back, terms);
        }
    }
}

fn running_of_project(engine: &ObservedEngine, terms: Terms<'_>) -> u64 {
    let running = engine.containers.iter().filter(|(name, container)| {
        container.state == ContainerState::Running && terms.has(&container.labels, name)
    });
    running.count() as u64
}
