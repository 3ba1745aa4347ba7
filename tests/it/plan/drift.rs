//! What changed outside nest stands before the changes.

mod configuration;
mod stopped;

use expect_test::expect;
use nest::model::image::ImageReference;
use nest::observed::ContainerState;
use nest::plan::drift::Drifted;
use nest::up::Outcome;

use crate::apply::{bring_up, run};
use crate::memory::MemoryEngine;
use crate::plan::{BUILDER, UP, check, engine, plan_now};

#[test]
fn a_limit_that_was_changed_by_hand_is_drift_and_put_back() {
    check(
        BUILDER,
        |engine| {
            engine.with(|state| {
                let container = state.containers.get_mut("test-builder-1").expect("it runs");
                container.live.memory = Some(3 << 30);
            });
        },
        BUILDER,
        &expect![[r#"
            Changed outside nest since it was last applied:

              # environment.builder has changed
              ~ container "test-builder-1"
                  ~ memory : 2g -> 3g

            nest will perform these actions:

              # environment.builder will be updated in place
              ~ container "test-builder-1"
                  ~ memory : 3g -> 2g
                    (14 unchanged attributes hidden)

            Plan: 0 to add, 1 to change, 0 to destroy.
        "#]],
    );
}

#[test]
fn a_container_that_could_not_be_started_was_stopped_by_nobody() {
    let engine = engine();
    bring_up(&engine, BUILDER);
    engine.with(|state| {
        let container = state.containers.get_mut("test-builder-1").expect("it runs");
        container.state = ContainerState::Created;
    });
    let plan = plan_now(&engine, BUILDER, UP);
    assert_eq!(plan.drift, []);
    assert!(!plan.steps.is_empty(), "it is started");
}

#[test]
fn what_a_run_did_that_broke_off_is_nobody_elses_doing() {
    for changed in [
        BUILDER.replace("mode: dind", "mode: dind, daemon: { log-level: warn }"),
        BUILDER.replace("mode: dind", "mode: dind, daemon: { debug: true }"),
        BUILDER.replace("mode: dind", "mode: dind, init: true"),
        "name: test\n".to_owned(),
    ] {
        let mut step = 0;
        loop {
            let engine = engine();
            bring_up(&engine, BUILDER);
            engine.fail_after(step);
            let is_done = matches!(run(&engine, &changed, UP), Outcome::Done { .. });
            engine.fail_after(usize::MAX);
            let drift = plan_now(&engine, &changed, UP).drift;
            assert_eq!(drift, [], "{changed} after step {step}");
            if is_done {
                break;
            }
            step += 1;
        }
        assert!(step > 3, "{changed}: {step}");
    }
}

#[test]
fn a_container_that_was_removed_or_stopped_is_drift() {
    check(
        BUILDER,
        |engine| {
            engine.with(|state| state.containers.remove("test-builder-1"));
        },
        BUILDER,
        &expect![[r#"
            Changed outside nest since it was last applied:

              # environment.builder is gone
              - container "test-builder-1"

            nest will perform these actions:

              # environment.builder will be created
              + container "test-builder-1"
                  + image                    : docker:dind
                  + mode                     : dind
                  + socket                   : /var/run/docker.sock
                  + command                  : [dockerd, --host=unix:///var/run/docker.sock, --host=unix:///nest/docker.sock]
                  + environment.NEST_REPLICA : 1
                  + mount /cache             : volume test_cache
                  + mount /nest              : volume test_builder-1-socket
                  + mount /var/lib/docker    : volume test_builder-1-data
                  + privileged               : true
                  + stop_timeout             : 60
                  + memory                   : 2g
                  + restart                  : no

              environment.builder is read when its engine runs; what it holds is planned then.

            Plan: 1 to add, 0 to change, 0 to destroy.
        "#]],
    );
    check(
        BUILDER,
        |engine| {
            engine.with(|state| {
                let container = state.containers.get_mut("test-builder-1").expect("it runs");
                container.state = ContainerState::Exited(137);
            });
        },
        BUILDER,
        &expect![[r#"
            Changed outside nest since it was last applied:

              # environment.builder does not run
              ~ container "test-builder-1"

            nest will perform these actions:

              # environment.builder will be updated in place (it does not run)
              ~ container "test-builder-1"
                    (15 unchanged attributes hidden)

              environment.builder is read when its engine runs; what it holds is planned then.

            Plan: 0 to add, 1 to change, 0 to destroy.
        "#]],
    );
}

#[test]
fn a_volume_and_a_network_that_are_gone_are_drift() {
    check(
        BUILDER,
        |engine| {
            engine.with(|state| {
                state.volumes.remove("test_cache");
                let container = state.containers.get_mut("test-builder-1").expect("it runs");
                container.live.networks.clear();
                state.networks.remove("test_default");
            });
        },
        BUILDER,
        &expect![[r#"
            Changed outside nest since it was last applied:

              # network.default is gone
              - network "test_default"

              # volume.cache is gone
              - volume "test_cache"

              # environment.builder has changed
              ~ container "test-builder-1"
                  - network test_default : [builder, builder-1] -> (none)

            nest will perform these actions:

              # network.default will be created
              + network "test_default"
                  + driver : bridge

              # volume.cache will be created
              + volume "test_cache"
                  + driver : local

              # environment.builder will be updated in place
              ~ container "test-builder-1"
                  + network test_default : [builder, builder-1]
                    (14 unchanged attributes hidden)

            Plan: 2 to add, 1 to change, 0 to destroy.
        "#]],
    );
}

/// The engine inside.
fn inside(engine: &MemoryEngine, act: impl FnOnce(&mut crate::memory::EngineState)) {
    let path = nest::resource::engine_path::EnginePath::outer().inside("test-builder-1");
    engine.with(|state| act(state.inside(&path).expect("it runs")));
}

#[test]
fn an_inner_image_that_was_removed_or_retagged_is_drift() {
    let alpine = || ImageReference::new("alpine:3.20");
    check(
        BUILDER,
        |engine| inside(engine, |state| drop(state.images.remove(&alpine()))),
        BUILDER,
        &expect![[r#"
            Changed outside nest since it was last applied:

              # environment.builder/image["alpine:3.20"] is gone
              - image "alpine:3.20"

            nest will perform these actions:

              # environment.builder/image["alpine:3.20"] will be created
              + image "alpine:3.20"

            Plan: 1 to add, 0 to change, 0 to destroy.
        "#]],
    );
    check(
        BUILDER,
        |engine| {
            inside(engine, |state| {
                drop(state.images.insert(alpine(), "another image".to_owned()));
            });
        },
        BUILDER,
        &expect![[r#"
            Changed outside nest since it was last applied:

              # environment.builder/image["alpine:3.20"] has changed
              ~ image "alpine:3.20"
                  ~ content : alpine:3.20 as built -> another image

            No changes. The engines hold what the file declares.
        "#]],
    );
}

#[test]
fn an_image_of_which_only_the_name_counts_is_taken_as_it_is_by_the_next_run() {
    let engine = engine();
    bring_up(&engine, BUILDER);
    let other = "another image".to_owned();
    inside(&engine, |state| {
        drop(
            state
                .images
                .insert(ImageReference::new("alpine:3.20"), other),
        );
    });
    assert_eq!(plan_now(&engine, BUILDER, UP).drift.len(), 1);
    bring_up(&engine, BUILDER);
    let plan = plan_now(&engine, BUILDER, UP);
    assert!(plan.drift.is_empty() && plan.steps.is_empty(), "{plan:?}");
}

#[test]
fn what_nest_does_itself_is_no_drift() {
    let edited = BUILDER
        .replace("2g", "4g")
        .replace("[alpine:3.20]", "[busybox:1.36]")
        .replace("{ cache: {} }", "{ cache: {}, more: {} }");
    let engine = engine();
    for file in [BUILDER, &edited, BUILDER] {
        bring_up(&engine, file);
        for next in [BUILDER, &edited] {
            assert_eq!(plan_now(&engine, next, UP).drift, []);
        }
    }
}

#[test]
fn what_a_killed_run_left_undone_is_no_drift() {
    for operations in 0.. {
        let engine = engine();
        engine.fail_after(operations);
        run(&engine, BUILDER, UP);
        let plan = plan_now(&engine, BUILDER, UP);
        assert_eq!(plan.drift, [], "after {operations} operations");
        if !plan.has_changes() {
            break;
        }
        engine.fail_after(usize::MAX);
        bring_up(&engine, BUILDER);
        engine.with(|state| state.volumes.remove("test_cache"));
        let drift = plan_now(&engine, BUILDER, UP).drift;
        assert!(matches!(drift.as_slice(), [one] if one.what == Drifted::Deleted));
    }
}

#[test]
fn what_was_made_again_by_others_under_its_name_is_gone_and_its_name_taken() {
    check(
        BUILDER,
        |engine| {
            engine.with(|state| {
                let volume = state.volumes.get_mut("test_cache").expect("it is there");
                volume.labels.clear();
                let labels = &mut state
                    .networks
                    .get_mut("test_default")
                    .expect("it is there")
                    .labels;
                labels.insert("dev.nest.name".to_owned(), "another".to_owned());
            });
        },
        BUILDER,
        &expect![[r#"
            Changed outside nest since it was last applied:

              # network.default is gone
              - network "test_default"

              # volume.cache is gone
              - volume "test_cache"

            error: network.default: a network named `test_default` exists on the outer engine and was not made by this project
              hint: nest never touches what it did not make: rename yours, remove it yourself (`docker network rm test_default`), or give the project another name with `name:` or `-p`

            error: volume.cache: a volume named `test_cache` exists on the outer engine and was not made by this project
              --> /project/test/nest.yaml:3:12
              hint: nest never touches what it did not make: rename yours, remove it yourself (`docker volume rm test_cache`), or give the project another name with `name:` or `-p`

        "#]],
    );
}

#[test]
fn a_container_that_was_connected_again_without_its_names_is_drift() {
    check(
        BUILDER,
        |engine| {
            engine.with(|state| {
                let container = state.containers.get_mut("test-builder-1").expect("it runs");
                let mine = ["mine".to_owned()].into();
                container
                    .live
                    .networks
                    .insert("test_default".to_owned(), mine);
            });
        },
        BUILDER,
        &expect![[r#"
            Changed outside nest since it was last applied:

              # environment.builder has changed
              ~ container "test-builder-1"
                  ~ network test_default : [builder, builder-1] -> [mine]

            nest will perform these actions:

              # environment.builder will be updated in place
              ~ container "test-builder-1"
                  ~ network test_default : [mine] -> [builder, builder-1]
                    (14 unchanged attributes hidden)

            Plan: 0 to add, 1 to change, 0 to destroy.
        "#]],
    );
}

#[test]
fn a_second_replica_takes_the_name_without_a_number_from_the_first() {
    let engine = engine();
    bring_up(&engine, BUILDER);
    bring_up(&engine, &format!("{BUILDER}    replicas: 2\n"));
    let names = engine.with(|state| {
        let container = &state.containers["test-builder-1"];
        container.live.networks["test_default"].clone()
    });
    assert_eq!(names, ["builder-1".to_owned()].into());
    bring_up(&engine, BUILDER);
    let names = engine.with(|state| {
        let container = &state.containers["test-builder-1"];
        container.live.networks["test_default"].clone()
    });
    assert_eq!(names, ["builder".to_owned(), "builder-1".to_owned()].into());
}
