//! Values that may be secrets: by where they come from, or by their key.

use std::path::PathBuf;

use crate::model::validate::Validation;
use crate::model::value::{Secret, SecretOrigin, TextValue};
use crate::problem::{SecretProblem, ShapeProblem, ValueProblem};
use crate::source::{Span, names_a_secret};
use crate::spec::decode::{Field, Spanned};
use crate::spec::secret_reference::SecretReference;

impl Validation<'_> {
    /// The value of a key as the file writes it: a secret if a variable is in it and its name or the key says so.
    pub(super) fn text_value(&self, key: &str, text: String, span: &Span) -> TextValue {
        if self.holds_a_secret(key, span) {
            TextValue::Secret(Secret::new(text, SecretOrigin::Interpolated))
        } else {
            TextValue::Plain(text)
        }
    }

    /// The value of the variable that a key without a value passes on.
    pub(super) fn passed_on(&self, name: &str) -> Option<TextValue> {
        let text = self.input.variables.get(name)?.clone();
        Some(value_from_outside(name, text))
    }

    /// Whether a variable is in the text of the value of a key, and one of the two is named as secrets are.
    pub(super) fn holds_a_secret(&self, key: &str, span: &Span) -> bool {
        let written = self.input.sources.slice(span).unwrap_or_default();
        let written = written.replace("$$", "");
        let mut variables = written.split('$').skip(1).map(variable).peekable();
        variables.peek().is_some() && (names_a_secret(key) || variables.any(names_a_secret))
    }

    /// The secret that a reference at `at` names; nothing if it cannot be had, which is reported.
    pub(super) fn secret(&mut self, reference: &SecretReference, at: &Span) -> Option<Secret> {
        match (reference.env.section(), reference.file.section()) {
            (Some(first), Some(second)) => {
                self.report(ShapeProblem::ConflictingKeys {
                    what: "a secret".to_owned(),
                    keys: "`env` and `file`".to_owned(),
                    first,
                    second,
                });
                return None;
            }
            (None, None) => {
                let hint =
                    "say which variable holds it, `{ env: NAME }`, or which file, `{ file: PATH }`";
                self.missing("a secret", "env", hint, at.clone());
                return None;
            }
            _ => {}
        }
        match (reference.env.get(), reference.file.get()) {
            (Some(name), _) => self.secret_of_variable(&name),
            (None, Some(file)) => self.secret_of_file(&file),
            (None, None) => {
                self.check_given(&reference.env, "env", "NAME");
                self.check_given(&reference.file, "file", "PATH");
                None
            }
        }
    }

    /// Reports a key that is there without a value.
    fn check_given(&mut self, field: &Field<String>, key: &str, example: &str) {
        if let Some(at) = field.section()
            && !field.failed
        {
            let hint = format!("write it: `{{ {key}: {example} }}`");
            self.missing("a secret", key, &hint, at);
        }
    }

    fn secret_of_variable(&mut self, name: &Spanned<&String>) -> Option<Secret> {
        let Some(content) = self.input.variables.get(name.value) else {
            self.report(SecretProblem::NotSet {
                name: name.value.clone(),
                at: name.span.clone(),
            });
            return None;
        };
        let origin = SecretOrigin::Variable(name.value.clone());
        Some(Secret::new(content, origin))
    }

    fn secret_of_file(&mut self, file: &Spanned<&String>) -> Option<Secret> {
        let path = self.file_path("file", file)?;
        self.paths.push(path.clone());
        let content = match self.input.files.read(&path) {
            Ok(bytes) => String::from_utf8(bytes).map_err(|_| "it is no UTF-8 text".to_owned()),
            Err(error) => Err(error.to_string()),
        };
        match content {
            Ok(content) => {
                let text = content.strip_suffix('\n').unwrap_or(&content);
                let text = text.strip_suffix('\r').unwrap_or(text);
                Some(Secret::new(text, SecretOrigin::File(path)))
            }
            Err(reason) => {
                self.report(SecretProblem::Unreadable {
                    path: file.value.clone(),
                    reason,
                    at: file.span.clone(),
                });
                None
            }
        }
    }

    /// The absolute path of a file that nest reads; nothing if the text leads to none, which is reported.
    pub(super) fn file_path(&mut self, key: &str, text: &Spanned<&String>) -> Option<PathBuf> {
        match self.absolute_path(text.value, &text.span) {
            Some(path) if !text.value.is_empty() => Some(path),
            _ => {
                self.report(ValueProblem::InvalidValue {
                    key: key.to_owned(),
                    text: text.value.clone(),
                    reason: "it leads to no file".to_owned(),
                    hint: format!("write a path beside this file: `{key}: ./name`"),
                    at: text.span.clone(),
                });
                None
            }
        }
    }
}

/// The name of the variable that a text after a dollar sign begins with.
fn variable(text: &str) -> &str {
    let text = text.trim_start_matches('{');
    let part_of_name = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let end = text.find(|character| !part_of_name(character));
    &text[..end.unwrap_or(text.len())]
}

/// A value that comes from outside the nest file: a secret if its key says so.
pub(super) fn value_from_outside(key: &str, text: String) -> TextValue {
    if names_a_secret(key) {
        TextValue::Secret(Secret::new(text, SecretOrigin::Interpolated))
    } else {
        TextValue::Plain(text)
    }
}
