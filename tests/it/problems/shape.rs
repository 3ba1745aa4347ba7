//! Values of the wrong type, and words that no key takes.

use expect_test::expect;

use crate::problems::check;

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
        &expect![[r#"
            nest::wrong_type

              × an item of `images` takes text, not nothing
               ╭─[/home/ann/ci/nest.yaml:4:23]
             3 │     outer: dind
             4 │     inner: { images: [~] }
               ·                       ┬
               ·                       ╰── nothing
               ╰────
              help: write text here
        "#]],
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

              × `replicas` takes a whole number that is not negative, not `-1`
               ╭─[/home/ann/ci/nest.yaml:4:15]
             3 │     outer: dind
             4 │     replicas: -1
               ·               ─┬
               ·                ╰── `-1`
               ╰────
              help: write digits only, without quotes
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
