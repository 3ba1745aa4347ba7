//! Environment variables, labels and options.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use crate::model::validate::Validation;
use crate::problem::ValueProblem;
use crate::source::Span;
use crate::spec::decode::{Field, Spanned};
use crate::spec::variables::{TextMap, VariableSpec, VariablesSpec};
use crate::spec::vocabulary::not_supported_yet;

/// How the names of variables end that hold secrets.
const SECRET_ENDINGS: [&str; 6] = [
    "TOKEN",
    "SECRET",
    "PASSWORD",
    "PASSWD",
    "KEY",
    "CREDENTIALS",
];

/// An environment variable of a container.
pub(super) struct MadeVariable {
    value: String,
    /// Where its name is written.
    pub(super) name_span: Span,
    /// Whether its value comes from outside the file and is not to be shown.
    secret: bool,
}

impl MadeVariable {
    /// Its value, which is not to be shown where it is a secret.
    pub(super) fn value(&self) -> &str {
        &self.value
    }
}

/// Environment variables by name, in the order of the file.
pub(super) type MadeVariables = IndexMap<String, MadeVariable>;

/// The values of variables, and the names of those that are secrets.
pub(super) fn values_and_secrets(
    variables: MadeVariables,
) -> (IndexMap<String, String>, BTreeSet<String>) {
    let secrets = variables.iter().filter(|(_, variable)| variable.secret);
    let secrets = secrets.map(|(name, _)| name.clone()).collect();
    let values = variables.into_iter();
    let values = values
        .map(|(name, variable)| (name, variable.value))
        .collect();
    (values, secrets)
}

impl Validation<'_> {
    /// Environment variables. One without a value takes that of the variable of its name, or is left out.
    pub(super) fn environment_variables(&mut self, spec: &Field<VariablesSpec>) -> MadeVariables {
        let mut variables = IndexMap::new();
        match &spec.value {
            None => {}
            Some(VariablesSpec::Sequence(items)) => {
                for item in items.iter().filter_map(Field::get) {
                    let (name, value) = match item.value.split_once('=') {
                        Some((name, value)) => (name, Some(value.to_owned())),
                        None => (item.value.as_str(), None),
                    };
                    let name_span = self.part(&item, 0..name.len());
                    let secret = self.is_secret(name, value.is_none(), &item.span);
                    self.add_variable(&mut variables, name, value, (name_span, secret));
                }
            }
            Some(VariablesSpec::Mapping(table)) => {
                for entry in &table.entries {
                    let value = match &entry.value.value {
                        None if entry.value.failed => continue,
                        None => None,
                        Some(VariableSpec::Scalar(text)) => Some(text.0.clone()),
                        Some(VariableSpec::Mapping(_)) => {
                            let what = "a secret as a variable's value".to_owned();
                            let at = entry.value.span.clone();
                            self.report(not_supported_yet(what, at));
                            continue;
                        }
                    };
                    let name_span = entry.name_span.clone();
                    let secret = self.is_secret(&entry.name, value.is_none(), &entry.value.span);
                    self.add_variable(&mut variables, &entry.name, value, (name_span, secret));
                }
            }
        }
        variables
    }

    /// Whether the value of a variable comes from outside the file, and the name says that it is a secret.
    fn is_secret(&self, name: &str, passed_on: bool, value_span: &Span) -> bool {
        let upper = name.to_ascii_uppercase();
        let written = || self.input.sources.slice(value_span).unwrap_or_default();
        SECRET_ENDINGS.iter().any(|ending| upper.ends_with(ending))
            && (passed_on || written().contains('$'))
    }

    fn add_variable(
        &mut self,
        variables: &mut MadeVariables,
        name: &str,
        value: Option<String>,
        (name_span, secret): (Span, bool),
    ) {
        let reason = if name.is_empty() {
            Some("the name is missing")
        } else if name.contains(['=', '\0']) || name.contains(char::is_whitespace) {
            Some("the name has a character that names cannot have")
        } else if value.as_ref().is_some_and(|value| value.contains('\0')) {
            Some("the value has a zero byte")
        } else {
            None
        };
        if let Some(reason) = reason {
            let value = if value.is_some() { "=…" } else { "" };
            self.report(ValueProblem::InvalidEnvironment {
                text: format!("{name}{value}"),
                reason: reason.to_owned(),
                at: name_span,
            });
            return;
        }
        let value = value.or_else(|| self.input.variables.get(name).cloned());
        if let Some(value) = value {
            let variable = MadeVariable {
                value,
                name_span,
                secret,
            };
            variables.insert(name.to_owned(), variable);
        }
    }

    /// Labels or options.
    pub(super) fn text_map(&mut self, spec: &Field<TextMap>) -> IndexMap<String, String> {
        let mut map = IndexMap::new();
        match &spec.value {
            None => {}
            Some(TextMap::Sequence(items)) => {
                for item in items.iter().filter_map(Field::get) {
                    let text: Spanned<&String> = Spanned {
                        value: &item.value.0,
                        span: item.span,
                    };
                    let (name, value) = text.value.split_once('=').unwrap_or((text.value, ""));
                    self.check_key(name, &text.span);
                    map.insert(name.to_owned(), value.to_owned());
                }
            }
            Some(TextMap::Mapping(table)) => {
                for entry in &table.entries {
                    self.check_key(&entry.name, &entry.name_span);
                    let value = entry.value.value.as_ref().map(|text| text.0.clone());
                    map.insert(entry.name.clone(), value.unwrap_or_default());
                }
            }
        }
        map
    }

    fn check_key(&mut self, key: &str, at: &Span) {
        // These labels say what nest knows of an object; a wrong one would hide it or claim someone else's.
        if key.starts_with("dev.nest.") || key.is_empty() {
            self.report(ValueProblem::InvalidValue {
                key: "labels".to_owned(),
                text: key.to_owned(),
                reason: "names that begin with `dev.nest.` are nest's own, and a name is not empty"
                    .to_owned(),
                hint: "choose another name".to_owned(),
                at: at.clone(),
            });
        }
    }
}
