//! What histories have found of what goes and what stays when a project is taken down.

use nest::plan::PlanOptions;
use nest::plan::refusal::Refusal;
use nest::plan::step::Operation;
use nest::resource::container::ContainerRef;
use nest::up::Outcome;

use crate::apply::{bring_up, run};
use crate::histories::found::{BUILDER, settled};
use crate::memory::{Fault, FaultKind, MemoryEngine};
use crate::plan::{DOWN_WITH_VOLUMES, UP, engine, plan_now, rendered};

#[test]
fn whether_data_is_kept_changes_in_place_and_is_remembered() {
    let engine = engine();
    let yaml = |keep: bool| {
        format!(
            "{{ name: test, environments: {{ builder: {{ outer: {{ mode: dind, data: {{ keep: {keep} }} }} }} }} }}"
        )
    };
    let without_file = "{ name: test, environments: {} }";
    let goes = |yaml: &str| {
        let plan = plan_now(&engine, yaml, crate::plan::DOWN);
        let data = |change: &nest::plan::change::Change| change.object == "test_builder-1-data";
        plan.changes.iter().any(data)
    };
    bring_up(&engine, &yaml(false));
    assert!(goes(without_file) && goes(&yaml(false)));
    // Nothing goes that the file wants to stay, applied or not.
    assert!(!goes(&yaml(true)));
    let plan = plan_now(&engine, &yaml(true), UP);
    assert!(
        rendered(&plan).contains("keep : false -> true"),
        "{}",
        rendered(&plan)
    );
    assert!(plan.steps.iter().all(|step| step.addresses.is_empty()));
    bring_up(&engine, &yaml(true));
    settled(&engine, &yaml(true));
    assert!(!goes(without_file) && !goes(&yaml(true)));
    assert!(!goes(&yaml(false)), "that was not applied");
    bring_up(&engine, without_file);
    assert!(!goes(without_file), "it is remembered while it is there");
    bring_up(&engine, &yaml(false));
    settled(&engine, &yaml(false));
    assert!(goes(without_file) && goes(&yaml(false)));
}

#[test]
fn a_network_that_somebody_else_is_on_is_not_removed() {
    let engine = engine();
    bring_up(&engine, BUILDER);
    let plan = |network: &str| {
        engine.with(|state| {
            let id = state.networks["test_default"].id.clone();
            let mut theirs = state.containers["test-builder-1"].clone();
            theirs.labels.clear();
            theirs.endpoints = [(network.to_owned(), id)].into();
            state.containers.insert("debugging".to_owned(), theirs);
        });
        plan_now(&engine, BUILDER, DOWN_WITH_VOLUMES)
    };
    let saved_by = plan("elsewhere").fingerprint;
    let refused = plan("test_default");
    let told = "the network `test_default` would be removed, and the running container `debugging`, which is not this \
                project's, is on it";
    let messages: Vec<String> = refused.refusals.iter().map(Refusal::message).collect();
    assert_eq!(messages[0], told);
    // It has the volumes of the one that it is a copy of.
    let has = "would be removed, and the running container `debugging`, which is not this project's, has it mounted";
    assert_eq!(messages.len(), 3);
    assert!(
        messages[1..].iter().all(|it| it.ends_with(has)),
        "{messages:?}"
    );
    assert_ne!(saved_by, refused.fingerprint);
}

#[test]
fn a_partial_down_that_broke_off_takes_what_it_left_when_it_is_run_again() {
    const DATA: &str = "test_builder-1-data";
    let yaml = |replicas: u32, inner: &str| {
        format!(
            "{{ name: test, volumes: {{ cache: {{}} }}, environments: {{ builder: {{ \
             outer: {{ mode: dind, data: {{ keep: false }} }}, replicas: {replicas}, \
             volumes: [\"cache:/cache\"], inner: {{ volumes: {{ {inner} }} }} }} }} }}"
        )
    };
    for target in ["environment.builder", "volume.cache", "network.default"] {
        for replicas in [1, 2] {
            let engine = engine();
            bring_up(&engine, &yaml(1, "old: {}"));
            let edited = yaml(replicas, "");
            let options = PlanOptions {
                targets: vec![target.parse().expect("an address")],
                ..DOWN_WITH_VOLUMES
            };
            let undisturbed = MemoryEngine::with_state(engine.with(|state| state.clone()));
            run(&undisturbed, &edited, options.clone());
            let removal = Operation::RemoveVolume {
                name: DATA.to_owned(),
            };
            let asked = undisturbed.take_asked();
            let at = asked.iter().position(|asked| asked.operation == removal);
            let at = at.expect("it is removed");
            let kind = FaultKind::Fails;
            engine.set_faults(vec![Fault { at, kind }]);
            let outcome = run(&engine, &edited, options.clone());
            assert!(matches!(outcome, Outcome::Incomplete { .. }), "{outcome:?}");
            engine.set_faults(Vec::new());
            let outcome = run(&engine, &edited, options);
            assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
            let left = engine.with(|state| state.volumes.contains_key(DATA));
            assert!(!left, "{target}, {replicas} replicas");
        }
    }
}

