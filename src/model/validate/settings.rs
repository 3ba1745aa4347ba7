//! Values that are passed on to an engine, in which text may be secret.

use serde_json::Value;

use crate::model::setting::Setting;
use crate::model::validate::Validation;
use crate::model::value::{Secret, SecretOrigin};
use crate::source::names_a_secret;
use crate::spec::decode::{Field, Table, Written};
use crate::spec::outer::RawSpec;
use crate::spec::secret_reference::SecretReference;

impl Validation<'_> {
    /// The `value` of a key as the file writes it; where it may be a secret, `{ env: NAME }` and `{ file: PATH }` name
    /// one.
    pub(super) fn setting(
        &mut self,
        key: &str,
        field: &Field<RawSpec>,
        value: Value,
        may_be_secret: bool,
    ) -> Setting {
        if may_be_secret
            && let Some(RawSpec::Mapping(table)) = &field.value
            && let Some(reference) = secret_reference(table)
        {
            let secret = self.secret(&reference, &field.span);
            return secret.map_or(Setting::Plain(Value::Null), Setting::Secret);
        }
        match (&field.value, value) {
            (Some(RawSpec::Sequence(fields)), Value::Array(values)) => Setting::List(
                fields
                    .iter()
                    .zip(values)
                    .map(|(item, value)| self.setting(key, item, value, true))
                    .collect(),
            ),
            (Some(RawSpec::Mapping(table)), Value::Object(mut values)) => {
                let entries = table.entries.iter();
                let settings = entries.map(|entry| {
                    let value = values.remove(&entry.name).unwrap_or_default();
                    let setting = self.setting(&entry.name, &entry.value, value, true);
                    (entry.name.clone(), setting)
                });
                Setting::Mapping(settings.collect())
            }
            (_, value)
                if self.holds_a_secret(key, &field.span)
                    && (value.is_string() || names_a_secret(key)) =>
            {
                let text = match value {
                    Value::String(text) => text,
                    other => other.to_string(),
                };
                Setting::Secret(Secret::new(text, SecretOrigin::Interpolated))
            }
            (_, value) => Setting::Plain(value),
        }
    }
}

/// The secret that a mapping names: the one key `env`, or the one key `file`, with text.
pub(super) fn secret_reference(table: &Table<RawSpec>) -> Option<SecretReference> {
    let [entry] = table.entries.as_slice() else {
        return None;
    };
    let Some(RawSpec::Scalar(serde_yaml::Value::String(text))) = &entry.value.value else {
        return None;
    };
    let field = Field::from(Written {
        value: Some(text.clone()),
        span: entry.value.span.clone(),
        key_span: entry.name_span.clone(),
        failed: false,
    });
    let mut reference = SecretReference::default();
    match entry.name.as_str() {
        "env" => reference.env = field,
        "file" => reference.file = field,
        _ => return None,
    }
    Some(reference)
}
