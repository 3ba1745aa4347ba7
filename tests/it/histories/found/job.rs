//! What histories have found of services that do their work once.

use nest::model::image::ImageReference;
use nest::observed::ContainerState;
use nest::plan::PlanOptions;
use nest::up::Outcome;

use crate::apply::{bring_up, run};
use crate::histories::found::settled;
use crate::memory::{Fault, FaultKind, MemoryEngine};
use crate::plan::{DOWN, UP, engine, plan_now};

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

/// What the job on the engine at the end of a way does, where its engine is there, after what is done to it.
fn job_inside(
    engine: &MemoryEngine,
    way: &[&str],
    act: fn(&mut ContainerState),
) -> Option<ContainerState> {
    engine.with(|state| {
        let mut inner = state;
        for name in way {
            inner = inner.data_of_mut(name)?;
        }
        let job = inner.containers.get_mut("job-1")?;
        act(&mut job.state);
        Some(job.state)
    })
}

#[test]
fn a_job_whose_engine_a_run_that_broke_off_had_stopped_is_not_done() {
    let job = "services: { job: { image: \"alpine:3.20\" } }";
    let deep = format!("environments: {{ deep: {{ outer: dind, inner: {{ {job} }} }} }}");
    let builder = |more: &str, inner: &str| {
        format!("builder: {{ outer: {{ mode: dind{more} }}, inner: {{ {inner} }} }}")
    };
    let follower = |more: &str| {
        let waits = "depends_on: { first: { condition: service_healthy, restart: true } }";
        format!(
            "first: {{ outer: {{ mode: dind{more} }} }}, builder: {{ outer: dind, {waits}, inner: {{ {job} }} }}"
        )
    };
    let replaced = ", environment: { A: b }";
    let restarted = ", daemon: { mtu: 1400 }";
    let (near, far) = (
        ["test-builder-1"].as_slice(),
        ["test-builder-1", "deep-1"].as_slice(),
    );
    for (before, after, way) in [
        (builder("", job), builder(replaced, job), near),
        (builder("", job), builder(restarted, job), near),
        (builder("", &deep), builder(replaced, &deep), far),
        (
            builder("", &deep),
            builder(
                "",
                &deep.replace("dind", "{ mode: dind, environment: { A: b } }"),
            ),
            far,
        ),
        (follower(""), follower(restarted), near),
    ] {
        let [before, after] =
            [before, after].map(|it| format!("{{ name: test, environments: {{ {it} }} }}"));
        let look = |engine: &MemoryEngine| job_inside(engine, way, |_| {});
        let running = Some(ContainerState::Running);
        let whole = engine();
        bring_up(&whole, &before);
        drop(whole.take_log());
        bring_up(&whole, &after);
        let steps = whole.take_log().len();
        assert_eq!(look(&whole), running, "{after}");
        let mut stopped = 0;
        for at in 0..steps {
            for kind in [
                FaultKind::Fails,
                FaultKind::Breaks,
                FaultKind::FailsFromHere,
            ] {
                let engine = engine();
                bring_up(&engine, &before);
                let fails = |at| {
                    engine.set_faults(vec![Fault { at, kind }]);
                    run(&engine, &after, UP);
                };
                fails(at);
                let was_stopped = look(&engine) != running;
                stopped += usize::from(was_stopped);
                if was_stopped {
                    fails(0);
                }
                engine.set_faults(Vec::new());
                bring_up(&engine, &after);
                assert_eq!(look(&engine), running, "{kind:?} at {at}: {after}");
                settled(&engine, &after);
                // Ended by itself, it is done, also when its engine is started again.
                let ended = Some(ContainerState::Exited(0));
                let ends = |state: &mut ContainerState| *state = ContainerState::Exited(0);
                assert_eq!(job_inside(&engine, way, ends), ended);
                settled(&engine, &after);
                bring_up(&engine, &before);
                assert_eq!(look(&engine), ended);
            }
        }
        assert!(stopped > 0, "it was never stopped: {after}");
    }
}

#[test]
fn a_part_that_makes_a_lost_record_anew_keeps_what_it_notes_of_a_job() {
    let yaml = "{ name: test, environments: { builder: { outer: dind, inner: { volumes: { cache: {} }, \
                services: { job: { image: \"alpine:3.20\" } } } } } }";
    let begin = || {
        let engine = engine();
        bring_up(&engine, yaml);
        engine.with(|state| {
            let inner = state.data_of_mut("test-builder-1").expect("it is there");
            inner.volumes.retain(|name, _| !name.contains("record"));
        });
        engine
    };
    let options = PlanOptions {
        targets: vec![
            "environment.builder/volume.cache"
                .parse()
                .expect("an address"),
        ],
        replace: vec!["environment.builder".parse().expect("an address")],
        ..UP
    };
    let steps = plan_now(&begin(), yaml, options.clone()).steps.len();
    for at in 0..steps {
        let engine = begin();
        let kind = FaultKind::Fails;
        engine.set_faults(vec![Fault { at, kind }]);
        run(&engine, yaml, options.clone());
        engine.set_faults(Vec::new());
        run(&engine, yaml, options.clone());
        bring_up(&engine, yaml);
        let job = job_inside(&engine, &["test-builder-1"], |_| {});
        assert_eq!(job, Some(ContainerState::Running), "at {at}");
    }
}

/// What is done to an engine.
type Disturb = fn(&MemoryEngine);

#[test]
fn a_job_that_was_stopped_to_go_is_not_done_when_it_is_wanted_as_it_was() {
    let job = |more: &str| format!("job: {{ image: \"alpine:3.20\", restart: no{more} }}");
    let yaml = |services: &str| format!("{{ name: test, services: {{ {services} }} }}");
    let puller = |services: &str| {
        let image = "{ image: \"alpine:3.20\", pull: always }";
        let puller = format!("env0: {{ outer: socket, inner: {{ images: [{image}] }} }}");
        let runner = format!("env1: {{ outer: socket, inner: {{ services: {{ {services} }} }} }}");
        format!("{{ name: test, environments: {{ {puller}, {runner} }} }}")
    };
    let retagged = |engine: &MemoryEngine| {
        engine.with(|state| {
            let reference = ImageReference::new("alpine:3.20");
            state.images.insert(reference, "another".to_owned());
        });
    };
    let nothing = |_: &MemoryEngine| {};
    let (plain, pulling) = (yaml(&job("")), puller(&job("")));
    let cases: [(&str, Disturb, &str, PlanOptions); 4] = [
        (&plain, nothing, &yaml(&job(", hostname: other")), UP),
        (&plain, nothing, &yaml(""), UP),
        (&plain, nothing, &plain, DOWN),
        (&pulling, retagged, &pulling, UP),
    ];
    for (file, disturb, between, options) in cases {
        let mut stopped = 0;
        for at in 0..20 {
            let engine = engine();
            bring_up(&engine, file);
            disturb(&engine);
            let kind = FaultKind::FailsFromHere;
            engine.set_faults(vec![Fault { at, kind }]);
            run(&engine, between, options.clone());
            engine.set_faults(Vec::new());
            let state = || {
                let is_job = |name: &&String| name.contains("job");
                engine.with(|state| {
                    let name = state.containers.keys().find(is_job)?;
                    Some(state.containers[name].state)
                })
            };
            stopped += usize::from(state() == Some(ContainerState::Exited(0)));
            bring_up(&engine, file);
            assert_eq!(state(), Some(ContainerState::Running), "{between} at {at}");
            settled(&engine, file);
        }
        assert!(stopped > 0, "it was never stopped: {between}");
    }
}
