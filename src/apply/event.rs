//! What happens while a plan is applied, as it happens.

use crate::apply::StepDone;
use crate::engine::{EngineError, Progress};
use crate::plan::step::Step;
use crate::resource::lock::LockHolder;

/// Something that happened, to a step in most cases.
#[derive(Debug)]
pub enum Event<'a> {
    /// Somebody holds the lock of the project, and is waited for.
    Waiting {
        /// Who.
        holder: &'a LockHolder,
    },
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
