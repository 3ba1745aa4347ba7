//! Problems as JSON.

use serde::Serialize;

use crate::report::problem::located::LocatedProblem;

/// The version of the form. It changes when a key changes its meaning or goes.
const FORMAT_VERSION: &str = "1.0";

#[derive(Serialize)]
struct Report<'p> {
    format_version: &'static str,
    valid: bool,
    error_count: usize,
    warning_count: usize,
    problems: &'p [LocatedProblem],
}

/// Problems as one JSON object.
pub fn json(problems: &[LocatedProblem]) -> String {
    let count = |severity: &str| {
        let problems = problems.iter();
        problems
            .filter(|problem| problem.severity == severity)
            .count()
    };
    let report = Report {
        format_version: FORMAT_VERSION,
        valid: count("error") == 0,
        error_count: count("error"),
        warning_count: count("warning"),
        problems,
    };
    serde_json::to_string_pretty(&report).unwrap_or_default() + "\n"
}
