//! Problems with the files themselves.

use std::collections::BTreeMap;
use std::path::PathBuf;

use expect_test::{Expect, expect};
use nest::model::{ProjectRequest, read_project};

use crate::front_end::{TableFiles, read, read_files, rendered};

#[track_caller]
fn check_files(files: Vec<(&'static str, Vec<u8>)>, project_name: Option<&str>, expected: &Expect) {
    expected.assert_eq(&rendered(&read_files(files, project_name)));
}

#[test]
fn a_file_that_is_not_there() {
    check_files(
        vec![],
        None,
        &expect![[r#"
        nest::unreadable_file

          × cannot read `/home/ann/ci/nest.yaml`: entity not found
          help: check the path and its permissions, or name another file with `-f`
    "#]],
    );
}

#[test]
fn a_file_that_is_not_utf_8() {
    let input = b"environments:\n  builder: { outer: d\xffnd }\n".to_vec();
    expect![[r#"
        nest::invalid_utf8

          × the text is not UTF-8
           ╭─[/home/ann/ci/nest.yaml:2:22]
         1 │ environments:
         2 │   builder: { outer: d�nd }
           ·                      ┬
           ·                      ╰── after this comes a byte that is no text
           ╰────
          help: save the file as UTF-8
    "#]]
    .assert_eq(&rendered(&read(input)));
}

#[test]
fn a_file_that_is_too_large() {
    let input = vec![b' '; 20 * 1024 * 1024];
    expect![[r#"
        nest::file_too_large

          × `/home/ann/ci/nest.yaml` is too large: all files of a project together may have 16777216 bytes
          help: is it the right file? nest files are text that people write
    "#]].assert_eq(&rendered(&read(input)));
}

#[test]
fn a_line_of_the_variables_file_that_sets_nothing() {
    check_files(
        vec![
            ("/home/ann/ci/nest.yaml", b"environments: {}\n".to_vec()),
            (
                "/home/ann/ci/.env",
                b"GOOD=1\nnot a variable\nOPEN=\"1\n".to_vec(),
            ),
        ],
        None,
        &expect![[r#"
            nest::invalid_env_file

              × cannot read this line of variables: a name has only letters, digits, `_`, `.` and `-`
               ╭─[/home/ann/ci/.env:2:1]
             1 │ GOOD=1
             2 │ not a variable
               · ───────┬──────
               ·        ╰── here
             3 │ OPEN="1
               ╰────
              help: a line is `NAME=value`, `NAME="value"`, or a comment that starts with `#`

            nest::invalid_env_file

              × cannot read this line of variables: the quote is not closed
               ╭─[/home/ann/ci/.env:3:1]
             2 │ not a variable
             3 │ OPEN="1
               · ───┬───
               ·    ╰── here
               ╰────
              help: a line is `NAME=value`, `NAME="value"`, or a comment that starts with `#`
        "#]],
    );
}

#[test]
fn a_flag_that_leaves_no_project_name() {
    let files = vec![("/home/ann/ci/nest.yaml", b"environments: {}\n".to_vec())];
    check_files(
        files,
        Some("/"),
        &expect![[r#"
        nest::no_project_name

          × the project has no usable name: `--project-name /` gives ``
           ╭─[/home/ann/ci/nest.yaml:1:1]
         1 │ environments: {}
           · ▲
           · ╰── `name:` could stand here
           ╰────
          help: set `name:` at the top of the file, or use `--project-name`, with 2 to 63 lower-case
                letters, digits, `-` or `_`
    "#]],
    );
}

#[test]
fn a_folder_that_leaves_no_project_name() {
    let files = TableFiles(vec![("/x/nest.yaml", b"environments: {}\n".to_vec())]);
    let request = ProjectRequest {
        files: vec![PathBuf::from("/x/nest.yaml")],
        env_files: Vec::new(),
        profiles: Vec::new(),
        policies: Vec::new(),
        host_policy: None,
        working_folder: PathBuf::from("/elsewhere"),
        project_name: None,
        variables: BTreeMap::new(),
    };
    expect![[r#"
        nest::no_project_name

          × the project has no usable name: the folder `/x` gives `x`
           ╭─[/x/nest.yaml:1:1]
         1 │ environments: {}
           · ▲
           · ╰── `name:` could stand here
           ╰────
          help: set `name:` at the top of the file, or use `--project-name`, with 2 to 63 lower-case
                letters, digits, `-` or `_`
    "#]]
    .assert_eq(&rendered(&read_project(&files, &request)));
}
