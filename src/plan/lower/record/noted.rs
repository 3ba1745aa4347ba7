//! What an engine that stops remembers before it does: the services whose work it interrupts. Once it runs again nothing
//! else tells them from those that have done it.

use std::borrow::Cow;

use crate::plan::diff::EngineDiff;
use crate::plan::lower::record::RecordState;
use crate::plan::lower::{Entry, Lowering};
use crate::plan::step::Operation;
use crate::resource::record::Record;

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
}
