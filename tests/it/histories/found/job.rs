//! What histories have found of services that do their work once.

use nest::observed::ContainerState;
use nest::up::Outcome;

use crate::apply::{bring_up, run};
use crate::histories::found::settled;
use crate::memory::{Fault, FaultKind, MemoryEngine};
use crate::plan::{UP, engine};

/// A service that does its work once and is started again with the environment that it waits for.
fn with_a_job(more: &str) -> String {
    let on = "depends_on: { builder: { condition: service_healthy, restart: true } }";
    let job = format!("job: {{ image: \"alpine:3.20\", command: [make], {on} }}");
    format!(
        "{{ name: test, environments: {{ builder: {{ outer: {{ mode: dind{more} }} }} }}, services: {{ {job} }} }}"
    )
}

#[test]
fn a_job_that_a_run_that_broke_off_had_stopped_is_not_done() {
    let (before, after) = (
        with_a_job(""),
        with_a_job(", daemon: { debug: true, mtu: 1400 }"),
    );
    let whole = engine();
    bring_up(&whole, &before);
    drop(whole.take_log());
    bring_up(&whole, &after);
    let steps = whole.take_log().len();
    let mut stopped = 0;
    for at in 0..steps {
        let engine = engine();
        bring_up(&engine, &before);
        let fails = |at| {
            engine.set_faults(vec![Fault {
                at,
                kind: FaultKind::FailsFromHere,
            }]);
            let outcome = run(&engine, &after, UP);
            assert!(matches!(outcome, Outcome::Incomplete { .. }), "{outcome:?}");
        };
        fails(at);
        let job = |engine: &MemoryEngine| engine.with(|state| state.containers["test-job-1"].state);
        let was_stopped = job(&engine) == ContainerState::Exited(0);
        stopped += usize::from(was_stopped);
        // As often as it takes: the next run may be killed too.
        if was_stopped {
            fails(0);
        }
        engine.set_faults(Vec::new());
        bring_up(&engine, &after);
        assert_eq!(job(&engine), ContainerState::Running, "killed at {at}");
        settled(&engine, &after);
        // Ended by itself, it is done.
        engine.with(|state| {
            let job = state.containers.get_mut("test-job-1").expect("it is there");
            job.state = ContainerState::Exited(0);
        });
        settled(&engine, &after);
    }
    assert!(stopped > 0, "it was never stopped");
}

#[test]
fn a_job_in_namespaces_that_are_made_anew_is_made_anew_though_the_run_breaks_off() {
    let yaml = |image: &str| {
        format!(
            "{{ name: test, environments: {{ builder: {{ outer: {{ mode: dind, image: \"{image}\" }} }} }}, \
             services: {{ job: {{ image: \"alpine:3.20\", network_mode: \"service:builder\" }} }} }}"
        )
    };
    for at in 0..24 {
        for kind in [FaultKind::Fails, FaultKind::FailsFromHere] {
            let engine = engine();
            bring_up(&engine, &yaml("busybox:1.36"));
            let before = engine.with(|state| state.containers["test-job-1"].id.clone());
            engine.set_faults(vec![Fault { at, kind }]);
            run(&engine, &yaml("docker:dind"), UP);
            engine.set_faults(Vec::new());
            bring_up(&engine, &yaml("docker:dind"));
            let job = engine.with(|state| state.containers["test-job-1"].clone());
            assert_ne!(job.id, before, "{kind:?} at {at}");
            assert_eq!(job.state, ContainerState::Running, "{kind:?} at {at}");
        }
    }
}

#[test]
fn a_job_whose_namespaces_are_gone_is_made_anew_though_the_run_breaks_off() {
    let yaml = "{ name: test, environments: { builder: { outer: dind } }, \
                services: { job: { image: \"alpine:3.20\", network_mode: \"service:builder\" } } }";
    for at in 0..24 {
        let engine = engine();
        bring_up(&engine, yaml);
        let before = engine.with(|state| {
            let mut job = state.containers["test-job-1"].clone();
            job.state = ContainerState::Exited(0);
            state.containers.remove("test-builder-1");
            let id = job.id.clone();
            state.containers.insert("test-job-1".to_owned(), job);
            id
        });
        let kind = FaultKind::Fails;
        engine.set_faults(vec![Fault { at, kind }]);
        run(&engine, yaml, UP);
        engine.set_faults(Vec::new());
        bring_up(&engine, yaml);
        let job = engine.with(|state| state.containers["test-job-1"].clone());
        assert_ne!(job.id, before, "at {at}");
        assert_eq!(job.state, ContainerState::Running, "at {at}");
    }
}