#[test]
fn an_engine_and_its_client_leave_the_socket_that_the_other_still_has() {
    let yaml = "{ name: test, environments: { builder: { outer: dind } }, \
                services: { client: { image: \"alpine:3.20\", docker_host: builder } } }";
    let (client, builder) = ("service.client", "environment.builder");
    for (first, second) in [(client, builder), (builder, client)] {
        let engine = engine();
        let goes = |target: &str| {
            let options = PlanOptions {
                targets: vec![target.parse().expect("an address")],
                ..crate::plan::DOWN
            };
            let outcome = run(&engine, yaml, options);
            assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
            engine.with(|state| state.volumes.contains_key("test_builder-1-socket"))
        };
        bring_up(&engine, yaml);
        assert!(goes(first), "{first} has gone");
        assert!(!goes(second), "both have gone");
        bring_up(&engine, yaml);
        assert!(goes(first), "{first} has gone");
        bring_up(&engine, yaml);
        settled(&engine, yaml);
    }
}

#[test]
fn a_network_that_goes_is_left_by_what_somebody_connected() {
    let engine = engine();
    let services = "services: { app: { image: \"alpine:3.20\", networks: [front] } }";
    let with_back =
        format!("{{ name: test, {services}, networks: {{ front: {{}}, back: {{}} }} }}");
    let without = format!("{{ name: test, {services}, networks: {{ front: {{}} }} }}");
    bring_up(&engine, &with_back);
    let id = engine.with(|state| {
        let container = ContainerRef {
            name: "test-app-1".to_owned(),
            id: None,
        };
        let alias = ["somebody".to_owned()];
        let connected = state.connect(&container, "test_back", (&alias, None));
        connected.expect("it is there");
        state.containers["test-app-1"].id.clone()
    });
    settled(&engine, &with_back);
    let shown = rendered(&plan_now(&engine, &without, UP));
    assert!(shown.contains("network test_back"), "{shown}");
    bring_up(&engine, &without);
    settled(&engine, &without);
    engine.with(|state| {
        let app = &state.containers["test-app-1"];
        assert_eq!(app.id, id);
        assert!(!app.live.networks.contains_key("test_back"));
        assert!(!state.networks.contains_key("test_back"));
    });
}

#[test]
fn what_is_on_a_network_that_a_target_makes_anew_is_put_on_it_again() {
    let yaml = |internal: bool| {
        let app = "{ image: \"alpine:3.20\", networks: [back], replicas: 2 }";
        format!(
            "{{ name: test, networks: {{ back: {{ internal: {internal} }} }}, services: {{ app: {app} }} }}"
        )
    };
    for target in ["network.back", "service.app[1]"] {
        let engine = engine();
        bring_up(&engine, &yaml(false));
        let options = PlanOptions {
            targets: vec![target.parse().expect("an address")],
            ..UP
        };
        let outcome = run(&engine, &yaml(true), options);
        assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
        engine.with(|state| {
            let id = &state.networks["test_back"].id;
            for name in ["test-app-1", "test-app-2"] {
                let app = &state.containers[name];
                assert_eq!(app.endpoints.get("test_back"), Some(id), "{target}: {name}");
            }
        });
    }
}

#[test]
fn what_goes_in_an_engine_that_is_restarted_notes_what_it_interrupts_before_that() {
    let deep = "environments: { deep: { outer: dind, inner: { services: { job: { image: \"alpine:3.20\" } } } } }";
    let file = |more: &str, inner: &str| {
        format!(
            "{{ name: test, environments: {{ box: {{ outer: {{ mode: dind{more} }}, inner: {{ {inner} }} }} }} }}"
        )
    };
    let engine = engine();
    bring_up(&engine, &file("", deep));
    let without = file(", daemon: { mtu: 1400 }", "");
    bring_up(&engine, &without);
    settled(&engine, &without);
    let again = file(", daemon: { mtu: 1400 }", deep);
    bring_up(&engine, &again);
    settled(&engine, &again);
    let job = engine.with(|state| {
        let inner = state.data_of_mut("test-box-1")?;
        let inner = inner.data_of_mut("deep-1")?;
        Some(inner.containers["job-1"].state)
    });
    assert_eq!(job, Some(nest::observed::ContainerState::Running));
}
