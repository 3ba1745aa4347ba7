//! How the parts of a node are handed out: items, keys, places and shapes.

use std::rc::Rc;

use indexmap::IndexMap;
use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeSeed, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor,
};

use crate::document::node::{Entry, MergeTag, Node, NodeKind, Scalar};
use crate::spec::decode::NodeDeserializer;
use crate::spec::decode::error::DecodeError;
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

/// The keys of a mapping with their values.
pub(super) struct KeyAccess<'n> {
    mapping: NodeDeserializer<'n>,
    entries: indexmap::map::Iter<'n, String, Entry>,
    /// The name of the struct and its keys, where only these are known.
    known: Option<(&'static str, &'static [&'static str])>,
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
        Self {
            known: Some((name, fields)),
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
            if let Some((name, fields)) = self.known
                && !fields.contains(&key.as_str())
            {
                // Keys that begin with `x-` are the user's own.
                if !key.starts_with("x-") {
                    let problem = unknown_key(name, key, fields, entry.key_span.clone());
                    self.mapping.problems.borrow_mut().push(problem.into());
                }
                continue;
            }
            let later = self
                .known
                .and_then(|(name, _)| key_to_come(name, key, entry.key_span.clone()));
            if let Some(problem) = later {
                self.mapping.problems.borrow_mut().push(problem.into());
            }
            self.value = Some(NodeDeserializer {
                node: &entry.value,
                key: Some((key, &entry.key_span)),
                is_item: false,
                problems: self.mapping.problems,
            });
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
                problems: self.mapping.problems,
            };
            return seed.deserialize(deserializer).map(Some);
        }
        Ok(None)
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

/// A value whose variant is its shape.
pub(super) struct ShapeAccess<'n> {
    variant: &'static str,
    value: NodeDeserializer<'n>,
}

impl<'n> ShapeAccess<'n> {
    /// Nothing if the variants are words, an error if there is no variant of this shape.
    pub(super) fn new(
        value: NodeDeserializer<'n>,
        variants: &'static [&'static str],
    ) -> Option<Result<Self, DecodeError>> {
        const SHAPES: [(&str, &str); 3] = [
            ("Scalar", "text"),
            ("Sequence", "a list"),
            ("Mapping", "a mapping"),
        ];
        let shapes: Vec<_> = SHAPES
            .iter()
            .filter(|(shape, _)| variants.contains(shape))
            .collect();
        if shapes.is_empty() {
            return None;
        }
        let shape = match value.node.kind {
            NodeKind::Scalar(_) => "Scalar",
            NodeKind::Sequence(_) => "Sequence",
            NodeKind::Mapping(_) => "Mapping",
            NodeKind::Broken => return Some(Err(DecodeError::wrong_type("a value"))),
        };
        let Some(variant) = variants.iter().find(|variant| **variant == shape) else {
            let words: Vec<&str> = shapes.iter().map(|(_, words)| *words).collect();
            return Some(Err(DecodeError::wrong_type(&words.join(" or "))));
        };
        Some(Ok(Self { variant, value }))
    }
}

impl<'de, 'n> EnumAccess<'de> for ShapeAccess<'n> {
    type Error = DecodeError;
    type Variant = ShapeVariant<'n>;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, ShapeVariant<'n>), DecodeError> {
        let variant: StrDeserializer<'_, DecodeError> = self.variant.into_deserializer();
        Ok((seed.deserialize(variant)?, ShapeVariant(self.value)))
    }
}

/// What a shape's variant holds: the value itself.
pub(super) struct ShapeVariant<'n>(NodeDeserializer<'n>);

impl<'de> VariantAccess<'de> for ShapeVariant<'_> {
    type Error = DecodeError;

    fn unit_variant(self) -> Result<(), DecodeError> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<T::Value, DecodeError> {
        seed.deserialize(self.0)
    }

    fn tuple_variant<V: Visitor<'de>>(
        self,
        _length: usize,
        _visitor: V,
    ) -> Result<V::Value, DecodeError> {
        Err(DecodeError::wrong_type("one value"))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        _visitor: V,
    ) -> Result<V::Value, DecodeError> {
        Err(DecodeError::wrong_type("one value"))
    }
}

/// A word that is one of an enum's.
pub(super) struct WordAccess(pub(super) &'static str);

impl<'de> EnumAccess<'de> for WordAccess {
    type Error = DecodeError;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Self), DecodeError> {
        let word: StrDeserializer<'_, DecodeError> = self.0.into_deserializer();
        Ok((seed.deserialize(word)?, self))
    }
}

impl<'de> VariantAccess<'de> for WordAccess {
    type Error = DecodeError;

    fn unit_variant(self) -> Result<(), DecodeError> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(
        self,
        _seed: T,
    ) -> Result<T::Value, DecodeError> {
        Err(DecodeError::wrong_type("one word"))
    }

    fn tuple_variant<V: Visitor<'de>>(
        self,
        _length: usize,
        _visitor: V,
    ) -> Result<V::Value, DecodeError> {
        Err(DecodeError::wrong_type("one word"))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        _visitor: V,
    ) -> Result<V::Value, DecodeError> {
        Err(DecodeError::wrong_type("one word"))
    }
}
