//! Values whose variant is their shape, and words.

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, EnumAccess, IntoDeserializer, VariantAccess, Visitor};

use crate::document::node::NodeKind;
use crate::spec::decode::NodeDeserializer;
use crate::spec::decode::error::DecodeError;

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
        let shapes = SHAPES.iter().filter(|(shape, _)| variants.contains(shape));
        shapes.clone().next()?;
        let shape = match value.node.kind {
            NodeKind::Scalar(_) => "Scalar",
            NodeKind::Sequence(_) => "Sequence",
            NodeKind::Mapping(_) => "Mapping",
            NodeKind::Broken => return Some(Err(DecodeError::wrong_type("a value"))),
        };
        let Some(variant) = variants.iter().find(|variant| **variant == shape) else {
            let words: Vec<&str> = shapes.map(|(_, words)| *words).collect();
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
