//! Plans as text: an old file applied to an engine in memory, disturbed, and planned against a new file.

mod build;
mod capability;
mod data_loss;
mod drift;
mod engines;
mod json;
mod modes;
mod names;
mod one_off;
mod packets;
mod place;
mod platform;
mod prune;
mod pull;
mod pushes;
mod registries;
mod removal;
mod secrets;
mod seeds;
mod services;
mod sidecar;
mod target;

use expect_test::{Expect, expect};
use nest::engine::Engine as _;
use nest::observed::ContainerState;
use nest::plan::{Destroy, Plan, PlanOptions, plan};
use nest::report;
use nest::up::question_with;

use crate::apply::bring_up;
use crate::memory::MemoryEngine;
use crate::yaml::wanted;

pub(crate) const UP: PlanOptions = PlanOptions::whole(None);
pub(crate) const DOWN: PlanOptions = PlanOptions::whole(Some(Destroy { volumes: false }));
pub(crate) const DOWN_WITH_VOLUMES: PlanOptions =
    PlanOptions::whole(Some(Destroy { volumes: true }));

pub(crate) fn engine() -> MemoryEngine {
    MemoryEngine::with_images(&[
        "docker:dind",
        "docker:cli",
        "registry:2",
        "alpine:3.20",
        "busybox:1.36",
    ])
}

pub(crate) fn plan_now(engine: &MemoryEngine, yaml: &str, options: impl Into<PlanOptions>) -> Plan {
    let (desired, options) = (wanted(yaml), options.into());
    let observed = futures(engine.observe(&question_with(&desired, &options)));
    let observed = observed.expect("an engine in memory always answers");
    plan(&desired, &observed, &options)
}

/// Futures on an engine in memory are ready at once.
pub(crate) fn futures<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    runtime.block_on(future)
}

pub(crate) fn rendered(plan: &Plan) -> String {
    anstream::adapter::strip_str(&report::plan::plan(plan)).to_string()
}

/// Applies `old`, lets `disturb` act, and compares the plan for `new`.
pub(crate) fn check(old: &str, disturb: impl FnOnce(&MemoryEngine), new: &str, expected: &Expect) {
    let engine = engine();
    bring_up(&engine, old);
    disturb(&engine);
    expected.assert_eq(&rendered(&plan_now(&engine, new, UP)));
}

pub(crate) const BUILDER: &str = "
name: test
volumes: { cache: {} }
environments:
  builder:
    outer: { mode: dind, memory: 2g }
    volumes: [cache:/cache]
    inner: { images: [alpine:3.20] }
";

