//! A nest file that cannot be used.

use miette::Diagnostic;
use thiserror::Error;

use crate::problem::Problem;
use crate::source::SourceMap;

/// A nest file that cannot be used, with everything that was found in it, warnings too, in the order of the file.
#[derive(Debug, Error, Diagnostic)]
#[error("the file has {}", count(problems))]
pub struct InvalidDocument {
    /// The files that were read.
    #[source_code]
    pub sources: SourceMap,
    /// What was found.
    #[related]
    pub problems: Vec<Problem>,
}

fn count(problems: &[Problem]) -> String {
    match problems
        .iter()
        .filter(|problem| !problem.is_warning())
        .count()
    {
        1 => "1 problem".to_owned(),
        several => format!("{several} problems"),
    }
}
