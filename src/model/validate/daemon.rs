//! The configuration of an environment's engine.

use indexmap::IndexMap;
use serde_json::{Number, Value};

use crate::mode::Mode;
use crate::model::setting::Setting;
use crate::model::validate::Validation;
use crate::model::validate::registries::{address_fault, without_credentials};
use crate::model::validate::settings::secret_reference;
use crate::problem::{DaemonProblem, EngineProblem, RegistryProblem, ShapeProblem};
use crate::source::Span;
use crate::spec::daemon::{DAEMON_KEYS, DaemonKey, Takes};
use crate::spec::decode::{Field, Table};
use crate::spec::outer::RawSpec;

/// Keys that nest writes itself, and what to do instead.
const SET_BY_NEST: &[(&str, &str)] = &[
    (
        "hosts",
        "remove it: nest starts the engine with the sockets it needs; `listen` says how clients reach it",
    ),
    (
        "tls",
        "remove it: `listen` says how clients reach the engine",
    ),
    (
        "tlsverify",
        "remove it: `listen` says how clients reach the engine",
    ),
    (
        "tlscert",
        "remove it: `listen` says how clients reach the engine",
    ),
    (
        "tlskey",
        "remove it: `listen` says how clients reach the engine",
    ),
    (
        "tlscacert",
        "remove it: `listen` says how clients reach the engine",
    ),
    (
        "pidfile",
        "remove it: nothing in the environment needs another one",
    ),
];

/// Keys that would move the engine's data away from what is mounted for it.
const MOVING_DATA: [&str; 2] = ["data-root", "graph"];

/// What a single value is.
#[derive(Clone, Copy)]
enum Scalar {
    Flag,
    Number,
    Text,
    Size,
}

