//! Mounts, variables, commands, names and secrets.

use expect_test::expect;

use crate::problems::check;

#[test]
fn a_mount_without_a_target() {
    check(
        "\
volumes: { cache: {} }
environments:
  builder:
    outer: dind
    volumes: [cache]
",
        &expect![[r#"
            nest::invalid_mount

              × `cache` cannot be mounted: it has no path in the container
               ╭─[/home/ann/ci/nest.yaml:5:15]
             4 │     outer: dind
             5 │     volumes: [cache]
               ·               ──┬──
               ·                 ╰── here
               ╰────
              help: a mount is written `cache:/cache`, `./src:/workspace:ro` or `./src:same`
        "#]],
    );
}

#[test]
fn a_mount_with_a_relative_target() {
    check(
        "\
volumes: { cache: {} }
environments:
  builder:
    outer: dind
    volumes: [\"cache:cache\"]
",
        &expect![[r#"
            nest::invalid_mount

              × `cache` cannot be mounted: the path in the container must begin with `/`
               ╭─[/home/ann/ci/nest.yaml:5:22]
             4 │     outer: dind
             5 │     volumes: ["cache:cache"]
               ·                      ──┬──
               ·                        ╰── here
               ╰────
              help: a mount is written `cache:/cache`, `./src:/workspace:ro` or `./src:same`
        "#]],
    );
}

#[test]
fn a_mount_with_an_unknown_option() {
    check(
        "\
volumes: { cache: {} }
environments:
  builder:
    outer: dind
    volumes: [\"cache:/cache:readonly\"]
",
        &expect![[r#"
            nest::invalid_mount

              × `cache:/cache:readonly` cannot be mounted: `readonly` is no option of a mount
               ╭─[/home/ann/ci/nest.yaml:5:29]
             4 │     outer: dind
             5 │     volumes: ["cache:/cache:readonly"]
               ·                             ────┬───
               ·                                 ╰── here
               ╰────
              help: a mount is written `cache:/cache`, `./src:/workspace:ro` or `./src:same`
        "#]],
    );
}

#[test]
fn a_variable_without_a_name() {
    check(
        "\
environments:
  builder:
    outer: { mode: dind, environment: [\"=value\"] }
",
        &expect![[r#"
            nest::invalid_environment

              × `=…` sets no environment variable: the name is missing
               ╭─[/home/ann/ci/nest.yaml:3:41]
             2 │   builder:
             3 │     outer: { mode: dind, environment: ["=value"] }
               ·                                         ▲
               ·                                         ╰── here
               ╰────
              help: write `NAME=value`, or `NAME` alone to pass on the variable of that name
        "#]],
    );
}

#[test]
fn a_command_with_an_open_quote() {
    check(
        "\
environments:
  builder:
    outer: { mode: dind, command: \"--label 'a\" }
",
        &expect![[r#"
            nest::invalid_command

              × the command cannot be split into words: a quote is not closed
               ╭─[/home/ann/ci/nest.yaml:3:35]
             2 │   builder:
             3 │     outer: { mode: dind, command: "--label 'a" }
               ·                                   ──────┬─────
               ·                                         ╰── here
               ╰────
              help: write the words as a list: `[sleep, infinity]`
        "#]],
    );
}

#[test]
fn a_host_name_that_is_none() {
    check(
        "\
environments:
  builder:
    outer: { mode: dind, hostname: my_host }
",
        &expect![[r#"
            nest::invalid_value

              × `hostname` does not take `my_host`: it is no host name
               ╭─[/home/ann/ci/nest.yaml:3:36]
             2 │   builder:
             3 │     outer: { mode: dind, hostname: my_host }
               ·                                    ───┬───
               ·                                       ╰── here
               ╰────
              help: use letters, digits and `-`, with dots between the parts
        "#]],
    );
}

#[test]
fn a_label_of_nests_own() {
    check(
        "\
volumes: { cache: { labels: { dev.nest.name: mine } } }
",
        &expect![[r#"
            nest::invalid_value

              × `labels` does not take `dev.nest.name`: names that begin with `dev.nest.` are nest's own, and
              │ a name is not empty
               ╭─[/home/ann/ci/nest.yaml:1:31]
             1 │ volumes: { cache: { labels: { dev.nest.name: mine } } }
               ·                               ──────┬──────
               ·                                     ╰── here
               ╰────
              help: choose another name
        "#]],
    );
}

#[test]
fn a_token_in_the_file_is_not_shown() {
    check(
        "\
environments:
  builder:
    outer: { mode: dind, environment: { TOKEN: ghp_0123456789abcdefghijABCDEFGHIJ012345 } }
",
        &expect![[r#"
            nest::token_written_inline

              × a GitHub token is written into the file
               ╭─[/home/ann/ci/nest.yaml:3:48]
             2 │   builder:
             3 │     outer: { mode: dind, environment: { TOKEN: **************************************** } }
               ·                                                ────────────────────┬───────────────────
               ·                                                                    ╰── this looks like a secret and is not shown
               ╰────
              help: whoever reads this file can use it: revoke it, and take the new one from a variable,
                    `${TOKEN}`
        "#]],
    );
}

#[test]
fn a_private_key_in_the_file_is_not_shown() {
    check(
        "\
environments:
  builder:
    outer: 
      mode: dind
      environment:
        KEY: |
          -----BEGIN PRIVATE KEY-----
          MIIEvQIBADANBgkqhkiG9w0BAQEFAASC
          -----END PRIVATE KEY-----

",
        &expect![[r#"
            nest::token_written_inline

              × a private key is written into the file
                ╭─[/home/ann/ci/nest.yaml:7:11]
              6 │             KEY: |
              7 │ ╭─▶           ***************************
              8 │ │   ******************************************
              9 │ │   ***********************************
             10 │ ├─▶ 
                · ╰──── this looks like a secret and is not shown
                ╰────
              help: whoever reads this file can use it: revoke it, and take the new one from a variable,
                    `${TOKEN}`
        "#]],
    );
}

#[test]
fn an_external_volume_with_settings() {
    check(
        "\
volumes:
  team: { external: true, driver: nfs }
",
        &expect![[r#"
            nest::external_volume_settings

              × `driver` says how to make the volume `team`, but `external` says that it exists
               ╭─[/home/ann/ci/nest.yaml:2:27]
             1 │ volumes:
             2 │   team: { external: true, driver: nfs }
               ·           ────┬───        ───┬──
               ·               │              ╰── nest would not use this
               ·               ╰── because of this
               ╰────
              help: remove `external` to let nest make the volume, or remove `driver`
        "#]],
    );
}
