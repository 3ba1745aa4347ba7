//! Text that may be a secret.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;

use indexmap::IndexMap;

use crate::source::HIDDEN;

/// The text of a setting: plain, or a secret that is shown nowhere.
#[derive(Clone, PartialEq, Eq)]
pub enum TextValue {
    /// Text that everyone may see.
    Plain(String),
    /// Text that nobody is shown.
    Secret(Secret),
}

/// Text that nobody is shown. Its debug form says only where it comes from.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    /// The text.
    content: String,
    /// Where it comes from.
    origin: SecretOrigin,
}

/// Where a secret comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretOrigin {
    /// A value with variables in it, whose key says that it is a secret.
    Interpolated,
    /// The variable of this name.
    Variable(String),
    /// The file at this absolute path.
    File(PathBuf),
}

impl TextValue {
    /// The text itself, for engines only.
    pub fn reveal(&self) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Secret(secret) => secret.reveal(),
        }
    }

    /// The text as people may see it.
    pub fn shown(&self) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Secret(_) => HIDDEN,
        }
    }

    /// Whether nobody is shown it.
    pub fn is_secret(&self) -> bool {
        matches!(self, Self::Secret(_))
    }
}

/// Values by name, as engines are to have them.
pub fn revealed(values: &IndexMap<String, TextValue>) -> BTreeMap<String, String> {
    let values = values.iter();
    values
        .map(|(name, value)| (name.clone(), value.reveal().to_owned()))
        .collect()
}

/// The names of those values that nobody is shown.
pub fn secret_names(values: &IndexMap<String, TextValue>) -> BTreeSet<String> {
    let secrets = values.iter().filter(|(_, value)| value.is_secret());
    secrets.map(|(name, _)| name.clone()).collect()
}

impl Secret {
    pub(crate) fn new(content: impl Into<String>, origin: SecretOrigin) -> Self {
        let content = content.into();
        Self { content, origin }
    }

    /// The text itself, for engines only.
    pub fn reveal(&self) -> &str {
        &self.content
    }

    /// Where it comes from.
    pub fn origin(&self) -> &SecretOrigin {
        &self.origin
    }
}

impl fmt::Display for TextValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.shown())
    }
}

impl PartialEq<&str> for TextValue {
    /// Whether it is this text, and everyone may see it.
    fn eq(&self, text: &&str) -> bool {
        matches!(self, Self::Plain(plain) if plain == text)
    }
}

impl fmt::Debug for TextValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(text) => text.fmt(f),
            Self::Secret(secret) => secret.fmt(f),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret")
            .field("content", &HIDDEN)
            .field("origin", &self.origin)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use crate::model::value::{Secret, SecretOrigin, TextValue};

    #[test]
    fn the_debug_form_of_a_secret_does_not_show_it() {
        let origin = SecretOrigin::Variable("TOKEN".to_owned());
        let value = TextValue::Secret(Secret::new("hunter2", origin));
        assert!(!format!("{value:?} {value:#?}").contains("hunter2"));
        assert_eq!(value.shown(), "(sensitive value)");
        assert_eq!(value.reveal(), "hunter2");
    }
}
