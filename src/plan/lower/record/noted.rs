//! What an engine that stops remembers before it does: the services whose work it interrupts. Once it runs again nothing
//! else tells them from those that have done it.

use std::borrow::Cow;

use crate::model::name::ProjectName;
use crate::observed::{ContainerState, ObservedContainer, ObservedEngine, ObservedInner};
use crate::plan::change::{Action, Change, Impact};
use crate::plan::diff::EngineDiff;
use crate::plan::diff::container::data_mount;
use crate::plan::diff::container::once::is_one_shot;
use crate::plan::diff::known::current_record;
use crate::plan::lower::record::RecordState;
use crate::plan::lower::{Entry, Lowering};
use crate::plan::step::{Operation, Step};
use crate::resource::container::ContainerMountSource;
use crate::resource::engine_path::EnginePath;
use crate::resource::record::Record;
use crate::resource::storage::{VolumeSettings, VolumeSpec};
use crate::resource::{Address, Kind, label};

impl Lowering<'_> {
    /// Writes the record of an engine before anything is done there: when it is ready or, where it stops with something to
    /// note, before that. Returns the steps after which the engine can be used.
    pub(super) fn write_first(
        &mut self,
        diff: &EngineDiff<'_>,
        state: &mut RecordState<'_>,
        record: Cow<'_, Record>,
        entry: &Entry,
    ) -> Vec<usize> {
        if !diff.stops || record.interrupted == diff.record.interrupted {
            let written = self.write_record(diff, state, record, &entry.ready);
            return written.map_or_else(|| entry.ready.clone(), |step| vec![step]);
        }
        let first = self.end();
        let written = self.write_record(diff, state, record, &entry.noting);
        let noted = (first..self.end()).collect();
        self.noted.insert(diff.path.clone(), noted);
        written
            .into_iter()
            .chain(entry.ready.iter().copied())
            .collect()
    }

    /// Makes the containers of an engine stop when those inside, which stop with them, remember what they must. `first` is
    /// the first step of the engine.
    pub(in crate::plan::lower) fn stop_after_notes(&mut self, diff: &EngineDiff<'_>, first: usize) {
        // What stops in an engine that stops itself is noted before that.
        if diff.stops {
            return;
        }
        let own = &mut self.steps[first - self.first..];
        for step in own.iter_mut().filter(|step| step.engine == diff.path) {
            if let Operation::StopContainer { container } = &step.operation {
                let inside = diff.path.inside(&container.name);
                let noted = self.noted.iter();
                let noted = noted.filter(|(path, _)| path.is_at_or_inside(&inside));
                step.after.extend(noted.flat_map(|(_, steps)| steps));
            }
        }
    }

    /// Notes in the engine of a container that goes, and in those inside it, which services that interrupts, where the data
    /// stays or may stay. Where the engine around it stops first, that waits for the notes; else this returns the steps that do: who
    /// has no room for a note goes without.
    pub(in crate::plan::lower) fn notes_of_leaving(
        &mut self,
        diff: &EngineDiff<'_>,
        (change, existing): (&Change, &ObservedContainer),
        entry: &Entry,
    ) -> Vec<usize> {
        let ObservedInner::Awake(engine) = &existing.engine else {
            return Vec::new();
        };
        // Data that goes too goes after the container, if the run comes so far.
        let may_stay = data_mount(existing).is_some_and(|mount| {
            let source = &mount.source;
            !matches!(source, ContainerMountSource::Tmpfs)
        });
        let mut steps = Vec::new();
        if may_stay {
            let path = diff.path.inside(&change.object);
            let place = (&change.address, &**engine);
            let after = if diff.stops {
                &entry.noting
            } else {
                &entry.ready
            };
            self.note_interrupted(&path, place, after, &mut steps);
            if diff.stops {
                self.noted.insert(path, std::mem::take(&mut steps));
            }
        }
        steps
    }

    fn note_interrupted(
        &mut self,
        path: &EnginePath,
        (address, observed): (&Address, &ObservedEngine),
        after: &[usize],
        steps: &mut Vec<usize>,
    ) {
        let runs = |name: &str| {
            let found = observed.containers.get(name);
            found.is_some_and(|it| it.state == ContainerState::Running)
        };
        let written = rewritten(&self.terms.desired.project, observed, |record| {
            let applied = record.containers.iter();
            let jobs = applied.filter(|(name, it)| {
                let address = it.address.as_ref();
                let is_service = address.is_some_and(|it| it.last_segment_is(Kind::Service));
                is_service && is_one_shot(Kind::Service, &it.live) && runs(name)
            });
            let jobs: Vec<String> = jobs.map(|(name, _)| name.clone()).collect();
            record.interrupted.extend(jobs);
        });
        let mut before = after.to_vec();
        for operation in written.into_iter().flatten() {
            let step = self.end();
            self.steps.push(Step {
                addresses: vec![address.clone()],
                engine: path.clone(),
                operation,
                after: std::mem::replace(&mut before, vec![step]),
                after_end: Vec::new(),
            });
            steps.push(step);
        }
        for (name, container) in &observed.containers {
            if let ObservedInner::Awake(inner) = &container.engine
                && self.terms.has(&container.labels, name)
            {
                self.note_interrupted(&path.inside(name), (address, inner), after, steps);
            }
        }
    }
}

/// The operations that write another record of an engine that has one, where it would say something else.
pub(crate) fn rewritten(
    project: &ProjectName,
    observed: &ObservedEngine,
    change: impl FnOnce(&mut Record),
) -> Option<[Operation; 2]> {
    let (number, old) = current_record(observed, project);
    let mut record = old.clone();
    change(&mut record);
    let old_name = Record::volume_name(project, number);
    let volume = observed.volumes.get(&old_name).filter(|_| record != old)?;
    let name = Record::volume_name(project, number + 1);
    let address = Address::new(None, Kind::Volume, &name);
    let text = serde_json::to_string(&record).unwrap_or_default();
    let mut labels = volume.labels.clone();
    labels.insert(label::NAME.to_owned(), name.clone());
    labels.insert(label::ADDRESS.to_owned(), address.to_string());
    labels.insert(label::RECORD.to_owned(), text);
    let settings = VolumeSettings {
        driver: "local".to_owned(),
        ..VolumeSettings::default()
    };
    let create = Operation::CreateVolume(VolumeSpec {
        name,
        settings,
        labels,
    });
    let remove = Operation::RemoveVolume { name: old_name };
    Some([create, remove])
}

/// The record with what this run stops, removes or configures anew: that is nobody else's doing if it breaks off, and a
/// service that was stopped has not done its work.
pub(super) fn disturbed<'d>(diff: &EngineDiff<'_>, mut record: Cow<'d, Record>) -> Cow<'d, Record> {
    let interrupted = diff.interrupted();
    if !interrupted.is_subset(&record.interrupted) {
        record.to_mut().interrupted.extend(interrupted);
    }
    if !record.applying && diff.containers.iter().any(is_disturbed) {
        record.to_mut().applying = true;
    }
    record
}

/// Whether a container that is there is changed in place.
pub(super) fn changes(diff: &EngineDiff<'_>, name: &str) -> bool {
    let is_it = |change: &&Change| change.object == name;
    let change = diff.containers.iter().find(is_it);
    change.is_some_and(|change| change.action == Action::Update)
}

/// Whether a container that is there is stopped, removed or configured anew.
fn is_disturbed(change: &Change) -> bool {
    let restarts = matches!(change.impact, Impact::Reload | Impact::EngineRestart);
    match change.action {
        Action::Replace | Action::Delete => true,
        Action::Update => restarts,
        Action::Create | Action::NoOp => false,
    }
}
