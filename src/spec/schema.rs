//! The JSON Schema of nest files, for editors.

use std::borrow::Cow;

use schemars::transform::transform_subschemas;
use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings, json_schema};
use serde_json::{Map, Value, json};

use crate::mode::MODES;
use crate::spec::FileSpec;

/// The stable address of the schema.
const ID: &str = "https://json.schemastore.org/nest.json";

/// The schema of nest files, draft 2020-12.
pub fn schema() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<FileSpec>();
    accept_what_the_reader_accepts(&mut schema);
    let mut ordered = Map::new();
    if let Some(dialect) = schema.remove("$schema") {
        ordered.insert("$schema".to_owned(), dialect);
    }
    ordered.insert("$id".to_owned(), json!(ID));
    let rest = schema.as_object().cloned().unwrap_or_default();
    ordered.extend(rest);
    Value::Object(ordered)
}

/// Numbers, booleans and enumerated words can be written with variables; mappings can have keys of the user's own.
fn accept_what_the_reader_accepts(schema: &mut Schema) {
    // What is below first: what is added here is not to be changed again.
    transform_subschemas(&mut accept_what_the_reader_accepts, schema);
    if schema.get("additionalProperties") == Some(&json!(false)) {
        schema.insert("patternProperties".to_owned(), json!({ "^x-": true }));
    }
    let typed = matches!(
        schema.get("type").and_then(Value::as_str),
        Some("integer" | "number" | "boolean")
    );
    let words = schema.get("enum").is_some()
        || schema
            .get("oneOf")
            .and_then(Value::as_array)
            .is_some_and(|branches| branches.iter().all(|branch| branch.get("const").is_some()));
    if !(typed || words) {
        return;
    }
    let object = schema.ensure_object();
    let mut outside = Map::new();
    for key in ["title", "description", "examples", "default"] {
        if let Some(value) = object.remove(key) {
            outside.insert(key.to_owned(), value);
        }
    }
    let inside = Value::Object(std::mem::take(object));
    *object = outside;
    let variable = json!({ "title": "with a variable", "type": "string", "pattern": "\\$" });
    object.insert("anyOf".to_owned(), json!([inside, variable]));
}

/// When the engine restarts a container.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "it describes the words, for the schema only")]
pub(super) enum RestartSchema {
    /// A policy's word.
    Word(#[schemars(regex(pattern = r"^(no|always|unless-stopped|on-failure(:\d+)?)$|\$"))] String),
    /// `no` as older YAML reads it.
    No(bool),
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
