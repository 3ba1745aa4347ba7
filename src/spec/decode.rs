//! From the tree of nodes to the file's types, every problem in one pass.
//!
//! It is a serde deserializer over the tree, so each value still knows its place. serde stops at the first error; this
//! one does not, because it catches errors itself, at three kinds of places: the value of a [`Field`], an item of a list,
//! and a key that a mapping does not have. A wrong value is reported there, with its place, and left out; decoding goes on
//! beside it. One pass, however many mistakes there are.
//!
//! Enums whose variants are called `Scalar`, `Sequence` and `Mapping` are decoded by the shape of the value: that is how
//! short and long forms are written without losing places.

mod access;
mod error;
mod field;
mod joined;
mod parts;
mod shape;
mod table;

use std::cell::RefCell;

use serde::Deserialize;
use serde::de::value::StrDeserializer;
use serde::de::{Deserializer, IntoDeserializer, Visitor};
use serde_yaml::Value;

use crate::document::node::{Entry, Node, NodeKind, Scalar};
use crate::problem::Problem;
use crate::source::{SourceMap, Span};
use crate::spec::decode::access::{FieldAccess, ItemAccess, KeyAccess};
use crate::spec::decode::error::DecodeError;
use crate::spec::decode::parts::{JoinedAccess, JoinedKeys};
use crate::spec::decode::shape::{ShapeAccess, WordAccess};

pub(crate) use crate::spec::decode::field::{Field, Spanned};
pub(crate) use crate::spec::decode::joined::Joined;
pub(crate) use crate::spec::decode::table::{Table, TableEntry};

/// The word that asks for a value's place; see [`Spanned`].
const SPANNED: &str = "$spanned";
/// The word that asks for a value that may be wrong; see [`Field`].
const FIELD: &str = "$field";

/// The word that asks for the keys of two types; see [`Joined`].
const JOINED: &str = "$joined";

/// The word that asks for a value's text, whatever its type; see [`crate::spec::text::Text`].
pub(crate) const TEXT: &str = "$text";

/// Decodes a tree. Problems are added to those given; what is wrong is left out of the result.
pub(crate) fn decode<T: for<'de> Deserialize<'de>>(
    root: &Node,
    sources: &SourceMap,
    problems: &mut Vec<Problem>,
) -> Option<T> {
    decode_node(root, None, sources, problems)
}

/// Decodes the value of one key, as [`decode`] does.
pub(crate) fn decode_value<T: for<'de> Deserialize<'de>>(
    key: &str,
    entry: &Entry,
    sources: &SourceMap,
    problems: &mut Vec<Problem>,
) -> Option<T> {
    // A key without a value is as good as left out.
    if matches!(&entry.value.kind, NodeKind::Scalar(scalar) if scalar.is_null()) {
        return None;
    }
    let key = Some((key, &entry.key_span));
    decode_node(&entry.value, key, sources, problems)
}

fn decode_node<T: for<'de> Deserialize<'de>>(
    node: &Node,
    key: Option<(&str, &Span)>,
    sources: &SourceMap,
    problems: &mut Vec<Problem>,
) -> Option<T> {
    let found = RefCell::new(Vec::new());
    let deserializer = NodeDeserializer {
        node,
        key,
        is_item: false,
        sources,
        problems: &found,
        joined: None,
    };
    let decoded = deserializer.recover(|deserializer| T::deserialize(deserializer));
    problems.append(&mut found.into_inner());
    decoded
}

/// Decodes one node.
#[derive(Clone, Copy)]
struct NodeDeserializer<'n> {
    node: &'n Node,
    /// The key it is the value of, or the key of the list that it is an item of.
    key: Option<(&'n str, &'n Span)>,
    /// Whether it is an item of a list.
    is_item: bool,
    /// The files: what a mapping may hold is another matter in a Compose file.
    sources: &'n SourceMap,
    problems: &'n RefCell<Vec<Problem>>,
    /// The other keys of the mapping, where it has those of two types.
    joined: Option<&'n JoinedKeys>,
}

impl<'n> NodeDeserializer<'n> {
    /// Runs a decoding; if it fails, notes the problem at this node's place.
    fn recover<T>(
        self,
        decoding: impl FnOnce(NodeDeserializer<'n>) -> Result<T, DecodeError>,
    ) -> Option<T> {
        match decoding(self) {
            Ok(value) => Some(value),
            Err(error) => {
                let owner = match self.key {
                    None => "the file".to_owned(),
                    Some((key, _)) if self.is_item => format!("an item of `{key}`"),
                    Some((key, _)) => format!("`{key}`"),
                };
                if let Some(problem) = error.into_problem(owner, self.node) {
                    self.problems.borrow_mut().push(problem.into());
                }
                None
            }
        }
    }

    fn scalar(self, expected: &str) -> Result<&'n Scalar, DecodeError> {
        match &self.node.kind {
            NodeKind::Scalar(scalar) => Ok(scalar),
            NodeKind::Sequence(_) | NodeKind::Mapping(_) | NodeKind::Broken => {
                Err(DecodeError::wrong_type(expected))
            }
        }
    }

