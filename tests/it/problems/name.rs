//! Names of the things of a file.

use expect_test::expect;

use crate::problems::check;

#[test]
fn a_project_name_with_capitals() {
    check(
        "\
name: My Project
environments: {}
",
        &expect![[r#"
            nest::invalid_name

              × `My Project` cannot be the name of a project
               ╭─[/home/ann/ci/nest.yaml:1:7]
             1 │ name: My Project
               ·       ─────┬────
               ·            ╰── `M` cannot be in it
             2 │ environments: {}
               ╰────
              help: use 2 to 63 lower-case letters, digits, `-` or `_`; perhaps `my-project`
        "#]],
    );
}

#[test]
fn a_volume_of_one_letter() {
    check(
        "\
volumes: { c: {} }
environments: {}
",
        &expect![[r#"
            nest::invalid_name

              × `c` cannot be the name of a volume
               ╭─[/home/ann/ci/nest.yaml:1:12]
             1 │ volumes: { c: {} }
               ·            ┬
               ·            ╰── one character is too short: engines refuse it
             2 │ environments: {}
               ╰────
              help: use 2 to 63 letters, digits or `-`, `_`, `.`, a letter or a digit first
        "#]],
    );
}

#[test]
fn a_registry_with_an_underscore() {
    check(
        "\
registries: { my_hub: { mirror: docker.io } }
",
        &expect![[r#"
            nest::invalid_name

              × `my_hub` cannot be the name of a registry
               ╭─[/home/ann/ci/nest.yaml:1:15]
             1 │ registries: { my_hub: { mirror: docker.io } }
               ·               ───┬──
               ·                  ╰── `_` cannot be in it
               ╰────
              help: use 2 to 63 lower-case letters, digits or `-`, a letter or a digit first
        "#]],
    );
}

#[test]
fn an_environment_with_a_slash() {
    check(
        "\
environments: { ci/builder: { outer: dind } }
",
        &expect![[r#"
            nest::invalid_name

              × `ci/builder` cannot be the name of an environment
               ╭─[/home/ann/ci/nest.yaml:1:17]
             1 │ environments: { ci/builder: { outer: dind } }
               ·                 ─────┬────
               ·                      ╰── `/` cannot be in it
               ╰────
              help: use 2 to 63 letters, digits or `-`, `_`, `.`, a letter or a digit first
        "#]],
    );
}

#[test]
fn an_environment_and_a_registry_of_one_name() {
    check(
        "\
registries: { hub: { mirror: docker.io } }
environments: { hub: { outer: dind } }
",
        &expect![[r#"
            nest::shared_name

              × `hub` names both an environment and a registry
               ╭─[/home/ann/ci/nest.yaml:2:17]
             1 │ registries: { hub: { mirror: docker.io } }
               ·               ─┬─
               ·                ╰── a registry
             2 │ environments: { hub: { outer: dind } }
               ·                 ─┬─
               ·                  ╰── an environment
               ╰────
              help: rename one of the two: both answer to their name on the scope's network
        "#]],
    );
}
