//! What happens while a plan is applied, as it happens.

use crate::apply::StepDone;
use crate::engine::{EngineError, Progress};
use crate::plan::step::Step;

/// Something that happened to a step.
#[derive(Debug)]
pub enum Event<'a> {
    /// It was started.
    Started {
        /// Its index.
        index: usize,
        /// The step.
        step: &'a Step,
    },
    /// It tells how far it is.
    Progress {
        /// Its index.
        index: usize,
        /// The step.
        step: &'a Step,
        /// How far it is.
        progress: &'a Progress,
    },
    /// It was done.
    Done {
        /// Its index.
        index: usize,
        /// The step.
        step: &'a Step,
        /// How it went.
        done: &'a StepDone,
    },
    /// It failed.
    Failed {
        /// Its index.
        index: usize,
        /// The step.
        step: &'a Step,
        /// Why.
        error: &'a EngineError,
    },
}
