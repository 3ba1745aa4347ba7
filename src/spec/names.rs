//! One name or several.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::spec::decode::{Field, Spanned};

/// One name, or a list of names.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(rename = "Names", untagged)]
pub(crate) enum NamesSpec {
    /// One.
    #[schemars(title = "one")]
    Scalar(String),
    /// Several.
    #[schemars(title = "several")]
    Sequence(Vec<Field<String>>),
}

impl Field<NamesSpec> {
    /// The names with their places.
    pub(crate) fn names(&self) -> Vec<Spanned<&String>> {
        match &self.value {
            None => Vec::new(),
            Some(NamesSpec::Scalar(name)) => vec![Spanned {
                value: name,
                span: self.span.clone(),
            }],
            Some(NamesSpec::Sequence(names)) => names.iter().filter_map(Field::get).collect(),
        }
    }
}
