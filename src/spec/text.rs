//! Text that may be written as a number.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{Deserializer, Error, Visitor};

use crate::spec::decode::{Field, Spanned, TEXT};

/// A value that is used as text, however YAML would type it: `1.10`, `8080`, `true`, `"on"`.
#[derive(Debug, Clone)]
pub(crate) struct Text(pub(crate) String);

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;

        impl Visitor<'_> for TextVisitor {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text or a number")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Text, E> {
                Ok(Text(text.to_owned()))
            }
        }

        deserializer.deserialize_newtype_struct(TEXT, TextVisitor)
    }
}

impl JsonSchema for Text {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Text".into()
    }

    fn json_schema(_generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "number", "boolean"] })
    }
}

/// One text or several.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(untagged)]
pub(crate) enum Texts {
    /// One.
    #[schemars(title = "one")]
    Scalar(Text),
    /// Several.
    #[schemars(title = "several")]
    Sequence(Vec<Field<Text>>),
}

impl Field<Texts> {
    /// The texts with their places.
    pub(crate) fn texts(&self) -> Vec<Spanned<&Text>> {
        match &self.value {
            None => Vec::new(),
            Some(Texts::Scalar(text)) => vec![Spanned {
                value: text,
                span: self.span.clone(),
            }],
            Some(Texts::Sequence(texts)) => texts.iter().filter_map(Field::get).collect(),
        }
    }
}
