//! Engines that answer to one name.

use expect_test::expect;

use crate::problems::check;

#[test]
fn engines_that_answer_to_one_alias() {
    check(
        "\
environments:
  one: { outer: { mode: dind, networks: { default: { aliases: [docker, one] } } } }
  two: { outer: { mode: dind, networks: { default: { aliases: [docker] } } } }
  three: { outer: { mode: dind, networks: { default: { aliases: [four] } } } }
  four: { outer: dind }
",
        &expect![[r#"
            nest::alias_shared

              ⚠ two engines answer to `docker` on the network `default`
               ╭─[/home/ann/ci/nest.yaml:3:64]
             1 │ environments:
             2 │   one: { outer: { mode: dind, networks: { default: { aliases: [docker, one] } } } }
               ·                                                                ───┬──
               ·                                                                   ╰── one here
             3 │   two: { outer: { mode: dind, networks: { default: { aliases: [docker] } } } }
               ·                                                                ───┬──
               ·                                                                   ╰── and so does this
             4 │   three: { outer: { mode: dind, networks: { default: { aliases: [four] } } } }
               ╰────
              help: give each a name of its own, or put them on different networks

            nest::alias_shared

              ⚠ two engines answer to `four` on the network `default`
               ╭─[/home/ann/ci/nest.yaml:4:66]
             3 │   two: { outer: { mode: dind, networks: { default: { aliases: [docker] } } } }
             4 │   three: { outer: { mode: dind, networks: { default: { aliases: [four] } } } }
               ·                                                                  ──┬─
               ·                                                                    ╰── and so does this
             5 │   four: { outer: dind }
               ·   ──┬─
               ·     ╰── one here
               ╰────
              help: give each a name of its own, or put them on different networks
        "#]],
    );
}

#[test]
fn replicas_that_answer_to_one_alias() {
    check(
        "\
environments:
  five:
    outer: { mode: dind, networks: { default: { aliases: [agents] } } }
    replicas: 2
  six: { outer: { mode: socket, networks: { default: { aliases: [agents] } } } }
",
        &expect![[r#"
            nest::alias_shared

              ⚠ two engines answer to `agents` on the network `default`
               ╭─[/home/ann/ci/nest.yaml:3:59]
             2 │   five:
             3 │     outer: { mode: dind, networks: { default: { aliases: [agents] } } }
               ·                                                           ───┬──
               ·                                                              ╰── and so does this
             4 │     replicas: 2
               ·               ┬
               ·               ╰── one here
             5 │   six: { outer: { mode: socket, networks: { default: { aliases: [agents] } } } }
               ╰────
              help: give each a name of its own, or put them on different networks

            nest::socket_is_root

              ⚠ mode `socket` hands the outer engine's socket to the container
               ╭─[/home/ann/ci/nest.yaml:5:25]
             4 │     replicas: 2
             5 │   six: { outer: { mode: socket, networks: { default: { aliases: [agents] } } } }
               ·                         ───┬──
               ·                            ╰── chosen here
               ╰────
              help: whoever runs in it is root on the host; mode `dind` has an engine of its own
        "#]],
    );
}
