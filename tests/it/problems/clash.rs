//! What the file calls differently is one object on an engine.

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
        &expect![""],
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
        &expect![""],
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
        &expect![""],
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
        &expect![""],
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
        &expect![""],
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
        &expect![""],
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
        &expect![""],
    );
}

#[test]
fn a_volume_named_as_a_record_of_nest() {
    check(
        "volumes: { mine: { name: nest-ci-record-3 } }\n",
        &expect![""],
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
        &expect![""],
    );
}

#[test]
fn a_file_below_the_working_folder_is_shown_as_a_person_writes_it() {
    let result = read_below(PathBuf::from("/home/ann"), "- one\n");
    expect![""].assert_eq(&rendered(&result));
    let result = read_below(PathBuf::from("/home/ann"), "enviroments: {}\n");
    expect![""].assert_eq(&rendered(&result));
}