#[test]
fn a_new_project_is_created_whole() {
    expect![[r#"
        nest will perform these actions:

          # network.default will be created
          + network "test_default"
              + driver : bridge

          # volume.builder-1-data will be created
          + volume "test_builder-1-data"
              + driver : local

          # volume.builder-1-socket will be created
          + volume "test_builder-1-socket"
              + driver : local

          # volume.cache will be created
          + volume "test_cache"
              + driver : local

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

          # environment.builder/volume.cache will be created
          + volume "cache"
              + driver             : local
              + driver_opts.device : /cache
              + driver_opts.o      : bind
              + driver_opts.type   : none

          # environment.builder/image["alpine:3.20"] will be created
          + image "alpine:3.20"

        Plan: 7 to add, 0 to change, 0 to destroy.
    "#]].assert_eq(&rendered(&plan_now(&engine(), BUILDER, UP)));
}

#[test]
fn an_applied_project_needs_no_change() {
    check(
        BUILDER,
        |_| {},
        BUILDER,
        &expect![[r#"
        No changes. The engines hold what the file declares.
    "#]],
    );
}

#[test]
fn swapping_inner_images_names_just_these_two() {
    let new = BUILDER.replace("alpine:3.20", "busybox:1.36");
    check(
        BUILDER,
        |_| {},
        &new,
        &expect![[r#"
        nest will perform these actions:

          # environment.builder/image["busybox:1.36"] will be created
          + image "busybox:1.36"

          # environment.builder/image["alpine:3.20"] will be removed (no longer declared)
          - image "alpine:3.20"

        Plan: 1 to add, 0 to change, 1 to destroy.
    "#]],
    );
}

#[test]
fn raising_memory_updates_in_place() {
    check(
        BUILDER,
        |_| {},
        &BUILDER.replace("2g", "3g"),
        &expect![[r#"
            nest will perform these actions:

              # environment.builder will be updated in place
              ~ container "test-builder-1"
                  ~ memory : 2g -> 3g
                    (14 unchanged attributes hidden)

            Plan: 0 to add, 1 to change, 0 to destroy.
        "#]],
    );
}

#[test]
fn removing_a_limit_replaces() {
    check(
        BUILDER,
        |_| {},
        &BUILDER.replace(", memory: 2g", ""),
        &expect![[r#"
            nest will perform these actions:

              # environment.builder must be replaced (a limit is no longer declared)
            -/+ container "test-builder-1"
                  - memory : 2g -> (not declared)   # forces replacement
                    (14 unchanged attributes hidden)

            Plan: 1 to add, 0 to change, 1 to destroy.
            Impact: 1 engine restarts: nothing runs inside; data kept.
        "#]],
    );
}

#[test]
fn a_limit_that_nobody_declared_is_left_alone() {
    let old = BUILDER.replace(", memory: 2g", "");
    let disturb = |engine: &MemoryEngine| {
        engine.with(|state| {
            state
                .containers
                .get_mut("test-builder-1")
                .expect("it is there")
                .live
                .memory = Some(1 << 30);
        });
    };
    check(
        &old,
        disturb,
        &old,
        &expect![[r#"
        No changes. The engines hold what the file declares.
    "#]],
    );
}

#[test]
fn another_outer_image_replaces_and_keeps_the_data() {
    let new = BUILDER.replace("mode: dind", "mode: dind, image: docker:28-dind");
    check(
        BUILDER,
        |_| {},
        &new,
        &expect![[r#"
            nest will perform these actions:

              # environment.builder must be replaced
            -/+ container "test-builder-1"
                  ~ image : docker:dind -> docker:28-dind   # forces replacement
                    (14 unchanged attributes hidden)

            Plan: 1 to add, 0 to change, 1 to destroy.
            Impact: 1 engine restarts: nothing runs inside; data kept.
        "#]],
    );
}

#[test]
fn a_stopped_environment_is_started_and_its_scope_deferred() {
    let disturb = |engine: &MemoryEngine| {
        engine.with(|state| {
            state
                .containers
                .get_mut("test-builder-1")
                .expect("it is there")
                .state = ContainerState::Exited(137);
        });
    };
    check(
        BUILDER,
        disturb,
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
fn labels_handed_on_by_a_committed_image_make_no_owner() {
    let engine = engine();
    bring_up(&engine, BUILDER);
    engine.with(|state| {
        let mut copy = state.containers["test-builder-1"].clone();
        copy.id = "other".to_owned();
        state.containers.insert("debugging".to_owned(), copy);
    });
    let plan = plan_now(&engine, BUILDER, UP);
    assert!(!plan.has_changes(), "{}", rendered(&plan));
}

#[test]
fn an_image_that_the_user_put_inside_is_left_alone() {
    let engine = engine();
    let without = BUILDER.replace("[alpine:3.20]", "[]");
    bring_up(&engine, &without);
    engine.with(|state| {
        let data = state
            .volumes
            .get_mut("test_builder-1-data")
            .expect("it is there")
            .data
            .as_mut()
            .expect("it ran");
        data.images.insert(
            nest::model::image::ImageReference::new("busybox:1.36"),
            "theirs".to_owned(),
        );
    });
    assert!(!plan_now(&engine, &without, UP).has_changes());
    let listed = BUILDER.replace("alpine:3.20", "busybox:1.36");
    bring_up(&engine, &listed);
    assert!(
        !plan_now(&engine, &without, UP).has_changes(),
        "nest did not put it there, so it must stay"
    );
}

#[test]
fn reloadable_daemon_keys_reload_and_others_restart_the_engine() {
    let with =
        |keys: &str| BUILDER.replace("memory: 2g", &format!("memory: 2g, daemon: {{ {keys} }}"));
    let old = with("debug: false, mtu: 1400");
    check(
        &old,
        |_| {},
        &with("debug: true, mtu: 1400"),
        &expect![[r#"
            nest will perform these actions:

              # environment.builder will be updated in place
              ~ container "test-builder-1"
                  ~ daemon.debug : false -> true
                    (17 unchanged attributes hidden)
                    # the engine inside reloads

            Plan: 0 to add, 1 to change, 0 to destroy.
        "#]],
    );
    check(
        &old,
        |_| {},
        &with("debug: false, mtu: 1300"),
        &expect![[r#"
            nest will perform these actions:

              # environment.builder will be updated in place
              ~ container "test-builder-1"
                  ~ daemon.default-network-opts : {"bridge":{"com.docker.network.driver.mtu":"1400"}} -> {"bridge":{"com.docker.network.driver.mtu":"1300"}}
                  ~ daemon.mtu                  : 1400 -> 1300
                    (16 unchanged attributes hidden)
                    # restarts the engine inside

            Plan: 0 to add, 1 to change, 0 to destroy.
            Impact: 1 engine restarts: nothing runs inside; data kept.
        "#]],
    );
}
