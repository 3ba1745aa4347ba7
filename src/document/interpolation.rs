//! Variables in values: `${V}`, `$V`, `${V:-d}`, `${V-d}`, `${V:?m}`, `${V?m}`, `${V:+a}`, `${V+a}`, `$$`.
//!
//! It works on the text of one value after YAML has been read, so what a variable holds never changes the structure.

use std::ops::Range;

use crate::document::budget::Budget;
use crate::document::node::{NodeKind, Scalar};
use crate::document::variables::Variables;
use crate::problem::{Problem, VariableProblem};
use crate::source::{Span, part_of};

/// How deep defaults may nest in defaults.
const NESTING_LIMIT: usize = 32;

/// A value with its variables filled in, and what was found on the way.
#[derive(Debug, Default)]
pub(crate) struct Interpolated {
    /// The text with the variables filled in.
    pub(crate) text: String,
    /// What the user should know, with the range of bytes of the text it is about.
    pub(crate) findings: Vec<(Range<usize>, Finding)>,
    /// How many bytes variables became, those in messages among them.
    pub(crate) filled: usize,
}

/// Something the user should know about a variable.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Finding {
    /// A variable is not set and has no default: it became empty.
    Undefined(String),
    /// A variable with `?` is not set.
    Required {
        /// Its name.
        name: String,
        /// What the file says about it.
        message: String,
    },
    /// The text after a `$` is no variable.
    Invalid(&'static str),
    /// The value is longer than it may be.
    TooLong,
}

impl Finding {
    /// What the user is told about it.
    pub(crate) fn into_problem(self, at: Span) -> VariableProblem {
        match self {
            Self::Undefined(name) => VariableProblem::Undefined { name, at },
            Self::Required { name, message } => {
                let message = if message.is_empty() {
                    message
                } else {
                    format!(": {message}")
                };
                VariableProblem::Required { name, message, at }
            }
            Self::Invalid(reason) => VariableProblem::Invalid {
                reason: reason.to_owned(),
                at,
            },
            Self::TooLong => VariableProblem::TooLong { at },
        }
    }
}

/// A value with its variables filled in. `written` is how the file writes it.
pub(crate) fn filled_in(
    scalar: Scalar,
    span: &Span,
    written: &str,
    variables: &Variables,
    budget: &mut Budget,
    problems: &mut Vec<Problem>,
) -> NodeKind {
    if !scalar.text.contains('$') {
        return NodeKind::Scalar(scalar);
    }
    let result = interpolate(&scalar.text, variables, budget.room());
    budget.take_filled(result.filled);
    let mut usable = true;
    for (range, finding) in result.findings {
        let at = part_of(span, written, &scalar.text, range);
        let problem = Problem::from(finding.into_problem(at));
        usable &= problem.is_warning();
        problems.push(problem);
    }
    if !usable {
        return NodeKind::Broken;
    }
    NodeKind::Scalar(Scalar {
        text: result.text,
        interpolated: true,
        ..scalar
    })
}

/// Fills in the variables of a text; `room` are the most bytes that they may become. Text after something invalid is
/// left as it is.
pub(crate) fn interpolate(text: &str, variables: &Variables, room: usize) -> Interpolated {
    let mut result = Interpolated::default();
    let mut substitution = Substitution {
        variables,
        findings: &mut result.findings,
        room: Some(room),
    };
    let expanded = substitution.expand(text, 0, 0);
    if let Some(left) = substitution.room {
        result.text = expanded;
        result.filled = room - left;
    } else {
        result.findings = vec![(0..text.len(), Finding::TooLong)];
    }
    result
}

struct Substitution<'a> {
    variables: &'a Variables,
    findings: &'a mut Vec<(Range<usize>, Finding)>,
    /// How many more bytes variables may become; nothing once that was not enough.
    room: Option<usize>,
}

