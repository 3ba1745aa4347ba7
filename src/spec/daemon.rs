//! The keys of an engine's configuration file: what each takes, and the flag of `dockerd` that sets the same.
//!
//! Keys that are not here are passed on as they are: engines of other versions have others.

mod keys;

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

pub(crate) use crate::spec::daemon::keys::DAEMON_KEYS;

/// A key of the configuration file.
#[derive(Debug)]
pub(crate) struct DaemonKey {
    /// The key.
    pub(crate) name: &'static str,
    /// What it takes.
    pub(crate) takes: Takes,
    /// The flag that sets the same, without its dashes; empty if there is none.
    pub(crate) flag: &'static str,
    /// An example of a value, as JSON.
    example: &'static str,
    /// One sentence for editors.
    summary: &'static str,
}

/// What a key takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Takes {
    /// `true` or `false`.
    Flag,
    /// A number.
    Number,
    /// Text.
    Text,
    /// Text such as `64m`, or a number of bytes.
    Size,
    /// A list of texts.
    Texts,
    /// A list of mappings.
    Pools,
    /// Names with `true` or `false`.
    Switches,
    /// Names with texts.
    Options,
    /// Names with mappings.
    Named,
    /// A mapping of its own form.
    Mapping,
}

impl Takes {
    /// Whether it is a mapping.
    pub(crate) fn is_mapping(self) -> bool {
        matches!(
            self,
            Self::Switches | Self::Options | Self::Named | Self::Mapping
        )
    }
}

impl DaemonKey {
    const fn new(
        name: &'static str,
        takes: Takes,
        flag: &'static str,
        example: &'static str,
        summary: &'static str,
    ) -> Self {
        Self {
            name,
            takes,
            flag,
            example,
            summary,
        }
    }

    /// The key of this name, if it is known.
    pub(crate) fn named(name: &str) -> Option<&'static DaemonKey> {
        DAEMON_KEYS.iter().find(|key| key.name == name)
    }

    /// The key that this flag of `dockerd` sets, if it is known.
    pub(crate) fn of_flag(flag: &str) -> Option<&'static DaemonKey> {
        let mut keys = DAEMON_KEYS.iter();
        keys.find(|key| key.flag == flag && !key.flag.is_empty())
    }

    fn schema(&self) -> Value {
        let mut schema = self.takes.schema();
        schema.insert("description".to_owned(), json!(self.summary));
        let example = serde_json::from_str::<Value>(self.example);
        schema.insert("examples".to_owned(), json!(example.ok().as_slice()));
        Value::Object(schema)
    }
}

impl Takes {
    fn schema(self) -> Map<String, Value> {
        let schema = match self {
            Self::Flag => json!({ "type": "boolean" }),
            Self::Number => json!({ "type": "integer" }),
            Self::Text => json!({ "type": "string" }),
            Self::Size => json!({ "type": ["string", "integer"] }),
            Self::Texts => json!({ "type": "array", "items": { "type": "string" } }),
            Self::Pools => json!({ "type": "array", "items": { "type": "object" } }),
            Self::Switches => {
                json!({ "type": "object", "additionalProperties": { "type": "boolean" } })
            }
            Self::Options => {
                json!({ "type": "object", "additionalProperties": { "type": "string" } })
            }
            Self::Named => {
                json!({ "type": "object", "additionalProperties": { "type": "object" } })
            }
            Self::Mapping => json!({ "type": "object" }),
        };
        schema.as_object().cloned().unwrap_or_default()
    }
}

/// The configuration file: known keys with their types, and any others.
pub(crate) struct DaemonSchema;

impl JsonSchema for DaemonSchema {
    fn schema_name() -> Cow<'static, str> {
        "Daemon".into()
    }

    fn json_schema(_generator: &mut SchemaGenerator) -> Schema {
        let keys = DAEMON_KEYS.iter();
        let keys: Map<String, Value> = keys
            .map(|key| (key.name.to_owned(), key.schema()))
            .collect();
        json_schema!({
            "description": "Keys of the engine's configuration file.",
            "type": "object",
            "properties": keys,
            "additionalProperties": true,
        })
    }
}
