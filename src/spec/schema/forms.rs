//! Values that have several forms, such as a short and a long one.
//!
//! Editors explain a value by the innermost description that fits. That of a form would hide what its key means, so a key
//! holds its forms itself, without descriptions of their own. Items of lists have no key, so their forms explain them.

use std::collections::BTreeSet;

use schemars::Schema;
use serde_json::{Map, Value};

/// Puts the forms of a value into the keys that take them.
pub(super) fn inline_forms(root: &mut Schema) {
    let definitions = root.get("$defs").cloned().unwrap_or_default();
    for_each_mapping(root, &mut |mapping| {
        let properties = mapping.get_mut("properties").and_then(Value::as_object_mut);
        for property in properties.into_iter().flat_map(Map::values_mut) {
            if let Some(forms) = forms(property, &definitions)
                && let Some(property) = property.as_object_mut()
            {
                property.remove("$ref");
                property.insert("anyOf".to_owned(), Value::Array(forms));
            }
        }
    });
}

/// Takes away the definitions that nothing refers to.
pub(super) fn prune(root: &mut Schema) {
    loop {
        let mut used = BTreeSet::new();
        for value in root.as_object().into_iter().flat_map(Map::values) {
            collect_references(value, &mut used);
        }
        let Some(Value::Object(definitions)) = root.get_mut("$defs") else {
            return;
        };
        let before = definitions.len();
        definitions.retain(|name, _| used.contains(name));
        if definitions.len() == before {
            return;
        }
    }
}

/// The name of the definition that a schema refers to.
pub(super) fn reference(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.strip_prefix("#/$defs/")
}

/// Calls a function with the root and with every definition.
pub(super) fn for_each_mapping(
    root: &mut Schema,
    change: &mut impl FnMut(&mut Map<String, Value>),
) {
    if let Some(Value::Object(definitions)) = root.get_mut("$defs") {
        for definition in definitions.values_mut().filter_map(Value::as_object_mut) {
            change(definition);
        }
    }
    change(root.ensure_object());
}

/// The forms of a value, if it has several. Mappings stay definitions of their own.
fn forms(property: &Value, definitions: &Value) -> Option<Vec<Value>> {
    let definition = |schema: &Value| definitions.get(reference(schema)?);
    let mut forms = definition(property)?.get("anyOf")?.as_array()?.clone();
    for form in &mut forms {
        let mut inlined = definition(form).cloned().unwrap_or_default();
        let is_mapping = inlined.get("properties").is_some();
        let Some(form) = form.as_object_mut().filter(|_| !is_mapping) else {
            continue;
        };
        form.remove("description");
        if let Some(inlined) = inlined.as_object_mut() {
            form.remove("$ref");
            inlined.remove("description");
            form.append(inlined);
        }
    }
    Some(forms)
}

fn collect_references(value: &Value, found: &mut BTreeSet<String>) {
    if let Some(name) = reference(value) {
        found.insert(name.to_owned());
    }
    match value {
        Value::Object(entries) => {
            for value in entries.values() {
                collect_references(value, found);
            }
        }
        Value::Array(items) => {
            for value in items {
                collect_references(value, found);
            }
        }
        _ => {}
    }
}
