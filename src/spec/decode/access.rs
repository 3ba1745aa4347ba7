//! How the parts of a node are handed out: items, keys and places.

use std::rc::Rc;

use indexmap::IndexMap;
use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess};

use crate::document::node::{Entry, MergeTag, Node, NodeKind, Scalar};
use crate::problem::{Problem, ShapeProblem};
use crate::source::{SourceMap, Span};
use crate::spec::compose::compose_key;
use crate::spec::decode::NodeDeserializer;
use crate::spec::decode::error::DecodeError;
use crate::spec::decode::parts::JoinedKeys;
use crate::spec::vocabulary::{key_to_come, unknown_key};

/// The items of a list. A wrong one is reported and skipped.
pub(super) struct ItemAccess<'n> {
    list: NodeDeserializer<'n>,
    items: std::slice::Iter<'n, Rc<Node>>,
}

impl<'n> ItemAccess<'n> {
    pub(super) fn new(list: NodeDeserializer<'n>, items: &'n [Rc<Node>]) -> Self {
        let items = items.iter();
        Self { list, items }
    }
}

impl<'de> SeqAccess<'de> for ItemAccess<'_> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, DecodeError> {
        // Lists hold `Field`s, which catch their own errors, so a seed is never needed twice.
        match self.items.next() {
            Some(node) => seed
                .deserialize(NodeDeserializer {
                    node,
                    is_item: true,
                    ..self.list
                })
                .map(Some),
            None => Ok(None),
        }
    }
}

/// The keys that a struct has.
#[derive(Clone, Copy)]
struct KnownKeys<'n> {
    /// The struct's name.
    owner: &'static str,
    fields: &'static [&'static str],
    /// Where it is one of two.
    joined: Option<&'n JoinedKeys>,
}

impl KnownKeys<'_> {
    /// What is wrong with a key, or doubtful.
    fn problem_with(self, key: &str, at: &Span, sources: &SourceMap) -> Option<Problem> {
        let is_known = self.fields.contains(&key);
        if self.decides(key, is_known)
            && sources.is_compose(at)
            && let Some(problem) = compose_key(self.owner, key, is_known, at)
        {
            return Some(problem.into());
        }
        let problem = if is_known {
            key_to_come(self.owner, key, at.clone())
        } else {
            self.problem_with_unknown(key, at)
        };
        problem.map(Into::into)
    }

    /// Whether this type decides about a key: of two, the one that has it, or the second.
    fn decides(self, key: &str, is_known: bool) -> bool {
        let is_other = |joined: &JoinedKeys| !joined.is_complete() || joined.has(key);
        !key.starts_with("x-") && (is_known || !self.joined.is_some_and(is_other))
    }

    fn problem_with_unknown(self, key: &str, at: &Span) -> Option<ShapeProblem> {
        // Keys that begin with `x-` are the user's own.
        if key.starts_with("x-") {
            return None;
        }
        match self.joined {
            None => Some(unknown_key(self.owner, key, self.fields, at.clone())),
            Some(joined) => joined.problem_with_unknown(key, at),
        }
    }
}

/// The keys of a mapping with their values.
pub(super) struct KeyAccess<'n> {
    mapping: NodeDeserializer<'n>,
    entries: indexmap::map::Iter<'n, String, Entry>,
    /// The name of the struct and its keys, where only these are known.
    known: Option<KnownKeys<'n>>,
    value: Option<NodeDeserializer<'n>>,
}

impl<'n> KeyAccess<'n> {
    pub(super) fn of_table(
        mapping: NodeDeserializer<'n>,
        entries: &'n IndexMap<String, Entry>,
    ) -> Self {
        Self {
            mapping,
            entries: entries.iter(),
            known: None,
            value: None,
        }
    }

    pub(super) fn of_struct(
        mapping: NodeDeserializer<'n>,
        entries: &'n IndexMap<String, Entry>,
        name: &'static str,
        fields: &'static [&'static str],
    ) -> Self {
        let joined = mapping.joined;
        if let Some(joined) = joined {
            joined.add(name, fields);
        }
        Self {
            known: Some(KnownKeys {
                owner: joined.map_or(name, JoinedKeys::owner),
                fields,
                joined,
            }),
            ..Self::of_table(mapping, entries)
        }
    }
}

impl<'de> MapAccess<'de> for KeyAccess<'_> {
    type Error = DecodeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, DecodeError> {
        for (key, entry) in self.entries.by_ref() {
            if let Some(known) = self.known {
                let sources = self.mapping.sources;
                if let Some(problem) = known.problem_with(key, &entry.key_span, sources) {
                    self.mapping.problems.borrow_mut().push(problem);
                }
                if !known.fields.contains(&key.as_str()) {
                    continue;
                }
            }
            self.value = Some(NodeDeserializer {
                node: &entry.value,
                key: Some((key, &entry.key_span)),
                is_item: false,
                sources: self.mapping.sources,
                problems: self.mapping.problems,
                joined: None,
            });
            if self.known.is_some() {
                // The key of a struct: nobody asks for its place.
                let key: StrDeserializer<'_, DecodeError> = key.as_str().into_deserializer();
                return seed.deserialize(key).map(Some);
            }
            let key_node = Node {
                span: entry.key_span.clone(),
                kind: NodeKind::Scalar(Scalar {
                    text: key.clone(),
                    plain: false,
                    interpolated: false,
                }),
                tag: MergeTag::None,
            };
            let deserializer = NodeDeserializer {
                node: &key_node,
                key: None,
                is_item: false,
                sources: self.mapping.sources,
                problems: self.mapping.problems,
                joined: None,
            };
            return seed.deserialize(deserializer).map(Some);
        }
        Ok(None)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.entries.len())
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, DecodeError> {
        match self.value.take() {
            Some(value) => seed.deserialize(value),
            None => Err(DecodeError::wrong_type("a value")),
        }
    }
}

/// The place of a value and the value itself, as a list: first and last byte of the key, first and last byte of the
/// value, the value. A value that is missing or wrong ends the list one item early, after a number that says which.
pub(super) struct FieldAccess<'n> {
    value: NodeDeserializer<'n>,
    recovers: bool,
    step: usize,
    failed: bool,
}

impl<'n> FieldAccess<'n> {
    pub(super) fn new(value: NodeDeserializer<'n>, recovers: bool) -> Self {
        Self {
            value,
            recovers,
            step: 0,
            failed: false,
        }
    }
}

impl<'de> SeqAccess<'de> for FieldAccess<'_> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, DecodeError> {
        let span = &self.value.node.span;
        let key_span = self.value.key.map_or(span, |(_, key_span)| key_span);
        let step = self.step;
        self.step += 1;
        let number = match step {
            0 => key_span.start,
            1 => key_span.end,
            2 => span.start,
            3 => span.end,
            4 if self.recovers && self.value.is_left_out() => return Ok(None),
            4 if self.recovers => {
                let decoded = self.value.recover(|value| seed.deserialize(value));
                self.failed = decoded.is_none();
                return Ok(decoded);
            }
            4 => return seed.deserialize(self.value).map(Some),
            _ => usize::from(self.failed),
        };
        seed.deserialize(number.into_deserializer()).map(Some)
    }
}
