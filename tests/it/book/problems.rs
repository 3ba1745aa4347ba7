//! The page that explains every problem: made of the comments in `src/problem` and the renderings in
//! `tests/it/problems`, which are tested themselves.

use std::fmt::Write as _;

use expect_test::expect_file;

use crate::tree::{TextFile, file, files, package};

/// The files of problems, in the order of the page, each with its heading.
const AREAS: &[(&str, &str)] = &[
    ("text", "The text of the file"),
    ("include", "Several files"),
    ("variable", "Variables"),
    ("shape", "Keys and the shape of their values"),
    ("name", "Names"),
    ("reference", "References"),
    ("value", "Values"),
    ("mount", "Mounts and ports"),
    ("network", "Networks"),
    ("service", "Services"),
    ("compose", "Extended services and Compose files"),
    ("container", "Containers"),
    ("engine", "Environments and their engines"),
    ("outer_engine", "Other outer engines"),
    ("mode", "Modes, and how engines listen"),
    ("daemon", "The engine's configuration"),
    ("image", "Images"),
    ("registry", "Registries"),
    ("secret", "Secrets"),
    ("policy", "Policies"),
];

/// What the page begins with.
const HEAD: &str = "\
# Problems

What nest can find in a nest file. All of it is found in one run: `nest validate` shows every problem of the file,
needs no engine, and ends with 3 if there is one. Each problem has a code that is never used for another, the place it
is about, and help. A warning does not keep the file from being used, except under `nest validate --deny-warnings`.
Commands that talk to an engine show each warning in one line.

This page is made of the source of nest; every example is one of its tests.
";

/// A problem as the source declares it.
struct Declared {
    code: String,
    warning: bool,
    explanation: String,
}

#[test]
fn every_problem_has_its_heading_its_explanation_and_an_example() {
    let renderings: Vec<TextFile> = files("tests/it/problems", ".rs");
    let mut page = HEAD.to_owned();
    for (area, heading) in AREAS {
        let _ = write!(page, "\n## {heading}\n");
        for problem in declared(&file(&format!("src/problem/{area}.rs")).text) {
            let example = example(&renderings, area, &problem.code)
                .unwrap_or_else(|| panic!("no rendered example of {}", problem.code));
            assert!(
                problem.explanation.split_whitespace().count() > 5,
                "the comment on {} explains nothing",
                problem.code
            );
            let severity = if problem.warning { " (warning)" } else { "" };
            let _ = write!(
                page,
                "\n### {}{severity}\n\n{}\n\n```text\n{example}\n```\n",
                problem.code, problem.explanation
            );
        }
    }
    expect_file![package().join("book/src/problems.md")].assert_eq(&page);
}

#[test]
fn the_page_of_problems_leaves_no_file_of_problems_out() {
    for source in files("src/problem", ".rs") {
        let listed = AREAS
            .iter()
            .any(|(area, _)| source.path == format!("src/problem/{area}.rs"));
        assert!(
            listed || !source.text.contains("code(nest::"),
            "{} is not on the page",
            source.path
        );
    }
}

/// The problems of a file, with the comments on them.
fn declared(source: &str) -> Vec<Declared> {
    let mut problems = Vec::new();
    let mut comment: Vec<&str> = Vec::new();
    let mut warning = false;
    for line in source.lines() {
        let code = || Some(line.split_once("code(nest::")?.1.split_once(')')?.0);
        if let Some(sentence) = line.strip_prefix("    /// ") {
            comment.push(sentence);
        } else if line.trim().is_empty() {
            comment.clear();
            warning = false;
        } else if line.contains("severity(Warning)") {
            warning = true;
        }
        if let Some(code) = code() {
            problems.push(Declared {
                code: format!("nest::{code}"),
                warning: warning || line.contains("severity(Warning)"),
                explanation: comment.join("\n"),
            });
        }
    }
    problems
}

/// A rendering of one problem: the first in the tests of its own area, else in those of another.
fn example(tests: &[TextFile], area: &str, code: &str) -> Option<String> {
    let own = format!("tests/it/problems/{area}");
    let place = |test: &&TextFile| match test.path.strip_prefix(&own) {
        Some(".rs") => 0,
        Some(rest) if rest.starts_with('/') => 1,
        _ => 2,
    };
    let mut tests: Vec<&TextFile> = tests.iter().collect();
    tests.sort_by_key(place);
    tests.iter().find_map(|test| rendering(&test.text, code))
}

fn rendering(text: &str, code: &str) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let start = lines.iter().position(|line| line.trim() == code)?;
    let indent = lines[start].len() - lines[start].trim_start().len();
    let inside = |line: &&&str| line.trim().is_empty() || line.starts_with(&" ".repeat(indent));
    let other_problem = |line: &str| line.trim().starts_with("nest::");
    let body: Vec<&str> = lines[start + 1..]
        .iter()
        .take_while(inside)
        .take_while(|line| !other_problem(line))
        .map(|line| line.get(indent..).unwrap_or_default())
        .collect();
    Some(format!("{code}\n{}", body.join("\n").trim_end()))
}