    /// Whether the value of a key is left out. An item of a list cannot be.
    fn is_left_out(self) -> bool {
        !self.is_item && matches!(&self.node.kind, NodeKind::Scalar(scalar) if scalar.is_null())
    }

    fn number<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        let expected = "a whole number";
        let scalar = self.scalar(expected)?;
        // A quoted `"${N}"` is the number that it becomes; a quoted `"3"` is text.
        let value = if scalar.plain || scalar.interpolated {
            scalar.resolve()
        } else {
            scalar.value()
        };
        match value {
            Value::Number(number) if number.is_u64() => {
                visitor.visit_u64(number.as_u64().unwrap_or_default())
            }
            Value::Number(number) if number.is_i64() => {
                visitor.visit_i64(number.as_i64().unwrap_or_default())
            }
            _ => Err(DecodeError::wrong_type(expected)),
        }
    }
}

impl<'de> Deserializer<'de> for NodeDeserializer<'_> {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match &self.node.kind {
            NodeKind::Sequence(_) => self.deserialize_seq(visitor),
            NodeKind::Mapping(_) => self.deserialize_map(visitor),
            NodeKind::Broken => Err(DecodeError::wrong_type("a value")),
            NodeKind::Scalar(scalar) => match scalar.value() {
                Value::Bool(value) => visitor.visit_bool(value),
                Value::Number(number) if number.is_u64() => {
                    visitor.visit_u64(number.as_u64().unwrap_or_default())
                }
                Value::Number(number) if number.is_i64() => {
                    visitor.visit_i64(number.as_i64().unwrap_or_default())
                }
                Value::Number(number) => visitor.visit_f64(number.as_f64().unwrap_or_default()),
                Value::Null if scalar.is_null() => visitor.visit_unit(),
                _ => visitor.visit_str(&scalar.text),
            },
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        let expected = "`true` or `false`";
        let scalar = self.scalar(expected)?;
        match scalar.resolve() {
            Value::Bool(value) if scalar.plain || scalar.interpolated => visitor.visit_bool(value),
            _ => Err(DecodeError::wrong_type(expected)),
        }
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.number(visitor)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.number(visitor)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.number(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        let expected = "text";
        let scalar = self.scalar(expected)?;
        if scalar.interpolated || matches!(scalar.value(), Value::String(_)) {
            visitor.visit_str(&scalar.text)
        } else {
            Err(DecodeError::wrong_type(expected))
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        match name {
            SPANNED => visitor.visit_seq(FieldAccess::new(self, false)),
            FIELD => visitor.visit_seq(FieldAccess::new(self, true)),
            JOINED => visitor.visit_seq(JoinedAccess::new(self)),
            TEXT => {
                let expected = "text or a number";
                match self.scalar(expected)? {
                    scalar if scalar.is_null() => Err(DecodeError::wrong_type(expected)),
                    scalar => visitor.visit_str(&scalar.text),
                }
            }
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match &self.node.kind {
            NodeKind::Sequence(items) => visitor.visit_seq(ItemAccess::new(self, items)),
            _ => Err(DecodeError::wrong_type("a list")),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match &self.node.kind {
            NodeKind::Mapping(entries) => visitor.visit_map(KeyAccess::of_table(self, entries)),
            _ => Err(DecodeError::wrong_type("a mapping")),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        match &self.node.kind {
            NodeKind::Mapping(entries) => {
                visitor.visit_map(KeyAccess::of_struct(self, entries, name, fields))
            }
            _ => Err(DecodeError::wrong_type("a mapping")),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        if let Some(shape) = ShapeAccess::new(self, variants) {
            return visitor.visit_enum(shape?);
        }
        let text = &self.scalar("one word")?.text;
        match variants.iter().find(|variant| **variant == text.as_str()) {
            Some(variant) => visitor.visit_enum(WordAccess(variant)),
            None => Err(DecodeError::UnknownWord(variants)),
        }
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        let text: StrDeserializer<'_, DecodeError> =
            self.scalar("one word")?.text.as_str().into_deserializer();
        text.deserialize_any(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u128 f32 f64 char bytes byte_buf option unit unit_struct tuple tuple_struct
    }
}
