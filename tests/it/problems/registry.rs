//! Registries and mirrors.

use expect_test::expect;

use crate::problems::check;

#[test]
fn a_mirror_of_an_address() {
    check(
        "\
registries: { hub: { mirror: \"https://docker.io\" } }
",
        &expect![[r#"
            nest::invalid_registry_host

              × `https://docker.io` is no registry host: it is an address, not a host
               ╭─[/home/ann/ci/nest.yaml:1:30]
             1 │ registries: { hub: { mirror: "https://docker.io" } }
               ·                              ─────────┬─────────
               ·                                       ╰── here
               ╰────
              help: write the host as image references do, `docker.io` or `ghcr.io`; an address of its API
                    goes to `upstream`
        "#]],
    );
}

#[test]
fn an_upstream_without_a_scheme() {
    check(
        "\
registries: { hub: { mirror: docker.io, upstream: registry-1.docker.io } }
",
        &expect![[r#"
            nest::invalid_upstream

              × `registry-1.docker.io` is no address of a registry: it does not start with `https://` or
              │ `http://`
               ╭─[/home/ann/ci/nest.yaml:1:51]
             1 │ registries: { hub: { mirror: docker.io, upstream: registry-1.docker.io } }
               ·                                                   ──────────┬─────────
               ·                                                             ╰── here
               ╰────
              help: write an address such as `https://registry-1.docker.io`, without user name and password
        "#]],
    );
}

#[test]
fn an_upstream_with_credentials_is_not_shown() {
    check(
        "\
registries: { hub: { mirror: docker.io, upstream: \"https://ann:secret@example.org\" } }
",
        &expect![[r#"
            nest::invalid_upstream

              × `https://…@example.org` is no address of a registry: it holds a user name or a password
               ╭─[/home/ann/ci/nest.yaml:1:51]
             1 │ registries: { hub: { mirror: docker.io, upstream: "https://**********@example.org" } }
               ·                                                   ────────────────┬───────────────
               ·                                                                   ╰── here
               ╰────
              help: write an address such as `https://registry-1.docker.io`, without user name and password
        "#]],
    );
}

#[test]
fn an_upstream_without_a_mirror() {
    check(
        "\
registries: { hub: { upstream: \"https://registry-1.docker.io\" } }
",
        &expect![[r#"
            nest::upstream_without_mirror

              × `upstream` without `mirror` has no meaning
               ╭─[/home/ann/ci/nest.yaml:1:32]
             1 │ registries: { hub: { upstream: "https://registry-1.docker.io" } }
               ·                                ───────────────┬──────────────
               ·                                               ╰── an address of what?
               ╰────
              help: say which host it is the address of, `mirror: docker.io`, or remove it
        "#]],
    );
}

#[test]
fn daemon_mirrors_that_the_engine_refuses() {
    check(
        "\
environments:
  builder:
    outer: { mode: dind, daemon: { registry-mirrors: [mirror.example.org, \"https://ann:secret@example.org\"] } }
",
        &expect![[r#"
            nest::invalid_mirror_address

              × `mirror.example.org` cannot be one of the engine's `registry-mirrors`: it does not start with
              │ `https://` or `http://`
               ╭─[/home/ann/ci/nest.yaml:3:55]
             2 │   builder:
             3 │     outer: { mode: dind, daemon: { registry-mirrors: [mirror.example.org, "https://**********@example.org"] } }
               ·                                                       ─────────┬────────
               ·                                                                ╰── here
               ╰────
              help: write an address such as `https://mirror.example.org`, without user name and password

            nest::invalid_mirror_address

              × `https://…@example.org` cannot be one of the engine's `registry-mirrors`: it holds a user name
              │ or a password
               ╭─[/home/ann/ci/nest.yaml:3:75]
             2 │   builder:
             3 │     outer: { mode: dind, daemon: { registry-mirrors: [mirror.example.org, "https://**********@example.org"] } }
               ·                                                                           ────────────────┬───────────────
               ·                                                                                           ╰── here
               ╰────
              help: write an address such as `https://mirror.example.org`, without user name and password
        "#]],
    );
}

#[test]
fn a_mirror_that_the_engine_cannot_use() {
    check(
        "\
registries: { github: { mirror: ghcr.io } }
environments:
  builder:
    outer: dind
    registries: [github]
",
        &expect![[r#"
            nest::mirror_not_possible

              × the engine inside cannot use a mirror of `ghcr.io`
               ╭─[/home/ann/ci/nest.yaml:1:33]
             1 │ registries: { github: { mirror: ghcr.io } }
               ·                                 ───┬───
               ·                                    ╰── a mirror of another host
             2 │ environments:
               ╰────
               ╭─[/home/ann/ci/nest.yaml:5:18]
             4 │     outer: dind
             5 │     registries: [github]
               ·                  ───┬──
               ·                     ╰── listed here
               ╰────
              help: Docker's mirror setting serves `docker.io` only; remove `github` from this list
        "#]],
    );
}

#[test]
fn registries_of_an_environment_without_an_engine() {
    check(
        "\
registries: { local: { port: 5000 } }
environments:
  tools: { outer: socket, registries: [local] }
",
        &expect![[r#"
            nest::socket_is_root

              ⚠ mode `socket` hands the outer engine's socket to the container
               ╭─[/home/ann/ci/nest.yaml:3:19]
             2 │ environments:
             3 │   tools: { outer: socket, registries: [local] }
               ·                   ───┬──
               ·                      ╰── chosen here
               ╰────
              help: whoever runs in it is root on the host; mode `dind` has an engine of its own

            nest::registries_without_engine

              ⚠ mode `socket` uses the outer engine, which nest does not configure for registries
               ╭─[/home/ann/ci/nest.yaml:3:27]
             2 │ environments:
             3 │   tools: { outer: socket, registries: [local] }
               ·                   ───┬──  ─────┬────
               ·                      │         ╰── no engine to tell of these
               ·                      ╰── the engine outside is used
               ╰────
              help: the outer engine does not find registries by these names: pull from one with a `port` by
                    `localhost:PORT`, or choose mode `dind`
        "#]],
    );
}