impl Substitution<'_> {
    /// Expands `text`, which starts at byte `base` of the whole.
    fn expand(&mut self, text: &str, base: usize, depth: usize) -> String {
        let mut expanded = String::with_capacity(text.len());
        let mut at = 0;
        while let Some(found) = text[at..].find('$') {
            let dollar = at + found;
            expanded.push_str(&text[at..dollar]);
            let rest = &text[dollar + 1..];
            let name_length = name_length(rest);
            if rest.starts_with('$') {
                expanded.push('$');
                at = dollar + 2;
            } else if name_length > 0 {
                at = dollar + 1 + name_length;
                let name = &rest[..name_length];
                expanded.push_str(&self.value(name, base + dollar..base + at));
            } else if let Some(braced) = rest.strip_prefix('{') {
                let Some(length) = closing_brace(braced) else {
                    self.invalid(base + dollar..base + text.len(), "`${` without its `}`");
                    expanded.push_str(&text[dollar..]);
                    return expanded;
                };
                at = dollar + 2 + length + 1;
                let range = base + dollar..base + at;
                match self.braced(&braced[..length], base + dollar + 2, range.clone(), depth) {
                    Ok(value) => expanded.push_str(&value),
                    Err(reason) => {
                        self.invalid(range, reason);
                        expanded.push_str(&text[dollar..]);
                        return expanded;
                    }
                }
            } else {
                self.invalid(
                    base + dollar..base + dollar + 1,
                    "`$` without a variable's name",
                );
                expanded.push_str(&text[dollar..]);
                return expanded;
            }
        }
        expanded.push_str(&text[at..]);
        expanded
    }

    /// What stands between the braces, from byte `base` of the whole.
    fn braced(
        &mut self,
        inside: &str,
        base: usize,
        range: Range<usize>,
        depth: usize,
    ) -> Result<String, &'static str> {
        if depth >= NESTING_LIMIT {
            return Err("defaults nested too deep");
        }
        let name_length = name_length(inside);
        let (name, rest) = inside.split_at(name_length);
        if name.is_empty() {
            return Err("no variable's name after `${`");
        }
        let variables = self.variables;
        let set = variables.get(name);
        let (empty_counts_as_unset, operator) = match rest.strip_prefix(':') {
            Some(operator) => (true, operator),
            None => (false, rest),
        };
        let set = set.filter(|value| !(empty_counts_as_unset && value.is_empty()));
        let word_base = base + inside.len() - operator.len() + 1;
        match operator.chars().next() {
            None if !empty_counts_as_unset => Ok(self.value(name, range)),
            Some('-') => match set {
                Some(value) => Ok(self.filled(value)),
                None => Ok(self.expand(&operator[1..], word_base, depth + 1)),
            },
            Some('+') => match set {
                Some(_) => Ok(self.expand(&operator[1..], word_base, depth + 1)),
                None => Ok(String::new()),
            },
            Some('?') => {
                if let Some(value) = set {
                    return Ok(self.filled(value));
                }
                let message = self.expand(&operator[1..], word_base, depth + 1);
                let name = name.to_owned();
                self.findings
                    .push((range, Finding::Required { name, message }));
                Ok(String::new())
            }
            _ => Err("after the name comes `}`, `-`, `:-`, `+`, `:+`, `?` or `:?`"),
        }
    }

    fn value(&mut self, name: &str, range: Range<usize>) -> String {
        let variables = self.variables;
        if let Some(value) = variables.get(name) {
            return self.filled(value);
        }
        let finding = Finding::Undefined(name.to_owned());
        self.findings.push((range, finding));
        String::new()
    }

    /// What a variable becomes, if there is room for it.
    fn filled(&mut self, value: &str) -> String {
        self.room = self.room.and_then(|room| room.checked_sub(value.len()));
        match self.room {
            Some(_) => value.to_owned(),
            None => String::new(),
        }
    }

    fn invalid(&mut self, range: Range<usize>, reason: &'static str) {
        self.findings.push((range, Finding::Invalid(reason)));
    }
}

/// The length of the variable's name at the start of a text; 0 if there is none.
fn name_length(text: &str) -> usize {
    let starts_well = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    if !text.bytes().next().is_some_and(starts_well) {
        return 0;
    }
    text.bytes()
        .take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        .count()
}

/// Where the brace that was opened before `text` is closed.
fn closing_brace(text: &str) -> Option<usize> {
    let mut open = 1_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => open += 1,
            b'}' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return Some(at);
        }
    }
    None
}
