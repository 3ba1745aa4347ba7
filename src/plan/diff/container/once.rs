//! Services that do their work once.

use std::collections::BTreeSet;

use crate::desired::DesiredContainer;
use crate::observed::{ContainerState, ObservedContainer};
use crate::plan::change::{Action, Change, Reason};
use crate::plan::diff::EngineDiff;
use crate::resource::Kind;
use crate::resource::container::LiveSettings;

/// Whether a container with these settings does its work once and ends.
pub(crate) fn is_one_shot(kind: Kind, live: &LiveSettings) -> bool {
    kind == Kind::Service && matches!(live.restart.name.as_str(), "" | "no")
}

/// Whether a container has done its work, so that it need not run.
pub(crate) fn is_done(wanted: &DesiredContainer, existing: &ObservedContainer) -> bool {
    is_one_shot(wanted.kind, &wanted.live) && existing.state == ContainerState::Exited(0)
}

impl EngineDiff<'_> {
    /// Whether a container has done its work, and was not stopped by a run that ended before it started it again.
    pub(crate) fn is_done(
        &self,
        wanted: &DesiredContainer,
        (name, existing): (&str, &ObservedContainer),
    ) -> bool {
        is_done(wanted, existing) && !self.record.interrupted.contains(name)
    }

    /// The containers that do their work once and do it again: what is stopped for that, alone or with its engine, or
    /// changed, may look done when the run ends before it has started them.
    pub(crate) fn interrupted(&self) -> BTreeSet<String> {
        let state = |name: &str| Some(self.observed?.containers.get(name)?.state);
        let has_ended = |name: &str| state(name) == Some(ContainerState::Exited(0));
        let stops_with_engine = |change: &Change| {
            let stays = matches!(change.action, Action::NoOp | Action::Update);
            self.stops && stays && state(&change.object) == Some(ContainerState::Running)
        };
        let is_interrupted = |change: &&Change| {
            let is_again = match &change.reason {
                Some(Reason::NeighbourRestarted(_)) => true,
                Some(Reason::NotRunning) => {
                    has_ended(&change.object) || self.record.interrupted.contains(&change.object)
                }
                _ => stops_with_engine(change),
            };
            let wanted = self.desired.containers.get(&change.object);
            let is_job = |wanted: &DesiredContainer| {
                is_one_shot(wanted.kind, &wanted.live) && !wanted.is_one_off
            };
            is_again && wanted.is_some_and(is_job)
        };
        let interrupted = self.containers.iter().filter(is_interrupted);
        interrupted.map(|change| change.object.clone()).collect()
    }
}
