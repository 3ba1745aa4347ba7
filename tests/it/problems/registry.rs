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
fn a_login_without_a_host() {
    check(
        "\
registries:
  local: { credentials: docker }
",
        &expect![[r#"
            nest::login_without_host

              × `credentials` has no meaning for a registry that nest runs and that mirrors nothing
               ╭─[/home/ann/ci/nest.yaml:2:12]
             1 │ registries:
             2 │   local: { credentials: docker }
               ·   ──┬──    ─────┬─────
               ·     │           ╰── to log in to what?
               ·     ╰── nest runs this one
               ╰────
              help: say whose it is with `host` or `mirror`, or remove `credentials`: nest runs registries
                    without a login
        "#]],
    );
}

#[test]
fn two_logins() {
    check(
        "\
registries:
  one: { mirror: docker.io, username: ann, password: { env: SET }, credentials: dokcer }
",
        &expect![[r#"
            nest::conflicting_keys

              × a registry takes only one of `username` and `credentials`
               ╭─[/home/ann/ci/nest.yaml:2:29]
             1 │ registries:
             2 │   one: { mirror: docker.io, username: ann, password: { env: SET }, credentials: dokcer }
               ·                             ────┬───                               ─────┬─────
               ·                                 │                                       ╰── or this
               ·                                 ╰── either this
               ╰────
              help: keep the one that you mean

            nest::unknown_word

              × `credentials` does not take `dokcer`
               ╭─[/home/ann/ci/nest.yaml:2:81]
             1 │ registries:
             2 │   one: { mirror: docker.io, username: ann, password: { env: SET }, credentials: dokcer }
               ·                                                                                 ───┬──
               ·                                                                                    ╰── not known here
               ╰────
              help: did you mean `docker`?
        "#]],
    );
}

#[test]
fn half_a_login() {
    check(
        "\
registries:
  one: { mirror: docker.io, username: ann }
  two: { mirror: docker.io, password: { env: SET } }
",
        &expect![[r#"
            nest::missing_key

              × the registry `one` has no `password`
               ╭─[/home/ann/ci/nest.yaml:2:29]
             1 │ registries:
             2 │   one: { mirror: docker.io, username: ann }
               ·                             ────┬───
               ·                                 ╰── `password` is missing here
             3 │   two: { mirror: docker.io, password: { env: SET } }
               ╰────
              help: say where it comes from: `password: { env: NAME }`

            nest::missing_key

              × the registry `two` has no `username`
               ╭─[/home/ann/ci/nest.yaml:3:29]
             2 │   one: { mirror: docker.io, username: ann }
             3 │   two: { mirror: docker.io, password: { env: SET } }
               ·                             ────┬───
               ·                                 ╰── `username` is missing here
               ╰────
              help: say whose it is: `username: ci`
        "#]],
    );
}

#[test]
fn hosts_that_are_none() {
    check(
        "\
registries:
  one: { host: \"https://one.example\" }
  two: { mirror: docker.io, host: two.example }
",
        &expect![[r#"
            nest::invalid_registry_host

              × `https://one.example` is no registry host: it is an address, not a host
               ╭─[/home/ann/ci/nest.yaml:2:16]
             1 │ registries:
             2 │   one: { host: "https://one.example" }
               ·                ──────────┬──────────
               ·                          ╰── here
             3 │   two: { mirror: docker.io, host: two.example }
               ╰────
              help: write the host as image references do, `docker.io` or `ghcr.io`; an address of its API
                    goes to `upstream`, that of a mirror to its `host`

            nest::invalid_upstream

              × `two.example` is no address of a registry: it does not start with `https://` or `http://`
               ╭─[/home/ann/ci/nest.yaml:3:35]
             2 │   one: { host: "https://one.example" }
             3 │   two: { mirror: docker.io, host: two.example }
               ·                                   ─────┬─────
               ·                                        ╰── here
               ╰────
              help: write an address such as `https://registry-1.docker.io`, without user name and password
        "#]],
    );
}

#[test]
fn an_authority_that_cannot_be_used() {
    check(
        "\
registries:
  one: { host: one.example, ca: ca.pem, insecure: true }
  two: { host: two.example, ca: nest.yaml }
",
        &expect![[r#"
            nest::conflicting_keys

              × a registry takes only one of `insecure` and `ca`
               ╭─[/home/ann/ci/nest.yaml:2:29]
             1 │ registries:
             2 │   one: { host: one.example, ca: ca.pem, insecure: true }
               ·                             ─┬          ────┬───
               ·                              │              ╰── either this
               ·                              ╰── or this
             3 │   two: { host: two.example, ca: nest.yaml }
               ╰────
              help: keep the one that you mean

            nest::unusable_authority

              × cannot use `ca.pem` as the certificate of an authority: entity not found
               ╭─[/home/ann/ci/nest.yaml:2:33]
             1 │ registries:
             2 │   one: { host: one.example, ca: ca.pem, insecure: true }
               ·                                 ───┬──
               ·                                    ╰── this file
             3 │   two: { host: two.example, ca: nest.yaml }
               ╰────
              help: name a file with a certificate in PEM form, seen from the file that writes it: `ca: ./
                    company-ca.pem`

            nest::unusable_authority

              × cannot use `nest.yaml` as the certificate of an authority: it holds no certificate in PEM
              │ form, `-----BEGIN CERTIFICATE-----`
               ╭─[/home/ann/ci/nest.yaml:3:33]
             2 │   one: { host: one.example, ca: ca.pem, insecure: true }
             3 │   two: { host: two.example, ca: nest.yaml }
               ·                                 ────┬────
               ·                                     ╰── this file
               ╰────
              help: name a file with a certificate in PEM form, seen from the file that writes it: `ca: ./
                    company-ca.pem`
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
