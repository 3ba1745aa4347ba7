//! The configuration of an environment's engine.

use serde_json::{Map, Number, Value};

use crate::model::validate::Validation;
use crate::model::validate::registries::{address_fault, without_credentials};
use crate::problem::{EngineProblem, RegistryProblem, ShapeProblem};
use crate::source::Span;
use crate::spec::decode::{Field, Table, TableEntry};
use crate::spec::outer::RawSpec;

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
    pub(super) fn daemon(&mut self, daemon: &Field<Table<RawSpec>>) -> Map<String, Value> {
        let mut keys = Map::new();
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
            keys.insert(key.to_owned(), json(&entry.value));
        }
        keys
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
        if found == *expected {
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
