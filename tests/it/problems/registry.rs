//! Registries and mirrors.

mod login;

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
                    goes to `upstream`, that of a mirror to its `host`
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
               ╭─[/home/ann/ci/nest.yaml:1:22]
             1 │ registries: { hub: { upstream: "https://registry-1.docker.io" } }
               ·               ─┬─    ────┬───
               ·                │         ╰── an address of what?
               ·                ╰── this mirrors nothing
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

#[test]
fn a_registry_that_takes_but_a_login_needs_no_engine_of_its_own() {
    check(
        "\
registries: { ghcr: { host: ghcr.io, username: ci, password: { env: HOME } } }
environments:
  tools: { outer: socket, registries: [ghcr] }
",
        &expect![[r#"
            nest::socket_is_root

              ⚠ mode `socket` hands the outer engine's socket to the container
               ╭─[/home/ann/ci/nest.yaml:3:19]
             2 │ environments:
             3 │   tools: { outer: socket, registries: [ghcr] }
               ·                   ───┬──
               ·                      ╰── chosen here
               ╰────
              help: whoever runs in it is root on the host; mode `dind` has an engine of its own
        "#]],
    );
}

#[test]
fn keys_about_a_container_of_a_registry_that_exists() {
    check(
        "\
registries:
  ghcr: { host: ghcr.io, port: 5000, volume: data }
  hub: { mirror: docker.io, host: \"https://mirror.example.org\", upstream: \"https://example.org\" }
volumes: { data: {} }
",
        &expect![[r#"
            nest::registry_not_run

              × `port` is about a registry that nest runs, and `host` says that this one exists
               ╭─[/home/ann/ci/nest.yaml:2:26]
             1 │ registries:
             2 │   ghcr: { host: ghcr.io, port: 5000, volume: data }
               ·           ──┬─           ──┬─
               ·             │              ╰── nest would not use this
               ·             ╰── because of this
             3 │   hub: { mirror: docker.io, host: "https://mirror.example.org", upstream: "https://example.org" }
               ╰────
              help: remove `host` to let nest run the registry, or remove `port`

            nest::registry_not_run

              × `volume` is about a registry that nest runs, and `host` says that this one exists
               ╭─[/home/ann/ci/nest.yaml:2:38]
             1 │ registries:
             2 │   ghcr: { host: ghcr.io, port: 5000, volume: data }
               ·           ──┬─                       ───┬──
               ·             │                           ╰── nest would not use this
               ·             ╰── because of this
             3 │   hub: { mirror: docker.io, host: "https://mirror.example.org", upstream: "https://example.org" }
               ╰────
              help: remove `host` to let nest run the registry, or remove `volume`

            nest::registry_not_run

              × `upstream` is about a registry that nest runs, and `host` says that this one exists
               ╭─[/home/ann/ci/nest.yaml:3:65]
             2 │   ghcr: { host: ghcr.io, port: 5000, volume: data }
             3 │   hub: { mirror: docker.io, host: "https://mirror.example.org", upstream: "https://example.org" }
               ·                             ──┬─                                ────┬───
               ·                               │                                     ╰── nest would not use this
               ·                               ╰── because of this
             4 │ volumes: { data: {} }
               ╰────
              help: remove `host` to let nest run the registry, or remove `upstream`
        "#]],
    );
}

#[test]
fn a_mirror_that_is_pushed_to() {
    check(
        "\
registries:
  hub: { mirror: docker.io, images: [app:dev] }
",
        &expect![[r#"
            nest::mirror_pushed_to

              × a mirror cannot be pushed to
               ╭─[/home/ann/ci/nest.yaml:2:29]
             1 │ registries:
             2 │   hub: { mirror: docker.io, images: [app:dev] }
               ·          ───┬──             ───┬──
               ·             │                  ╰── to be pushed to it
               ·             ╰── a pull-through cache
               ╰────
              help: declare another registry without `mirror` for these images
        "#]],
    );
}

#[test]
fn networks_of_a_registry() {
    check(
        "\
networks: { backend: {} }
registries:
  one: { networks: [bakcend, default, default] }
",
        &expect![[r#"
            nest::undeclared_in_scope

              × no network `bakcend` is declared
               ╭─[/home/ann/ci/nest.yaml:3:21]
             1 │ networks: { backend: {} }
               · ────┬───
               ·     ╰── the networks of this scope
             2 │ registries:
             3 │   one: { networks: [bakcend, default, default] }
               ·                     ───┬───
               ·                        ╰── used here
               ╰────
              help: did you mean `backend`?

            nest::listed_twice

              × `default` is listed twice
               ╭─[/home/ann/ci/nest.yaml:3:39]
             2 │ registries:
             3 │   one: { networks: [bakcend, default, default] }
               ·                              ───┬───  ───┬───
               ·                                 │        ╰── listed again here
               ·                                 ╰── first listed here
               ╰────
              help: remove one of the two
        "#]],
    );
}
