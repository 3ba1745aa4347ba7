//! Drift of the configuration file of an engine inside.

use expect_test::expect;
use nest::plan::drift::Drifted;

use crate::apply::bring_up;
use crate::memory::MemoryEngine;
use crate::plan::{UP, check, engine, plan_now};

const CONFIGURED: &str = "
name: test
environments:
  builder:
    outer: { mode: dind, daemon: { debug: true, mtu: 1400, log-opts: { secret: { env: FIRST_SECRET } } } }
";

#[test]
fn an_edited_configuration_file_is_drift_and_put_back() {
    let edit = |engine: &MemoryEngine| {
        engine.with(|state| {
            let container = state.containers.get_mut("test-builder-1").expect("it runs");
            let file = &mut container.daemon_file;
            file.insert("debug".to_owned(), false.into());
            file.insert("log-opts".to_owned(), "hunter4".into());
            file.insert("proxies".to_owned(), "hunter5".into());
        });
    };
    check(
        CONFIGURED,
        edit,
        CONFIGURED,
        &expect![[r#"
            Changed outside nest since it was last applied:

              # environment.builder has changed
              ~ container "test-builder-1"
                  ~ daemon.debug    : true -> false
                  ~ daemon.log-opts : (sensitive value) -> (sensitive value)
                  + daemon.proxies  : (sensitive value)

            nest will perform these actions:

              # environment.builder will be updated in place
              ~ container "test-builder-1"
                  ~ daemon.debug    : false -> true
                  ~ daemon.log-opts : (sensitive value) -> (sensitive value)
                  - daemon.proxies  : (sensitive value) -> (not declared)
                    (15 unchanged attributes hidden)
                    # restarts the engine inside

            Plan: 0 to add, 1 to change, 0 to destroy.
            Impact: 1 engine restarts: nothing runs inside; data kept.
        "#]],
    );
    let engine = engine();
    bring_up(&engine, CONFIGURED);
    edit(&engine);
    bring_up(&engine, CONFIGURED);
    let (file, in_force) = engine.with(|state| {
        let container = &state.containers["test-builder-1"];
        (container.daemon_file.clone(), container.daemon.clone())
    });
    assert_eq!(file["debug"], true);
    assert!(!file.contains_key("proxies"));
    assert_eq!(file, in_force);
    assert!(plan_now(&engine, CONFIGURED, UP).steps.is_empty());
}

#[test]
fn an_edit_of_a_key_that_reloads_is_put_back_by_a_reload() {
    check(
        CONFIGURED,
        |engine| {
            engine.with(|state| {
                let container = state.containers.get_mut("test-builder-1").expect("it runs");
                container
                    .daemon_file
                    .insert("debug".to_owned(), false.into());
            });
        },
        CONFIGURED,
        &expect![[r#"
            Changed outside nest since it was last applied:

              # environment.builder has changed
              ~ container "test-builder-1"
                  ~ daemon.debug : true -> false

            nest will perform these actions:

              # environment.builder will be updated in place
              ~ container "test-builder-1"
                  ~ daemon.debug : false -> true
                    (16 unchanged attributes hidden)
                    # the engine inside reloads

            Plan: 0 to add, 1 to change, 0 to destroy.
        "#]],
    );
}

#[test]
fn a_configuration_file_that_is_gone_is_written_again() {
    let engine = engine();
    bring_up(&engine, CONFIGURED);
    engine.with(|state| {
        let container = state.containers.get_mut("test-builder-1").expect("it runs");
        container.daemon_file.clear();
    });
    let plan = plan_now(&engine, CONFIGURED, UP);
    assert_eq!(plan.drift.len(), 1);
    assert_eq!(plan.drift[0].what, Drifted::Changed);
    bring_up(&engine, CONFIGURED);
    assert!(plan_now(&engine, CONFIGURED, UP).steps.is_empty());
}
