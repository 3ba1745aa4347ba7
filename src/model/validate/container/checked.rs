//! Texts that a grammar reads: what it refuses is reported at its place.

use crate::model::validate::Validation;
use crate::problem::{ShapeProblem, ValueProblem};
use crate::source::Span;
use crate::spec::decode::{Field, Spanned};

impl Validation<'_> {
    /// The value of a key, read by a grammar. Nothing if it is missing or refused.
    pub(super) fn checked<S: AsRef<str>, T, R: Into<String>>(
        &mut self,
        key: &str,
        field: &Field<S>,
        hint: &str,
        parse: impl FnOnce(&str) -> Result<T, R>,
    ) -> Option<T> {
        let text = field.get()?;
        self.checked_text(key, &text, hint, parse)
    }

    /// The items of a list, each read by a grammar. What is listed twice counts once.
    pub(super) fn checked_items<'s, S: AsRef<str> + 's, T: PartialEq, R: Into<String>>(
        &mut self,
        key: &str,
        items: impl IntoIterator<Item = Spanned<&'s S>>,
        hint: &str,
        parse: impl Fn(&str) -> Result<T, R>,
    ) -> Vec<T> {
        let mut checked = Vec::new();
        for item in items {
            if let Some(value) = self.checked_text(key, &item, hint, &parse)
                && !checked.contains(&value)
            {
                checked.push(value);
            }
        }
        checked
    }

    /// A text, read by a grammar. Nothing if it is refused.
    pub(super) fn checked_text<S: AsRef<str>, T, R: Into<String>>(
        &mut self,
        key: &str,
        text: &Spanned<&S>,
        hint: &str,
        parse: impl FnOnce(&str) -> Result<T, R>,
    ) -> Option<T> {
        let written = text.value.as_ref();
        match parse(written) {
            Ok(value) => Some(value),
            Err(reason) => {
                self.report(ValueProblem::InvalidValue {
                    key: key.to_owned(),
                    text: written.to_owned(),
                    reason: reason.into(),
                    hint: hint.to_owned(),
                    at: text.span.clone(),
                });
                None
            }
        }
    }

    /// Reports a word that a key does not take.
    pub(super) fn unknown_word(&mut self, key: &str, word: &str, hint: String, at: Span) {
        self.report(ShapeProblem::UnknownWord {
            owner: format!("`{key}`"),
            word: word.to_owned(),
            hint,
            at,
        });
    }

    /// Reports a text that a key cannot use.
    pub(super) fn refuse(&mut self, key: &str, text: &str, reason: &str, hint: String, at: Span) {
        self.report(ValueProblem::InvalidValue {
            key: key.to_owned(),
            text: text.to_owned(),
            reason: reason.to_owned(),
            hint,
            at,
        });
    }

    /// Reports two keys that cannot both be there.
    pub(super) fn conflict(&mut self, keys: &str, first: Span, second: Span) {
        self.report(ShapeProblem::ConflictingKeys {
            what: "a container".to_owned(),
            keys: keys.to_owned(),
            first,
            second,
        });
    }
}
