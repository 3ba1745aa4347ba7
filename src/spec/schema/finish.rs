//! What the derived schema lacks: it then accepts what the reader accepts, and says what editors can show.

use schemars::Schema;
use schemars::transform::transform_subschemas;
use serde_json::{Map, Value, json};

use crate::spec::schema::examples::add_examples;
use crate::spec::schema::forms::{inline_forms, prune};
use crate::spec::schema::grammar::{Grammar, grammar, names};
use crate::spec::schema::later::add_later_keys;
use crate::spec::schema::nothing::allow_nothing;

/// What is about a value, not about its shape.
pub(super) const ANNOTATIONS: [&str; 4] = ["title", "description", "examples", "default"];

/// Finishes the schema of a file.
pub(super) fn finish(root: &mut Schema) {
    finish_each(root);
    add_later_keys(root);
    add_all_examples(root);
    inline_forms(root);
    allow_nothing(root);
    prune(root);
}

fn add_all_examples(root: &mut Schema) {
    if let Some(Value::Object(definitions)) = root.get_mut("$defs") {
        for (name, definition) in definitions {
            if let Some(Value::Object(properties)) = definition.get_mut("properties") {
                add_examples(name, properties);
            }
        }
    }
    if let Some(Value::Object(properties)) = root.get_mut("properties") {
        add_examples("NestFile", properties);
    }
}

/// Takes away what says that a key must be there.
pub(super) fn require_nothing(schema: &mut Schema) {
    transform_subschemas(&mut require_nothing, schema);
    schema.remove("required");
    // Ways that differed in what must be there alone are one way now.
    let ways = schema.get("oneOf").and_then(Value::as_array);
    if ways.is_some_and(|ways| ways.iter().all(|way| way == &json!({}))) {
        schema.remove("oneOf");
    }
}

/// Lets `!reset null` stand where text has a grammar: editors take what is tagged for text.
pub(super) fn allow_resets(schema: &mut Schema) {
    transform_subschemas(&mut allow_resets, schema);
    if let Some(Value::String(pattern)) = schema.get_mut("pattern")
        && pattern.ends_with("\\$")
    {
        pattern.push_str("|^null$");
    }
}

/// Finishes a schema and all below it, each by itself.
fn finish_each(schema: &mut Schema) {
    // What is below first: what is added here is not to be changed again.
    transform_subschemas(&mut finish_each, schema);
    // Names of Rust's types, which other languages do not know.
    let is_rust = |format: &Value| format.as_str().is_some_and(|it| it.starts_with("uint"));
    if schema.get("format").is_some_and(is_rust) {
        schema.remove("format");
    }
    join_lines(schema);
    list_words(schema);
    allow_variables(schema);
    finish_mapping(schema);
}

/// A line of a comment is no line to editors, which show each as a paragraph.
fn join_lines(schema: &mut Schema) {
    if let Some(Value::String(description)) = schema.get_mut("description") {
        let paragraphs = description.split("\n\n");
        let joined: Vec<String> = paragraphs.map(|it| it.replace('\n', " ")).collect();
        *description = joined.join("\n\n");
    }
}

/// Words with explanations, in the form that editors show beside the explanation of the key.
fn list_words(schema: &mut Schema) {
    let branches = schema.get("oneOf").and_then(Value::as_array);
    let words: Option<Vec<(Value, Value)>> = branches.and_then(|branches| {
        let word = |branch: &Value| {
            let explanation = branch.get("description").cloned().unwrap_or_default();
            Some((branch.get("const")?.clone(), explanation))
        };
        branches.iter().map(word).collect()
    });
    if let Some(words) = words {
        let (words, explanations): (Vec<_>, Vec<_>) = words.into_iter().unzip();
        schema.remove("oneOf");
        schema.insert("type".to_owned(), json!("string"));
        schema.insert("enum".to_owned(), Value::Array(words));
        schema.insert("enumDescriptions".to_owned(), Value::Array(explanations));
    }
}

/// Numbers, booleans and enumerated words can be written with variables.
fn allow_variables(schema: &mut Schema) {
    let typed = matches!(
        schema.get("type").and_then(Value::as_str),
        Some("integer" | "number" | "boolean")
    );
    if typed || schema.get("enum").is_some() {
        let variable = json!({ "title": "with a variable", "type": "string", "pattern": "\\$" });
        add_alternative(schema, variable);
    }
}

/// Mappings can have keys of the user's own; their values have grammars and defaults.
fn finish_mapping(schema: &mut Schema) {
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        for (key, property) in properties {
            let Ok(property) = <&mut Schema>::try_from(property) else {
                continue;
            };
            if let Some(grammar) = grammar(key) {
                add_grammar(property, grammar);
            }
            if let Some(pattern) = names(key) {
                add_names(property, pattern);
            }
            add_default(property);
        }
    }
    if schema.get("additionalProperties") == Some(&json!(false)) {
        schema.insert("patternProperties".to_owned(), json!({ "^x-": true }));
    }
}

/// Text follows its grammar, unless variables are in it.
fn add_grammar(schema: &mut Schema, grammar: &Grammar) {
    if schema.get("type").is_some_and(Value::is_array) {
        let pattern = format!("{}|\\$", grammar.pattern);
        schema.insert("type".to_owned(), json!(grammar.types));
        schema.insert("pattern".to_owned(), json!(pattern));
    }
}

/// The names of a table follow a grammar.
fn add_names(schema: &mut Schema, pattern: &str) {
    if schema.get("type") == Some(&json!("object")) {
        let names = json!({ "pattern": pattern });
        schema.insert("propertyNames".to_owned(), names);
    }
}

/// Where the description ends in a default that can be written, editors can show and insert it.
fn add_default(schema: &mut Schema) {
    let description = schema.get("description").and_then(Value::as_str);
    let word = description
        .and_then(|text| text.split_once("Default: "))
        .and_then(|(_, default)| default.strip_suffix('.'))
        .and_then(|default| {
            let is_number = default.bytes().all(|byte| byte.is_ascii_digit());
            let word = default
                .strip_prefix('`')
                .and_then(|it| it.strip_suffix('`'));
            word.or(is_number.then_some(default))
        })
        .filter(|word| !word.contains('`'));
    if let Some(value) = word.and_then(|word| serde_yaml::from_str::<Value>(word).ok()) {
        schema.insert("default".to_owned(), value);
    }
}

/// Lets a schema accept something else too. What is said about the value stays outside.
pub(super) fn add_alternative(schema: &mut Schema, alternative: Value) {
    if let Some(Value::Array(branches)) = schema.get_mut("anyOf") {
        branches.push(alternative);
        return;
    }
    let object = schema.ensure_object();
    let mut outside = Map::new();
    for key in ANNOTATIONS {
        if let Some(value) = object.remove(key) {
            outside.insert(key.to_owned(), value);
        }
    }
    let inside = Value::Object(std::mem::take(object));
    *object = outside;
    object.insert("anyOf".to_owned(), json!([inside, alternative]));
}
