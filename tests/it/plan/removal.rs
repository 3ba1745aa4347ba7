//! What is removed, what stays, and what is never touched.

use expect_test::expect;

use crate::apply::bring_up;
use crate::plan::{BUILDER, DOWN, DOWN_WITH_VOLUMES, UP, check, engine, plan_now, rendered};

#[test]
fn what_leaves_the_file_goes_and_its_volumes_stay() {
    check(
        BUILDER,
        |_| {},
        "name: test\nvolumes: { cache: {} }\n",
        &expect![[r#"
            nest will perform these actions:

              # network.default will be removed (no longer declared)
              - network "test_default"

              # volume.builder-1-socket will be removed (no longer declared)
              - volume "test_builder-1-socket"

              # environment.builder will be removed (no longer declared)
              - container "test-builder-1"

                volume "test_builder-1-data" kept (not declared)

            Plan: 0 to add, 0 to change, 3 to destroy.
            Impact: 1 engine stops: nothing runs inside; data kept.
        "#]],
    );
}

#[test]
fn a_foreign_container_of_the_same_name_is_refused() {
    let engine = engine();
    bring_up(&engine, BUILDER);
    engine.with(|state| {
        state
            .containers
            .get_mut("test-builder-1")
            .expect("it is there")
            .labels
            .clear();
    });
    let plan = plan_now(&engine, BUILDER, UP);
    assert!(!plan.is_applicable());
    expect![[r#"
        Changed outside nest since it was last applied:

          # environment.builder is gone
          - container "test-builder-1"

        error: environment.builder: the data volume `test_builder-1-data` is in use by the running container `test-builder-1`, which is not this project's
          --> /project/test/nest.yaml:5:3
          hint: two engines on one data root destroy it: stop the container first (`docker stop test-builder-1`), or give the environment data of its own

        error: environment.builder: a container named `test-builder-1` exists on the outer engine and was not made by this project
          --> /project/test/nest.yaml:5:3
          hint: nest never touches what it did not make: rename yours, remove it yourself (`docker rm test-builder-1`), or give the project another name with `name:` or `-p`

    "#]].assert_eq(&rendered(&plan));
}

#[test]
fn down_keeps_data_and_says_so() {
    let engine = engine();
    bring_up(&engine, BUILDER);
    expect![[r#"
        nest will perform these actions:

          # network.default will be destroyed
          - network "test_default"

          # volume.builder-1-socket will be destroyed
          - volume "test_builder-1-socket"

          # environment.builder will be destroyed
          - container "test-builder-1"

            volume "test_builder-1-data" kept: `--volumes` removes it
            volume "test_cache" kept: `--volumes` removes it

        Plan: 0 to add, 0 to change, 3 to destroy.
        Impact: 1 engine stops: nothing runs inside; data kept.
    "#]]
    .assert_eq(&rendered(&plan_now(&engine, BUILDER, DOWN)));
    expect![[r#"
        nest will perform these actions:

          # network.default will be destroyed
          - network "test_default"

          # volume.builder-1-data will be destroyed
          - volume "test_builder-1-data"

          # volume.builder-1-socket will be destroyed
          - volume "test_builder-1-socket"

          # volume.cache will be destroyed
          - volume "test_cache"

          # environment.builder will be destroyed
          - container "test-builder-1"

        Plan: 0 to add, 0 to change, 5 to destroy.
        Impact: 1 engine stops: nothing runs inside; the data of 2 volumes is lost.
    "#]]
    .assert_eq(&rendered(&plan_now(&engine, BUILDER, DOWN_WITH_VOLUMES)));
}

#[test]
fn a_folder_name_shared_by_two_files_is_refused() {
    let engine = engine();
    let unnamed = BUILDER.replace("name: test\n", "");
    bring_up(&engine, &unnamed);
    engine.with(|state| {
        let labels = &mut state
            .containers
            .get_mut("test-builder-1")
            .expect("it is there")
            .labels;
        labels.insert(
            nest::resource::label::FILE.to_owned(),
            "/elsewhere/test/nest.yaml".to_owned(),
        );
    });
    let plan = plan_now(&engine, "environments: { other: { outer: dind } }", UP);
    expect![[r#"
        nest will perform these actions:

          # volume.other-1-data will be created
          + volume "test_other-1-data"
              + driver : local

          # volume.other-1-socket will be created
          + volume "test_other-1-socket"
              + driver : local

          # volume.builder-1-socket will be removed (no longer declared)
          - volume "test_builder-1-socket"

          # environment.other will be created
          + container "test-other-1"
              + image                    : docker:dind
              + mode                     : dind
              + socket                   : /var/run/docker.sock
              + command                  : [dockerd, --host=unix:///var/run/docker.sock, --host=unix:///nest/docker.sock]
              + environment.NEST_REPLICA : 1
              + mount /nest              : volume test_other-1-socket
              + mount /var/lib/docker    : volume test_other-1-data
              + privileged               : true
              + stop_timeout             : 60
              + restart                  : no

          # environment.builder will be removed (no longer declared)
          - container "test-builder-1"

            volume "test_builder-1-data" kept (not declared)
            volume "test_cache" kept (not declared)

        error: environment.builder: `test-builder-1` was made from `/elsewhere/test/nest.yaml`, and would be removed or replaced
          hint: the project's name is only that of its folder: give each file a `name:` of its own, or use `-p`

        Plan: 3 to add, 0 to change, 2 to destroy.
        Impact: 1 engine stops: nothing runs inside; data kept.
    "#]].assert_eq(&rendered(&plan));
}
