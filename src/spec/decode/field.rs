//! Values that know their place.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};

use crate::source::Span;
use crate::spec::decode::{FIELD, SPANNED};

/// A value and its place.
#[derive(Debug, Clone)]
pub(crate) struct Spanned<T> {
    /// The value.
    pub(crate) value: T,
    /// Its place.
    pub(crate) span: Span,
}

/// The value of a key or an item of a list, which may be missing or wrong. What is wrong has been reported.
///
/// Most keys of most mappings are missing, and types have dozens: a missing one takes no more room than a pointer.
#[derive(Debug, Clone)]
pub(crate) struct Field<T>(Option<Box<Written<T>>>);

/// What the file says of a key, or for an item of a list.
#[derive(Debug, Clone)]
pub(crate) struct Written<T> {
    /// The value, where it is there and right.
    pub(crate) value: Option<T>,
    /// Its place.
    pub(crate) span: Span,
    /// The place of its key.
    pub(crate) key_span: Span,
    /// Whether it was there but wrong.
    pub(crate) failed: bool,
}

impl<T> Written<T> {
    /// What is not written.
    const MISSING: Self = Self {
        value: None,
        span: 0..0,
        key_span: 0..0,
        failed: false,
    };
}

impl<T> Default for Field<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Deref for Field<T> {
    type Target = Written<T>;

    fn deref(&self) -> &Written<T> {
        match &self.0 {
            Some(written) => written,
            None => &Written::MISSING,
        }
    }
}

impl<T> From<Written<T>> for Field<T> {
    fn from(written: Written<T>) -> Self {
        Self(Some(Box::new(written)))
    }
}

impl<T> Field<T> {
    /// The value with its place.
    pub(crate) fn get(&self) -> Option<Spanned<&T>> {
        self.value.as_ref().map(|value| Spanned {
            value,
            span: self.span.clone(),
        })
    }

    /// The value itself.
    pub(crate) fn into_value(self) -> Option<T> {
        self.0?.value
    }

    /// Where the key is written, if it is.
    pub(crate) fn section(&self) -> Option<Span> {
        (!self.key_span.is_empty()).then(|| self.key_span.clone())
    }
}

impl<T> Field<Vec<Field<T>>> {
    /// The right items of a list, with their places.
    pub(crate) fn items(&self) -> impl Iterator<Item = Spanned<&T>> {
        self.value.iter().flatten().filter_map(Field::get)
    }
}

impl<T: Copy> Field<T> {
    /// The value itself.
    pub(crate) fn copied(&self) -> Option<T> {
        self.value
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written =
            deserializer.deserialize_newtype_struct(FIELD, WrittenVisitor(PhantomData))?;
        Ok(written.into())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Spanned<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let field =
            deserializer.deserialize_newtype_struct(SPANNED, WrittenVisitor(PhantomData))?;
        let value = field.value.ok_or_else(|| D::Error::custom("a value"))?;
        let span = field.span;
        Ok(Self { value, span })
    }
}

struct WrittenVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for WrittenVisitor<T> {
    type Value = Written<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value with its place")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Written<T>, A::Error> {
        let mut number = || {
            parts
                .next_element::<usize>()?
                .ok_or_else(|| A::Error::custom("a value with its place"))
        };
        let key_span = number()?..number()?;
        let span = number()?..number()?;
        let value = parts.next_element()?;
        let failed = value.is_none() && parts.next_element::<usize>()? == Some(1);
        Ok(Written {
            value,
            span,
            key_span,
            failed,
        })
    }
}

impl<T: JsonSchema> JsonSchema for Field<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> std::borrow::Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}
