//! Several files, and problems in each of them.

use expect_test::{Expect, expect};

use crate::front_end::{read_several, rendered};

const BASE: &str = "/home/ann/ci/nest.yaml";
const OVER: &str = "/home/ann/ci/nest.override.yaml";

#[track_caller]
fn check(table: &[(&'static str, &str)], files: &[&str], expected: &Expect) {
    expected.assert_eq(&rendered(&read_several(table, files, &[])));
}

#[test]
fn a_problem_in_an_overriding_file_is_shown_there() {
    check(
        &[
            (
                BASE,
                "volumes: { cache: {} }\nenvironments:\n  builder: { outer: dind, volumes: [cache:/x] }\n",
            ),
            (
                OVER,
                "environments:\n  builder:\n    outer: { memroy: 2g }\n    volumes: [cahce:/y]\n",
            ),
        ],
        &[BASE, OVER],
        &expect![[r#"
            nest::unknown_key

              × unknown key `memroy`
               ╭─[/home/ann/ci/nest.override.yaml:3:14]
             2 │   builder:
             3 │     outer: { memroy: 2g }
               ·              ───┬──
               ·                 ╰── not known here
             4 │     volumes: [cahce:/y]
               ╰────
              help: did you mean `memory`?

            nest::undeclared_volume

              × no volume `cahce` is declared
               ╭─[/home/ann/ci/nest.yaml:1:1]
             1 │ volumes: { cache: {} }
               · ───┬───
               ·    ╰── the volumes of this scope
             2 │ environments:
               ╰────
               ╭─[/home/ann/ci/nest.override.yaml:4:15]
             3 │     outer: { memroy: 2g }
             4 │     volumes: [cahce:/y]
               ·               ──┬──
               ·                 ╰── used here
               ╰────
              help: did you mean `cache`?
        "#]],
    );
}

#[test]
fn a_problem_in_an_included_file_is_shown_there() {
    check(
        &[
            (BASE, "include: [../common/nest.yaml]\n"),
            ("/home/ann/common/nest.yaml", "enviroments: {}\n"),
        ],
        &[BASE],
        &expect![[r#"
            nest::unknown_key

              × unknown key `enviroments`
               ╭─[/home/ann/common/nest.yaml:1:1]
             1 │ enviroments: {}
               · ─────┬─────
               ·      ╰── not known here
               ╰────
              help: did you mean `environments`?
        "#]],
    );
}

#[test]
fn a_file_that_is_not_named_as_yaml_is_never_quoted() {
    check(
        &[
            (BASE, "include: [../private]\n"),
            ("/home/ann/private", "[default]\nkey = hunter2\n"),
        ],
        &[BASE],
        &expect![[r#"
            nest::invalid_yaml

              × invalid YAML: did not find expected <document start>
               ╭─[/home/ann/private:2:1]
             1 │ *********
             2 │ *************
               · ┬
               · ╰── reading stopped here
               ╰────
              help: the mistake is here or just before: check indentation, quotes and brackets
        "#]],
    );
    check(
        &[
            (BASE, "include: [../private.txt]\n"),
            ("/home/ann/private.txt", "\"hunter2\n"),
        ],
        &[BASE],
        &expect![[r#"
            nest::invalid_yaml

              × invalid YAML: unclosed quote
               ╭─[/home/ann/private.txt:1:1]
             1 │ ********
               · ┬
               · ╰── reading stopped here
               ╰────
              help: close the quote, or double it if it is part of the text
        "#]],
    );
    check(
        &[
            (BASE, "compose: ../private.ini\n"),
            ("/home/ann/private.ini", "a: b: hunter2\n"),
        ],
        &[BASE],
        &expect![[r#"
            nest::invalid_yaml

              × invalid YAML: mapping values are not allowed in this context
               ╭─[/home/ann/private.ini:1:5]
             1 │ *************
               ·     ┬
               ·     ╰── reading stopped here
               ╰────
              help: a value that holds `: ` needs quotes around it
        "#]],
    );
}

#[test]
fn an_included_file_that_is_not_there() {
    check(
        &[(BASE, "include: [../common/nest.yaml, { path: }]\n")],
        &[BASE],
        &expect![[r#"
            nest::unreadable_include

              × cannot read `/home/ann/common/nest.yaml`: entity not found
               ╭─[/home/ann/ci/nest.yaml:1:11]
             1 │ include: [../common/nest.yaml, { path: }]
               ·           ─────────┬─────────
               ·                    ╰── included here
               ╰────
              help: check the path: it starts from the folder of the file that includes it

            nest::missing_key

              × an item of `include` has no `path`
               ╭─[/home/ann/ci/nest.yaml:1:32]
             1 │ include: [../common/nest.yaml, { path: }]
               ·                                ────┬────
               ·                                    ╰── `path` is missing here
               ╰────
              help: say which file: `path: FILE`
        "#]],
    );
}

#[test]
fn files_that_include_each_other() {
    check(
        &[
            (BASE, "include: [other.yaml]\n"),
            ("/home/ann/ci/other.yaml", "include: [nest.yaml]\n"),
        ],
        &[BASE],
        &expect![[r#"
            nest::include_cycle

              × files include each other: /home/ann/ci/nest.yaml -> /home/ann/ci/other.yaml -> /home/ann/ci/
              │ nest.yaml
               ╭─[/home/ann/ci/other.yaml:1:11]
             1 │ include: [nest.yaml]
               ·           ────┬────
               ·               ╰── this leads back to where it started
               ╰────
              help: remove one of these `include` entries
        "#]],
    );
}

#[test]
fn a_file_that_is_included_twice_at_each_of_many_steps() {
    let names: Vec<String> = (0..12)
        .map(|step| format!("/home/ann/ci/{step}.yaml"))
        .collect();
    let texts: Vec<String> = (1..13)
        .map(|step| format!("include: [{step}.yaml, {step}.yaml]\n"))
        .collect();
    let mut table = vec![(BASE, "include: [0.yaml]\n")];
    for (name, text) in names.iter().zip(&texts) {
        let name: &'static str = Box::leak(name.clone().into_boxed_str());
        table.push((name, text.as_str()));
    }
    table.push(("/home/ann/ci/12.yaml", "volumes: {}\n"));
    check(
        &table,
        &[BASE],
        &expect![[r#"
        nest::too_many_includes

          × more than 256 files are included
           ╭─[/home/ann/ci/11.yaml:1:20]
         1 │ include: [12.yaml, 12.yaml]
           ·                    ───┬───
           ·                       ╰── no more files are read from here on
           ╰────
          help: include each file once, from the file that needs it
    "#]],
    );
}

#[test]
fn one_name_in_two_files() {
    check(
        &[
            (BASE, "include: [other.yaml]\nvolumes:\n  cache: {}\n"),
            (
                "/home/ann/ci/other.yaml",
                "volumes:\n  cache: { driver: fast }\n",
            ),
        ],
        &[BASE],
        &expect![[r#"
            nest::include_conflict

              × `cache` of `volumes` is declared twice, and not the same way
               ╭─[/home/ann/ci/nest.yaml:3:3]
             2 │ volumes:
             3 │   cache: {}
               ·   ──┬──
               ·     ╰── declared here
               ╰────
               ╭─[/home/ann/ci/other.yaml:2:3]
             1 │ volumes:
             2 │   cache: { driver: fast }
               ·   ──┬──
               ·     ╰── included with this
               ╰────
              help: rename one of the two; to change what an included file says, write it into
                    `nest.override.yaml`
        "#]],
    );
}

#[test]
fn an_include_of_the_wrong_type() {
    check(
        &[(BASE, "include: other.yaml\n")],
        &[BASE],
        &expect![[r#"
            nest::wrong_type

              × `include` takes a list, not the text `other.yaml`
               ╭─[/home/ann/ci/nest.yaml:1:10]
             1 │ include: other.yaml
               ·          ─────┬────
               ·               ╰── the text `other.yaml`
               ╰────
              help: write it as a list: `[other.yaml]`
        "#]],
    );
}

#[test]
fn a_second_file_that_is_not_there() {
    check(
        &[(BASE, "volumes: {}\n")],
        &[BASE, "/home/ann/ci/more.yaml"],
        &expect![[r#"
            nest::unreadable_file

              × cannot read `/home/ann/ci/more.yaml`: entity not found
              help: check the path and its permissions, or name another file with `-f`
        "#]],
    );
}

#[test]
fn files_that_include_each_other_in_a_long_row() {
    let names: Vec<String> = (0..20)
        .map(|step| format!("/home/ann/ci/{step}.yaml"))
        .collect();
    let texts: Vec<String> = (1..21)
        .map(|step| format!("include: [{step}.yaml]\n"))
        .collect();
    let mut table = vec![(BASE, "include: [0.yaml]\n")];
    for (name, text) in names.iter().zip(&texts) {
        let name: &'static str = Box::leak(name.clone().into_boxed_str());
        table.push((name, text.as_str()));
    }
    check(
        &table,
        &[BASE],
        &expect![[r#"
        nest::includes_too_deep

          × more than 16 files include each other in a row
           ╭─[/home/ann/ci/15.yaml:1:11]
         1 │ include: [16.yaml]
           ·           ───┬───
           ·              ╰── no more files are read from here on
           ╰────
          help: include the file from one further up, such as the first
    "#]],
    );
}
