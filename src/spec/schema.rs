//! The JSON Schema of nest files, for editors.

mod examples;
mod finish;
mod forms;
mod grammar;
mod later;
mod nothing;

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings, json_schema};
use serde_json::{Map, Value, json};

use crate::mode::MODES;
use crate::spec::FileSpec;
use crate::spec::schema::finish::{allow_resets, finish, require_nothing};

/// The stable address of the schema.
const ID: &str = "https://json.schemastore.org/nest.json";

/// The stable address of the schema of files that go over others.
const OVERRIDE_ID: &str = "https://json.schemastore.org/nest-override.json";

/// The schema of nest files, draft 2020-12.
pub fn schema() -> Value {
    addressed(ID, finished(derived()))
}

/// The schema of files that go over others: the same, but nothing has to be there, since the file below may have it.
pub fn override_schema() -> Value {
    let mut schema = derived();
    require_nothing(&mut schema);
    let mut schema = finished(schema);
    allow_resets(&mut schema);
    schema.insert("title".to_owned(), json!("nest override file"));
    let description = "A file that goes over a nest file: what it says is added, or takes the place of what that says.";
    schema.insert("description".to_owned(), json!(description));
    addressed(OVERRIDE_ID, schema)
}

fn derived() -> Schema {
    let generator = SchemaSettings::draft2020_12().into_generator();
    generator.into_root_schema_for::<FileSpec>()
}

fn finished(mut schema: Schema) -> Schema {
    finish(&mut schema);
    schema.insert("title".to_owned(), json!("nest file"));
    schema
}

/// The schema with its address at its head.
fn addressed(id: &str, mut schema: Schema) -> Value {
    let mut ordered = Map::new();
    for (key, value) in [
        ("$schema", schema.remove("$schema")),
        ("$id", Some(json!(id))),
        ("title", schema.remove("title")),
        ("description", schema.remove("description")),
    ] {
        if let Some(value) = value {
            ordered.insert(key.to_owned(), value);
        }
    }
    let rest = schema.as_object().cloned().unwrap_or_default();
    ordered.extend(rest);
    Value::Object(ordered)
}

/// When the engine restarts a container.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "it describes the words, for the schema only")]
pub(super) enum RestartSchema {
    /// A policy's word.
    Word(#[schemars(regex(pattern = r"^(no|always|unless-stopped|on-failure(:\d+)?)$|\$"))] String),
    /// `no` as older YAML reads it.
    No(#[schemars(extend("const" = false))] bool),
}

/// The words for modes.
pub(super) struct ModeSchema;

impl JsonSchema for ModeSchema {
    fn schema_name() -> Cow<'static, str> {
        "Mode".into()
    }

    fn json_schema(_generator: &mut SchemaGenerator) -> Schema {
        let words: Vec<Value> = MODES
            .iter()
            .map(|mode| json!({ "const": mode.name, "description": mode.summary }))
            .collect();
        json_schema!({ "oneOf": words })
    }
}
