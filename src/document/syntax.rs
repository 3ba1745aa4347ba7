//! Mistakes in YAML's grammar, and what usually helps.

use granit_parser::{ErrorKind, ScanError};

use crate::problem::TextProblem;

/// The problem that stopped the parser in a text whose first byte has the number `base`.
pub(crate) fn syntax_problem(
    error: &ScanError,
    text: &str,
    base: usize,
    nesting_limit: usize,
) -> TextProblem {
    let start = error.marker().byte_offset().unwrap_or(0);
    let start = (0..=start.min(text.len()))
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0);
    let character = text[start..].chars().next();
    let length = character.filter(|c| *c != '\n').map_or(0, char::len_utf8);
    let at = base + start..base + start + length;
    let hint = match error.kind() {
        ErrorKind::RecursionLimitExceeded => {
            return TextProblem::NestedTooDeep {
                limit: nesting_limit,
                at,
            };
        }
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation => "indent with spaces: YAML takes no tabs there",
        ErrorKind::UnclosedQuotedScalar => {
            "close the quote, or double it if it is part of the text"
        }
        ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidColonPlacement => {
            "a value that holds `: ` needs quotes around it"
        }
        ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnclosedFlowCollection { .. } => "close the bracket that is open here",
        _ if text[..start].ends_with('$') && character == Some('{') => {
            "put quotes around a value with `${…}` that stands in braces or brackets"
        }
        _ => "the mistake is here or just before: check indentation, quotes and brackets",
    };
    TextProblem::InvalidYaml {
        reason: error.info(),
        hint: hint.to_owned(),
        at,
    }
}
