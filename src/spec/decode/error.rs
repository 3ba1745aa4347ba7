//! Why one value could not be decoded; the place is added where the error is caught.

use std::fmt::{self, Display};

use serde::de::{Expected, Unexpected};

use crate::document::node::{Node, NodeKind, Scalar};
use crate::problem::ShapeProblem;
use crate::problem::suggestion::{did_you_mean, quoted_list};

/// Why one value could not be decoded.
#[derive(Debug)]
pub(super) enum DecodeError {
    /// The value has another type.
    WrongType {
        /// What was expected.
        expected: String,
    },
    /// The value is none of these words.
    UnknownWord(&'static [&'static str]),
}

impl DecodeError {
    pub(super) fn wrong_type(expected: &str) -> Self {
        let expected = expected.to_owned();
        Self::WrongType { expected }
    }

    /// The problem with a value of `owner`, a key in most cases. None if it has been reported already.
    pub(super) fn into_problem(self, owner: String, node: &Node) -> Option<ShapeProblem> {
        let at = node.span.clone();
        Some(match (self, &node.kind) {
            (_, NodeKind::Broken) => return None,
            (Self::UnknownWord(words), NodeKind::Scalar(scalar)) => ShapeProblem::UnknownWord {
                hint: did_you_mean(&scalar.text, words.iter().copied(), || {
                    format!("it takes one of {}", quoted_list(words.iter().copied()))
                }),
                owner,
                word: described(scalar),
                at,
            },
            (Self::UnknownWord(words), _) => ShapeProblem::WrongType {
                hint: format!("it takes one of {}", quoted_list(words.iter().copied())),
                owner,
                expected: "one word".to_owned(),
                found: found(node),
                at,
            },
            (Self::WrongType { expected }, _) => ShapeProblem::WrongType {
                hint: hint(&expected, node),
                owner,
                expected,
                found: found(node),
                at,
            },
        })
    }
}

/// What a value is, for people.
fn found(node: &Node) -> String {
    match &node.kind {
        NodeKind::Sequence(_) => "a list".to_owned(),
        NodeKind::Mapping(_) => "a mapping".to_owned(),
        NodeKind::Broken => "something that cannot be read".to_owned(),
        NodeKind::Scalar(scalar) if scalar.is_null() => "nothing".to_owned(),
        NodeKind::Scalar(scalar) => match scalar.value() {
            serde_yaml::Value::Bool(_) | serde_yaml::Value::Number(_) => {
                format!("`{}`", described(scalar))
            }
            _ => format!("the text `{}`", described(scalar)),
        },
    }
}

/// A value's text, unless a variable is in it: that may be a secret. Long text is cut.
fn described(scalar: &Scalar) -> String {
    const LONGEST: usize = 40;
    if scalar.interpolated {
        return "(from a variable)".to_owned();
    }
    let mut text: String = scalar.text.chars().take(LONGEST).collect();
    if text.len() < scalar.text.len() {
        text.push('…');
    }
    text
}

fn hint(expected: &str, node: &Node) -> String {
    match (&node.kind, expected) {
        (NodeKind::Scalar(scalar), "text") if !scalar.is_null() => {
            format!("put quotes around it: `\"{}\"`", described(scalar))
        }
        (NodeKind::Scalar(scalar), "a list") if !scalar.is_null() && !scalar.interpolated => {
            format!("write it as a list: `[{}]`", described(scalar))
        }
        (NodeKind::Scalar(_), number) if number.starts_with("a whole number") => {
            "write digits only, without quotes".to_owned()
        }
        (NodeKind::Scalar(_), "`true` or `false`") => {
            "write `true` or `false`, without quotes".to_owned()
        }
        (_, "a mapping") => "write keys with values below it, indented".to_owned(),
        (NodeKind::Mapping(_), "a list") => {
            "start each item with `- `, without a key of its own".to_owned()
        }
        _ => format!("write {expected} here"),
    }
}

impl Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongType { expected } => write!(f, "expected {expected}"),
            Self::UnknownWord(words) => {
                write!(f, "expected one of {}", quoted_list(words.iter().copied()))
            }
        }
    }
}

impl std::error::Error for DecodeError {}

impl serde::de::Error for DecodeError {
    fn custom<T: Display>(message: T) -> Self {
        Self::wrong_type(&message.to_string())
    }

    fn invalid_type(_unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::wrong_type(&words(&expected.to_string()))
    }

    fn invalid_value(_unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::wrong_type(&words(&expected.to_string()))
    }
}

/// serde's names of types, for people.
fn words(expected: &str) -> String {
    match expected {
        "u16" | "u32" | "u64" => "a whole number that is not negative".to_owned(),
        other => other.to_owned(),
    }
}
