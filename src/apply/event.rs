//! What happens while a plan is applied, as it happens.

use crate::apply::{StepDone, StepFailed, Waited};
use crate::engine::Progress;
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
        /// What it waited for.
        waited: &'a Waited,
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
        /// The step.
        step: &'a Step,
        /// How it went.
        done: &'a StepDone,
    },
    /// It failed.
    Failed {
        /// The step.
        step: &'a Step,
        /// How, and why.
        failed: &'a StepFailed,
    },
}
