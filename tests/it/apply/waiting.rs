//! How long is waited for what was started, and whether.

use std::time::Duration;

use nest::apply::ApplyOptions;
use nest::apply::patience::Patience;
use nest::engine::EngineError;
use nest::plan::PlanOptions;
use nest::plan::step::{Operation, Step};
use nest::up::{Approval, Outcome, up};
use tokio_util::sync::CancellationToken;

use crate::apply::{bring_up, lock_options, run};
use crate::memory::{Fault, FaultKind, MemoryEngine};
use crate::plan::{UP, engine, plan_now};
use crate::yaml::wanted;

const PROJECT: &str = "
name: test
services:
  db: { image: db:1, healthcheck: { test: [CMD, ready] } }
  job: { image: job:1, restart: 'no' }
  web: { image: web:1, depends_on: { db: { condition: service_healthy } } }
environments:
  empty: { outer: dind }
  full: { outer: dind, inner: { images: ['alpine:3.20'] } }
";

fn no_wait() -> PlanOptions {
    PlanOptions {
        no_wait: true,
        ..UP
    }
}

fn waits(steps: &[Step]) -> Vec<&str> {
    let mut names: Vec<&str> = steps
        .iter()
        .filter_map(|step| step.awaited())
        .map(|container| container.name.as_str())
        .collect();
    names.sort_unstable();
    names
}

#[test]
fn without_waiting_only_what_other_steps_need_is_waited_for() {
    let engine = engine();
    let steps = plan_now(&engine, PROJECT, UP).steps;
    assert_eq!(waits(&steps).len(), 5, "{:?}", waits(&steps));
    let steps = plan_now(&engine, PROJECT, no_wait()).steps;
    assert_eq!(waits(&steps), ["test-db-1", "test-full-1"]);
    for step in &steps {
        for before in step.waits_for() {
            assert!(before < steps.len(), "{step:?}");
        }
    }
    let outcome = run(&engine, PROJECT, no_wait());
    assert!(
        matches!(outcome, Outcome::Done { changed: true }),
        "{outcome:?}"
    );
    let left = plan_now(&engine, PROJECT, UP).steps;
    assert_eq!(waits(&left).len(), left.len(), "{left:#?}");
}

#[test]
fn the_record_is_written_after_what_was_not_waited_for_was_started() {
    let plan = plan_now(&engine(), PROJECT, no_wait());
    let start = |step: &Step| matches!(&step.operation, Operation::StartContainer { container } if container.name == "test-empty-1");
    let started = plan.steps.iter().position(start).expect("it is started");
    let records = plan.steps.iter().enumerate().filter(|(_, step)| {
        let at_the_top = step.engine.containers().is_empty();
        at_the_top && matches!(&step.operation, Operation::CreateVolume(spec) if spec.name == "nest-test-record-2")
    });
    let records: Vec<_> = records.collect();
    let [(_, record)] = records.as_slice() else {
        panic!("{records:?}");
    };
    assert!(record.after.contains(&started), "{record:?}");
}

#[test]
fn an_engine_that_is_read_in_a_second_wave_is_waited_for_all_the_same() {
    let engine = engine();
    bring_up(&engine, PROJECT);
    engine.with(|state| {
        let found = state
            .containers
            .get_mut("test-empty-1")
            .expect("it is there");
        found.state = nest::observed::ContainerState::Exited(0);
    });
    let plan = plan_now(&engine, PROJECT, no_wait());
    assert_eq!(waits(&plan.steps), ["test-empty-1"]);
    let outcome = run(&engine, PROJECT, no_wait());
    assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
}

/// What becomes of bringing the project up with so much time for waiting, where an operation hangs.
fn hanging(engine: &MemoryEngine, limit: Duration, is_it: fn(&Operation) -> bool) -> Outcome {
    let whole = crate::plan::engine();
    bring_up(&whole, PROJECT);
    let asked = whole.take_asked();
    let found = asked.iter().position(|asked| is_it(&asked.operation));
    engine.set_faults(vec![Fault {
        at: found.expect("it is asked for"),
        kind: FaultKind::Hangs,
    }]);
    let apply_options = ApplyOptions {
        parallel: 4,
        patience: Patience::new(Some(limit)),
        drain: CancellationToken::new(),
        abort: CancellationToken::new(),
    };
    let (lock_options, _folder) = lock_options("nest up");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime");
    let how = (&apply_options, &lock_options);
    let mut approve = |_: &nest::plan::Plan, _: usize| Approval::Go;
    let desired = wanted(PROJECT);
    let outcome = runtime.block_on(up(engine, &desired, &UP, how, &mut approve, &|_| {}));
    outcome.expect("an engine in memory always answers")
}

#[test]
fn what_does_not_come_in_time_is_named_and_the_rest_is_done() {
    let is_job = |operation: &Operation| matches!(operation, Operation::WaitForService { container, .. } if container.name == "test-job-1");
    let outcome = hanging(&engine(), Duration::from_millis(20), is_job);
    let Outcome::Incomplete { steps, report } = outcome else {
        panic!("{outcome:?}");
    };
    let [failed] = report.failed.as_slice() else {
        panic!("{report:?}");
    };
    assert_eq!(steps[failed.step].addresses[0].as_str(), "service.job");
    assert!(
        matches!(&failed.error, EngineError::OutOfPatience { container, .. } if container == "test-job-1"),
        "{:?}",
        failed.error
    );
    assert_eq!(
        failed.error.to_string(),
        "the time for waiting, 0.0s, is over: still waiting for `test-job-1` to be up, and healthy where it tells"
    );
    let left: Vec<_> = report.skipped.iter().map(|it| &steps[it.step]).collect();
    assert!(
        left.iter().all(|step| step.addresses.is_empty()),
        "{left:?}"
    );
}

#[test]
fn time_in_which_nothing_is_waited_for_does_not_count() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime");
    let patience = Patience::new(Some(Duration::from_secs(1)));
    let step = plan_now(&engine(), PROJECT, UP)
        .steps
        .into_iter()
        .find(|step| step.awaited().is_some())
        .expect("something is waited for");
    let pause = |time: u64| async move {
        tokio::time::sleep(Duration::from_millis(time)).await;
        Ok(())
    };
    runtime.block_on(async {
        // Two at once count once.
        let both = tokio::join!(
            patience.during(&step, pause(300)),
            patience.during(&step, pause(300))
        );
        assert!(both.0.is_ok() && both.1.is_ok());
        tokio::time::sleep(Duration::from_millis(1200)).await;
        assert!(patience.during(&step, pause(20)).await.is_ok());
        assert!(patience.during(&step, pause(2000)).await.is_err());
        assert!(patience.during(&step, pause(50)).await.is_err());
    });
}
