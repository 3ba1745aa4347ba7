//! Other files that a file includes.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::spec::decode::{Field, Spanned};

/// A file to include, or files that are put over each other.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(rename = "Include", untagged)]
pub(crate) enum IncludeSpec {
    /// The file's path.
    #[schemars(title = "path", example = &"../common/nest.yaml")]
    Scalar(String),
    /// The file's path, and what it is read with.
    #[schemars(title = "path and more")]
    Mapping(Box<IncludeMapping>),
}

/// A file to include, and what it is read with.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["path"]))]
pub(crate) struct IncludeMapping {
    /// The file's path. Of several files, each goes over the ones before.
    pub(crate) path: Field<PathsSpec>,
    /// Files that set variables. Default: `.env` in the folder of the included file.
    pub(crate) env_file: Field<PathsSpec>,
    /// The folder that relative paths in the included file start from. Default: the one that it is in.
    #[schemars(example = &"../common")]
    pub(crate) project_directory: Field<String>,
}

/// A path, or several.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(rename = "Paths", untagged)]
pub(crate) enum PathsSpec {
    /// One path.
    #[schemars(title = "path")]
    Scalar(String),
    /// Several paths.
    #[schemars(title = "paths")]
    Sequence(Vec<Field<String>>),
}

impl Field<PathsSpec> {
    /// The paths with their places.
    pub(crate) fn paths(&self) -> Vec<Spanned<&String>> {
        match &self.value {
            None => Vec::new(),
            Some(PathsSpec::Scalar(path)) => vec![Spanned {
                value: path,
                span: self.span.clone(),
            }],
            Some(PathsSpec::Sequence(paths)) => paths.iter().filter_map(Field::get).collect(),
        }
    }
}
