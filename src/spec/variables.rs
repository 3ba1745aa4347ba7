//! Names with text: environment variables, labels, options.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::spec::decode::{Field, Table};
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
    #[schemars(skip)]
    Mapping(SecretSpec),
}

/// A secret: where its value comes from.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "Secret")]
pub(crate) struct SecretSpec {
    /// The variable that holds it.
    pub(crate) env: Field<String>,
    /// The file that holds it.
    pub(crate) file: Field<String>,
}

/// A variable may be left without a value.
fn nullable_text(schema: &mut schemars::Schema) {
    *schema = schemars::json_schema!({
        "description": "The value; without one, the variable of that name is passed on.",
        "type": ["string", "number", "boolean", "null"],
    });
}
