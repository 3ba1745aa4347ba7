//! The text is no YAML that nest reads.

use expect_test::expect;

use crate::problems::check;

#[test]
fn yaml_that_is_not_closed() {
    check(
        "\
environments: { builder: { outer: dind }
",
        &expect![[r#"
            nest::invalid_yaml

              × invalid YAML: unclosed bracket '{'
               ╭─[/home/ann/ci/nest.yaml:1:15]
             1 │ environments: { builder: { outer: dind }
               ·               ┬
               ·               ╰── reading stopped here
               ╰────
              help: close the bracket that is open here
        "#]],
    );
}

#[test]
fn a_tab_that_indents() {
    check(
        "\
environments:
\tbuilder: { outer: dind }
",
        &expect![[r#"
            nest::invalid_yaml

              × invalid YAML: tabs disallowed within this context (block indentation)
               ╭─[/home/ann/ci/nest.yaml:2:2]
             1 │ environments:
             2 │     builder: { outer: dind }
               ·     ┬
               ·     ╰── reading stopped here
               ╰────
              help: indent with spaces: YAML takes no tabs there
        "#]],
    );
}

#[test]
fn a_colon_in_a_plain_value() {
    check(
        "\
environments:
  builder:
    outer: mode: dind
",
        &expect![[r#"
            nest::invalid_yaml

              × invalid YAML: mapping values are not allowed in this context
               ╭─[/home/ann/ci/nest.yaml:3:16]
             2 │   builder:
             3 │     outer: mode: dind
               ·                ┬
               ·                ╰── reading stopped here
               ╰────
              help: a value that holds `: ` needs quotes around it
        "#]],
    );
}

#[test]
fn a_second_document() {
    check(
        "\
environments: {}
---
environments: {}
",
        &expect![[r#"
            nest::several_documents

              × the file holds more than one YAML document
               ╭─[/home/ann/ci/nest.yaml:2:1]
             1 │ environments: {}
             2 │ ---
               · ─┬─
               ·  ╰── a second document starts here
             3 │ environments: {}
               ╰────
              help: remove the `---` line, or move what follows it to a file of its own
        "#]],
    );
}

#[test]
fn an_empty_file() {
    check(
        "\
# nothing yet
",
        &expect![[r#"
            nest::empty_file

              × the file is empty
               ╭─[/home/ann/ci/nest.yaml:1:1]
             1 │ # nothing yet
               · ▲
               · ╰── nothing is declared here
               ╰────
              help: a file that works: `environments: { sandbox: { outer: dind } }`
        "#]],
    );
}

#[test]
fn a_file_without_any_byte() {
    check(
        "",
        &expect![[r#"
            nest::empty_file

              × the file is empty
               ╭─[/home/ann/ci/nest.yaml:1:1]
             1 │ 
               · ▲
               · ╰── nothing is declared here
               ╰────
              help: a file that works: `environments: { sandbox: { outer: dind } }`
        "#]],
    );
}

#[test]
fn a_file_that_is_a_list_is_named_and_not_quoted() {
    check(
        "\
- one
- two
",
        &expect![[r#"
            nest::not_a_mapping

              × `/home/ann/ci/nest.yaml` holds a list instead of keys with values
              help: a nest file starts with keys such as `environments:`; is it the right file?
        "#]],
    );
}

#[test]
fn a_file_that_is_text_is_named_and_not_quoted() {
    check(
        "\
root:x:0
",
        &expect![[r#"
            nest::not_a_mapping

              × `/home/ann/ci/nest.yaml` holds plain text instead of keys with values
              help: a nest file starts with keys such as `environments:`; is it the right file?
        "#]],
    );
}

#[test]
fn a_duplicate_key() {
    check(
        "\
volumes:
  cache: {}
  cache: {}
environments: {}
",
        &expect![[r#"
            nest::duplicate_key

              × the key `cache` is set twice
               ╭─[/home/ann/ci/nest.yaml:3:3]
             1 │ volumes:
             2 │   cache: {}
               ·   ──┬──
               ·     ╰── first set here
             3 │   cache: {}
               ·   ──┬──
               ·     ╰── set again here
             4 │ environments: {}
               ╰────
              help: keep one of the two
        "#]],
    );
}

#[test]
fn a_key_that_is_a_list() {
    check(
        "\
environments: {}
[one, two]: three
",
        &expect![[r#"
            nest::key_not_a_word

              × a key must be one word
               ╭─[/home/ann/ci/nest.yaml:2:1]
             1 │ environments: {}
             2 │ [one, two]: three
               · ┬
               · ╰── this is not one word
               ╰────
              help: write the key as text; put quotes around it if it starts with `[`, `{`, `*` or `?`
        "#]],
    );
}

#[test]
fn a_merge_of_something_without_keys() {
    check(
        "\
environments:
  builder:
    <<: [dind]
    outer: dind
",
        &expect![[r#"
            nest::invalid_merge_key

              × `<<` takes a mapping or a list of mappings
               ╭─[/home/ann/ci/nest.yaml:3:10]
             2 │   builder:
             3 │     <<: [dind]
               ·          ──┬─
               ·            ╰── there are no keys to take over from this
             4 │     outer: dind
               ╰────
              help: let it name an anchor that stands before a mapping: `<<: *base`
        "#]],
    );
}

#[test]
fn an_alias_without_its_anchor() {
    check(
        "\
x-base: &base { mode: dind }
environments:
  builder: { outer: *bsae }
",
        &expect![[r#"
            nest::unknown_anchor

              × no anchor `&bsae` stands before the alias `*bsae`
               ╭─[/home/ann/ci/nest.yaml:3:21]
             2 │ environments:
             3 │   builder: { outer: *bsae }
               ·                     ──┬──
               ·                       ╰── this names nothing
               ╰────
              help: did you mean `base`?
        "#]],
    );
}

#[test]
fn an_alias_inside_its_anchor() {
    check(
        "\
environments: &all
  builder: *all
",
        &expect![[r#"
            nest::recursive_alias

              × an alias stands inside the value that it names
               ╭─[/home/ann/ci/nest.yaml:2:12]
             1 │ environments: &all
             2 │   builder: *all
               ·            ──┬─
               ·              ╰── this would go on without end
               ╰────
              help: a value cannot contain itself: move the anchor or write the value out
        "#]],
    );
}

#[test]
fn a_tag_that_means_nothing() {
    check(
        "\
environments:
  builder: { outer: !mode dind }
",
        &expect![[r#"
            nest::unknown_tag

              × the tag `!mode` means nothing here
               ╭─[/home/ann/ci/nest.yaml:2:27]
             1 │ environments:
             2 │   builder: { outer: !mode dind }
               ·                           ──┬─
               ·                             ╰── of this value
               ╰────
              help: remove the tag; to make text of a value, put quotes around it
        "#]],
    );
}

#[test]
fn a_variable_without_quotes_in_braces() {
    check(
        "\
environments: { builder: { outer: ${MODE} } }
",
        &expect![[r#"
            nest::invalid_yaml

              × invalid YAML: while parsing a flow mapping, did not find expected ',' or '}'
               ╭─[/home/ann/ci/nest.yaml:1:36]
             1 │ environments: { builder: { outer: ${MODE} } }
               ·                                    ┬
               ·                                    ╰── reading stopped here
               ╰────
              help: put quotes around a value with `${…}` that stands in braces or brackets
        "#]],
    );
}

#[test]
fn brackets_two_hundred_deep() {
    let brackets = "[".repeat(200);
    check(
        &format!("x-deep: {brackets}\n"),
        &expect![[r#"
        nest::nested_too_deep

          × values are nested too deep
           ╭─[/home/ann/ci/nest.yaml:1:137]
         1 │ x-deep: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[
           ·                                                                                                                                         ┬
           ·                                                                                                                                         ╰── too deep from here on
           ╰────
          help: at most 128 lists and mappings can stand in each other
    "#]],
    );
}
