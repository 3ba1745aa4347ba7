//! Every problem, as people see it.

mod build;
mod clash;
mod compose;
mod container;
mod daemon;
mod depth;
mod engine;
mod files;
mod grammar;
mod hostile;
mod image;
mod include;
mod keys;
mod later;
mod mode;
mod mount;
mod name;
mod network;
mod outer_engine;
mod policy;
mod reference;
mod registry;
mod secret;
mod seed;
mod service;
mod shape;
mod text;
mod value;
mod variable;

use std::collections::BTreeSet;

use expect_test::{Expect, expect};
use nest::problem::Problem;

use crate::front_end::{read, rendered};
use crate::tree::files;

/// Compares everything that is found in a file with what a person should see.
#[track_caller]
pub(crate) fn check(input: &str, expected: &Expect) {
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

/// Compares everything that is found in a file with what a person should see, but for what this version does not act on.
#[track_caller]
pub(crate) fn check_without_later(input: &str, expected: &Expect) {
    let keep = |problems: &mut Vec<Problem>| {
        problems.retain(|problem| problem.code_text() != "nest::not_supported_yet");
    };
    let mut result = read(input);
    match &mut result {
        Ok(read) => keep(&mut read.warnings),
        Err(invalid) => keep(&mut invalid.problems),
    }
    expected.assert_eq(&rendered(&result));
}

/// The text of all Rust files below a folder of the package.
fn rust_text(folder: &str) -> String {
    let texts = files(folder, ".rs").into_iter().map(|file| file.text);
    texts.collect()
}

#[test]
fn every_code_is_used_once_and_has_a_rendered_example() {
    let source = rust_text("src/problem");
    let codes: Vec<&str> = source
        .split("code(")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .filter(|code| code.starts_with("nest::"))
        .collect();
    let unique: BTreeSet<&str> = codes.iter().copied().collect();
    assert_eq!(codes.len(), unique.len(), "a code stands for two problems");
    assert!(codes.len() > 40, "the codes were not found");

    let examples = rust_text("tests/it/problems");
    let rendered: BTreeSet<&str> = examples.lines().map(str::trim).collect();
    let without: Vec<_> = unique
        .iter()
        .filter(|code| !rendered.contains(**code))
        .collect();
    assert!(without.is_empty(), "no rendered example of {without:?}");
}
