//! A key without a value is as good as left out, unless it must be there. An item of a list cannot be left out.

use std::collections::BTreeSet;

use schemars::Schema;
use serde_json::{Map, Value, json};

use crate::spec::schema::finish::add_alternative;
use crate::spec::schema::forms::reference;

/// Lets every key and name stand without a value.
pub(super) fn allow_nothing(root: &mut Schema) {
    let mut needed = BTreeSet::new();
    for value in root.as_object().into_iter().flat_map(Map::values) {
        collect_needed(value, &mut needed);
    }
    let demanding = demanding(root);
    let mut lenient = BTreeSet::new();
    for_each_optional(root.ensure_object(), &mut |value, place| {
        match reference(value).map(str::to_owned) {
            Some(name) if place == Place::Name && demanding.contains(&name) => {}
            // Nothing needs a value of this type, so the type itself can be nothing.
            Some(name) if !needed.contains(&name) => {
                lenient.insert(name);
            }
            _ => accept_nothing(value),
        }
    });
    if let Some(Value::Object(definitions)) = root.get_mut("$defs") {
        for (name, definition) in definitions {
            if lenient.contains(name) {
                accept_nothing(definition);
            }
        }
    }
}

/// Where a value may be left out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Behind a key that need not be there.
    Key,
    /// Behind a name that the user chooses, which is declared all the same.
    Name,
}

/// The types that have keys which must be there.
fn demanding(root: &Schema) -> BTreeSet<String> {
    let definitions = root.get("$defs").and_then(Value::as_object);
    definitions
        .into_iter()
        .flatten()
        .filter(|(_, definition)| {
            let mapping = definition.as_object();
            mapping.is_some_and(|mapping| !required(mapping).is_empty())
        })
        .map(|(name, _)| name.clone())
        .collect()
}

/// The types of which something has to stand: in lists, as one form of several, behind keys that must be there.
fn collect_needed(value: &Value, needed: &mut BTreeSet<String>) {
    match value {
        Value::Object(entries) => {
            needed.extend(entries.get("items").and_then(reference).map(str::to_owned));
            let properties = entries.get("properties").and_then(Value::as_object);
            let required = required(entries);
            for (key, property) in properties.into_iter().flatten() {
                if required.contains(key) {
                    needed.extend(reference(property).map(str::to_owned));
                }
            }
            for value in entries.values() {
                collect_needed(value, needed);
            }
        }
        Value::Array(items) => {
            for value in items {
                needed.extend(reference(value).map(str::to_owned));
                collect_needed(value, needed);
            }
        }
        _ => {}
    }
}

/// The values that may be left out: of keys that need not be there, and of names that the user chooses.
fn for_each_optional(schema: &mut Map<String, Value>, change: &mut impl FnMut(&mut Value, Place)) {
    let required = required(schema);
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        for (key, property) in properties {
            if !required.contains(key) {
                change(property, Place::Key);
            }
        }
    }
    if let Some(value @ Value::Object(_)) = schema.get_mut("additionalProperties") {
        change(value, Place::Name);
    }
    for value in schema.values_mut() {
        for_each_below(value, change);
    }
}

fn for_each_below(value: &mut Value, change: &mut impl FnMut(&mut Value, Place)) {
    match value {
        Value::Object(entries) => for_each_optional(entries, change),
        Value::Array(items) => {
            for item in items {
                for_each_below(item, change);
            }
        }
        _ => {}
    }
}

/// The keys that have to hold something where they stand: always, or in one of several ways to write the mapping.
fn required(mapping: &Map<String, Value>) -> BTreeSet<String> {
    let ways = mapping.get("oneOf").and_then(Value::as_array);
    let ways = ways.into_iter().flatten().filter_map(Value::as_object);
    ways.chain([mapping])
        .filter_map(|way| way.get("required")?.as_array())
        .flatten()
        .filter_map(|key| key.as_str().map(str::to_owned))
        .collect()
}

fn accept_nothing(value: &mut Value) {
    let Ok(schema) = <&mut Schema>::try_from(value) else {
        return;
    };
    let takes_anything = !["type", "anyOf", "$ref"]
        .iter()
        .any(|it| schema.get(*it).is_some());
    if takes_anything {
        return;
    }
    match schema.get_mut("type") {
        Some(Value::String(name)) => {
            let types = json!([name, "null"]);
            schema.insert("type".to_owned(), types);
        }
        Some(Value::Array(names)) => {
            if !names.contains(&json!("null")) {
                names.push(json!("null"));
            }
        }
        _ => add_alternative(schema, json!({ "type": "null" })),
    }
}
