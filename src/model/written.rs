//! A project as a nest file: every variable filled in, every default written out, secrets hidden.
//!
//! Reading it again gives the same project, but for the secrets.

mod container;
mod mount;
mod network;
mod scope;

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use crate::model::Project;
use crate::model::environment::{Data, DataPlace, Environment, Listen, Outer, Seed};
use crate::model::image::{Image, ImageSource};
use crate::model::registry::{Registry, RegistryKind};
use crate::model::written::container::{container, duration};
use crate::model::written::mount::mount;
use crate::model::written::scope::{dependencies, scope};

/// What stands in place of a secret.
pub const HIDDEN: &str = "(sensitive value)";

impl Project {
    /// The project as a nest file. Its keys are in a fixed order.
    pub fn written(&self) -> Value {
        let mut file = mapping([("name", json!(self.name))]);
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

impl Registry {
    /// The registry as a nest file has it.
    pub fn written(&self) -> Value {
        let mut keys = Map::new();
        if let RegistryKind::Mirror { host, upstream } = &self.kind {
            keys.insert("mirror".to_owned(), text(host));
            keys.insert("upstream".to_owned(), text(upstream));
        }
        keys.insert("image".to_owned(), text(self.image.as_str()));
        if let Some(port) = self.port {
            keys.insert("port".to_owned(), json!(port));
        }
        if let Some(volume) = &self.volume {
            keys.insert("volume".to_owned(), json!(volume));
        }
        let variables = variables(&self.environment, |name| self.secrets.contains(name));
        add(&mut keys, "environment", variables);
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
        add(&mut keys, "daemon", escaped_keys(&outer.daemon));
    }
    if outer.socket != outer.mode.socket() {
        keys.insert("socket".to_owned(), text(&outer.socket));
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
        Seed::Copy => None,
        Seed::Link => Some("link"),
    };
    if let Some(seed) = seed {
        keys.insert("seed".to_owned(), json!(seed));
    }
    Value::Object(keys)
}

fn image(image: &Image) -> Value {
    let source = match &image.source {
        ImageSource::Auto => json!("auto"),
        ImageSource::Outer => json!("outer"),
        ImageSource::Archive(path) => json!({ "archive": text(&path.display().to_string()) }),
    };
    let image = text(image.reference.as_str());
    Value::Object(mapping([("image", image), ("source", source)]))
}

fn variables(
    variables: &IndexMap<String, String>,
    is_secret: impl Fn(&str) -> bool,
) -> Map<String, Value> {
    let shown = |(name, value): (&String, &String)| {
        let value = if is_secret(name) {
            json!(HIDDEN)
        } else {
            text(value)
        };
        (name.clone(), value)
    };
    variables.iter().map(shown).collect()
}

/// Text of which nothing is taken for a variable.
fn text(text: &str) -> Value {
    Value::String(text.replace('$', "$$"))
}

fn escaped(value: &Value) -> Value {
    match value {
        Value::String(string) => text(string),
        Value::Array(items) => items.iter().map(escaped).collect(),
        Value::Object(keys) => Value::Object(escaped_keys(keys)),
        other => other.clone(),
    }
}

fn escaped_keys(keys: &Map<String, Value>) -> Map<String, Value> {
    let keys = keys.iter();
    keys.map(|(key, value)| (key.clone(), escaped(value)))
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
