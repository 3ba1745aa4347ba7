//! Images: which one, for what, and from where.

use expect_test::expect;

use crate::problems::check;

#[test]
fn platforms_that_are_none() {
    check(
        "\
images:
  - { image: one, platform: linux/amd46 }
  - { image: two, platform: linux }
",
        &expect![[r#"
            nest::invalid_platform

              × `linux/amd46` is no platform: no images are made for the processor `amd46`
               ╭─[/home/ann/ci/nest.yaml:2:29]
             1 │ images:
             2 │   - { image: one, platform: linux/amd46 }
               ·                             ─────┬─────
               ·                                  ╰── here
             3 │   - { image: two, platform: linux }
               ╰────
              help: did you mean `linux/amd64`?

            nest::invalid_platform

              × `linux` is no platform: it names no processor
               ╭─[/home/ann/ci/nest.yaml:3:29]
             2 │   - { image: one, platform: linux/amd46 }
             3 │   - { image: two, platform: linux }
               ·                             ──┬──
               ·                               ╰── here
               ╰────
              help: write the system and the processor: `linux/amd64`, `linux/arm64`, `linux/arm/v7`
        "#]],
    );
}

#[test]
fn one_image_for_two_platforms() {
    check(
        "\
images:
  - { image: app, platform: linux/x86_64 }
  - { image: \"app:latest\", platform: arm64 }
",
        &expect![[r#"
            nest::image_platforms_clash

              × the image `app:latest` is listed for two platforms, `linux/amd64` and `linux/arm64`
               ╭─[/home/ann/ci/nest.yaml:3:14]
             1 │ images:
             2 │   - { image: app, platform: linux/x86_64 }
               ·              ─┬─
               ·               ╰── first listed here
             3 │   - { image: "app:latest", platform: arm64 }
               ·              ──────┬─────
               ·                    ╰── for another platform here
               ╰────
              help: keep one, or give one of them another name: an engine has one image of a name
        "#]],
    );
}

#[test]
fn a_platform_that_the_build_does_not_make() {
    check(
        "\
images:
  - image: app
    platform: linux/arm64
    source: { build: { platforms: [linux/amd64] } }
",
        &expect![[r#"
            nest::platform_not_built

              × the image is wanted for `linux/arm64`, and its build makes others
               ╭─[/home/ann/ci/nest.yaml:3:15]
             2 │   - image: app
             3 │     platform: linux/arm64
               ·               ─────┬─────
               ·                    ╰── wanted
             4 │     source: { build: { platforms: [linux/amd64] } }
               ·             ───────────────────┬───────────────────
               ·                                ╰── built
               ╰────
              help: add `linux/arm64` to `platforms`, or remove one of the two keys
        "#]],
    );
}

#[test]
fn pulls_that_contradict_the_source() {
    check(
        "\
images:
  - { image: one, source: outer, pull: always }
  - { image: two, source: registry, pull: never }
  - { image: three, pull: allways }
",
        &expect![[r#"
            nest::pull_contradicts_source

              × `pull: always` cannot hold for an image with the source `outer`
               ╭─[/home/ann/ci/nest.yaml:2:34]
             1 │ images:
             2 │   - { image: one, source: outer, pull: always }
               ·                   ───┬──         ──┬─
               ·                      │             ╰── when it is pulled
               ·                      ╰── where it comes from
             3 │   - { image: two, source: registry, pull: never }
               ╰────
              help: remove one of the two: an image is pulled with the source `auto` or `registry` only

            nest::pull_contradicts_source

              × `pull: never` cannot hold for an image with the source `registry`
               ╭─[/home/ann/ci/nest.yaml:3:37]
             2 │   - { image: one, source: outer, pull: always }
             3 │   - { image: two, source: registry, pull: never }
               ·                   ───┬──            ──┬─
               ·                      │                ╰── when it is pulled
               ·                      ╰── where it comes from
             4 │   - { image: three, pull: allways }
               ╰────
              help: remove one of the two: an image is pulled with the source `auto` or `registry` only

            nest::unknown_word

              × `pull` does not take `allways`
               ╭─[/home/ann/ci/nest.yaml:4:27]
             3 │   - { image: two, source: registry, pull: never }
             4 │   - { image: three, pull: allways }
               ·                           ───┬───
               ·                              ╰── not known here
               ╰────
              help: did you mean `always`?
        "#]],
    );
}

#[test]
fn one_name_for_two_images() {
    check(
        "\
images:
  - { image: one, as: [two, three] }
  - two
",
        &expect![[r#"
            nest::image_listed_twice

              × the image `two:latest` is listed twice
               ╭─[/home/ann/ci/nest.yaml:3:5]
             1 │ images:
             2 │   - { image: one, as: [two, three] }
               ·                        ─┬─
               ·                         ╰── first listed here
             3 │   - two
               ·     ─┬─
               ·      ╰── listed again here
               ╰────
              help: keep one: an engine has one image of a name
        "#]],
    );
}

#[test]
fn a_registry_called_localhost_inside() {
    check(
        "\
environments:
  builder:
    outer: { mode: dind, daemon: { registry-mirrors: [\"http://localhost:5000\"], insecure-registries: [\"127.0.0.1:5000\"] } }
    inner: { images: [\"localhost:5000/app\", { image: \"127.0.0.1:5000/tool\", source: outer }] }
images: [\"localhost:5000/app\"]
",
        &expect![[r#"
            nest::localhost_registry_inside

              ⚠ inside an environment, `localhost:5000` is the environment's own container
               ╭─[/home/ann/ci/nest.yaml:3:55]
             2 │   builder:
             3 │     outer: { mode: dind, daemon: { registry-mirrors: ["http://localhost:5000"], insecure-registries: ["127.0.0.1:5000"] } }
               ·                                                       ───────────┬───────────
               ·                                                                  ╰── not the machine outside
             4 │     inner: { images: ["localhost:5000/app", { image: "127.0.0.1:5000/tool", source: outer }] }
               ╰────
              help: for a registry outside, list it in `registries` and use `NAME.nest:5000`; for an image
                    that the outer engine has, say `source: outer`

            nest::localhost_registry_inside

              ⚠ inside an environment, `127.0.0.1:5000` is the environment's own container
               ╭─[/home/ann/ci/nest.yaml:3:103]
             2 │   builder:
             3 │     outer: { mode: dind, daemon: { registry-mirrors: ["http://localhost:5000"], insecure-registries: ["127.0.0.1:5000"] } }
               ·                                                                                                       ────────┬───────
               ·                                                                                                               ╰── not the machine outside
             4 │     inner: { images: ["localhost:5000/app", { image: "127.0.0.1:5000/tool", source: outer }] }
               ╰────
              help: for a registry outside, list it in `registries` and use `NAME.nest:5000`; for an image
                    that the outer engine has, say `source: outer`

            nest::localhost_registry_inside

              ⚠ inside an environment, `localhost:5000` is the environment's own container
               ╭─[/home/ann/ci/nest.yaml:4:23]
             3 │     outer: { mode: dind, daemon: { registry-mirrors: ["http://localhost:5000"], insecure-registries: ["127.0.0.1:5000"] } }
             4 │     inner: { images: ["localhost:5000/app", { image: "127.0.0.1:5000/tool", source: outer }] }
               ·                       ──────────┬─────────
               ·                                 ╰── not the machine outside
             5 │ images: ["localhost:5000/app"]
               ╰────
              help: for a registry outside, list it in `registries` and use `NAME.nest:5000`; for an image
                    that the outer engine has, say `source: outer`
        "#]],
    );
}

#[test]
fn one_name_for_two_builds() {
    check(
        "\
services:
  one: { image: app, build: . }
  two: { image: app, build: . }
environments:
  box: { outer: { mode: dind, image: app, build: ./engine } }
",
        &expect![[r#"
            nest::image_built_twice

              × the image `app:latest` is built in two ways
               ╭─[/home/ann/ci/nest.yaml:2:29]
             1 │ services:
             2 │   one: { image: app, build: . }
               ·                             ┬
               ·                             ╰── and otherwise here
             3 │   two: { image: app, build: . }
             4 │ environments:
             5 │   box: { outer: { mode: dind, image: app, build: ./engine } }
               ·                                                  ────┬───
               ·                                                      ╰── built so here
               ╰────
              help: give one of them another name with `image`, or build both in the same way

            nest::image_built_twice

              × the image `app:latest` is built in two ways
               ╭─[/home/ann/ci/nest.yaml:3:29]
             2 │   one: { image: app, build: . }
             3 │   two: { image: app, build: . }
               ·                             ┬
               ·                             ╰── and otherwise here
             4 │ environments:
             5 │   box: { outer: { mode: dind, image: app, build: ./engine } }
               ·                                                  ────┬───
               ·                                                      ╰── built so here
               ╰────
              help: give one of them another name with `image`, or build both in the same way
        "#]],
    );
}

#[test]
fn an_image_that_is_to_be_built_of_nothing() {
    check(
        "\
services:
  one: { image: app, pull_policy: build }
",
        &expect![[r#"
            nest::nothing_to_build

              × the image is to be built, and nothing says how
               ╭─[/home/ann/ci/nest.yaml:2:35]
             1 │ services:
             2 │   one: { image: app, pull_policy: build }
               ·                                   ──┬──
               ·                                     ╰── no `build` beside it
               ╰────
              help: say how, `build: .`, or remove `pull_policy`
        "#]],
    );
}
