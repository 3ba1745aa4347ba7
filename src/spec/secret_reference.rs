//! Secrets, by where they come from.

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::json;

use crate::spec::decode::Field;

/// A secret, by where it comes from: never as text.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("oneOf" = json!([{ "required": ["env"] }, { "required": ["file"] }])))]
pub(crate) struct SecretReference {
    /// The variable that holds it.
    #[schemars(example = &"GHCR_TOKEN")]
    pub(crate) env: Field<String>,
    /// The file that holds it. A line break at its end does not count.
    #[schemars(example = &"./token.txt")]
    pub(crate) file: Field<String>,
}

/// A password, by where it comes from.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(rename = "Password", untagged)]
pub(crate) enum PasswordSpec {
    /// Text, which is refused: files are copied, shared and committed.
    #[schemars(skip)]
    Scalar(IgnoredAny),
    /// The same, in pieces.
    #[schemars(skip)]
    Sequence(IgnoredAny),
    /// The variable or the file.
    #[schemars(title = "variable or file")]
    Mapping(SecretReference),
}
