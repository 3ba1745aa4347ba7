//! What the file calls differently is one object on an engine.

mod alias;

use std::path::PathBuf;

use expect_test::expect;

use crate::front_end::{read_below, rendered};
use crate::problems::check;

#[test]
fn a_volume_that_is_the_data_of_an_environment() {
    check(
        "\
volumes:
  builder-1-data: {}
environments:
  builder: { outer: dind }
",
        &expect![[r#"
            nest::volumes_clash

              × two volumes would both be `ci_builder-1-data` on the engine
               ╭─[/home/ann/ci/nest.yaml:4:3]
             1 │ volumes:
             2 │   builder-1-data: {}
               ·   ───────┬──────
               ·          ╰── the volume `builder-1-data`
             3 │ environments:
             4 │   builder: { outer: dind }
               ·   ───┬───
               ·      ╰── the data volume of the environment `builder`
               ╰────
              help: rename one of the two: nest could not tell one from the other
        "#]],
    );
}

#[test]
fn an_explicit_name_that_is_the_data_of_an_environment() {
    check(
        "\
volumes:
  store: { name: ci_builder-2-socket }
environments:
  builder: { outer: dind, replicas: 2 }
",
        &expect![[r#"
            nest::volumes_clash

              × two volumes would both be `ci_builder-2-socket` on the engine
               ╭─[/home/ann/ci/nest.yaml:4:3]
             1 │ volumes:
             2 │   store: { name: ci_builder-2-socket }
               ·                  ─────────┬─────────
               ·                           ╰── the volume `store`
             3 │ environments:
             4 │   builder: { outer: dind, replicas: 2 }
               ·   ───┬───
               ·      ╰── the socket volume of the environment `builder`
               ╰────
              help: rename one of the two: nest could not tell one from the other
        "#]],
    );
}

#[test]
fn a_volume_with_the_address_of_another() {
    check(
        "\
registries: { hub: { mirror: docker.io } }
volumes:
  hub-data: { name: elsewhere }
",
        &expect![[r#"
            nest::volumes_clash

              × two volumes would both be `volume.hub-data` in plans
               ╭─[/home/ann/ci/nest.yaml:3:21]
             1 │ registries: { hub: { mirror: docker.io } }
               ·               ─┬─
               ·                ╰── the data volume of the registry `hub`
             2 │ volumes:
             3 │   hub-data: { name: elsewhere }
               ·                     ────┬────
               ·                         ╰── the volume `hub-data`
               ╰────
              help: rename one of the two: nest could not tell one from the other
        "#]],
    );
}

#[test]
fn two_volumes_of_one_explicit_name() {
    check(
        "\
volumes:
  one: { name: team }
  two: { name: team, external: true }
environments:
  builder:
    outer: dind
    inner: { volumes: { aa: { name: team }, bb: { name: team } } }
",
        &expect![[r#"
            nest::volumes_clash

              × two volumes would both be `team` on the engine
               ╭─[/home/ann/ci/nest.yaml:3:16]
             1 │ volumes:
             2 │   one: { name: team }
               ·                ──┬─
               ·                  ╰── the volume `one`
             3 │   two: { name: team, external: true }
               ·                ──┬─
               ·                  ╰── the volume `two`
             4 │ environments:
               ╰────
              help: rename one of the two: nest could not tell one from the other

            nest::volumes_clash

              × two volumes would both be `team` on the engine
               ╭─[/home/ann/ci/nest.yaml:7:57]
             6 │     outer: dind
             7 │     inner: { volumes: { aa: { name: team }, bb: { name: team } } }
               ·                                     ──┬─                ──┬─
               ·                                       │                   ╰── the volume `bb`
               ·                                       ╰── the volume `aa`
               ╰────
              help: rename one of the two: nest could not tell one from the other
        "#]],
    );
}

#[test]
fn volumes_of_a_scope_on_the_same_engine() {
    check(
        "\
volumes:
  tools_cache: {}
environments:
  tools: { outer: socket, inner: { volumes: { cache: {} } } }
",
        &expect![[r#"
            nest::socket_is_root

              ⚠ mode `socket` hands the outer engine's socket to the container
               ╭─[/home/ann/ci/nest.yaml:4:19]
             3 │ environments:
             4 │   tools: { outer: socket, inner: { volumes: { cache: {} } } }
               ·                   ───┬──
               ·                      ╰── chosen here
               ╰────
              help: whoever runs in it is root on the host; mode `dind` has an engine of its own

            nest::volumes_clash

              × two volumes would both be `ci_tools_cache` on the engine
               ╭─[/home/ann/ci/nest.yaml:4:47]
             1 │ volumes:
             2 │   tools_cache: {}
               ·   ─────┬─────
               ·        ╰── the volume `tools_cache`
             3 │ environments:
             4 │   tools: { outer: socket, inner: { volumes: { cache: {} } } }
               ·                                               ──┬──
               ·                                                 ╰── the volume `cache`
               ╰────
              help: rename one of the two: nest could not tell one from the other
        "#]],
    );
}

#[test]
fn an_inner_volume_named_as_a_shared_one() {
    check(
        "\
volumes:
  cache: {}
environments:
  builder:
    outer: dind
    volumes: [cache:/cache]
    inner: { volumes: { other: { name: cache } } }
",
        &expect![[r#"
            nest::volumes_clash

              × two volumes would both be `cache` on the engine
               ╭─[/home/ann/ci/nest.yaml:7:40]
             5 │     outer: dind
             6 │     volumes: [cache:/cache]
               ·               ──────┬─────
               ·                     ╰── shared with the engine inside
             7 │     inner: { volumes: { other: { name: cache } } }
               ·                                        ──┬──
               ·                                          ╰── the volume `other`
               ╰────
              help: rename one of the two: nest could not tell one from the other
        "#]],
    );
}

#[test]
fn two_names_of_one_external_volume_are_no_clash() {
    check(
        "volumes: { one: { name: team, external: true }, two: { name: team, external: true } }\n",
        &expect![""],
    );
}

#[test]
fn a_replica_and_an_environment_of_one_name() {
    check(
        "\
registries: { hub: { mirror: docker.io } }
environments:
  builder: { outer: dind, replicas: 2 }
  builder-2: { outer: dind }
  hub.nest: { outer: dind }
",
        &expect![[r#"
            nest::hosts_clash

              × two containers would both answer to `builder-2` on the network
               ╭─[/home/ann/ci/nest.yaml:4:3]
             2 │ environments:
             3 │   builder: { outer: dind, replicas: 2 }
               ·   ───┬───
               ·      ╰── the environment `builder`
             4 │   builder-2: { outer: dind }
               ·   ────┬────
               ·       ╰── the environment `builder-2`
             5 │   hub.nest: { outer: dind }
               ╰────
              help: rename one of the two: replica I of `NAME` answers to `NAME-I`, a registry to `NAME.nest`
                    too

            nest::hosts_clash

              × two containers would both answer to `hub.nest` on the network
               ╭─[/home/ann/ci/nest.yaml:1:15]
             1 │ registries: { hub: { mirror: docker.io } }
               ·               ─┬─
               ·                ╰── the registry `hub`
             2 │ environments:
               ╰────
               ╭─[/home/ann/ci/nest.yaml:5:3]
             4 │   builder-2: { outer: dind }
             5 │   hub.nest: { outer: dind }
               ·   ────┬───
               ·       ╰── the environment `hub.nest`
               ╰────
              help: rename one of the two: replica I of `NAME` answers to `NAME-I`, a registry to `NAME.nest`
                    too
        "#]],
    );
}

#[test]
fn a_volume_named_as_a_record_of_nest() {
    check(
        "volumes: { mine: { name: nest-ci-record-3 } }\n",
        &expect![[r#"
            nest::reserved_name

              × the name `nest-ci-record-3` is nest's own
               ╭─[/home/ann/ci/nest.yaml:1:26]
             1 │ volumes: { mine: { name: nest-ci-record-3 } }
               ·                          ────────┬───────
               ·                                  ╰── kept for nest's records
               ╰────
              help: choose another name: nest keeps what it must remember in volumes that are called so
        "#]],
    );
}

#[test]
fn a_problem_below_an_anchor_shows_who_uses_it() {
    check(
        "\
x-base: &base
  mode: dind
  memroy: 1g
environments:
  builder: { outer: *base }
  tester: { outer: { <<: *base, cpus: 1 } }
",
        &expect![[r#"
            nest::unknown_key

              × unknown key `memroy`
               ╭─[/home/ann/ci/nest.yaml:3:3]
             2 │   mode: dind
             3 │   memroy: 1g
               ·   ───┬──
               ·      ╰── not known here
             4 │ environments:
             5 │   builder: { outer: *base }
               ·                     ──┬──
               ·                       ╰── an alias uses it here
             6 │   tester: { outer: { <<: *base, cpus: 1 } }
               ·                          ──┬──
               ·                            ╰── an alias uses it here
               ╰────
              help: did you mean `memory`?
        "#]],
    );
}

#[test]
fn a_file_below_the_working_folder_is_shown_as_a_person_writes_it() {
    let result = read_below(PathBuf::from("/home/ann"), "- one\n");
    expect![[r#"
        nest::not_a_mapping

          × `ci/nest.yaml` holds a list instead of keys with values
          help: a nest file starts with keys such as `environments:`; is it the right file?
    "#]]
    .assert_eq(&rendered(&result));
    let result = read_below(PathBuf::from("/home/ann"), "enviroments: {}\n");
    expect![[r#"
        nest::unknown_key

          × unknown key `enviroments`
           ╭─[ci/nest.yaml:1:1]
         1 │ enviroments: {}
           · ─────┬─────
           ·      ╰── not known here
           ╰────
          help: did you mean `environments`?
    "#]]
    .assert_eq(&rendered(&result));
}
