//! The executor: runs the steps of a plan, decides nothing.
//!
//! One task drives everything; a step is a future, not a thread.

pub mod event;
pub mod lock;
pub mod patience;
pub mod schedule;

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use futures_util::future::{Either, select};
use futures_util::stream::FuturesUnordered;
use futures_util::{StreamExt, pin_mut};
use tokio_util::sync::CancellationToken;

use crate::apply::event::Event;
use crate::apply::patience::Patience;
use crate::apply::schedule::Schedule;
use crate::engine::{Engine, EngineError, Progress};
use crate::plan::step::{Operation, Step};
use crate::resource::Address;
use crate::resource::record::Record;

/// How to apply.
#[derive(Debug, Clone)]
pub struct ApplyOptions {
    /// How many steps run at once at most.
    pub parallel: usize,
    /// How long all waiting for what was started may take.
    pub patience: Patience,
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
    /// The steps that were not started, or not finished.
    pub skipped: Vec<StepSkipped>,
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
    /// What it waited for.
    pub waited: Waited,
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
    /// What it waited for.
    pub waited: Waited,
    /// How long it took to fail.
    pub elapsed: Duration,
    /// Bytes that it moved.
    pub bytes: u64,
    /// Why.
    pub error: EngineError,
}

/// A step that was not started, or was running when everything was stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepSkipped {
    /// The step's index.
    pub step: usize,
    /// The steps whose failures it is because of; none where the run was cancelled.
    pub because_of: Vec<usize>,
}

/// What a step waited for before it was started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Waited {
    /// How long, from the beginning of the run.
    pub time: Duration,
    /// How much of that it could have been started and was not, since enough others ran.
    pub queued: Duration,
    /// The step that was the last to be done of those before it; none where there were none.
    pub last: Option<usize>,
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
    // When each step could have been started, and after which other.
    let mut ready = vec![(Duration::ZERO, None); steps.len()];
    let pushed = RefCell::new(BTreeMap::new());
    let mut running = FuturesUnordered::new();
    loop {
        while running.len() < options.parallel.max(1) && !options.drain.is_cancelled() {
            let Some(index) = schedule.start() else { break };
            let (since, last) = ready[index];
            let time = begun.elapsed();
            let waited = Waited {
                time,
                queued: time.saturating_sub(since),
                last,
            };
            emit(Event::Started {
                index,
                step: &steps[index],
                waited: &waited,
            });
            let without = without(steps, index, &schedule);
            running.push(perform(
                engine,
                (index, &steps[index]),
                (waited, without),
                (&pushed, &options.patience),
                emit,
            ));
        }
        let next = running.next();
        let aborted = options.abort.cancelled();
        pin_mut!(next, aborted);
        let result = match select(next, aborted).await {
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
                    step: &steps[done.step],
                    done: &done,
                });
                for freed in schedule.finish(done.step) {
                    ready[freed] = (begun.elapsed(), Some(done.step));
                }
                report.done.push(done);
            }
            Err(failed) => {
                emit(Event::Failed {
                    step: &steps[failed.step],
                    failed: &failed,
                });
                for freed in schedule.fail(failed.step) {
                    ready[freed] = (begun.elapsed(), Some(failed.step));
                }
                report.failed.push(failed);
            }
        }
    }
    report.interrupted |= options.drain.is_cancelled();
    report.skipped = skipped(&schedule, &report.failed);
    report.elapsed = begun.elapsed();
    report
}

/// What was not done, and because of which failures.
fn skipped(schedule: &Schedule, failed: &[StepFailed]) -> Vec<StepSkipped> {
    let behind: Vec<_> = failed
        .iter()
        .map(|failed| (failed.step, schedule.behind(failed.step)))
        .collect();
    let skipped = |step: usize| StepSkipped {
        step,
        because_of: behind
            .iter()
            .filter(|(_, behind)| behind.contains(&step))
            .map(|(failed, _)| *failed)
            .collect(),
    };
    schedule.unfinished().into_iter().map(skipped).collect()
}

/// What a step that is about to start waited for and has to do without.
fn without(steps: &[Step], index: usize, schedule: &Schedule) -> Vec<String> {
    let ended = steps[index].after_end.iter();
    let lost = ended.filter(|other| schedule.is_lost(**other));
    let addresses = lost.flat_map(|other| &steps[*other].addresses);
    let warning =
        |address| format!("`{address}` did not come up and is not required: going on without it");
    addresses.map(warning).collect()
}

/// A record remembers by which digests registries have what was pushed, which is known when it has been.
fn with_pushed<'o>(
    operation: &'o Operation,
    pushed: &BTreeMap<Address, String>,
) -> Cow<'o, Operation> {
    let mut operation = Cow::Borrowed(operation);
    if !pushed.is_empty()
        && let Operation::CreateVolume(_) = &*operation
        && let Operation::CreateVolume(spec) = operation.to_mut()
    {
        Record::note_pushed(&mut spec.labels, pushed);
    }
    operation
}

async fn perform(
    engine: &impl Engine,
    (index, step): (usize, &Step),
    (waited, without): (Waited, Vec<String>),
    (pushed, patience): (&RefCell<BTreeMap<Address, String>>, &Patience),
    emit: &dyn Fn(Event<'_>),
) -> Result<StepDone, StepFailed> {
    let begun = Instant::now();
    let bytes = Cell::new(0);
    let warnings = RefCell::new(Vec::new());
    let progress = |progress: Progress| {
        match &progress {
            Progress::Bytes(moved) => bytes.set(*moved),
            Progress::Warning(warning) => warnings.borrow_mut().push(warning.clone()),
            Progress::Pushed(digest) => {
                let addresses = step.addresses.iter().cloned();
                let found = addresses.map(|address| (address, digest.clone()));
                pushed.borrow_mut().extend(found);
            }
            Progress::Rung(_) | Progress::Output(_) => {}
        }
        emit(Event::Progress {
            index,
            step,
            progress: &progress,
        });
    };
    for warning in without {
        progress(Progress::Warning(warning));
    }
    let operation = with_pushed(&step.operation, &pushed.borrow());
    let done = engine.perform(&step.engine, &operation, &progress);
    let result = patience.during(step, done).await;
    let elapsed = begun.elapsed();
    match result {
        Ok(()) => Ok(StepDone {
            step: index,
            waited,
            elapsed,
            bytes: bytes.get(),
            warnings: warnings.take(),
        }),
        Err(error) => Err(StepFailed {
            step: index,
            waited,
            elapsed,
            bytes: bytes.get(),
            error,
        }),
    }
}
