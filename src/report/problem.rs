//! Problems in one line each, for commands that are about something else.

pub mod github;
pub mod json;
pub mod located;
pub mod sarif;

use std::fmt::Write as _;

use miette::{Diagnostic as _, SourceCode as _, SourceSpan};

use crate::problem::{Problem, without_secrets};
use crate::report::style::{CHANGE, styled};
use crate::report::words;
use crate::source::SourceMap;

/// One line for each warning, with its place.
pub fn brief(warnings: &[Problem], sources: &SourceMap) -> String {
    let mut text = String::new();
    for warning in warnings {
        let offset: SourceSpan = (warning.place(), 0).into();
        let place = sources.read_span(&offset, 0, 0).map_or_else(
            |_| String::new(),
            |contents| {
                let file = contents.name().unwrap_or("nest.yaml");
                format!(
                    " ({}:{}:{})",
                    words::escaped(file),
                    contents.line() + 1,
                    contents.column() + 1
                )
            },
        );
        let severity = styled(CHANGE, "warning:");
        let code = warning
            .code()
            .map(|code| format!(" [{code}]"))
            .unwrap_or_default();
        let _ = writeln!(
            text,
            "{severity} {}{place}{code}",
            words::escaped(&without_secrets(warning, sources, warning.to_string()))
        );
    }
    if !warnings.is_empty() {
        text.push_str("`nest validate` shows the lines and what to do.\n\n");
    }
    text
}
