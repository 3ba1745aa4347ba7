//! What `nest stop` stopped is nobody else's doing, until it is started again.

use std::collections::BTreeSet;

use expect_test::expect;
use nest::apply::ApplyOptions;
use nest::apply::patience::Patience;
use nest::engine::Engine as _;
use nest::observed::ContainerState;
use nest::plan::PlanOptions;
use nest::plan::drift::Drifted;
use nest::plan::running::{dependants, start, stop};
use nest::plan::step::Step;
use nest::resource::Address;
use nest::resource::label::RECORD;
use nest::up::question;
use tokio_util::sync::CancellationToken;

use crate::apply::{bring_up, run};
use crate::histories::world::wait;
use crate::memory::{Fault, FaultKind, MemoryEngine};
use crate::plan::{DOWN, DOWN_WITH_VOLUMES, UP, engine, plan_now, rendered};
use crate::yaml::wanted;

const FILE: &str = "
name: test
environments:
  box:
    outer: dind
    inner: { services: { db: { image: alpine:3.20, restart: always } } }
services:
  client: { image: alpine:3.20, restart: always, docker_host: box }
  lone: { image: alpine:3.20, restart: always }
";

fn addresses(names: &[&str]) -> BTreeSet<Address> {
    let desired = wanted(FILE);
    let containers = desired.engine.containers.iter();
    let meant =
        containers.filter(|(name, _)| names.iter().any(|it| **name == format!("test-{it}-1")));
    meant.map(|(_, it)| it.address.clone()).collect()
}

fn carry_out(engine: &MemoryEngine, steps: &[Step]) {
    let options = ApplyOptions {
        parallel: 3,
        drain: CancellationToken::new(),
        abort: CancellationToken::new(),
        patience: Patience::new(None),
    };
    let report = wait(nest::apply::apply(engine, steps, &options, &|_| {}));
    assert!(report.is_complete(), "{report:?}");
}

fn stop_all(engine: &MemoryEngine, names: &[&str]) {
    stop_all_of(engine, FILE, names);
}

fn stop_all_of(engine: &MemoryEngine, file: &str, names: &[&str]) {
    let desired = wanted(file);
    let chosen = dependants(&desired, &addresses(names));
    let observed = wait(engine.observe(&question(&desired))).expect("it answers");
    carry_out(engine, &stop(&desired, &observed, &chosen));
}

fn start_all(engine: &MemoryEngine, names: &[&str]) {
    start_all_of(engine, FILE, names);
}

fn start_all_of(engine: &MemoryEngine, file: &str, names: &[&str]) {
    let desired = wanted(file);
    loop {
        let observed = wait(engine.observe(&question(&desired))).expect("it answers");
        let steps = start(&desired, &observed, &addresses(names), &BTreeSet::new());
        if steps.is_empty() {
            return;
        }
        carry_out(engine, &steps);
    }
}

/// The names of the containers on the outer engine that run.
fn running(engine: &MemoryEngine) -> Vec<String> {
    engine.with(|state| {
        let containers = state.containers.iter();
        let running = containers.filter(|(_, it)| it.state == ContainerState::Running);
        running.map(|(name, _)| name.clone()).collect()
    })
}

/// What the record of the outer engine says was stopped.
fn is_noted(engine: &MemoryEngine) -> bool {
    engine.with(|state| {
        let mut records = state
            .volumes
            .values()
            .filter_map(|it| it.labels.get(RECORD));
        let record = records.next().expect("there is one");
        assert_eq!(records.next(), None, "the old one is gone");
        record.contains("\"stopped\"")
    })
}

