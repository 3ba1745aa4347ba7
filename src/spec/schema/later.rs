//! Keys of the format that this version does not read: it warns of them, and takes any value.

use schemars::Schema;
use serde_json::{Map, Value, json};

use crate::spec::vocabulary::NOT_SUPPORTED_YET;

/// Adds the keys that the types do not have.
pub(super) fn add_later_keys(root: &mut Schema) {
    for (owner, keys) in NOT_SUPPORTED_YET {
        let properties = if *owner == "FileSpec" {
            root.get_mut("properties")
        } else {
            let definitions = root.get_mut("$defs");
            definitions.and_then(|it| it.get_mut(definition(owner))?.get_mut("properties"))
        };
        if let Some(Value::Object(properties)) = properties {
            add(properties, keys);
        }
    }
}

fn add(properties: &mut Map<String, Value>, keys: &[&str]) {
    for key in keys {
        let description = "Part of the format that this version of nest does not act on.";
        let property = json!({ "description": description });
        properties.entry(*key).or_insert(property);
    }
}

/// The name of a type's definition.
fn definition(owner: &str) -> &str {
    match owner {
        "OuterKeys" => "OuterMapping",
        "ServiceKeys" => "Service",
        other => other.strip_suffix("Spec").unwrap_or(other),
    }
}
