//! The tree of a YAML document, with the place of each node.

use std::rc::Rc;

use indexmap::IndexMap;
use serde_yaml::{Number, Value};

use crate::source::Span;

/// A node of a document. An alias is the node that it names, so a node can have several parents.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    /// Where it is written; for an alias, where the node it names is written.
    pub(crate) span: Span,
    /// What it is.
    pub(crate) kind: NodeKind,
    /// How it is put over what an earlier file says.
    pub(crate) tag: MergeTag,
}

/// How a value is put over what an earlier file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MergeTag {
    /// As its kind is: mappings and lists are merged, anything else is replaced.
    None,
    /// `!override`: it replaces.
    Override,
    /// `!reset`: it takes away, whatever it holds.
    Reset,
}

/// What a node is.
#[derive(Debug, Clone)]
pub(crate) enum NodeKind {
    /// One value.
    Scalar(Scalar),
    /// A list.
    Sequence(Vec<Rc<Node>>),
    /// Keys with values, in the order of the file.
    Mapping(IndexMap<String, Entry>),
    /// Something that could not be read. The problem has been reported, so nobody else should complain.
    Broken,
}

/// The value of a key, and where the key is written.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// Where the key is written.
    pub(crate) key_span: Span,
    /// What it holds.
    pub(crate) value: Rc<Node>,
}

/// One value, not yet typed.
#[derive(Debug, Clone)]
pub(crate) struct Scalar {
    /// The text, with variables filled in.
    pub(crate) text: String,
    /// Whether it was written without quotes, so that it may be a number, a boolean or nothing.
    pub(crate) plain: bool,
    /// Whether a variable was filled in.
    pub(crate) interpolated: bool,
}

impl Scalar {
    /// Whether the file leaves the value out: `key:`, `key: ~`, `key: null`.
    pub(crate) fn is_null(&self) -> bool {
        self.plain && !self.interpolated && is_null_word(&self.text)
    }

    /// Whether YAML types it as text.
    pub(crate) fn is_text(&self) -> bool {
        // Most text begins with a letter that no other value begins with.
        let other = |first: char| first.is_ascii_digit() || "-.~nNtTfF".contains(first);
        !self.plain
            || !(self.text.is_empty() || self.text.starts_with(other))
            || matches!(self.resolve(), Value::String(_))
    }

    /// The value as YAML types it.
    pub(crate) fn value(&self) -> Value {
        if self.plain {
            self.resolve()
        } else {
            Value::String(self.text.clone())
        }
    }

    /// The value as YAML would type it without quotes: what a key that takes a number makes of `"${N}"`.
    ///
    /// Text turns into a number only if the number is written back byte for byte, so that `1.10` stays as it is.
    pub(crate) fn resolve(&self) -> Value {
        let text = self.text.as_str();
        match text {
            _ if is_null_word(text) => return Value::Null,
            "true" | "True" | "TRUE" => return Value::Bool(true),
            "false" | "False" | "FALSE" => return Value::Bool(false),
            _ => {}
        }
        if !text.starts_with(|first: char| first.is_ascii_digit() || first == '-') {
            return Value::String(text.to_owned());
        }
        if let Ok(number) = text.parse::<i64>()
            && number.to_string() == text
        {
            return Value::Number(number.into());
        }
        if let Ok(number) = text.parse::<u64>()
            && number.to_string() == text
        {
            return Value::Number(number.into());
        }
        if text.contains('.')
            && let Ok(number) = text.parse::<f64>()
            && number.is_finite()
            && Number::from(number).to_string() == text
        {
            return Value::Number(number.into());
        }
        Value::String(text.to_owned())
    }
}

/// Whether a text without quotes is the value that stands for nothing.
fn is_null_word(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}
