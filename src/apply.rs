//! The executor: runs the steps of a plan, decides nothing.
//!
//! One task drives everything; a step is a future, not a thread.

pub mod event;
pub mod lock;
pub mod schedule;

use std::time::{Duration, Instant};

use futures_util::future::{Either, select};
use futures_util::stream::FuturesUnordered;
use futures_util::{StreamExt, pin_mut};
use tokio_util::sync::CancellationToken;

use crate::apply::event::Event;
use crate::apply::schedule::Schedule;
use crate::engine::{Engine, EngineError, Progress};
use crate::plan::step::Step;

/// How to apply.
#[derive(Debug, Clone)]
pub struct ApplyOptions {
    /// How many steps run at once at most.
    pub parallel: usize,
    /// When cancelled, nothing new is started and what runs is finished.
    pub drain: CancellationToken,
    /// When cancelled, what runs is dropped where it stands.
    pub abort: CancellationToken,
}

/// What became of every step.
#[derive(Debug, Default)]
pub struct ApplyReport {
    /// The steps that were done, in the order in which they ended.
    pub done: Vec<StepDone>,
    /// The steps that failed.
    pub failed: Vec<StepFailed>,
    /// Indexes of the steps that were not started.
    pub skipped: Vec<usize>,
    /// Whether the run was cancelled.
    pub interrupted: bool,
    /// How long it took in all.
    pub elapsed: Duration,
}

/// A step that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepDone {
    /// The step's index.
    pub step: usize,
    /// How long it waited for others before it was started.
    pub waited: Duration,
    /// How long it took.
    pub elapsed: Duration,
    /// Bytes that it moved.
    pub bytes: u64,
    /// What the user should know although nothing failed.
    pub warnings: Vec<String>,
}

/// A step that failed.
#[derive(Debug)]
pub struct StepFailed {
    /// The step's index.
    pub step: usize,
    /// Why.
    pub error: EngineError,
}

impl ApplyReport {
    /// Whether every step was done.
    pub fn is_complete(&self) -> bool {
        self.failed.is_empty() && self.skipped.is_empty() && !self.interrupted
    }
}

/// Runs all steps, each as soon as those before it are done. A step that fails stops only those that wait for it.
pub async fn apply(
    engine: &impl Engine,
    steps: &[Step],
    options: &ApplyOptions,
    emit: &dyn Fn(Event<'_>),
) -> ApplyReport {
    let begun = Instant::now();
    let mut report = ApplyReport::default();
    let mut schedule = Schedule::new(steps);
    let mut running = FuturesUnordered::new();
    loop {
        while running.len() < options.parallel.max(1) && !options.drain.is_cancelled() {
            let Some(index) = schedule.start() else { break };
            emit(Event::Started {
                index,
                step: &steps[index],
            });
            running.push(perform(engine, index, &steps[index], begun.elapsed(), emit));
        }
        let next = running.next();
        let aborted = options.abort.cancelled();
        pin_mut!(next, aborted);
        let (index, result) = match select(next, aborted).await {
            Either::Left((Some(finished), _)) => finished,
            Either::Left((None, _)) => break,
            Either::Right(_) => {
                report.interrupted = true;
                break;
            }
        };
        match result {
            Ok(done) => {
                emit(Event::Done {
                    index,
                    step: &steps[index],
                    done: &done,
                });
                schedule.finish(index);
                report.done.push(done);
            }
            Err(error) => {
                emit(Event::Failed {
                    index,
                    step: &steps[index],
                    error: &error,
                });
                schedule.fail(index);
                report.failed.push(StepFailed { step: index, error });
            }
        }
    }
    report.interrupted |= options.drain.is_cancelled();
    report.skipped = schedule.unfinished();
    report.elapsed = begun.elapsed();
    report
}

async fn perform(
    engine: &impl Engine,
    index: usize,
    step: &Step,
    waited: Duration,
    emit: &dyn Fn(Event<'_>),
) -> (usize, Result<StepDone, EngineError>) {
    let begun = Instant::now();
    let bytes = std::cell::Cell::new(0);
    let warnings = std::cell::RefCell::new(Vec::new());
    let progress = |progress: Progress| {
        match &progress {
            Progress::Bytes(moved) => bytes.set(*moved),
            Progress::Warning(warning) => warnings.borrow_mut().push(warning.clone()),
            Progress::Rung(_) => {}
        }
        emit(Event::Progress {
            index,
            step,
            progress: &progress,
        });
    };
    let result = engine
        .perform(&step.engine, &step.operation, &progress)
        .await;
    let done = result.map(|()| StepDone {
        step: index,
        waited,
        elapsed: begun.elapsed(),
        bytes: bytes.get(),
        warnings: warnings.take(),
    });
    (index, done)
}
