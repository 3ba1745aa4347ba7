//! One writer at a time, on an engine in memory.

use std::cell::Cell;
use std::time::Duration;

use nest::apply::event::Event;
use nest::apply::lock::{Lock, LockError, LockOptions, has_ended};
use nest::engine::Engine as _;
use nest::model::name::EngineName;
use nest::plan::{Plan, PlanOptions};
use nest::resource::engine_path::EnginePath;
use nest::resource::lock::LockHolder;
use nest::up::{Approval, Outcome, UpError, question};

use crate::apply::{bring_up, lock_options, run_with};
use crate::memory::{EngineState, MemoryEngine};
use crate::plan::{DOWN_WITH_VOLUMES, UP, engine};
use crate::yaml::wanted;

const PROJECT: &str =
    "{ name: test, volumes: { cache: {} }, environments: { builder: { outer: dind } } }";

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime");
    runtime.block_on(future)
}

fn run(
    engine: &MemoryEngine,
    options: PlanOptions,
    lock_options: &LockOptions,
) -> Result<Outcome, UpError> {
    let mut approve = |_: &Plan, _: usize| Approval::Go;
    block_on(run_with(
        engine,
        PROJECT,
        options,
        lock_options,
        &mut approve,
    ))
}

/// The lock, held by somebody else.
fn held_by(engine: &MemoryEngine, change: impl FnOnce(&mut LockHolder)) -> LockHolder {
    let (options, _folder) = lock_options("nest up");
    let mut holder = LockHolder {
        command: "nest down".to_owned(),
        ..options.holder
    };
    change(&mut holder);
    let taken = block_on(engine.take_lock(&EnginePath::outer(), &wanted(PROJECT).project, &holder));
    assert_eq!(taken.expect("it is free"), holder);
    holder
}

fn holder(engine: &MemoryEngine) -> Option<LockHolder> {
    block_on(engine.lock_holder(&EnginePath::outer(), &wanted(PROJECT).project))
        .expect("it answers")
}

#[test]
fn the_lock_is_held_while_steps_run_and_free_afterwards() {
    let engine = engine();
    bring_up(&engine, PROJECT);
    assert_eq!(holder(&engine), None);
    engine.fail_after(1);
    let (options, _folder) = lock_options("nest down");
    let outcome = run(&engine, DOWN_WITH_VOLUMES, &options);
    assert!(
        matches!(outcome, Ok(Outcome::Incomplete { .. })),
        "{outcome:?}"
    );
    assert_eq!(holder(&engine), None);
}

#[test]
fn somebody_elsewhere_keeps_the_lock_and_nothing_is_done() {
    let engine = engine();
    let elsewhere = held_by(&engine, |holder| {
        "elsewhere".clone_into(&mut holder.machine);
    });
    let (options, _folder) = lock_options("nest up");
    match run(&engine, UP, &options) {
        Err(UpError::Lock(LockError::Held(found))) => assert_eq!(*found, elsewhere),
        other => panic!("{other:?}"),
    }
    assert_eq!(engine.take_log(), Vec::<String>::new());
    assert_eq!(holder(&engine), Some(elsewhere));
}

#[test]
fn the_lock_of_a_process_of_this_machine_that_has_ended_is_taken_over() {
    let engine = engine();
    let dead = held_by(&engine, |holder| holder.process_start += 1);
    let (options, _folder) = lock_options("nest up");
    assert!(has_ended(&dead, &options.holder.machine));
    let outcome = run(&engine, UP, &options);
    assert!(
        matches!(outcome, Ok(Outcome::Done { changed: true })),
        "{outcome:?}"
    );
    assert_eq!(holder(&engine), None);
}

#[test]
fn a_process_of_this_machine_that_runs_keeps_the_lock() {
    let engine = engine();
    let alive = held_by(&engine, |_| {});
    let (options, _folder) = lock_options("nest up");
    assert!(!has_ended(&alive, &options.holder.machine));
    let outcome = run(&engine, UP, &options);
    assert!(
        matches!(outcome, Err(UpError::Lock(LockError::Held(_)))),
        "{outcome:?}"
    );
}

