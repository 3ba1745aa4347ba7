//! Services that do their work once.

use std::collections::BTreeSet;

use crate::desired::DesiredContainer;
use crate::observed::{ContainerState, ObservedContainer};
use crate::plan::change::{Action, Change, Reason};
use crate::plan::diff::EngineDiff;
use crate::resource::Kind;
use crate::resource::container::LiveSettings;
use crate::resource::record::Record;

/// Whether a container with these settings does its work once and ends: no engine starts one again that ended well.
pub(crate) fn is_one_shot(kind: Kind, live: &LiveSettings) -> bool {
    kind == Kind::Service && matches!(live.restart.name.as_str(), "" | "no" | "on-failure")
}

/// Whether a container has done its work, so that it need not run.
pub(crate) fn is_done(wanted: &DesiredContainer, existing: &ObservedContainer) -> bool {
    is_one_shot(wanted.kind, &wanted.live) && existing.state == ContainerState::Exited(0)
}

impl EngineDiff<'_> {
    /// Whether a container has done its work, and was not kept from it: by a run that ended before it started it again,
    /// or by `nest stop`.
    pub(crate) fn is_done(
        &self,
        wanted: &DesiredContainer,
        (name, existing): (&str, &ObservedContainer),
    ) -> bool {
        let Record {
            interrupted,
            stopped,
            ..
        } = &self.record;
        is_done(wanted, existing) && !interrupted.contains(name) && !stopped.contains(name)
    }

    /// The containers that do their work once and do it again, or go: what is stopped for that, alone or with its engine,
    /// or changed, may look done when the run ends before it has started or removed them.
    pub(crate) fn interrupted(&self) -> BTreeSet<String> {
        let state = |name: &str| Some(self.observed?.containers.get(name)?.state);
        let has_ended = |name: &str| state(name) == Some(ContainerState::Exited(0));
        // What is to be replaced or removed may be wanted again as it is when the next run plans.
        let is_stopped = |change: &Change| {
            let goes = matches!(change.action, Action::Replace | Action::Delete);
            (goes || self.stops) && state(&change.object) == Some(ContainerState::Running)
        };
        let is_interrupted = |change: &&Change| {
            let is_again = match &change.reason {
                Some(Reason::NeighbourRestarted(_)) => true,
                Some(Reason::NotRunning) => {
                    has_ended(&change.object) || self.record.interrupted.contains(&change.object)
                }
                _ => is_stopped(change),
            };
            is_again && self.is_job(change)
        };
        let interrupted = self.containers.iter().filter(is_interrupted);
        interrupted.map(|change| change.object.clone()).collect()
    }

    /// Whether a container does its work once, by the file or, where that does not name it any more, by what was applied.
    fn is_job(&self, change: &Change) -> bool {
        if let Some(wanted) = self.desired.containers.get(&change.object) {
            return is_one_shot(wanted.kind, &wanted.live) && !wanted.is_one_off;
        }
        let applied = self.record.containers.get(&change.object);
        applied.is_some_and(|applied| is_one_shot(change.kind, &applied.live))
    }
}
