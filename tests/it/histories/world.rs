//! One engine in memory and the runs of nest against it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use nest::apply::ApplyOptions;
use nest::apply::lock::LockOptions;
use nest::apply::patience::Patience;
use nest::desired::Desired;
use nest::desired::facts::{ArchiveEntry, Facts};
use nest::engine::Engine as _;
use nest::model::image::ImageReference;
use nest::observed::ObservedEngine;
use nest::plan::{Plan, PlanOptions, plan};
use nest::resource::digest::Digest;
use nest::up::{Approval, Outcome, UpError, question, up};
use tokio_util::sync::CancellationToken;

use crate::apply::lock_options;
use crate::histories::file::{ARCHIVES, File};
use crate::memory::{Asked, EngineState, Fault, MemoryEngine};
use crate::yaml::try_wanted;

/// How a run of nest ended.
#[derive(Debug)]
pub(crate) enum End {
    Ended(Outcome),
    Killed,
}

/// A run of nest: how it ended, what it had planned, and what the engine was asked for.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) end: End,
    pub(crate) plans: Vec<Plan>,
    pub(crate) asked: Vec<Asked>,
    pub(crate) state: EngineState,
}

/// What a file wants, or what is wrong with it.
pub(crate) fn desired(file: &File) -> Result<Desired, String> {
    try_wanted(&file.yaml(), &facts(file.archives))
}

/// What the archives hold.
pub(crate) fn facts(build: u8) -> Facts {
    let names = [vec!["app:1"], vec!["odd:0"], Vec::new()];
    let archives = ARCHIVES.iter().zip(names).map(|(archive, names)| {
        let content: Digest = serde_json::from_value(format!("{archive} build {build}").into())
            .expect("a digest is text");
        let names = names.into_iter().map(ImageReference::new);
        let path = PathBuf::from("/project/test").join(archive);
        (path, Ok(vec![ArchiveEntry::new(names.collect(), content)]))
    });
    Facts {
        archives: archives.collect(),
        ..Facts::default()
    }
}

/// What an observation for `desired` finds.
pub(crate) fn observed(state: &EngineState, desired: &Desired) -> ObservedEngine {
    state.observed(&question(desired))
}

/// The plan for what an engine holds.
pub(crate) fn planned(state: &EngineState, desired: &Desired, options: &PlanOptions) -> Plan {
    plan(desired, &observed(state, desired), options)
}

thread_local! {
    static RUNTIME: tokio::runtime::Runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    static LOCK: (LockOptions, tempfile::TempDir) = {
        let (mut options, folder) = lock_options("nest up");
        // A process that has ended: what it leaves when it is killed is taken over.
        options.holder.process_start += 1;
        (options, folder)
    };
}

/// Waits for what an engine in memory does.
pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    RUNTIME.with(|runtime| runtime.block_on(future))
}

/// Runs nest once on what the engine holds.
pub(crate) fn run(
    state: &EngineState,
    desired: &Desired,
    options: &PlanOptions,
    (faults, seed): (&[Fault], u64),
) -> Run {
    let engine = MemoryEngine::with_state(state.clone());
    engine.set_faults(faults.to_vec());
    engine.dawdle(seed);
    let mut plans = Vec::new();
    let mut approve = |plan: &Plan, _: usize| {
        plans.push(plan.clone());
        Approval::Go
    };
    let apply_options = ApplyOptions {
        parallel: 1 + usize::try_from(seed % 5).unwrap_or_default(),
        patience: Patience::new(None),
        drain: CancellationToken::new(),
        abort: CancellationToken::new(),
    };
    let lock_options = LOCK.with(|(options, _)| options.clone());
    let how = (&apply_options, &lock_options);
    let end = wait(async {
        tokio::select! {
            biased;
            () = engine.killed() => Ok(End::Killed),
            outcome = up(&engine, desired, options, how, &mut approve, &|_| {}) => {
                outcome.map(End::Ended)
            }
        }
    });
    let end =
        end.unwrap_or_else(|error: UpError| panic!("an engine in memory always answers: {error}"));
    Run {
        end,
        plans,
        asked: engine.take_asked(),
        state: engine.with(|state| state.clone()),
    }
}

/// Does the steps of a plan, and tells what was not done.
pub(crate) fn apply(state: &EngineState, plan: &Plan) -> (Vec<String>, EngineState) {
    let engine = MemoryEngine::with_state(state.clone());
    let options = ApplyOptions {
        parallel: 4,
        patience: Patience::new(None),
        drain: CancellationToken::new(),
        abort: CancellationToken::new(),
    };
    let report = wait(nest::apply::apply(&engine, &plan.steps, &options, &|_| {}));
    let failed = report.failed.iter();
    let failed = failed.map(|it| format!("{:?}: {}", plan.steps[it.step], it.error));
    (failed.collect(), engine.with(|state| state.clone()))
}

/// The files that a saved plan was made from.
pub(crate) fn file_digests(file: &File) -> BTreeMap<PathBuf, Digest> {
    let digest = Digest::of_bytes(file.yaml().as_bytes());
    BTreeMap::from([(PathBuf::from("/project/test/nest.yaml"), digest)])
}

/// Reads through the trait, as a command does.
pub(crate) fn observed_by_trait(state: &EngineState, desired: &Desired) -> ObservedEngine {
    let engine = MemoryEngine::with_state(state.clone());
    wait(engine.observe(&question(desired))).expect("an engine in memory always answers")
}
