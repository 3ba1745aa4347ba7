//! Variables in values.

use expect_test::expect;

use crate::problems::check;

#[test]
fn a_variable_that_is_not_set_is_a_warning() {
    check(
        "\
name: \"ci${UNSET}\"
environments: {}
",
        &expect![[r#"
            nest::undefined_variable

              ⚠ the variable `UNSET` is not set and becomes empty
               ╭─[/home/ann/ci/nest.yaml:1:10]
             1 │ name: "ci${UNSET}"
               ·          ────┬───
               ·              ╰── not set
             2 │ environments: {}
               ╰────
              help: set it, give it a default with `${UNSET:-default}`, or write `$$` for a dollar sign
        "#]],
    );
}

#[test]
fn a_variable_that_must_be_set() {
    check(
        "\
environments:
  builder:
    outer:
      mode: dind
      image: docker:${TAG:?name a version}
",
        &expect![[r#"
            nest::required_variable

              × the variable `TAG` must be set: name a version
               ╭─[/home/ann/ci/nest.yaml:5:21]
             4 │       mode: dind
             5 │       image: docker:${TAG:?name a version}
               ·                     ───────────┬──────────
               ·                                ╰── required here
               ╰────
              help: set it in the environment, or in a file `.env` beside this one: `TAG=…`
        "#]],
    );
}

#[test]
fn a_dollar_sign_without_a_variable() {
    check(
        "\
environments:
  builder:
    outer: { mode: dind, environment: { PRICE: \"5 $\" } }
",
        &expect![[r#"
            nest::invalid_interpolation

              × cannot fill in a variable: `$` without a variable's name
               ╭─[/home/ann/ci/nest.yaml:3:51]
             2 │   builder:
             3 │     outer: { mode: dind, environment: { PRICE: "5 $" } }
               ·                                                   ┬
               ·                                                   ╰── this is no variable
               ╰────
              help: write `${NAME}` or `${NAME:-default}` for a variable, `$$` for a dollar sign
        "#]],
    );
}

#[test]
fn braces_that_are_not_closed() {
    check(
        "\
environments:
  builder:
    outer: { mode: dind, hostname: '${HOST' }
",
        &expect![[r#"
            nest::invalid_interpolation

              × cannot fill in a variable: `${` without its `}`
               ╭─[/home/ann/ci/nest.yaml:3:37]
             2 │   builder:
             3 │     outer: { mode: dind, hostname: '${HOST' }
               ·                                     ───┬──
               ·                                        ╰── this is no variable
               ╰────
              help: write `${NAME}` or `${NAME:-default}` for a variable, `$$` for a dollar sign
        "#]],
    );
}
