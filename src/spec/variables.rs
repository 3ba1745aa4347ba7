//! Names with text: environment variables, labels, options.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::spec::decode::{Field, Table};
use crate::spec::secret_reference::SecretReference;
use crate::spec::text::Text;

/// Names with text: as a mapping, or as a list of `NAME=value`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(untagged)]
pub(crate) enum TextMap {
    /// `[NAME=value]`
    #[schemars(title = "list")]
    Sequence(Vec<Field<Text>>),
    /// `{ NAME: value }`
    #[schemars(title = "mapping")]
    Mapping(Table<Text>),
}

impl TextMap {
    /// The text of a name, if it has one.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        match self {
            Self::Sequence(items) => items.iter().find_map(|item| {
                let (key, text) = item.value.as_ref()?.0.split_once('=')?;
                (key == name).then_some(text)
            }),
            Self::Mapping(table) => {
                let entry = table.entries.iter().find(|entry| entry.name == name)?;
                entry.value.value.as_ref().map(|text| text.0.as_str())
            }
        }
    }
}

/// Environment variables: as a mapping, or as a list of `NAME=value`. A name alone passes on the variable of that name.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(untagged)]
pub(crate) enum VariablesSpec {
    /// `[NAME=value, NAME]`
    #[schemars(title = "list")]
    Sequence(Vec<Field<String>>),
    /// `{ NAME: value }`
    #[schemars(title = "mapping")]
    Mapping(Table<VariableSpec>),
}

/// The value of an environment variable.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(rename = "Variable", transform = nullable_text)]
#[schemars(untagged)]
pub(crate) enum VariableSpec {
    /// The value itself.
    Scalar(Text),
    /// A secret, by where it comes from.
    Mapping(SecretReference),
}

/// A variable may be left without a value.
fn nullable_text(schema: &mut schemars::Schema) {
    if let Some(text) = schema.pointer_mut("/anyOf/0") {
        *text = serde_json::json!({
            "description": "The value; without one, the variable of that name is passed on.",
            "type": ["string", "number", "boolean", "null"],
        });
    }
}
