//! The configuration of an environment's engine.

use indexmap::IndexMap;
use serde_json::{Number, Value};

use crate::model::setting::Setting;
use crate::model::validate::Validation;
use crate::model::validate::registries::{address_fault, without_credentials};
use crate::model::validate::values::names_a_secret;
use crate::model::value::{Secret, SecretOrigin};
use crate::problem::{EngineProblem, RegistryProblem, ShapeProblem};
use crate::source::Span;
use crate::spec::decode::{Field, Table, TableEntry};
use crate::spec::outer::RawSpec;
use crate::spec::secret_reference::SecretReference;
use crate::spec::vocabulary::not_supported_yet;

/// Keys that nest writes itself, and what to do instead.
const SET_BY_NEST: &[(&str, &str)] = &[
    (
        "hosts",
        "remove it: nest starts the engine with the sockets it needs; `listen` says how clients reach it",
    ),
    (
        "data-root",
        "say `outer: { data: … }` instead, which says what is mounted there",
    ),
    (
        "graph",
        "say `outer: { data: … }` instead, which says what is mounted there",
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

/// What a known key takes.
#[derive(Clone, Copy, PartialEq)]
enum Type {
    Flag,
    Number,
    Text,
    List,
    Mapping,
}

/// Known keys and what they take; others are passed on as they are.
const TYPES: &[(&[&str], Type)] = &[
    (
        &[
            "debug",
            "experimental",
            "icc",
            "init",
            "ip-forward",
            "ip-masq",
            "iptables",
            "ip6tables",
            "ipv6",
            "live-restore",
            "no-new-privileges",
            "raw-logs",
            "selinux-enabled",
            "userland-proxy",
            "allow-nondistributable-artifacts-push",
        ],
        Type::Flag,
    ),
    (
        &[
            "max-concurrent-downloads",
            "max-concurrent-uploads",
            "max-download-attempts",
            "mtu",
            "shutdown-timeout",
            "default-network-mtu",
            "network-control-plane-mtu",
            "oom-score-adjust",
        ],
        Type::Number,
    ),
    (
        &[
            "bip",
            "bridge",
            "cgroup-parent",
            "containerd",
            "default-gateway",
            "default-ipc-mode",
            "default-runtime",
            "default-shm-size",
            "exec-root",
            "fixed-cidr",
            "group",
            "ip",
            "log-driver",
            "log-level",
            "log-format",
            "seccomp-profile",
            "storage-driver",
            "userns-remap",
        ],
        Type::Text,
    ),
    (
        &[
            "authorization-plugins",
            "default-address-pools",
            "dns",
            "dns-opts",
            "dns-search",
            "exec-opts",
            "insecure-registries",
            "labels",
            "registry-mirrors",
            "storage-opts",
            "cdi-spec-dirs",
        ],
        Type::List,
    ),
    (
        &[
            "builder",
            "default-network-opts",
            "default-ulimits",
            "features",
            "log-opts",
            "proxies",
            "runtimes",
        ],
        Type::Mapping,
    ),
];

impl Validation<'_> {
    /// The keys of the engine's configuration file.
    pub(super) fn daemon(&mut self, daemon: &Field<Table<RawSpec>>) -> IndexMap<String, Setting> {
        let mut keys = IndexMap::new();
        for entry in daemon.entries() {
            let key = entry.name.as_str();
            if let Some((_, hint)) = SET_BY_NEST.iter().find(|(own, _)| *own == key) {
                self.report(EngineProblem::SetByNest {
                    key: key.to_owned(),
                    hint: (*hint).to_owned(),
                    at: entry.name_span.clone(),
                });
                continue;
            }
            self.check_type(entry);
            if key == "registry-mirrors" {
                self.check_mirrors(&entry.value);
            }
            let value = self.setting(key, &entry.value, !takes_mapping(key));
            keys.insert(key.to_owned(), value);
        }
        keys
    }

    /// The value of a key; where it may be a secret, `{ env: NAME }` and `{ file: PATH }` name one.
    fn setting(&mut self, key: &str, field: &Field<RawSpec>, may_be_secret: bool) -> Setting {
        match &field.value {
            None => Setting::Plain(Value::Null),
            Some(RawSpec::Sequence(items)) => Setting::List(
                items
                    .iter()
                    .map(|item| self.setting(key, item, true))
                    .collect(),
            ),
            Some(RawSpec::Mapping(table)) => {
                if may_be_secret && let Some(reference) = secret_reference(table) {
                    let at = field.span.clone();
                    let secret = self.secret(&reference, &at);
                    self.report(not_supported_yet("a secret in `daemon`".to_owned(), at));
                    return secret.map_or(Setting::Plain(Value::Null), Setting::Secret);
                }
                let entries = table.entries.iter();
                Setting::Mapping(
                    entries
                        .map(|entry| {
                            let value = self.setting(&entry.name, &entry.value, true);
                            (entry.name.clone(), value)
                        })
                        .collect(),
                )
            }
            Some(RawSpec::Scalar(value)) => {
                if names_a_secret(key) && self.is_interpolated(&field.span) {
                    let text = plain_text(value);
                    return Setting::Secret(Secret::new(text, SecretOrigin::Interpolated));
                }
                Setting::Plain(json(value))
            }
        }
    }

    fn check_type(&mut self, entry: &TableEntry<RawSpec>) {
        let Some(value) = &entry.value.value else {
            return;
        };
        let takes = TYPES
            .iter()
            .find(|(keys, _)| keys.contains(&entry.name.as_str()));
        let Some((_, expected)) = takes else { return };
        let found = type_of(value);
        let is_secret =
            matches!(value, RawSpec::Mapping(table) if secret_reference(table).is_some());
        if found == *expected || is_secret {
            return;
        }
        self.report(ShapeProblem::WrongType {
            owner: format!("`{}`", entry.name),
            expected: words(*expected).to_owned(),
            found: words(found).to_owned(),
            hint: "the engine would not start with it".to_owned(),
            at: place(&entry.value),
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

fn type_of(value: &RawSpec) -> Type {
    match value {
        RawSpec::Sequence(_) => Type::List,
        RawSpec::Mapping(_) => Type::Mapping,
        RawSpec::Scalar(serde_yaml::Value::Bool(_)) => Type::Flag,
        RawSpec::Scalar(serde_yaml::Value::Number(_)) => Type::Number,
        RawSpec::Scalar(_) => Type::Text,
    }
}

fn words(kind: Type) -> &'static str {
    match kind {
        Type::Flag => "`true` or `false`",
        Type::Number => "a number",
        Type::Text => "text",
        Type::List => "a list",
        Type::Mapping => "a mapping",
    }
}

/// Whether a key takes a mapping, so that one that it holds names no secret: `env` is an option of loggers too.
fn takes_mapping(key: &str) -> bool {
    TYPES
        .iter()
        .any(|(keys, takes)| *takes == Type::Mapping && keys.contains(&key))
}

/// The secret that a mapping names: the one key `env`, or the one key `file`, with text.
fn secret_reference(table: &Table<RawSpec>) -> Option<SecretReference> {
    let [entry] = table.entries.as_slice() else {
        return None;
    };
    let Some(RawSpec::Scalar(serde_yaml::Value::String(text))) = &entry.value.value else {
        return None;
    };
    let field = Field {
        value: Some(text.clone()),
        span: entry.value.span.clone(),
        key_span: entry.name_span.clone(),
        failed: false,
    };
    let default = SecretReference::default();
    match entry.name.as_str() {
        "env" => Some(SecretReference {
            env: field,
            ..default
        }),
        "file" => Some(SecretReference {
            file: field,
            ..default
        }),
        _ => None,
    }
}

/// A value as text.
fn plain_text(value: &serde_yaml::Value) -> String {
    match json(value) {
        Value::String(text) => text,
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn json(value: &serde_yaml::Value) -> Value {
    match value {
        serde_yaml::Value::Bool(flag) => Value::Bool(*flag),
        serde_yaml::Value::String(text) => Value::String(text.clone()),
        serde_yaml::Value::Number(number) => number
            .as_i64()
            .map(Number::from)
            .or_else(|| number.as_u64().map(Number::from))
            .or_else(|| number.as_f64().and_then(Number::from_f64))
            .map_or(Value::Null, Value::Number),
        _ => Value::Null,
    }
}
