//! Problems with their places as numbers, for tools.

use std::path::Path;

use miette::Diagnostic as _;
use serde::Serialize;

use crate::problem::{Problem, without_secrets};
use crate::report::words;
use crate::source::{SourceMap, Span};

/// A problem with its places as numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LocatedProblem {
    /// Its code, as in `nest::unknown_key`.
    pub code: String,
    /// `error` or `warning`.
    pub severity: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// The place that it is about, where it has one.
    pub place: Option<Place>,
    /// Other places that it shows.
    pub related: Vec<Place>,
}

/// A range of text in a file. Lines and columns count from 1; the end is the first character that is outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The file, with `/`, relative to the working folder if it is below it.
    pub file: String,
    /// The line of the first character.
    pub line: usize,
    /// The first character.
    pub column: usize,
    /// The line of the end.
    pub end_line: usize,
    /// The end.
    pub end_column: usize,
    /// What is said about it.
    pub label: String,
}

/// Problems with their places, in the order in which they are given.
pub fn located(problems: &[Problem], sources: &SourceMap) -> Vec<LocatedProblem> {
    let problems = problems.iter();
    problems.map(|problem| locate(problem, sources)).collect()
}

fn locate(problem: &Problem, sources: &SourceMap) -> LocatedProblem {
    let shown = |text: String| words::escaped(&without_secrets(problem, sources, text));
    let main = problem.main_span();
    let mut place = None;
    let mut related = Vec::new();
    for label in problem.labels().into_iter().flatten() {
        let span = label.offset()..label.offset() + label.len();
        let text = shown(label.label().unwrap_or_default().to_owned());
        let found = self::place(&span, text, sources);
        if place.is_none() && main.as_ref() == Some(&span) {
            place = found;
        } else {
            related.extend(found);
        }
    }
    LocatedProblem {
        code: problem.code_text(),
        severity: if problem.is_warning() {
            "warning"
        } else {
            "error"
        },
        message: shown(problem.to_string()),
        help: problem.help().map(|help| shown(help.to_string())),
        place,
        related,
    }
}

fn place(span: &Span, label: String, sources: &SourceMap) -> Option<Place> {
    let start = sources.position(span.start)?;
    let end = sources.position(span.end)?;
    Some(Place {
        file: with_slashes(start.file),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
        label,
    })
}

fn with_slashes(path: &Path) -> String {
    path.display()
        .to_string()
        .replace(std::path::MAIN_SEPARATOR, "/")
}
