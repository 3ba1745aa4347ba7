//! The loop of waves: plan, ask, apply, read what was deferred, plan again.
//!
//! An engine that does not run cannot be read, so its scope waits for a later wave. Each wave is a plan of its own, and
//! each is asked for.

use std::collections::BTreeMap;

use crate::apply::event::Event;
use crate::apply::lock::{Lock, LockError, LockOptions, has_ended};
use crate::apply::{ApplyOptions, ApplyReport, StepFailed, apply};
use crate::desired::{Desired, DesiredContainer, DesiredEngine};
use crate::engine::{Engine, EngineError};
use crate::observed::{ObservedEngine, OtherQuestion, Question};
use crate::plan::fingerprint::Fingerprint;
use crate::plan::step::Step;
use crate::plan::{Plan, PlanOptions, plan};

/// More waves than this mean that an engine does not stay up.
const MOST_WAVES: usize = 16;

/// What the caller decides about a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Approval {
    /// Apply it.
    Go,
    /// The user declined.
    Declined,
    /// It needs a confirmation that nobody can give.
    Unconfirmed,
}

/// How bringing a project up, or taking it down, ended.
#[derive(Debug)]
pub enum Outcome {
    /// All is as declared. Says whether anything had to be done, and what is deferred if the caller wanted one wave only.
    Done {
        /// Whether any step ran.
        changed: bool,
    },
    /// The plan has refusals and was not applied.
    Refused,
    /// The plan was not approved.
    NotApproved(Approval),
    /// Some steps failed, or the run was cancelled.
    Incomplete {
        /// The plan's steps.
        steps: Vec<Step>,
        /// What became of them.
        report: ApplyReport,
    },
    /// Engines stopped again as often as they were started.
    NotSettled,
}

