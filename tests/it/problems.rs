//! Every problem, as people see it.

use expect_test::{Expect, expect};

use crate::front_end::{read, rendered};

#[track_caller]
fn check(input: &str, expected: &Expect) {
    expected.assert_eq(&rendered(&read(input)));
}

#[test]
fn one_run_reports_unknown_key_wrong_type_dangling_name_and_duplicate_key() {
    check(
        "\
volumes:
  cache: {}
environments:
  builder:
    outer: dind
    volums: [cache:/cache]
    replicas: two
  tools:
    outer: dind
    volumes:
      - cahce:/cache
    outer: socket
",
        &expect![[r#"
            nest::undeclared_volume

              × no volume `cahce` is declared
               ╭─[/home/ann/ci/nest.yaml:1:1]
             1 │ volumes:
               · ───┬───
               ·    ╰── the volumes of this scope
             2 │   cache: {}
               ╰────
                ╭─[/home/ann/ci/nest.yaml:11:9]
             10 │     volumes:
             11 │       - cahce:/cache
                ·         ──┬──
                ·           ╰── used here
             12 │     outer: socket
                ╰────
              help: did you mean `cache`?

            nest::unknown_key

              × unknown key `volums`
               ╭─[/home/ann/ci/nest.yaml:6:5]
             5 │     outer: dind
             6 │     volums: [cache:/cache]
               ·     ───┬──
               ·        ╰── not known here
             7 │     replicas: two
               ╰────
              help: did you mean `volumes`?

            nest::wrong_type

              × `replicas` takes a whole number, not the text `two`
               ╭─[/home/ann/ci/nest.yaml:7:15]
             6 │     volums: [cache:/cache]
             7 │     replicas: two
               ·               ─┬─
               ·                ╰── the text `two`
             8 │   tools:
               ╰────
              help: write digits only, without quotes

            nest::duplicate_key

              × the key `outer` is set twice
                ╭─[/home/ann/ci/nest.yaml:12:5]
              8 │   tools:
              9 │     outer: dind
                ·     ──┬──
                ·       ╰── first set here
             10 │     volumes:
             11 │       - cahce:/cache
             12 │     outer: socket
                ·     ──┬──
                ·       ╰── set again here
                ╰────
              help: keep one of the two
        "#]],
    );
}
