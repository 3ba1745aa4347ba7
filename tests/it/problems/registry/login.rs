//! Hosts, authorities and logins of registries.

use expect_test::expect;

use crate::problems::check;

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
