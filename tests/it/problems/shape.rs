//! Keys and the shape of their values.

use expect_test::expect;

use crate::problems::check;

#[test]
fn an_unknown_key_at_the_top() {
    check(
        "\
enviroments: {}
",
        &expect![[r#"
            nest::unknown_key

              × unknown key `enviroments`
               ╭─[/home/ann/ci/nest.yaml:1:1]
             1 │ enviroments: {}
               · ─────┬─────
               ·      ╰── not known here
               ╰────
              help: did you mean `environments`?
        "#]],
    );
}

#[test]
fn an_unknown_key_that_resembles_nothing() {
    check(
        "\
environments:
  builder:
    outer: { mode: dind, zzzzzz: 1 }
",
        &expect![[r#"
            nest::unknown_key

              × unknown key `zzzzzz`
               ╭─[/home/ann/ci/nest.yaml:3:26]
             2 │   builder:
             3 │     outer: { mode: dind, zzzzzz: 1 }
               ·                          ───┬──
               ·                             ╰── not known here
               ╰────
              help: known here: `mode`, `listen`, `data`, `daemon`, `ready`, `image`, `command`,
                    `environment`, `ports`, `hostname`, `cpus`, `memory`, `mem_limit`, `restart`
        "#]],
    );
}

#[test]
fn text_in_place_of_a_number() {
    check(
        "\
environments:
  builder:
    outer: dind
    replicas: two
",
        &expect![[r#"
            nest::wrong_type

              × `replicas` takes a whole number, not the text `two`
               ╭─[/home/ann/ci/nest.yaml:4:15]
             3 │     outer: dind
             4 │     replicas: two
               ·               ─┬─
               ·                ╰── the text `two`
               ╰────
              help: write digits only, without quotes
        "#]],
    );
}

#[test]
fn a_number_in_place_of_text() {
    check(
        "\
environments:
  builder:
    outer: { mode: dind, hostname: 5 }
",
        &expect![[r#"
            nest::wrong_type

              × `hostname` takes text, not `5`
               ╭─[/home/ann/ci/nest.yaml:3:36]
             2 │   builder:
             3 │     outer: { mode: dind, hostname: 5 }
               ·                                    ┬
               ·                                    ╰── `5`
               ╰────
              help: put quotes around it: `"5"`
        "#]],
    );
}

#[test]
fn a_list_in_place_of_a_mapping() {
    check(
        "\
environments:
  - builder
",
        &expect![[r#"
            nest::wrong_type

              × `environments` takes a mapping, not a list
               ╭─[/home/ann/ci/nest.yaml:2:3]
             1 │ environments:
             2 │   - builder
               ·   ────┬────
               ·       ╰── a list
               ╰────
              help: write keys with values below it, indented
        "#]],
    );
}

#[test]
fn a_value_in_place_of_a_list() {
    check(
        "\
environments:
  builder:
    outer: dind
    registries: hub
",
        &expect![[r#"
            nest::wrong_type

              × `registries` takes a list, not the text `hub`
               ╭─[/home/ann/ci/nest.yaml:4:17]
             3 │     outer: dind
             4 │     registries: hub
               ·                 ─┬─
               ·                  ╰── the text `hub`
               ╰────
              help: write it as a list: `[hub]`
        "#]],
    );
}

#[test]
fn nothing_in_place_of_a_list_item() {
    check(
        "\
environments:
  builder:
    outer: dind
    inner: { images: [~] }
",
        &expect![[""]],
    );
}

#[test]
fn text_in_place_of_a_boolean() {
    check(
        "\
volumes:
  cache: { external: \"yes\" }
",
        &expect![[r#"
            nest::wrong_type

              × `external` takes `true` or `false`, not the text `yes`
               ╭─[/home/ann/ci/nest.yaml:2:22]
             1 │ volumes:
             2 │   cache: { external: "yes" }
               ·                      ──┬──
               ·                        ╰── the text `yes`
               ╰────
              help: write `true` or `false`, without quotes
        "#]],
    );
}

#[test]
fn a_negative_number() {
    check(
        "\
environments:
  builder:
    outer: dind
    replicas: -1
",
        &expect![[r#"
            nest::wrong_type

              × `replicas` takes a whole number from 0 to 4294967295, not `-1`
               ╭─[/home/ann/ci/nest.yaml:4:15]
             3 │     outer: dind
             4 │     replicas: -1
               ·               ─┬
               ·                ╰── `-1`
               ╰────
              help: write a whole number from 0 to 4294967295 here
        "#]],
    );
}

#[test]
fn a_mode_that_is_misspelt() {
    check(
        "\
environments:
  builder:
    outer: dnd
",
        &expect![[r#"
            nest::unknown_word

              × `mode` does not take `dnd`
               ╭─[/home/ann/ci/nest.yaml:3:12]
             2 │   builder:
             3 │     outer: dnd
               ·            ─┬─
               ·             ╰── not known here
               ╰────
              help: did you mean `dind`?
        "#]],
    );
}

#[test]
fn a_word_that_no_key_takes() {
    check(
        "\
environments:
  builder:
    outer: dind
    inner: { images: [{ image: app:dev, source: outr }] }
",
        &expect![[r#"
            nest::unknown_word

              × `source` does not take `outr`
               ╭─[/home/ann/ci/nest.yaml:4:49]
             3 │     outer: dind
             4 │     inner: { images: [{ image: app:dev, source: outr }] }
               ·                                                 ──┬─
               ·                                                   ╰── not known here
               ╰────
              help: did you mean `outer`?
        "#]],
    );
}

#[test]
fn a_word_of_an_enumeration_that_is_misspelt() {
    check(
        "\
environments:
  builder:
    outer: dind
    volumes: [{ type: volum, source: cache, target: /x }]
",
        &expect![[r#"
            nest::unknown_word

              × `type` does not take `volum`
               ╭─[/home/ann/ci/nest.yaml:4:23]
             3 │     outer: dind
             4 │     volumes: [{ type: volum, source: cache, target: /x }]
               ·                       ──┬──
               ·                         ╰── not known here
               ╰────
              help: did you mean `volume`?
        "#]],
    );
}

#[test]
fn an_environment_without_outer() {
    check(
        "\
environments:
  builder:
    inner: { images: [alpine:3.20] }
",
        &expect![[r#"
            nest::missing_key

              × the environment `builder` has no `outer`
               ╭─[/home/ann/ci/nest.yaml:2:3]
             1 │ environments:
             2 │   builder:
               ·   ───┬───
               ·      ╰── `outer` is missing here
             3 │     inner: { images: [alpine:3.20] }
               ╰────
              help: say how it gets its engine: `outer: dind`, or `outer: socket`
        "#]],
    );
}

#[test]
fn an_environment_without_anything() {
    check(
        "\
environments:
  builder:
",
        &expect![[r#"
            nest::missing_key

              × the environment `builder` has no `outer`
               ╭─[/home/ann/ci/nest.yaml:2:3]
             1 │ environments:
             2 │   builder:
               ·   ───┬───
               ·      ╰── `outer` is missing here
               ╰────
              help: say how it gets its engine: `outer: dind`, or `outer: socket`
        "#]],
    );
}

#[test]
fn a_container_without_a_mode() {
    check(
        "\
environments:
  builder:
    outer: { memory: 2g }
",
        &expect![[r#"
            nest::missing_key

              × the container of the environment `builder` has no `mode`
               ╭─[/home/ann/ci/nest.yaml:3:5]
             2 │   builder:
             3 │     outer: { memory: 2g }
               ·     ──┬──
               ·       ╰── `mode` is missing here
               ╰────
              help: say how it gets its engine: `mode: dind`, or `mode: socket`
        "#]],
    );
}

#[test]
fn keys_that_say_two_things() {
    check(
        "\
environments:
  builder:
    outer: { mode: dind, memory: 2g, mem_limit: 3g }
",
        &expect![[r#"
            nest::conflicting_keys

              × a container takes only one of `memory` and `mem_limit`
               ╭─[/home/ann/ci/nest.yaml:3:26]
             2 │   builder:
             3 │     outer: { mode: dind, memory: 2g, mem_limit: 3g }
               ·                          ───┬──      ────┬────
               ·                             │            ╰── or this
               ·                             ╰── either this
               ╰────
              help: keep the one that you mean
        "#]],
    );
}

#[test]
fn a_data_root_in_two_places() {
    check(
        "\
volumes: { data: {} }
environments:
  builder:
    outer: { mode: dind, data: { volume: data, path: /srv/data } }
",
        &expect![[r#"
            nest::conflicting_keys

              × `data` takes only one of `volume`, `path` and `tmpfs`
               ╭─[/home/ann/ci/nest.yaml:4:34]
             3 │   builder:
             4 │     outer: { mode: dind, data: { volume: data, path: /srv/data } }
               ·                                  ───┬──        ──┬─
               ·                                     │            ╰── or this
               ·                                     ╰── either this
               ╰────
              help: keep the one that you mean
        "#]],
    );
}

#[test]
fn container_keys_beside_outer() {
    check(
        "\
environments:
  builder:
    outer: dind
    image: docker:28-dind
",
        &expect![[r#"
            nest::misplaced_key

              × `image` does not belong here
               ╭─[/home/ann/ci/nest.yaml:4:5]
             3 │     outer: dind
             4 │     image: docker:28-dind
               ·     ──┬──
               ·       ╰── in the wrong place
               ╰────
              help: it is about the container alone: move it into `outer`
        "#]],
    );
}

#[test]
fn scope_keys_beside_inner() {
    check(
        "\
environments:
  builder:
    outer: dind
    images: [alpine:3.20]
",
        &expect![[r#"
            nest::misplaced_key

              × `images` does not belong here
               ╭─[/home/ann/ci/nest.yaml:4:5]
             3 │     outer: dind
             4 │     images: [alpine:3.20]
               ·     ───┬──
               ·        ╰── in the wrong place
               ╰────
              help: it is about what the engine inside holds: move it into `inner`
        "#]],
    );
}

#[test]
fn volumes_inside_outer() {
    check(
        "\
environments:
  builder:
    outer: { mode: dind, volumes: [cache:/cache] }
",
        &expect![[r#"
            nest::misplaced_key

              × `volumes` does not belong here
               ╭─[/home/ann/ci/nest.yaml:3:26]
             2 │   builder:
             3 │     outer: { mode: dind, volumes: [cache:/cache] }
               ·                          ───┬───
               ·                             ╰── in the wrong place
               ╰────
              help: move it beside `outer`
        "#]],
    );
}

#[test]
fn what_is_not_supported_yet() {
    check(
        "\
services: {}
networks: {}
environments:
  builder:
    outer: { mode: dind, listen: tls, user: root }
    profiles: [ci]
    inner:
      services: {}
      images:
        - { image: app:dev, source: registry }
        - { image: two:dev, source: { build: . } }
        - { image: three:dev, pull: always }
  other: { outer: rootless }
registries:
  ghcr: { host: ghcr.io }
",
        &expect![[r#"
            nest::not_supported_yet

              × `services` is not supported yet
               ╭─[/home/ann/ci/nest.yaml:1:1]
             1 │ services: {}
               · ────┬───
               ·     ╰── nest does not act on this in this version
             2 │ networks: {}
               ╰────
              help: remove it for now: it is part of the format, and a later version will act on it

            nest::not_supported_yet

              × `networks` is not supported yet
               ╭─[/home/ann/ci/nest.yaml:2:1]
             1 │ services: {}
             2 │ networks: {}
               · ────┬───
               ·     ╰── nest does not act on this in this version
             3 │ environments:
               ╰────
              help: remove it for now: it is part of the format, and a later version will act on it

            nest::not_supported_yet

              × `listen: tls` is not supported yet
               ╭─[/home/ann/ci/nest.yaml:5:34]
             4 │   builder:
             5 │     outer: { mode: dind, listen: tls, user: root }
               ·                                  ─┬─
               ·                                   ╰── nest does not act on this in this version
             6 │     profiles: [ci]
               ╰────
              help: remove it for now: it is part of the format, and a later version will act on it

            nest::not_supported_yet

              × `user` is not supported yet
               ╭─[/home/ann/ci/nest.yaml:5:39]
             4 │   builder:
             5 │     outer: { mode: dind, listen: tls, user: root }
               ·                                       ──┬─
               ·                                         ╰── nest does not act on this in this version
             6 │     profiles: [ci]
               ╰────
              help: remove it for now: it is part of the format, and a later version will act on it

            nest::not_supported_yet

              × `profiles` is not supported yet
               ╭─[/home/ann/ci/nest.yaml:6:5]
             5 │     outer: { mode: dind, listen: tls, user: root }
             6 │     profiles: [ci]
               ·     ────┬───
               ·         ╰── nest does not act on this in this version
             7 │     inner:
               ╰────
              help: remove it for now: it is part of the format, and a later version will act on it

            nest::not_supported_yet

              × `services` is not supported yet
               ╭─[/home/ann/ci/nest.yaml:8:7]
             7 │     inner:
             8 │       services: {}
               ·       ────┬───
               ·           ╰── nest does not act on this in this version
             9 │       images:
               ╰────
              help: remove it for now: it is part of the format, and a later version will act on it

            nest::not_supported_yet

              × the source `registry` is not supported yet
                ╭─[/home/ann/ci/nest.yaml:10:37]
              9 │       images:
             10 │         - { image: app:dev, source: registry }
                ·                                     ────┬───
                ·                                         ╰── nest does not act on this in this version
             11 │         - { image: two:dev, source: { build: . } }
                ╰────
              help: remove it for now: it is part of the format, and a later version will act on it

            nest::missing_key

              × the image's source has no `archive`
                ╭─[/home/ann/ci/nest.yaml:11:37]
             10 │         - { image: app:dev, source: registry }
             11 │         - { image: two:dev, source: { build: . } }
                ·                                     ──────┬─────
                ·                                           ╰── `archive` is missing here
             12 │         - { image: three:dev, pull: always }
                ╰────
              help: name the file: `source: { archive: images/app.tar }`

            nest::not_supported_yet

              × `build` is not supported yet
                ╭─[/home/ann/ci/nest.yaml:11:39]
             10 │         - { image: app:dev, source: registry }
             11 │         - { image: two:dev, source: { build: . } }
                ·                                       ──┬──
                ·                                         ╰── nest does not act on this in this version
             12 │         - { image: three:dev, pull: always }
                ╰────
              help: remove it for now: it is part of the format, and a later version will act on it

            nest::not_supported_yet

              × `pull` is not supported yet
                ╭─[/home/ann/ci/nest.yaml:12:31]
             11 │         - { image: two:dev, source: { build: . } }
             12 │         - { image: three:dev, pull: always }
                ·                               ──┬─
                ·                                 ╰── nest does not act on this in this version
             13 │   other: { outer: rootless }
                ╰────
              help: remove it for now: it is part of the format, and a later version will act on it

            nest::not_supported_yet

              × the mode `rootless` is not supported yet
                ╭─[/home/ann/ci/nest.yaml:13:19]
             12 │         - { image: three:dev, pull: always }
             13 │   other: { outer: rootless }
                ·                   ────┬───
                ·                       ╰── nest does not act on this in this version
             14 │ registries:
                ╰────
              help: remove it for now: it is part of the format, and a later version will act on it

            nest::not_supported_yet

              × `host` is not supported yet
                ╭─[/home/ann/ci/nest.yaml:15:11]
             14 │ registries:
             15 │   ghcr: { host: ghcr.io }
                ·           ──┬─
                ·             ╰── nest does not act on this in this version
                ╰────
              help: remove it for now: it is part of the format, and a later version will act on it
        "#]],
    );
}

#[test]
fn environments_inside_environments_are_not_supported_yet() {
    check(
        "\
environments:
  builder:
    outer: dind
    inner:
      environments:
        deeper: { outer: dind }
",
        &expect![[r#"
            nest::not_supported_yet

              × an environment inside an environment is not supported yet
               ╭─[/home/ann/ci/nest.yaml:5:7]
             4 │     inner:
             5 │       environments:
               ·       ──────┬─────
               ·             ╰── nest does not act on this in this version
             6 │         deeper: { outer: dind }
               ╰────
              help: remove it for now: it is part of the format, and a later version will act on it
        "#]],
    );
}

#[test]
fn a_secret_as_a_variable_is_not_supported_yet() {
    check(
        "\
environments:
  builder:
    outer: { mode: dind, environment: { TOKEN: { env: CI_TOKEN } } }
",
        &expect![[r#"
            nest::not_supported_yet

              × a secret as a variable's value is not supported yet
               ╭─[/home/ann/ci/nest.yaml:3:48]
             2 │   builder:
             3 │     outer: { mode: dind, environment: { TOKEN: { env: CI_TOKEN } } }
               ·                                                ────────┬────────
               ·                                                        ╰── nest does not act on this in this version
               ╰────
              help: remove it for now: it is part of the format, and a later version will act on it
        "#]],
    );
}

#[test]
fn a_condition_is_not_supported_yet() {
    check(
        "\
environments:
  one: { outer: dind }
  two: { outer: dind, depends_on: { one: { condition: service_started } } }
",
        &expect![[r#"
            nest::not_supported_yet

              × a condition other than `service_healthy` is not supported yet
               ╭─[/home/ann/ci/nest.yaml:3:55]
             2 │   one: { outer: dind }
             3 │   two: { outer: dind, depends_on: { one: { condition: service_started } } }
               ·                                                       ───────┬───────
               ·                                                              ╰── nest does not act on this in this version
               ╰────
              help: remove it for now: it is part of the format, and a later version will act on it
        "#]],
    );
}
