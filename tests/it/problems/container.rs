//! Containers: settings that contradict each other, and values of their keys.

mod grammar;
mod network;

use expect_test::expect;

use crate::problems::check;

#[test]
fn a_limit_of_memory_below_what_is_kept() {
    check(
        "\
environments:
  builder:
    outer:
      mode: dind
      memory: 1g
      mem_reservation: 2g
      memswap_limit: 512m
",
        &expect![[r#"
            nest::contradicting_limits

              × `mem_reservation` is above `memory`
               ╭─[/home/ann/ci/nest.yaml:6:24]
             4 │       mode: dind
             5 │       memory: 1g
               ·               ─┬
               ·                ╰── the other
             6 │       mem_reservation: 2g
               ·                        ─┬
               ·                         ╰── above the other
             7 │       memswap_limit: 512m
               ╰────
              help: lower `mem_reservation`, or raise `memory`

            nest::contradicting_limits

              × `memswap_limit` is below `memory`
               ╭─[/home/ann/ci/nest.yaml:7:22]
             4 │       mode: dind
             5 │       memory: 1g
               ·               ─┬
               ·                ╰── the other
             6 │       mem_reservation: 2g
             7 │       memswap_limit: 512m
               ·                      ──┬─
               ·                        ╰── below the other
               ╰────
              help: raise `memswap_limit`, or lower `memory`
        "#]],
    );
}

#[test]
fn a_soft_limit_above_the_hard_one() {
    check(
        "\
environments:
  builder:
    outer:
      mode: dind
      ulimits: { nofile: { soft: 4096, hard: 1024 } }
      deploy: { resources: { limits: { cpus: 1 }, reservations: { cpus: 2 } } }
",
        &expect![[r#"
            nest::contradicting_limits

              × `soft` is above `hard`
               ╭─[/home/ann/ci/nest.yaml:5:34]
             4 │       mode: dind
             5 │       ulimits: { nofile: { soft: 4096, hard: 1024 } }
               ·                                  ──┬─        ──┬─
               ·                                    │           ╰── the other
               ·                                    ╰── above the other
             6 │       deploy: { resources: { limits: { cpus: 1 }, reservations: { cpus: 2 } } }
               ╰────
              help: lower `soft`, or raise `hard`

            nest::not_supported_yet

              ⚠ `reservations.cpus` is not supported yet
               ╭─[/home/ann/ci/nest.yaml:6:73]
             5 │       ulimits: { nofile: { soft: 4096, hard: 1024 } }
             6 │       deploy: { resources: { limits: { cpus: 1 }, reservations: { cpus: 2 } } }
               ·                                                                         ┬
               ·                                                                         ╰── nest does not act on this in this version
               ╰────
              help: it is part of the format; this version can check it, but not carry it out

            nest::contradicting_limits

              × `reservations.cpus` is above `cpus`
               ╭─[/home/ann/ci/nest.yaml:6:73]
             5 │       ulimits: { nofile: { soft: 4096, hard: 1024 } }
             6 │       deploy: { resources: { limits: { cpus: 1 }, reservations: { cpus: 2 } } }
               ·                                              ┬                          ┬
               ·                                              │                          ╰── above the other
               ·                                              ╰── the other
               ╰────
              help: lower `reservations.cpus`, or raise `cpus`
        "#]],
    );
}

#[test]
fn two_keys_for_one_limit() {
    check(
        "\
environments:
  builder:
    outer:
      mode: dind
      cpus: 2
      pids_limit: 100
      deploy: { resources: { limits: { cpus: 1, pids: 100 } } }
",
        &expect![[r#"
            nest::conflicting_keys

              × a container takes only one of `cpus` and `deploy.resources.limits.cpus`
               ╭─[/home/ann/ci/nest.yaml:5:13]
             4 │       mode: dind
             5 │       cpus: 2
               ·             ┬
               ·             ╰── either this
             6 │       pids_limit: 100
             7 │       deploy: { resources: { limits: { cpus: 1, pids: 100 } } }
               ·                                              ┬
               ·                                              ╰── or this
               ╰────
              help: keep the one that you mean
        "#]],
    );
}

#[test]
fn networks_secrets_and_configs_that_nobody_declares() {
    check(
        "\
networks: { backend: {} }
environments:
  builder:
    outer:
      mode: dind
      networks: [default, backnd]
      secrets: [token]
      configs: [{ source: settings, target: /etc/settings, mode: \"0888\" }]
",
        &expect![[r#"
            nest::undeclared_in_scope

              × no network `backnd` is declared
               ╭─[/home/ann/ci/nest.yaml:1:1]
             1 │ networks: { backend: {} }
               · ────┬───
               ·     ╰── the networks of this scope
             2 │ environments:
               ╰────
               ╭─[/home/ann/ci/nest.yaml:6:27]
             5 │       mode: dind
             6 │       networks: [default, backnd]
               ·                           ───┬──
               ·                              ╰── used here
             7 │       secrets: [token]
               ╰────
              help: did you mean `backend`?

            nest::undeclared_in_scope

              × no secret `token` is declared
               ╭─[/home/ann/ci/nest.yaml:7:17]
             6 │       networks: [default, backnd]
             7 │       secrets: [token]
               ·                 ──┬──
               ·                   ╰── used here
             8 │       configs: [{ source: settings, target: /etc/settings, mode: "0888" }]
               ╰────
              help: declare it in this scope: `secrets: { token: { file: ./token } }`

            nest::undeclared_in_scope

              × no config `settings` is declared
               ╭─[/home/ann/ci/nest.yaml:8:27]
             7 │       secrets: [token]
             8 │       configs: [{ source: settings, target: /etc/settings, mode: "0888" }]
               ·                           ────┬───
               ·                               ╰── used here
               ╰────
              help: declare it in this scope: `configs: { settings: { file: ./settings } }`

            nest::invalid_value

              × `mode` does not take `0888`: it is not written in octal digits, 0 to 7
               ╭─[/home/ann/ci/nest.yaml:8:66]
             7 │       secrets: [token]
             8 │       configs: [{ source: settings, target: /etc/settings, mode: "0888" }]
               ·                                                                  ───┬──
               ·                                                                     ╰── here
               ╰────
              help: write octal digits: `0440`
        "#]],
    );
}

#[test]
fn a_file_of_variables_that_is_not_there() {
    check(
        "\
environments:
  builder:
    outer: { mode: dind, env_file: [missing.env, { path: other.env, required: false, format: yaml }] }
",
        &expect![[r#"
            nest::env_file_not_usable

              × the variables of `missing.env` cannot be used: entity not found
               ╭─[/home/ann/ci/nest.yaml:3:37]
             2 │   builder:
             3 │     outer: { mode: dind, env_file: [missing.env, { path: other.env, required: false, format: yaml }] }
               ·                                     ─────┬─────
               ·                                          ╰── named here
               ╰────
              help: paths are beside the file that names them; `{ path: missing.env, required: false }` lets
                    it be missing

            nest::unknown_word

              × `format` does not take `yaml`
               ╭─[/home/ann/ci/nest.yaml:3:94]
             2 │   builder:
             3 │     outer: { mode: dind, env_file: [missing.env, { path: other.env, required: false, format: yaml }] }
               ·                                                                                              ──┬─
               ·                                                                                                ╰── not known here
               ╰────
              help: it takes `raw`, or is left out
        "#]],
    );
}

#[test]
fn keys_of_services_in_an_outer_container() {
    check(
        "\
environments:
  builder:
    outer: { mode: dind, scale: 2, deploy: { replicas: 2 } }
",
        &expect![[r#"
            nest::replicas_in_outer

              × `scale` does not belong in `outer`
               ╭─[/home/ann/ci/nest.yaml:3:26]
             2 │   builder:
             3 │     outer: { mode: dind, scale: 2, deploy: { replicas: 2 } }
               ·                          ──┬──
               ·                            ╰── in the wrong place
               ╰────
              help: write `replicas` beside `outer`

            nest::replicas_in_outer

              × `replicas` does not belong in `outer`
               ╭─[/home/ann/ci/nest.yaml:3:46]
             2 │   builder:
             3 │     outer: { mode: dind, scale: 2, deploy: { replicas: 2 } }
               ·                                              ────┬───
               ·                                                  ╰── in the wrong place
               ╰────
              help: write `replicas` beside `outer`
        "#]],
    );
}
