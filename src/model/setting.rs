//! Values of a configuration file that nest passes on, in which text may be secret.

use indexmap::IndexMap;
use serde_json::Value;

use crate::model::value::Secret;

/// A value that is passed on as it is.
#[derive(Debug, Clone, PartialEq)]
pub enum Setting {
    /// Text, a number, a boolean or nothing.
    Plain(Value),
    /// Text that nobody is shown.
    Secret(Secret),
    /// A list.
    List(Vec<Setting>),
    /// Keys with values.
    Mapping(IndexMap<String, Setting>),
}

impl Setting {
    /// The value as the configuration file is to have it.
    pub fn reveal(&self) -> Value {
        match self {
            Self::Plain(value) => value.clone(),
            Self::Secret(secret) => Value::String(secret.reveal().to_owned()),
            Self::List(items) => items.iter().map(Self::reveal).collect(),
            Self::Mapping(keys) => {
                let keys = keys.iter();
                Value::Object(
                    keys.map(|(key, value)| (key.clone(), value.reveal()))
                        .collect(),
                )
            }
        }
    }

    /// The secrets in it.
    pub fn secrets(&self) -> Vec<&str> {
        match self {
            Self::Plain(_) => Vec::new(),
            Self::Secret(secret) => vec![secret.reveal()],
            Self::List(items) => items.iter().flat_map(Self::secrets).collect(),
            Self::Mapping(keys) => keys.values().flat_map(Self::secrets).collect(),
        }
    }
}
