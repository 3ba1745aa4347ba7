//! A project as a nest file: every variable filled in, every default written out, secrets hidden.
//!
//! Reading it again gives the same project, but for the secrets.

mod build;
mod container;
mod engine;
mod image;
mod mount;
mod network;
mod registry;
mod scope;
mod service;

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use crate::model::Project;
use crate::model::environment::{Data, DataPlace, Environment, Listen, Outer, Seed};
use crate::model::outer_engine::EngineChoice;
use crate::model::setting::Setting;
use crate::model::value::{Secret, SecretOrigin, TextValue};
use crate::model::written::build::build;
use crate::model::written::container::{container, duration};
use crate::model::written::engine::engine;
use crate::model::written::mount::mount;
use crate::model::written::scope::{dependencies, scope};
use crate::source::HIDDEN;

impl Project {
    /// The project as a nest file. Its keys are in a fixed order.
    pub fn written(&self) -> Value {
        let mut file = mapping([("name", json!(self.name))]);
        let engines = self.engines.iter();
        let engines = engines.map(|(name, made)| (name.to_string(), engine(&made.address)));
        add(&mut file, "engines", engines.collect::<Map<_, _>>());
        let registries = self.registries.iter();
        let registries = registries.map(|(name, registry)| (name.to_string(), registry.written()));
        add(&mut file, "registries", registries.collect::<Map<_, _>>());
        file.extend(scope(&self.scope));
        Value::Object(file)
    }
}

impl Environment {
    /// The environment as a nest file has it.
    pub fn written(&self) -> Value {
        let mut keys = mapping([("outer", outer(&self.outer))]);
        let inner = scope(&self.inner);
        add(&mut keys, "inner", inner);
        if let EngineChoice::Named(name) = &self.engine {
            keys.insert("engine".to_owned(), json!(name));
        }
        add(&mut keys, "volumes", list(&self.volumes, mount));
        add(
            &mut keys,
            "registries",
            list(&self.registries, |name| json!(name)),
        );
        add(&mut keys, "depends_on", dependencies(&self.depends_on));
        keys.insert("replicas".to_owned(), json!(self.replicas));
        keys.insert("protect".to_owned(), json!(self.protect));
        Value::Object(keys)
    }
}

fn outer(outer: &Outer) -> Value {
    let mut keys = mapping([("mode", json!(outer.mode.name))]);
    if outer.mode.own_engine().is_some() {
        let listen = match outer.listen {
            Listen::Socket => "socket",
            Listen::Tls => "tls",
            Listen::Tcp => "tcp",
        };
        keys.insert("listen".to_owned(), json!(listen));
        keys.insert("data".to_owned(), data(&outer.data));
        add(&mut keys, "daemon", settings(&outer.daemon));
    }
    if outer.socket != outer.mode.socket() {
        keys.insert("socket".to_owned(), text(&outer.socket));
    }
    if let Some(how) = &outer.build {
        keys.insert("build".to_owned(), build(how));
    }
    keys.extend(container(
        &outer.container,
        outer.mode.init,
        outer.mode.privileged,
    ));
    let ready = json!({ "timeout": duration(outer.ready_timeout) });
    keys.insert("ready".to_owned(), ready);
    Value::Object(keys)
}

fn data(data: &Data) -> Value {
    let mut keys = Map::new();
    match &data.place {
        DataPlace::Own => {}
        DataPlace::Volume(name) => {
            keys.insert("volume".to_owned(), json!(name));
        }
        DataPlace::Path(path) => {
            keys.insert("path".to_owned(), text(path));
        }
        DataPlace::Tmpfs => {
            keys.insert("tmpfs".to_owned(), json!(true));
        }
    }
    keys.insert("keep".to_owned(), json!(data.keep));
    let seed = match data.seed {
        Seed::None => Some("none"),
        Seed::Found => None,
        Seed::Copy => Some("copy"),
        Seed::Link => Some("link"),
    };
    if let Some(seed) = seed {
        keys.insert("seed".to_owned(), json!(seed));
    }
    Value::Object(keys)
}

/// Names with values.
fn values(values: &IndexMap<String, TextValue>) -> Map<String, Value> {
    let values = values.iter();
    values
        .map(|(name, value)| (name.clone(), text_value(value)))
        .collect()
}

/// A value, or where the secret comes from.
fn text_value(value: &TextValue) -> Value {
    match value {
        TextValue::Plain(plain) => text(plain),
        TextValue::Secret(hidden) => secret(hidden),
    }
}

/// Where a secret comes from, as far as the file names a place.
fn secret(secret: &Secret) -> Value {
    match secret.origin() {
        SecretOrigin::Interpolated => json!(HIDDEN),
        SecretOrigin::Variable(name) => json!({ "env": text(name) }),
        SecretOrigin::File(path) => json!({ "file": text(&path.display().to_string()) }),
    }
}

/// Text of which nothing is taken for a variable.
fn text(text: &str) -> Value {
    Value::String(text.replace('$', "$$"))
}

fn setting(value: &Setting) -> Value {
    match value {
        Setting::Plain(Value::String(plain)) => text(plain),
        Setting::Plain(plain) => plain.clone(),
        Setting::Secret(hidden) => secret(hidden),
        Setting::List(items) => items.iter().map(setting).collect(),
        Setting::Mapping(keys) => Value::Object(settings(keys)),
    }
}

fn settings(keys: &IndexMap<String, Setting>) -> Map<String, Value> {
    let keys = keys.iter();
    keys.map(|(key, value)| (key.clone(), setting(value)))
        .collect()
}

fn mapping<const N: usize>(keys: [(&str, Value); N]) -> Map<String, Value> {
    keys.map(|(key, value)| (key.to_owned(), value))
        .into_iter()
        .collect()
}

fn list<T>(items: &[T], item: impl Fn(&T) -> Value) -> Vec<Value> {
    items.iter().map(item).collect()
}

/// Adds a key, unless it would hold nothing.
fn add(keys: &mut Map<String, Value>, key: &str, value: impl Into<Value>) {
    let value = value.into();
    let is_empty = match &value {
        Value::Array(items) => items.is_empty(),
        Value::Object(keys) => keys.is_empty(),
        _ => false,
    };
    if !is_empty {
        keys.insert(key.to_owned(), value);
    }
}
