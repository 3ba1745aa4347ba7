//! What a container takes from files and from other services: variables, keys, secrets, configs.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::spec::decode::Field;
use crate::spec::text::Text;

/// Files of environment variables.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(rename = "EnvFiles", untagged)]
pub(crate) enum EnvFilesSpec {
    /// One file.
    #[schemars(title = "file", example = &"./service.env")]
    Scalar(String),
    /// Several: later ones win.
    #[schemars(title = "files")]
    Sequence(Vec<Field<EnvFileSpec>>),
}

/// A file of environment variables.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(rename = "EnvFile", untagged)]
pub(crate) enum EnvFileSpec {
    /// Its path.
    #[schemars(title = "path", example = &"./service.env")]
    Scalar(String),
    /// Its path and more.
    #[schemars(title = "path and more")]
    Mapping(Box<EnvFileMapping>),
}

/// A file of environment variables, and whether it must be there.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["path"]))]
pub(crate) struct EnvFileMapping {
    /// Its path.
    #[schemars(example = &"./service.env")]
    pub(crate) path: Field<String>,
    /// Whether it must be there. Default: `true`.
    #[schemars(example = false)]
    pub(crate) required: Field<bool>,
    /// `raw`: values are taken as they stand, without quotes and variables.
    #[schemars(regex(pattern = r"^raw$|\$"), example = &"raw")]
    pub(crate) format: Field<String>,
}

/// Another service whose keys are taken over.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(rename = "Extends", untagged)]
pub(crate) enum ExtendsSpec {
    /// A service of the same scope.
    #[schemars(title = "service", example = &"base")]
    Scalar(String),
    /// A service of the same scope or of another file.
    #[schemars(title = "service and file")]
    Mapping(Box<ExtendsMapping>),
}

/// Another service whose keys are taken over, and its file.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["service"]))]
pub(crate) struct ExtendsMapping {
    /// The service.
    #[schemars(example = &"base")]
    pub(crate) service: Field<String>,
    /// The file, if it is another one.
    #[schemars(example = &"../common/nest.yaml")]
    pub(crate) file: Field<String>,
}

/// A secret or config that a container can read.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(rename = "Grant", untagged)]
pub(crate) enum GrantSpec {
    /// Its name in the scope.
    #[schemars(title = "name", example = &"token")]
    Scalar(String),
    /// Its name, and where and how it shows.
    #[schemars(title = "name and more")]
    Mapping(Box<GrantMapping>),
}

/// A secret or config, and where and how it shows in the container.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["source"]))]
pub(crate) struct GrantMapping {
    /// Its name in the scope.
    #[schemars(example = &"token")]
    pub(crate) source: Field<String>,
    /// Its path in the container; a secret without `/` is below `/run/secrets`.
    #[schemars(example = &"/run/secrets/token")]
    pub(crate) target: Field<String>,
    /// The number of the user who owns it.
    #[schemars(example = &"1000")]
    pub(crate) uid: Field<Text>,
    /// The number of the group that owns it.
    #[schemars(example = &"1000")]
    pub(crate) gid: Field<Text>,
    /// Its permissions, in octal digits. Default: `0444`.
    #[schemars(example = &"0440")]
    pub(crate) mode: Field<Text>,
}