impl Validation<'_> {
    /// The keys of the engine's configuration file.
    pub(super) fn daemon(
        &mut self,
        daemon: &Field<Table<RawSpec>>,
        mode: Option<(&'static Mode, &Span)>,
    ) -> IndexMap<String, Setting> {
        let engine = mode.and_then(|(mode, _)| mode.own_engine());
        if let Some((mode, mode_at)) = mode
            && engine.is_some_and(|engine| engine.daemon_file.is_none())
            && let Some(at) = daemon.section()
        {
            self.report(DaemonProblem::NoDaemonFile {
                mode: mode.name.to_owned(),
                at,
                mode_at: mode_at.clone(),
            });
            return IndexMap::new();
        }
        let mut keys = IndexMap::new();
        for entry in daemon.entries() {
            let key = entry.name.as_str();
            let at = entry.name_span.clone();
            if let Some((_, hint)) = SET_BY_NEST.iter().find(|(own, _)| *own == key) {
                self.report(EngineProblem::SetByNest {
                    key: key.to_owned(),
                    hint: (*hint).to_owned(),
                    at,
                });
                continue;
            }
            if MOVING_DATA.contains(&key)
                && let Some(engine) = engine
            {
                self.report(DaemonProblem::DataRootMoved {
                    key: key.to_owned(),
                    data_root: engine.data_root.to_owned(),
                    at,
                });
                continue;
            }
            let value = json(&entry.value);
            let known = DaemonKey::named(key);
            let value = if let Some(known) = known {
                self.typed(known.takes, &entry.value, &entry.name, value)
            } else {
                self.check_spelling(key, at);
                value
            };
            if key == "registry-mirrors" {
                self.check_mirrors(&entry.value);
            }
            // `env` is an option of loggers too.
            let may_be_secret = !known.is_some_and(|known| known.takes.is_mapping());
            let value = self.setting(key, &entry.value, value, may_be_secret);
            keys.insert(key.to_owned(), value);
        }
        keys
    }

    /// Warns of a key that is a letter away from a known one.
    fn check_spelling(&mut self, key: &str, at: Span) {
        let near = DAEMON_KEYS.iter().map(|known| known.name);
        let near = near.chain(SET_BY_NEST.iter().map(|(own, _)| *own));
        if let Some(near) = near
            .filter(|known| known.len().abs_diff(key.len()) <= 1)
            .find(|known| strsim::osa_distance(known, key) == 1)
        {
            self.report(DaemonProblem::MisspeltKey {
                key: key.to_owned(),
                near: near.to_owned(),
                at,
            });
        }
    }

    /// The value of a known key, of the type that the key takes: what a variable becomes is read as that type.
    fn typed(&mut self, takes: Takes, field: &Field<RawSpec>, key: &str, value: Value) -> Value {
        let Some(spec) = &field.value else {
            return value;
        };
        match (takes, spec) {
            (Takes::Texts, RawSpec::Sequence(items)) => {
                let owner = format!("an item of `{key}`");
                let items = items.iter();
                return items
                    .map(|item| self.scalar(Scalar::Text, item, &owner))
                    .collect();
            }
            (Takes::Pools, RawSpec::Sequence(items)) => {
                for item in items {
                    let is_mapping = matches!(item.value, None | Some(RawSpec::Mapping(_)));
                    if !is_mapping {
                        let owner = format!("an item of `{key}`");
                        self.wrong_type(&owner, "a mapping", item);
                    }
                }
                return value;
            }
            (Takes::Switches | Takes::Options, RawSpec::Mapping(table)) => {
                let scalar = if takes == Takes::Switches {
                    Scalar::Flag
                } else {
                    Scalar::Text
                };
                let entries = table.entries.iter();
                let entries = entries.map(|entry| {
                    let owner = format!("`{}`", entry.name);
                    let value = self.scalar(scalar, &entry.value, &owner);
                    (entry.name.clone(), value)
                });
                return Value::Object(entries.collect());
            }
            (Takes::Named, RawSpec::Mapping(table)) => {
                for entry in &table.entries {
                    let is_mapping = matches!(entry.value.value, None | Some(RawSpec::Mapping(_)));
                    if !is_mapping {
                        self.wrong_type(&format!("`{}`", entry.name), "a mapping", &entry.value);
                    }
                }
                return value;
            }
            (Takes::Mapping, RawSpec::Mapping(_)) => return value,
            _ => {}
        }
        let owner = format!("`{key}`");
        match takes {
            Takes::Flag => return self.scalar(Scalar::Flag, field, &owner),
            Takes::Number => return self.scalar(Scalar::Number, field, &owner),
            Takes::Text => return self.scalar(Scalar::Text, field, &owner),
            Takes::Size => return self.scalar(Scalar::Size, field, &owner),
            Takes::Texts | Takes::Pools => self.wrong_type(&owner, "a list", field),
            Takes::Switches | Takes::Options | Takes::Named | Takes::Mapping => {
                self.wrong_type(&owner, "a mapping", field);
            }
        }
        value
    }

    /// A single value of this type.
    fn scalar(&mut self, takes: Scalar, field: &Field<RawSpec>, owner: &str) -> Value {
        let value = json(field);
        let written = self.input.sources.slice(&field.span).unwrap_or_default();
        let from_variable = written.contains('$');
        let made = match (takes, &value) {
            (_, Value::Null)
            | (Scalar::Flag, Value::Bool(_))
            | (Scalar::Number, Value::Number(_))
            | (Scalar::Text, Value::String(_))
            | (Scalar::Size, Value::String(_) | Value::Number(_)) => Some(value.clone()),
            (Scalar::Flag, Value::String(text)) if from_variable => {
                text.parse().ok().map(Value::Bool)
            }
            (Scalar::Number, Value::String(text)) if from_variable => {
                let number = text.parse::<i64>().ok();
                number.map(|number| Value::Number(number.into()))
            }
            (Scalar::Text, Value::Bool(_) | Value::Number(_)) if from_variable => {
                Some(Value::String(value.to_string()))
            }
            _ => None,
        };
        made.unwrap_or_else(|| {
            let expected = match takes {
                Scalar::Flag => "`true` or `false`",
                Scalar::Number => "a whole number",
                Scalar::Text => "text",
                Scalar::Size => "a size",
            };
            self.wrong_type(owner, expected, field);
            value
        })
    }

    fn wrong_type(&mut self, owner: &str, expected: &str, field: &Field<RawSpec>) {
        let found = match &field.value {
            None => return,
            Some(RawSpec::Mapping(table))
                if ["text", "a size"].contains(&expected) && secret_reference(table).is_some() =>
            {
                return;
            }
            Some(RawSpec::Sequence(_)) => "a list",
            Some(RawSpec::Mapping(_)) => "a mapping",
            Some(RawSpec::Scalar(serde_yaml::Value::Bool(_))) => "`true` or `false`",
            Some(RawSpec::Scalar(serde_yaml::Value::Number(_))) => "a number",
            Some(RawSpec::Scalar(_)) => "text",
        };
        self.report(ShapeProblem::WrongType {
            owner: owner.to_owned(),
            expected: expected.to_owned(),
            found: found.to_owned(),
            hint: match (expected, found) {
                ("text", "a number" | "`true` or `false`") => {
                    "put quotes around it: the engine would not start with it".to_owned()
                }
                _ => "the engine would not start with it".to_owned(),
            },
            at: place(field),
        });
    }

    fn check_mirrors(&mut self, mirrors: &Field<RawSpec>) {
        let Some(RawSpec::Sequence(items)) = &mirrors.value else {
            return;
        };
        for item in items {
            let Some(RawSpec::Scalar(serde_yaml::Value::String(text))) = &item.value else {
                continue;
            };
            if let Some(reason) = address_fault(text) {
                self.report(RegistryProblem::InvalidMirrorAddress {
                    text: without_credentials(text),
                    reason,
                    at: item.span.clone(),
                });
            }
        }
    }
}

fn place(field: &Field<RawSpec>) -> Span {
    match field.value {
        Some(RawSpec::Scalar(_)) => field.span.clone(),
        _ => field.key_span.clone(),
    }
}

fn json(field: &Field<RawSpec>) -> Value {
    match &field.value {
        None => Value::Null,
        Some(RawSpec::Sequence(items)) => items.iter().map(json).collect(),
        Some(RawSpec::Mapping(table)) => {
            let entries = table.entries.iter();
            Value::Object(
                entries
                    .map(|entry| (entry.name.clone(), json(&entry.value)))
                    .collect(),
            )
        }
        Some(RawSpec::Scalar(value)) => match value {
            serde_yaml::Value::Bool(flag) => Value::Bool(*flag),
            serde_yaml::Value::String(text) => Value::String(text.clone()),
            serde_yaml::Value::Number(number) => number
                .as_i64()
                .map(Number::from)
                .or_else(|| number.as_u64().map(Number::from))
                .or_else(|| number.as_f64().and_then(Number::from_f64))
                .map_or(Value::Null, Value::Number),
            _ => Value::Null,
        },
    }
}
