//! Environment variables, labels and options.

use indexmap::IndexMap;

use crate::model::validate::Validation;
use crate::model::value::TextValue;
use crate::problem::ValueProblem;
use crate::source::Span;
use crate::spec::decode::{Field, Spanned};
use crate::spec::variables::{TextMap, VariableSpec, VariablesSpec};

/// An environment variable of a container.
#[derive(Clone)]
pub(super) struct MadeVariable {
    value: TextValue,
    /// Where its name is written.
    pub(super) name_span: Span,
}

impl MadeVariable {
    /// Its value, which is not to be shown where it is a secret.
    pub(super) fn value(&self) -> &str {
        self.value.reveal()
    }
}

/// Environment variables by name, in the order of the file.
pub(super) type MadeVariables = IndexMap<String, MadeVariable>;

/// The values of variables.
pub(super) fn values(variables: MadeVariables) -> IndexMap<String, TextValue> {
    let values = variables.into_iter();
    values
        .map(|(name, variable)| (name, variable.value))
        .collect()
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
                    let value = value.map(|text| self.text_value(name, text, &item.span));
                    self.add_variable(&mut variables, name, value, name_span);
                }
            }
            Some(VariablesSpec::Mapping(table)) => {
                for entry in &table.entries {
                    let span = &entry.value.span;
                    let value = match &entry.value.value {
                        None if entry.value.failed => continue,
                        None => None,
                        Some(VariableSpec::Scalar(text)) => {
                            Some(self.text_value(&entry.name, text.0.clone(), span))
                        }
                        Some(VariableSpec::Mapping(reference)) => {
                            let Some(secret) = self.secret(reference, span) else {
                                continue;
                            };
                            Some(TextValue::Secret(secret))
                        }
                    };
                    let name_span = entry.name_span.clone();
                    self.add_variable(&mut variables, &entry.name, value, name_span);
                }
            }
        }
        variables
    }

    /// Adds a variable. One without a value takes that of the variable of its name, or is left out.
    pub(super) fn add_variable(
        &mut self,
        variables: &mut MadeVariables,
        name: &str,
        value: Option<TextValue>,
        name_span: Span,
    ) {
        let reason = if name.is_empty() {
            Some("the name is missing")
        } else if name.contains(['=', '\0']) || name.contains(char::is_whitespace) {
            Some("the name has a character that names cannot have")
        } else if (value.as_ref()).is_some_and(|value| value.reveal().contains('\0')) {
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
        if let Some(value) = value.or_else(|| self.passed_on(name)) {
            let variable = MadeVariable { value, name_span };
            variables.insert(name.to_owned(), variable);
        }
    }

    /// Labels or options.
    pub(super) fn text_map(&mut self, spec: &Field<TextMap>) -> IndexMap<String, TextValue> {
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
                    let value = self.text_value(name, value.to_owned(), &text.span);
                    map.insert(name.to_owned(), value);
                }
            }
            Some(TextMap::Mapping(table)) => {
                for entry in &table.entries {
                    self.check_key(&entry.name, &entry.name_span);
                    let text = entry.value.value.as_ref().map(|text| text.0.clone());
                    let text = text.unwrap_or_default();
                    let value = self.text_value(&entry.name, text, &entry.value.span);
                    map.insert(entry.name.clone(), value);
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