/// Why a project could not be brought up or taken down.
#[derive(Debug, thiserror::Error)]
pub enum UpError {
    /// An engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The lock of the project was not to be had.
    #[error(transparent)]
    Lock(#[from] LockError),
}

/// The question that a plan for `desired` needs answered.
pub fn question(desired: &Desired) -> Question {
    ask_of(desired, &desired.engine, false)
}

/// The same for a plan with these options.
pub fn question_with(desired: &Desired, options: &PlanOptions) -> Question {
    ask_of(desired, &desired.engine, options.pull)
}

fn ask_of(desired: &Desired, engine: &DesiredEngine, pulls: bool) -> Question {
    let inside = |(name, container): (&String, &DesiredContainer)| {
        let inner = &container.engine.as_ref()?.engine;
        Some((name.clone(), ask_of(desired, inner, pulls)))
    };
    let inner: BTreeMap<_, _> = engine.containers.iter().filter_map(inside).collect();
    // What is wanted further in may be here already.
    let mut images = engine.image_references();
    for question in inner.values() {
        images.extend(question.images.iter().cloned());
    }
    let others = engine.others.iter().map(|(name, other)| {
        let question = ask_of(desired, &other.engine, pulls);
        let address = other.address.clone();
        (name.clone(), OtherQuestion { address, question })
    });
    let pushes = engine.pushes.values();
    Question {
        project: desired.project.clone(),
        images,
        platforms: engine.platforms(),
        pushes: pushes
            .map(|push| (push.address.clone(), push.place.clone()))
            .collect(),
        published: engine.asked_of_registries(pulls),
        inner,
        others: others.collect(),
    }
}

/// Observes and plans once.
pub async fn observe_and_plan(
    engine: &impl Engine,
    desired: &Desired,
    options: &PlanOptions,
) -> Result<(ObservedEngine, Plan), EngineError> {
    let observed = engine.observe(&question_with(desired, options)).await?;
    let plan = plan(desired, &observed, options);
    Ok((observed, plan))
}

/// Brings the engines to what is declared, in as many waves as it takes.
///
/// `approve` is called for each plan that has something to do, with the number of the wave, counted from 0. Reading
/// takes no lock: the first approved plan does, and is carried out if nothing that it relied on has changed meanwhile.
pub async fn up(
    engine: &impl Engine,
    desired: &Desired,
    options: &PlanOptions,
    (apply_options, lock_options): (&ApplyOptions, &LockOptions),
    approve: &mut dyn FnMut(&Plan, usize) -> Approval,
    emit: &dyn Fn(Event<'_>),
) -> Result<Outcome, UpError> {
    let mut lock: Option<Lock> = None;
    let mut options = options.clone();
    let mut approved: Option<Fingerprint> = None;
    let mut wave = 0;
    let mut changed = false;
    let mut is_again = false;
    let outcome = loop {
        let (observed, plan) = match observe_and_plan(engine, desired, &options).await {
            Ok(planned) => planned,
            Err(error) => break Err(error.into()),
        };
        if plan.steps.is_empty() && plan.refusals.is_empty() {
            let _ = approve(&plan, wave);
            if options.destroy.is_some() && lock.is_none() {
                match left_lock(engine, desired, &observed, lock_options).await {
                    Ok(left) => lock = left,
                    Err(error) => break Err(error),
                }
            }
            break Ok(Outcome::Done { changed });
        }
        if approved.as_ref() != Some(&plan.fingerprint) {
            match approve(&plan, wave) {
                // Nothing that is refused was approved before.
                _ if !plan.is_applicable() => break Ok(Outcome::Refused),
                Approval::Go => {}
                other => break Ok(Outcome::NotApproved(other)),
            }
        }
        if let Some(narrow) = lock.take_if(|lock| !lock.covers(&observed.told_apart())) {
            // Somebody has brought the project to one more engine meanwhile.
            if let Err(error) = narrow.free(engine).await {
                break Err(error.into());
            }
        }
        if lock.is_none() {
            let engines = observed.told_apart();
            let place = (&desired.project, &engines);
            match Lock::take(engine, place, lock_options, emit).await {
                Ok(taken) => lock = Some(taken),
                Err(error) => break Err(error.into()),
            }
            approved = Some(plan.fingerprint);
            continue;
        }
        let report = apply(engine, &plan.steps, apply_options, emit).await;
        if !report.is_complete() {
            if !is_again && options.replace.is_empty() && only_ended(&plan, &report) {
                is_again = true;
                wave += 1;
                continue;
            }
            break Ok(Outcome::Incomplete {
                steps: plan.steps,
                report,
            });
        }
        changed = true;
        wave += 1;
        options = options.after(&plan);
        if plan.deferred.is_empty() {
            break Ok(Outcome::Done { changed });
        }
        if wave == MOST_WAVES {
            break Ok(Outcome::NotSettled);
        }
    };
    if let Some(lock) = lock {
        let freed = lock.free(engine).await;
        let outcome = outcome?;
        freed?;
        return Ok(outcome);
    }
    outcome
}

/// Whether all that failed was to wait for engines that did not answer, since they were about to end: somebody was
/// stopping them. Another plan starts them.
fn only_ended(plan: &Plan, report: &ApplyReport) -> bool {
    let has_ended = |failed: &StepFailed| {
        let ended = matches!(
            failed.error,
            EngineError::NotReady {
                has_ended: true,
                ..
            }
        );
        ended && plan.waits_for_silent(&plan.steps[failed.step])
    };
    let mut failed = report.failed.iter();
    !report.interrupted && !report.failed.is_empty() && failed.all(has_ended)
}

/// The lock of a run that was killed when all but the lock was gone, so that it can be freed.
async fn left_lock(
    engine: &impl Engine,
    desired: &Desired,
    observed: &ObservedEngine,
    options: &LockOptions,
) -> Result<Option<Lock>, UpError> {
    for (at, _) in observed.outermost() {
        let holder = engine.lock_holder(&at, &desired.project).await?;
        if holder.is_some_and(|holder| has_ended(&holder, &options.holder.machine)) {
            let engines = observed.told_apart();
            let place = (&desired.project, &engines);
            let lock = Lock::take(engine, place, options, &|_| {}).await?;
            return Ok(Some(lock));
        }
    }
    Ok(None)
}
