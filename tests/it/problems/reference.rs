//! Names that stand for nothing, or for the wrong thing.

use expect_test::expect;

use crate::problems::check;

#[test]
fn a_volume_that_is_not_declared() {
    check(
        "\
volumes: { cache: {} }
environments:
  builder:
    outer: dind
    volumes:
      - cahce:/cache
",
        &expect![[r#"
            nest::undeclared_volume

              × no volume `cahce` is declared
               ╭─[/home/ann/ci/nest.yaml:1:1]
             1 │ volumes: { cache: {} }
               · ───┬───
               ·    ╰── the volumes of this scope
             2 │ environments:
               ╰────
               ╭─[/home/ann/ci/nest.yaml:6:9]
             5 │     volumes:
             6 │       - cahce:/cache
               ·         ──┬──
               ·           ╰── used here
               ╰────
              help: did you mean `cache`?
        "#]],
    );
}

#[test]
fn a_volume_where_none_is_declared() {
    check(
        "\
environments:
  builder:
    outer: dind
    volumes: [\"work:/work\"]
",
        &expect![[r#"
            nest::undeclared_volume

              × no volume `work` is declared
               ╭─[/home/ann/ci/nest.yaml:4:16]
             3 │     outer: dind
             4 │     volumes: ["work:/work"]
               ·                ──┬─
               ·                  ╰── used here
               ╰────
              help: declare it in this scope: `volumes: { work: {} }`
        "#]],
    );
}

#[test]
fn a_data_volume_that_is_not_declared() {
    check(
        "\
environments:
  builder:
    outer: { mode: dind, data: store }
",
        &expect![[r#"
            nest::undeclared_volume

              × no volume `store` is declared
               ╭─[/home/ann/ci/nest.yaml:3:32]
             2 │   builder:
             3 │     outer: { mode: dind, data: store }
               ·                                ──┬──
               ·                                  ╰── used here
               ╰────
              help: declare it in this scope: `volumes: { store: {} }`
        "#]],
    );
}

#[test]
fn a_registry_that_is_not_declared() {
    check(
        "\
registries: { hub: { mirror: docker.io } }
environments:
  builder:
    outer: dind
    registries: [hbu]
",
        &expect![[r#"
            nest::undeclared_registry

              × no registry `hbu` is declared
               ╭─[/home/ann/ci/nest.yaml:1:1]
             1 │ registries: { hub: { mirror: docker.io } }
               · ─────┬────
               ·      ╰── the registries of this file
             2 │ environments:
               ╰────
               ╭─[/home/ann/ci/nest.yaml:5:18]
             4 │     outer: dind
             5 │     registries: [hbu]
               ·                  ─┬─
               ·                   ╰── used here
               ╰────
              help: did you mean `hub`?
        "#]],
    );
}

#[test]
fn a_dependency_that_is_not_declared() {
    check(
        "\
environments:
  one: { outer: dind }
  two: { outer: dind, depends_on: [oen] }
",
        &expect![[r#"
            nest::undeclared_environment

              × no environment or service `oen` is declared
               ╭─[/home/ann/ci/nest.yaml:3:36]
             1 │ environments:
               · ──────┬─────
               ·       ╰── the environments of this scope
             2 │   one: { outer: dind }
             3 │   two: { outer: dind, depends_on: [oen] }
               ·                                    ─┬─
               ·                                     ╰── used here
               ╰────
              help: did you mean `one`?
        "#]],
    );
}

#[test]
fn environments_that_wait_for_each_other() {
    check(
        "\
environments:
  one: { outer: dind, depends_on: [two] }
  two: { outer: dind, depends_on: [three] }
  three: { outer: dind, depends_on: [one] }
",
        &expect![[r#"
            nest::dependency_cycle

              × containers wait for each other: one -> two -> three -> one
               ╭─[/home/ann/ci/nest.yaml:2:36]
             1 │ environments:
             2 │   one: { outer: dind, depends_on: [two] }
               ·                                    ─┬─
               ·                                     ╰── waits for the next
             3 │   two: { outer: dind, depends_on: [three] }
               ·                                    ──┬──
               ·                                      ╰── waits for the next
             4 │   three: { outer: dind, depends_on: [one] }
               ·                                      ─┬─
               ·                                       ╰── waits for the next
               ╰────
              help: remove one of these: none of the containers could start first
        "#]],
    );
}

#[test]
fn an_environment_that_waits_for_itself() {
    check(
        "\
environments:
  one: { outer: dind, depends_on: [one] }
",
        &expect![[r#"
            nest::dependency_cycle

              × containers wait for each other: one -> one
               ╭─[/home/ann/ci/nest.yaml:2:36]
             1 │ environments:
             2 │   one: { outer: dind, depends_on: [one] }
               ·                                    ─┬─
               ·                                     ╰── waits for the next
               ╰────
              help: remove one of these: none of the containers could start first
        "#]],
    );
}

#[test]
fn a_registry_listed_twice() {
    check(
        "\
registries: { hub: { mirror: docker.io } }
environments:
  builder:
    outer: dind
    registries: [hub, hub]
",
        &expect![[r#"
            nest::listed_twice

              × `hub` is listed twice
               ╭─[/home/ann/ci/nest.yaml:5:23]
             4 │     outer: dind
             5 │     registries: [hub, hub]
               ·                  ─┬─  ─┬─
               ·                   │    ╰── listed again here
               ·                   ╰── first listed here
               ╰────
              help: remove one of the two
        "#]],
    );
}

#[test]
fn a_dependency_whose_profiles_are_not_active() {
    check(
        "\
environments:
  extra: { outer: dind, profiles: [debug, trace] }
  builder: { outer: dind, depends_on: [extra] }
  other: { outer: dind, depends_on: { extra: { required: false } } }
",
        &expect![[r#"
            nest::inactive_dependency

              × `extra` is left out: none of its profiles is active
               ╭─[/home/ann/ci/nest.yaml:3:40]
             1 │ environments:
             2 │   extra: { outer: dind, profiles: [debug, trace] }
               ·                                   ───────┬──────
               ·                                          ╰── left out without one of these
             3 │   builder: { outer: dind, depends_on: [extra] }
               ·                                        ──┬──
               ·                                          ╰── waits for it
             4 │   other: { outer: dind, depends_on: { extra: { required: false } } }
               ╰────
              help: activate one with `--profile`, give this one the same profiles, or say `required: false`
        "#]],
    );
}
