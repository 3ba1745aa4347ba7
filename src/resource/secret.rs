//! How secrets are remembered and compared: by a digest in their place.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::resource::digest::Digest;

/// The key of the object that stands for a secret value where a plan is made; what it holds is a digest.
pub const SENSITIVE: &str = "sensitive";

/// What stands for a secret value whose digest this is.
pub fn sensitive(digest: &str) -> Value {
    json!({ SENSITIVE: digest })
}

/// Whether a value stands for a secret one.
pub fn is_sensitive(value: &Value) -> bool {
    let members = value.as_object();
    members.is_some_and(|members| members.len() == 1 && members.contains_key(SENSITIVE))
}

/// Puts digests in the place of the values of these names.
pub fn hide(values: &mut BTreeMap<String, String>, names: &BTreeSet<String>) {
    for (name, value) in values {
        if names.contains(name) {
            Digest::of_bytes(value.as_bytes())
                .as_str()
                .clone_into(value);
        }
    }
}
