//! Services that extend others, and Compose files.

use expect_test::{Expect, expect};

use crate::front_end::{read_several, rendered};
use crate::problems::check;

const NEST: &str = "/home/ann/ci/nest.yaml";
const COMPOSE: &str = "/home/ann/ci/app/compose.yaml";

/// Checks a nest file that names a Compose file.
#[track_caller]
fn check_both(nest: &str, compose: &str, expected: &Expect) {
    let table = [(NEST, nest), (COMPOSE, compose)];
    expected.assert_eq(&rendered(&read_several(&table, &[NEST], &[])));
}

#[test]
fn a_compose_file_that_is_not_there() {
    check(
        "compose: app/compose.yaml\n",
        &expect![[r#"
        nest::unreadable_named_file

          × cannot read `/home/ann/ci/app/compose.yaml`: entity not found
           ╭─[/home/ann/ci/nest.yaml:1:10]
         1 │ compose: app/compose.yaml
           ·          ────────┬───────
           ·                  ╰── named here
           ╰────
          help: check the path: it starts from the folder of the file that names it
    "#]],
    );
}

#[test]
fn a_file_with_a_service_to_extend_that_is_not_there() {
    check(
        "services:\n  web: { extends: { service: base, file: common.yaml } }\n",
        &expect![[r#"
            nest::unreadable_named_file

              × cannot read `/home/ann/ci/common.yaml`: entity not found
               ╭─[/home/ann/ci/nest.yaml:2:42]
             1 │ services:
             2 │   web: { extends: { service: base, file: common.yaml } }
               ·                                          ─────┬─────
               ·                                               ╰── named here
               ╰────
              help: check the path: it starts from the folder of the file that names it
        "#]],
    );
}

#[test]
fn a_service_that_is_not_there_is_extended() {
    check(
        "services:\n  base: { image: nginx }\n  web: { extends: bsae }\n",
        &expect![[r#"
            nest::unknown_extended_service

              × there is no service `bsae` to extend
               ╭─[/home/ann/ci/nest.yaml:3:19]
             1 │ services:
               · ────┬───
               ·     ╰── the services that there are
             2 │   base: { image: nginx }
             3 │   web: { extends: bsae }
               ·                   ──┬─
               ·                     ╰── extended here
               ╰────
              help: did you mean `base`?
        "#]],
    );
    check_both(
        "services:\n  web: { extends: { service: base, file: app/compose.yaml } }\n",
        "services:\n  other: { image: nginx }\n",
        &expect![[r#"
            nest::unknown_extended_service

              × there is no service `base` to extend
               ╭─[/home/ann/ci/nest.yaml:2:30]
             1 │ services:
             2 │   web: { extends: { service: base, file: app/compose.yaml } }
               ·                              ──┬─
               ·                                ╰── extended here
               ╰────
               ╭─[/home/ann/ci/app/compose.yaml:1:1]
             1 │ services:
               · ────┬───
               ·     ╰── the services that there are
             2 │   other: { image: nginx }
               ╰────
              help: `app/compose.yaml` has no such service at its top
        "#]],
    );
}

#[test]
fn services_extend_each_other() {
    check(
        "services:\n  aa: { extends: bb }\n  bb: { extends: { service: cc } }\n  cc: { extends: aa }\n",
        &expect![[r#"
            nest::extends_cycle

              × services extend each other: aa -> bb -> cc -> aa
               ╭─[/home/ann/ci/nest.yaml:4:18]
             3 │   bb: { extends: { service: cc } }
             4 │   cc: { extends: aa }
               ·                  ─┬
               ·                   ╰── this leads back to where it started
               ╰────
              help: remove one of these `extends`
        "#]],
    );
}

#[test]
fn extends_without_a_service() {
    check(
        "services:\n  aa: { extends: { file: other.yaml } }\n",
        &expect![[r#"
            nest::missing_key

              × `extends` has no `service`
               ╭─[/home/ann/ci/nest.yaml:2:18]
             1 │ services:
             2 │   aa: { extends: { file: other.yaml } }
               ·                  ──────────┬─────────
               ·                            ╰── `service` is missing here
               ╰────
              help: say which service: `service: base`
        "#]],
    );
}

#[test]
fn services_extend_each_other_in_a_long_row() {
    let mut file = "services:\n  s0: { image: nginx }\n".to_owned();
    let row = |number: usize| format!("  s{number}: {{ extends: s{} }}\n", number - 1);
    file.extend((1..=100).map(row));
    // In this order each is done before the next one needs it.
    let result = read_several(&[(NEST, &file)], &[NEST], &[]);
    assert!(result.is_ok(), "{}", rendered(&result));
    let mut file = "services:\n  s0: { image: nginx }\n".to_owned();
    file.extend((1..=100).rev().map(row));
    check(
        &file,
        &expect![[r#"
            nest::too_many_extends

              × too much is extended: more than 64 services in one row
                ╭─[/home/ann/ci/nest.yaml:67:19]
             66 │   s37: { extends: s36 }
             67 │   s36: { extends: s35 }
                ·                   ─┬─
                ·                    ╰── the limit is passed here
             68 │   s35: { extends: s34 }
                ╰────
              help: write the services out, or extend fewer of them
        "#]],
    );
}

#[test]
fn keys_of_a_compose_file() {
    check_both(
        "compose: app/compose.yaml\n",
        "\
version: \"3.8\"
x-mine: 1
sevices: {}
services:
  web:
    image: nginx
    oom_score_adj: 100
    imagee: nginx
    memory: 1g
    deploy: { mode: global, replicas: 1 }
",
        &expect![[r#"
            nest::unknown_compose_key

              × Compose has no key `sevices` here
               ╭─[/home/ann/ci/app/compose.yaml:3:1]
             2 │ x-mine: 1
             3 │ sevices: {}
               · ───┬───
               ·    ╰── not known here
             4 │ services:
               ╰────
              help: did you mean `services`?

            nest::compose_key_ignored

              ⚠ nest does not act on Compose's `oom_score_adj`
               ╭─[/home/ann/ci/app/compose.yaml:7:5]
             6 │     image: nginx
             7 │     oom_score_adj: 100
               ·     ──────┬──────
               ·           ╰── this has no effect
             8 │     imagee: nginx
               ╰────
              help: it changes nothing here; remove it if you do not need it elsewhere

            nest::unknown_compose_key

              × Compose has no key `imagee` here
               ╭─[/home/ann/ci/app/compose.yaml:8:5]
             7 │     oom_score_adj: 100
             8 │     imagee: nginx
               ·     ───┬──
               ·        ╰── not known here
             9 │     memory: 1g
               ╰────
              help: did you mean `image`?

            nest::unknown_compose_key

              × Compose has no key `memory` here
                ╭─[/home/ann/ci/app/compose.yaml:9:5]
              8 │     imagee: nginx
              9 │     memory: 1g
                ·     ───┬──
                ·        ╰── not known here
             10 │     deploy: { mode: global, replicas: 1 }
                ╰────
              help: it is nest's own: write it in a nest file

            nest::compose_key_ignored

              ⚠ nest does not act on Compose's `mode`
                ╭─[/home/ann/ci/app/compose.yaml:10:15]
              9 │     memory: 1g
             10 │     deploy: { mode: global, replicas: 1 }
                ·               ──┬─
                ·                 ╰── this has no effect
                ╰────
              help: it changes nothing here; remove it if you do not need it elsewhere
        "#]],
    );
}

#[test]
fn a_service_of_a_compose_file_is_declared_beside_it() {
    check_both(
        "compose: app/compose.yaml\nservices:\n  web: { image: nginx }\n",
        "services:\n  web: { image: nginx }\n",
        &expect![[r#"
            nest::compose_conflict

              × `web` of `services` is declared here and in a Compose file
               ╭─[/home/ann/ci/nest.yaml:3:3]
             2 │ services:
             3 │   web: { image: nginx }
               ·   ─┬─
               ·    ╰── declared here
               ╰────
               ╭─[/home/ann/ci/app/compose.yaml:2:3]
             1 │ services:
             2 │   web: { image: nginx }
               ·   ─┬─
               ·    ╰── the Compose file declares it too
               ╰────
              help: rename one of the two; to change what a Compose file says, write it into
                    `nest.override.yaml`
        "#]],
    );
}

#[test]
fn a_compose_file_without_a_path() {
    check(
        "compose: { profiles: [aa] }\n",
        &expect![[r#"
        nest::missing_key

          × an item of `compose` has no `path`
           ╭─[/home/ann/ci/nest.yaml:1:10]
         1 │ compose: { profiles: [aa] }
           ·          ─────────┬────────
           ·                   ╰── `path` is missing here
           ╰────
          help: say which file: `path: FILE`
    "#]],
    );
}

#[test]
fn an_environment_extends_a_service_with_what_it_cannot_have() {
    check(
        "\
services:
  base: { image: docker:dind, hostname: \"-\", volumes: [\"cache:/x\"] }
volumes: { cache: {} }
environments:
  builder: { outer: { mode: dind, extends: base } }
",
        &expect![[r#"
            nest::invalid_value

              × `hostname` does not take `-`: it is no host name
               ╭─[/home/ann/ci/nest.yaml:2:41]
             1 │ services:
             2 │   base: { image: docker:dind, hostname: "-", volumes: ["cache:/x"] }
               ·                                         ─┬─
               ·                                          ╰── here
             3 │ volumes: { cache: {} }
               ╰────
              help: use letters, digits and `-`, with dots between the parts
        "#]],
    );
}