#[test]
fn nothing_to_do_takes_no_lock() {
    let engine = engine();
    bring_up(&engine, PROJECT);
    held_by(&engine, |holder| {
        "elsewhere".clone_into(&mut holder.machine);
    });
    let (options, _folder) = lock_options("nest up");
    let outcome = run(&engine, UP, &options);
    assert!(
        matches!(outcome, Ok(Outcome::Done { changed: false })),
        "{outcome:?}"
    );
}

#[test]
fn what_changes_before_the_lock_is_had_is_planned_and_asked_for_again() {
    let engine = engine();
    let other = crate::plan::engine();
    bring_up(&other, PROJECT);
    let brought_up = other.with(|state| state.clone());
    let asked = Cell::new(0);
    let mut approve = |_: &Plan, _: usize| {
        asked.set(asked.get() + 1);
        if asked.get() == 1 {
            // Somebody else brings up all of it, between the question and the lock.
            engine.with(|state| {
                *state = brought_up.clone();
                state.volumes.remove("test_cache");
            });
        }
        Approval::Go
    };
    let (options, _folder) = lock_options("nest up");
    engine.take_log();
    let outcome = block_on(run_with(&engine, PROJECT, UP, &options, &mut approve));
    assert!(
        matches!(outcome, Ok(Outcome::Done { changed: true })),
        "{outcome:?}"
    );
    assert_eq!(asked.get(), 2);
    let made = engine.take_log();
    let last: Vec<&str> = made.iter().rev().take(1).map(String::as_str).collect();
    assert_eq!(last, ["CreateVolume"], "{made:?}");
}

#[test]
fn locks_on_several_engines_are_taken_in_the_order_of_their_ids() {
    let yaml = "{ name: test, engines: { arm: { context: arm } }, \
                environments: { far: { outer: dind, engine: arm } } }";
    let project = wanted(yaml).project;
    let (options, _folder) = lock_options("nest up");
    let options = LockOptions {
        timeout: Duration::from_mins(1),
        ..options
    };
    let elsewhere = LockHolder {
        machine: "elsewhere".to_owned(),
        ..options.holder.clone()
    };
    for (near, far) in [("first", "second"), ("second", "first")] {
        let engine = engine();
        engine.with(|state| {
            near.clone_into(&mut state.id);
            let name = EngineName::new("arm");
            state.others.insert(name, EngineState::new(far));
        });
        let observed = block_on(engine.observe(&question(&wanted(yaml))));
        let engines = observed.expect("it answers").told_apart();
        let volume = LockHolder::volume_name(&project);
        // Who has the lock of each engine, by its id.
        let held = |id: &str| {
            engine.with(|state| {
                let lock = state.inside(&engines[id])?.volumes.get(&volume)?;
                LockHolder::of_labels(&lock.labels)
            })
        };
        for (busy, of_first) in [("first", &elsewhere), ("second", &options.holder)] {
            let taken = block_on(engine.take_lock(&engines[busy], &project, &elsewhere));
            assert_eq!(taken.expect("it is free"), elsewhere);
            let waited = Cell::new(0);
            let emit = |event: Event<'_>| {
                if let Event::Waiting { .. } = event {
                    waited.set(waited.get() + 1);
                    assert_eq!(held("first").as_ref(), Some(of_first));
                    let of_second = (busy == "second").then_some(&elsewhere);
                    assert_eq!(held("second").as_ref(), of_second);
                    engine.with(|state| {
                        let engine = state.inside(&engines[busy]).expect("it is there");
                        engine.volumes.remove(&volume);
                    });
                }
            };
            let place = (&project, &engines);
            let lock = block_on(Lock::take(&engine, place, &options, &emit)).expect("it is free");
            assert_eq!(waited.get(), 1);
            for id in ["first", "second"] {
                assert_eq!(held(id).as_ref(), Some(&options.holder));
            }
            block_on(lock.free(&engine)).expect("it answers");
            assert_eq!((held("first"), held("second")), (None, None));
        }
    }
}
