//! Secrets and configs: text that services are given as files.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::spec::decode::Field;

/// A secret: text that services are given as a file, and that is shown nowhere. It has exactly one source.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "Secret")]
pub(crate) struct SecretSpec {
    /// The file that holds it. nest reads it.
    #[schemars(example = &"./token.txt")]
    pub(crate) file: Field<String>,
    /// The variable that holds it.
    #[schemars(example = &"CI_TOKEN")]
    pub(crate) environment: Field<String>,
    /// Whether the engine has it already. Default: `false`.
    #[schemars(example = true)]
    pub(crate) external: Field<bool>,
    /// Its exact name on the engine. Default: its name here.
    #[schemars(example = &"team-token")]
    pub(crate) name: Field<String>,
}

/// A config: text that services are given as a file. It has exactly one source.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "Config")]
pub(crate) struct ConfigSpec {
    /// The file that holds it. nest reads it.
    #[schemars(example = &"./app.conf")]
    pub(crate) file: Field<String>,
    /// The variable that holds it.
    #[schemars(example = &"APP_CONFIG")]
    pub(crate) environment: Field<String>,
    /// The text itself.
    #[schemars(example = &"debug = true\n")]
    pub(crate) content: Field<String>,
    /// Whether the engine has it already. Default: `false`.
    #[schemars(example = true)]
    pub(crate) external: Field<bool>,
    /// Its exact name on the engine. Default: its name here.
    #[schemars(example = &"team-config")]
    pub(crate) name: Field<String>,
}
