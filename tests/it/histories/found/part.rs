//! What histories have found of runs for a part of a project, and of what breaks off.

use nest::observed::ContainerState;
use nest::plan::PlanOptions;
use nest::resource::container::ContainerRef;
use nest::up::Outcome;

use crate::apply::{bring_up, run};
use crate::histories::found::settled;
use crate::memory::{Fault, FaultKind, MemoryEngine};
use crate::plan::{DOWN, UP, engine, plan_now, rendered};

#[test]
fn a_target_with_nothing_declared_inside_is_read_once_it_runs() {
    let yaml = |images: &str| {
        format!(
            "{{ name: test, environments: {{ builder: {{ outer: dind, inner: {{ images: [{images}] }} }} }} }}"
        )
    };
    let engine = engine();
    bring_up(&engine, &yaml("\"alpine:3.20\""));
    run(&engine, &yaml("\"alpine:3.20\""), DOWN);
    let options = PlanOptions {
        targets: vec!["environment.builder".parse().expect("an address")],
        ..UP
    };
    let outcome = run(&engine, &yaml(""), options);
    assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
    settled(&engine, &yaml(""));
}

#[test]
fn containers_whose_network_was_pruned_are_put_on_the_new_one_though_a_run_broke_off() {
    let yaml = "{ name: test, services: { app: { image: \"alpine:3.20\", replicas: 2 } } }";
    let pruned = engine();
    bring_up(&pruned, yaml);
    pruned.with(|state| {
        state.reboot();
        let id = state.networks["test_default"].id.clone();
        state.remove_network(&id).expect("nobody runs on it");
    });
    for at in 0..20 {
        let engine = MemoryEngine::with_state(pruned.with(|state| state.clone()));
        let kind = FaultKind::Breaks;
        engine.set_faults(vec![Fault { at, kind }]);
        run(&engine, yaml, UP);
        engine.set_faults(Vec::new());
        bring_up(&engine, yaml);
        settled(&engine, yaml);
        engine.with(|state| {
            let network = &state.networks["test_default"].id;
            for (name, container) in &state.containers {
                let on = container.endpoints.get("test_default");
                assert_eq!(on, Some(network), "{name}, broken at {at}");
            }
        });
    }
}

#[test]
fn a_part_leaves_the_record_of_an_engine_that_it_is_not_about() {
    let yaml = "{ name: test, services: { app: { image: \"alpine:3.20\", depends_on: [builder] } }, \
                environments: { builder: { outer: dind, inner: { images: [\"alpine:3.20\", \"busybox:1.36\"] } } } }";
    for at in 0..20 {
        let engine = engine();
        let kind = FaultKind::Fails;
        engine.set_faults(vec![Fault { at, kind }]);
        run(&engine, yaml, UP);
        engine.set_faults(Vec::new());
        run(&engine, yaml, DOWN);
        let options = PlanOptions {
            targets: vec!["service.app".parse().expect("an address")],
            ..UP
        };
        let outcome = run(&engine, yaml, options.clone());
        assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
        let plan = plan_now(&engine, yaml, options);
        assert!(plan.steps.is_empty(), "broken at {at}: {:?}", plan.steps);
        bring_up(&engine, yaml);
        settled(&engine, yaml);
    }
}

#[test]
fn a_network_does_not_go_by_itself_while_what_is_on_it_is_paused() {
    let yaml = |more: &str| {
        format!(
            "{{ name: test, networks: {{ back: {{}} }}, services: {{ app: {{ image: \"alpine:3.20\"{more} }} }} }}"
        )
    };
    let engine = engine();
    bring_up(&engine, &yaml(""));
    engine.with(|state| {
        let app = state.containers.get_mut("test-app-1").expect("it is up");
        app.state = ContainerState::Paused;
    });
    let options = PlanOptions {
        targets: vec!["network.default".parse().expect("an address")],
        ..UP
    };
    let plan = plan_now(&engine, &yaml(", networks: [back]"), options);
    assert!(!plan.is_applicable(), "{:?}", plan.steps);
    let shown = rendered(&plan);
    assert!(shown.contains("`test-app-1` is paused"), "{shown}");
}

#[test]
fn what_cannot_start_since_a_network_of_somebodys_is_gone_leaves_it() {
    let yaml = |networks: &str| {
        format!(
            "{{ name: test, networks: {{ {networks} }}, services: {{ app: {{ image: \"alpine:3.20\", restart: on-failure }} }} }}"
        )
    };
    for networks in ["back: {}", ""] {
        let engine = engine();
        bring_up(&engine, &yaml("back: {}"));
        engine.with(|state| {
            let app = ContainerRef {
                name: "test-app-1".to_owned(),
                id: None,
            };
            state
                .connect(&app, "test_back", (&[], None))
                .expect("it is there");
            state.reboot();
            for network in ["test_back", "test_default"] {
                let id = state.networks[network].id.clone();
                state.remove_network(&id).expect("nobody runs on it");
            }
        });
        let plan = plan_now(&engine, &yaml(networks), UP);
        assert!(
            rendered(&plan).contains("network test_back"),
            "{}",
            rendered(&plan)
        );
        bring_up(&engine, &yaml(networks));
        settled(&engine, &yaml(networks));
    }
}

#[test]
fn a_target_inside_an_engine_that_comes_brings_what_its_container_needs() {
    let yaml = |outer: &str, deep: &str| {
        format!(
            "{{ name: test, environments: {{ env0: {{ outer: {outer}, inner: {{ environments: {{ \
             deep: {{ outer: {deep} }} }} }} }} }} }}"
        )
    };
    let before = yaml("socket", "dind");
    let after = yaml("dind", "socket");
    let known = {
        let engine = engine();
        bring_up(&engine, &before);
        plan_now(&engine, &after, UP).changes
    };
    for change in known {
        let engine = engine();
        bring_up(&engine, &before);
        let options = PlanOptions {
            targets: vec![change.address.to_string().parse().expect("an address")],
            ..UP
        };
        let outcome = run(&engine, &after, options);
        assert!(
            matches!(outcome, Outcome::Done { .. }),
            "{}: {outcome:?}",
            change.address
        );
        bring_up(&engine, &after);
        settled(&engine, &after);
    }
}
