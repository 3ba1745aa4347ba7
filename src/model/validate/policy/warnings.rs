//! What policies make of warnings.

use miette::Diagnostic as _;

use crate::model::validate::Validation;
use crate::problem::page::{code_of, is_about_warning, sections};
use crate::problem::suggestion::did_you_mean;
use crate::problem::{PolicyProblem, Problem, ShapeProblem};
use crate::source::Span;
use crate::spec::decode::{Field, Table};
use crate::spec::policy::{PolicySpec, Verdict};

/// How codes begin, which policies may leave out.
const PREFIX: &str = "nest::";

impl Validation<'_> {
    /// Reports codes that no warning has.
    pub(super) fn check_warning_codes(&mut self, warnings: &Field<Table<Verdict>>) {
        for entry in warnings.entries() {
            let code = without_prefix(&entry.name);
            let section = sections().find(|section| without_prefix(code_of(section)) == code);
            if section.is_some_and(is_about_warning) {
                continue;
            }
            let hint = if section.is_some() {
                "this is an error, which no policy allows: remove it here".to_owned()
            } else {
                let warnings = sections().filter(|section| is_about_warning(section));
                let codes = warnings.map(|section| without_prefix(code_of(section)));
                did_you_mean(code, codes, || {
                    "`nest validate` prints the code of every warning that it finds".to_owned()
                })
            };
            self.report(PolicyProblem::UnknownWarning {
                code: entry.name.clone(),
                hint,
                at: entry.name_span.clone(),
            });
        }
    }
}

/// A problem as the policies want it: as it is, not at all, or, for a warning, as an error.
pub(super) fn judged(problem: Problem, policies: &[PolicySpec]) -> Option<Problem> {
    if !problem.is_warning() {
        return Some(problem);
    }
    let code = problem.code_text();
    let verdicts = || {
        let entries = policies.iter().flat_map(|policy| policy.warnings.entries());
        let named = entries.filter(|entry| without_prefix(&entry.name) == without_prefix(&code));
        named.filter_map(|entry| Some((entry.value.copied()?, entry.value.span.clone())))
    };
    let denied: Option<Span> = verdicts()
        .find(|(verdict, _)| *verdict == Verdict::Deny)
        .map(|(_, span)| span);
    if let Some(policy) = denied {
        let help = problem.help().map(|help| help.to_string());
        let denied = PolicyProblem::Warning {
            message: problem.to_string(),
            code,
            help: help.unwrap_or_default(),
            at: problem.main_span().map(Into::into),
            policy,
        };
        return Some(denied.into());
    }
    // Nothing makes a part act that this version does not act on.
    let is_opinion = !matches!(
        &problem,
        Problem::Shape(ShapeProblem::NotSupportedYet { .. })
    );
    let allowed = is_opinion && verdicts().next().is_some();
    (!allowed).then_some(problem)
}

fn without_prefix(code: &str) -> &str {
    code.strip_prefix(PREFIX).unwrap_or(code)
}