#[test]
fn what_nest_stopped_is_started_by_the_plan_and_is_no_drift() {
    let engine = engine();
    bring_up(&engine, FILE);
    stop_all(&engine, &["box", "lone"]);
    assert_eq!(running(&engine), [""; 0]);
    let plan = plan_now(&engine, FILE, UP);
    assert_eq!(plan.drift, []);
    expect![[r#"
        nest will perform these actions:

          # environment.box will be updated in place (it does not run)
          ~ container "test-box-1"
                (13 unchanged attributes hidden)

          # service.client will be updated in place (it does not run)
          ~ container "test-client-1"
                (8 unchanged attributes hidden)

          # service.lone will be updated in place (it does not run)
          ~ container "test-lone-1"
                (4 unchanged attributes hidden)

          environment.box is read when its engine runs; what it holds is planned then.

        Plan: 0 to add, 3 to change, 0 to destroy.
    "#]]
    .assert_eq(&rendered(&plan));
    bring_up(&engine, FILE);
    assert_eq!(running(&engine).len(), 3);
    let plan = plan_now(&engine, FILE, UP);
    assert!(plan.steps.is_empty(), "{:?}", plan.steps);

    // Then it is others who stop them.
    engine.with(|state| {
        let lone = state.containers.get_mut("test-lone-1").expect("it runs");
        lone.state = ContainerState::Exited(137);
    });
    assert_eq!(plan_now(&engine, FILE, UP).drift.len(), 1);
}

#[test]
fn what_is_inside_and_was_stopped_is_no_drift_once_it_can_be_read() {
    let engine = engine();
    bring_up(&engine, FILE);
    stop_all(&engine, &["box"]);
    engine.with(|state| {
        let found = state.containers.get_mut("test-box-1").expect("it is there");
        found.state = ContainerState::Running;
        found.ready = true;
    });
    let plan = plan_now(&engine, FILE, UP);
    assert_eq!(plan.drift, []);
    let text = rendered(&plan);
    assert!(
        text.contains("environment.box/service.db will be updated in place (it does not run)"),
        "{text}"
    );
}

#[test]
fn with_a_container_starts_what_was_stopped_since_it_needs_that() {
    let engine = engine();
    bring_up(&engine, FILE);
    stop_all(&engine, &["box", "lone"]);
    assert!(is_noted(&engine));
    start_all(&engine, &["box"]);
    assert_eq!(running(&engine), ["test-box-1", "test-client-1"]);
    assert_eq!(plan_now(&engine, FILE, UP).drift, []);
    start_all(&engine, &["lone"]);
    assert!(!is_noted(&engine));
    let plan = plan_now(&engine, FILE, UP);
    assert!(plan.steps.is_empty(), "{:?}", plan.steps);

    // Somebody else stopped this one.
    engine.with(|state| {
        for name in ["test-box-1", "test-client-1"] {
            let found = state.containers.get_mut(name).expect("it runs");
            found.state = ContainerState::Exited(137);
        }
    });
    start_all(&engine, &["box"]);
    assert_eq!(running(&engine), ["test-box-1", "test-lone-1"]);
}

#[test]
fn a_part_of_the_project_that_comes_up_leaves_the_rest_stopped() {
    let engine = engine();
    bring_up(&engine, FILE);
    stop_all(&engine, &["box", "lone"]);
    let mut target = UP;
    target.targets = vec!["service.lone".parse().expect("a pattern")];
    run(&engine, FILE, target);
    assert_eq!(running(&engine), ["test-lone-1"]);
    assert!(is_noted(&engine));
    assert_eq!(plan_now(&engine, FILE, UP).drift, []);
}

/// The states of the containers of `FILE` that are services, from the innermost.
fn services(engine: &MemoryEngine) -> [ContainerState; 3] {
    engine.with(|state| {
        let inside = state.data_of(&state.containers["test-box-1"]);
        let inside = &inside.expect("it has data").containers["db-1"];
        let outside = ["test-client-1", "test-lone-1"].map(|name| state.containers[name].state);
        [inside.state, outside[0], outside[1]]
    })
}

#[test]
fn services_that_end_well_when_they_are_stopped_have_not_done_their_work() {
    let file = FILE.replace(", restart: always", "");
    let ended = ContainerState::Exited(0);
    let all_run = [ContainerState::Running; 3];
    let begin = || {
        let engine = engine();
        bring_up(&engine, &file);
        assert_eq!(services(&engine), all_run);
        engine
    };
    let all = ["box", "lone"];
    // Stopped and started, by either.
    let ways: [fn(&MemoryEngine, &str); 2] = [
        |engine, file| bring_up(engine, file),
        |engine, file| start_all_of(engine, file, &["box", "lone"]),
    ];
    for way in ways {
        let engine = begin();
        stop_all_of(&engine, &file, &all);
        assert_eq!(services(&engine), [ended; 3]);
        way(&engine, &file);
        assert_eq!(services(&engine), all_run);
        let plan = plan_now(&engine, &file, UP);
        assert!(plan.steps.is_empty(), "{:?}", plan.steps);
        // Ended by themselves, they are done.
        engine.with(|state| {
            let lone = state.containers.get_mut("test-lone-1").expect("it runs");
            lone.state = ended;
        });
        let plan = plan_now(&engine, &file, UP);
        assert!(plan.steps.is_empty(), "{:?}", plan.steps);
        start_all_of(&engine, &file, &all);
        assert_eq!(services(&engine)[2], ended);
    }
    // Taken down, but for the data.
    let engine = begin();
    run(&engine, &file, DOWN);
    bring_up(&engine, &file);
    assert_eq!(services(&engine), all_run);
    // Whether the data goes too or stays when the run breaks off.
    let noting = |options: PlanOptions| {
        let plan = plan_now(&engine, &file, options);
        let inside = plan.steps.iter().map(|step| &step.engine);
        inside.filter(|path| !path.containers().is_empty()).count()
    };
    assert_eq!(noting(DOWN), 2);
    assert_eq!(noting(DOWN_WITH_VOLUMES), 2);
    engine.with(|state| {
        let inside = state.data_of_mut("test-box-1").expect("it has data");
        let db = inside.containers.get_mut("db-1").expect("it runs");
        db.state = ended;
    });
    assert_eq!(noting(DOWN), 0);
    // What leaves the file and comes back.
    let engine = begin();
    bring_up(&engine, "{ name: test }");
    bring_up(&engine, &file);
    assert_eq!(services(&engine), all_run);
}

#[test]
fn what_a_run_that_broke_off_stopped_is_started_like_what_nest_stopped() {
    let file = FILE.replace(", restart: always", "");
    let mut stopped = 0;
    for at in 0..30 {
        let engine = engine();
        bring_up(&engine, &file);
        let kind = FaultKind::FailsFromHere;
        engine.set_faults(vec![Fault { at, kind }]);
        let replaced = file.replace("outer: dind", "outer: { mode: dind, hostname: other }");
        run(&engine, &replaced, UP);
        engine.set_faults(Vec::new());
        // What was started becomes ready.
        let is_there = engine.with(|state| {
            let found = state.containers.get_mut("test-box-1")?;
            found.ready |= found.state == ContainerState::Running;
            Some(())
        });
        if is_there.is_none() {
            continue;
        }
        stopped += u32::from(services(&engine)[0] != ContainerState::Running);
        start_all_of(&engine, &file, &["box", "lone"]);
        assert_eq!(services(&engine)[0], ContainerState::Running, "at {at}");
    }
    assert!(stopped > 0, "it was never stopped");
}

#[test]
fn a_job_that_is_done_was_not_stopped_where_somebody_gave_it_other_limits() {
    let file = "{ name: test, services: { job: { image: \"alpine:3.20\", cpus: 0.5 } } }";
    let engine = engine();
    bring_up(&engine, file);
    engine.with(|state| {
        let job = state.containers.get_mut("test-job-1").expect("it runs");
        job.state = ContainerState::Exited(0);
        job.live.nano_cpus = Some(400_000_000);
    });
    let drift = plan_now(&engine, file, UP).drift;
    let told = drift.iter().map(|it| (&it.what, it.fields.len()));
    assert_eq!(told.collect::<Vec<_>>(), [(&Drifted::Changed, 1)]);
}
