//! Mappings whose keys are those of two types.

use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};
use serde_json::Value;

use crate::spec::decode::JOINED;

/// One mapping with the keys of two types. It is called what the first is called.
#[derive(Debug, Clone, Default)]
pub(crate) struct Joined<Own, Shared> {
    /// The keys of the first type.
    pub(crate) own: Own,
    /// The keys of the second type, which others have too.
    pub(crate) shared: Shared,
}

impl<'de, Own: Deserialize<'de>, Shared: Deserialize<'de>> Deserialize<'de>
    for Joined<Own, Shared>
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(JOINED, JoinedVisitor(PhantomData))
    }
}

struct JoinedVisitor<Own, Shared>(PhantomData<(Own, Shared)>);

impl<'de, Own: Deserialize<'de>, Shared: Deserialize<'de>> Visitor<'de>
    for JoinedVisitor<Own, Shared>
{
    type Value = Joined<Own, Shared>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Self::Value, A::Error> {
        let missing = || A::Error::custom("a mapping");
        let own = parts.next_element()?.ok_or_else(missing)?;
        let shared = parts.next_element()?.ok_or_else(missing)?;
        Ok(Joined { own, shared })
    }
}

impl<Own: JsonSchema, Shared: JsonSchema> JsonSchema for Joined<Own, Shared> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        Own::schema_name()
    }

    fn schema_id() -> std::borrow::Cow<'static, str> {
        format!("Joined<{}, {}>", Own::schema_id(), Shared::schema_id()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Own::json_schema(generator);
        let mut shared = Shared::json_schema(generator);
        let added = shared.remove("properties");
        let properties = schema
            .ensure_object()
            .get_mut("properties")
            .and_then(Value::as_object_mut);
        if let (Some(properties), Some(Value::Object(added))) = (properties, added) {
            properties.extend(added);
        }
        schema
    }
}
