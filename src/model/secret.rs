//! Secrets and configs of a scope: text that services are given as files.

use std::path::PathBuf;

use crate::model::value::Secret;

/// A secret or a config.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Material {
    /// Where its text comes from.
    pub source: MaterialSource,
    /// What the variable says that it comes from, where it comes from one.
    pub value: Option<Secret>,
    /// Its exact name on the engine, where the file gives one.
    pub explicit_name: Option<String>,
}

/// Where the text of a secret or a config comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MaterialSource {
    /// A file, by its absolute path.
    File(PathBuf),
    /// A variable, by its name.
    Environment(String),
    /// The nest file itself. Configs only.
    Content(String),
    /// The engine has it already.
    External,
}
