//! A Compose file as a nest file: its services that have a container engine become environments, and those that use one of
//! these find it by `docker_host`.
//!
//! What cannot be carried over is named, key by key, never dropped in silence.

mod client;
mod environment;

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::document::budget::Budget;
use crate::document::parse_document;
use crate::mode::{MODES, Mode};
use crate::model::converted::client::clients;
use crate::model::merged::value;
use crate::problem::{InvalidDocument, Problem, sort_problems};
use crate::source::{SourceMap, SourceText};
use crate::spec::schema;

/// The sections of a Compose file that nest has too, each with what the schema calls one of their things.
const SECTIONS: [(&str, &str); 4] = [
    ("volumes", "Volume"),
    ("networks", "Network"),
    ("secrets", "Secret"),
    ("configs", "Config"),
];
/// Where the official images keep their certificates.
const CERTIFICATES: &str = "/certs";

/// A Compose file as a nest file.
#[derive(Debug)]
pub struct Converted {
    /// The nest file. Variables are as the Compose file writes them.
    pub file: Value,
    /// What was not carried over: its path in the Compose file, and why.
    pub left_out: Vec<String>,
}

/// Converts the text of a Compose file; `path` is shown where the text is wrong.
pub fn from_compose(path: PathBuf, text: &str) -> Result<Converted, InvalidDocument> {
    let mut sources = SourceMap::default();
    let base = sources.add(SourceText {
        path,
        folder: PathBuf::new(),
        text: Arc::from(text),
    });
    let mut problems = Vec::new();
    let (mut budget, mut aliases) = (Budget::default(), Vec::new());
    let root = parse_document(text, base, None, &mut budget, &mut aliases, &mut problems);
    match root {
        Some(root) if problems.iter().all(Problem::is_warning) => {
            let mut conversion = Conversion {
                schema: schema(),
                left_out: Vec::new(),
            };
            let file = conversion.file(&value(&root));
            Ok(Converted {
                file,
                left_out: conversion.left_out,
            })
        }
        _ => {
            sort_problems(&mut problems);
            Err(InvalidDocument { sources, problems })
        }
    }
}

struct Conversion {
    /// What says which keys nest has.
    schema: Value,
    left_out: Vec<String>,
}

impl Conversion {
    fn leave_out(&mut self, path: &str, reason: &str) {
        self.left_out.push(format!("`{path}`: {reason}"));
    }

    fn file(&mut self, compose: &Value) -> Value {
        let mut file = Map::new();
        let empty = Map::new();
        let services = compose["services"].as_object().unwrap_or(&empty);
        for (key, section) in compose.as_object().unwrap_or(&empty) {
            match key.as_str() {
                "name" => {
                    file.insert(key.clone(), section.clone());
                }
                // nest files have no version.
                "services" | "version" => {}
                _ if key.starts_with("x-") => {
                    file.insert(key.clone(), section.clone());
                }
                _ => match SECTIONS.iter().find(|(name, _)| name == key) {
                    Some((_, kind)) => {
                        let section = self.section(key, section, kind);
                        file.insert(key.clone(), section);
                    }
                    None => self.leave_out(key, "nest files have nothing like it"),
                },
            }
        }
        let clients = clients(services);
        let mut environments = Map::new();
        let mut others = Map::new();
        for (name, service) in services {
            if let Some(mode) = mode(service) {
                let environment = self.environment(name, service, mode, services);
                environments.insert(name.clone(), environment);
            } else {
                let client = clients.get(name.as_str());
                others.insert(name.clone(), self.service(name, service, client));
            }
        }
        let left: Vec<Value> = environments
            .values()
            .chain(others.values())
            .cloned()
            .collect();
        self.drop_volumes(&mut file, services, &left);
        file.insert("environments".to_owned(), Value::Object(environments));
        if !others.is_empty() {
            file.insert("services".to_owned(), Value::Object(others));
        }
        Value::Object(file)
    }

    /// Leaves out the volumes that services mounted and nothing does any more.
    fn drop_volumes(
        &mut self,
        file: &mut Map<String, Value>,
        services: &Map<String, Value>,
        left: &[Value],
    ) {
        let Some(Value::Object(volumes)) = file.get_mut("volumes") else {
            return;
        };
        let is_used = |thing: &Value, name: &str| {
            let mut mounts = thing["volumes"].as_array().into_iter().flatten();
            thing["outer"]["data"] == name || mounts.any(|mount| ends(mount).0 == name)
        };
        volumes.retain(|name, _| {
            let was_used = services.values().any(|service| is_used(service, name));
            let stays = !was_used || left.iter().any(|thing| is_used(thing, name));
            if !stays {
                self.leave_out(&format!("volumes.{name}"), "nothing uses it any more");
            }
            stays
        });
        if volumes.is_empty() {
            file.shift_remove("volumes");
        }
    }

    /// Things by name, each with those of its keys that nest has too.
    fn section(&mut self, key: &str, section: &Value, kind: &str) -> Value {
        let mut things = Map::new();
        for (name, thing) in section.as_object().into_iter().flatten() {
            let path = format!("{key}.{name}");
            things.insert(name.clone(), self.only(thing, kind, &path));
        }
        Value::Object(things)
    }

    /// Whether nest has a key in what the schema calls `kind`.
    fn knows(&self, kind: &str, key: &str) -> bool {
        key.starts_with("x-") || self.schema["$defs"][kind]["properties"].get(key).is_some()
    }

    /// A mapping with those of its keys that nest has too.
    fn only(&mut self, value: &Value, kind: &str, path: &str) -> Value {
        let Some(entries) = value.as_object() else {
            return value.clone();
        };
        let mut kept = Map::new();
        for (key, setting) in entries {
            if self.knows(kind, key) {
                kept.insert(key.clone(), setting.clone());
            } else {
                self.leave_out(&format!("{path}.{key}"), "nest does not act on it");
            }
        }
        Value::Object(kept)
    }
}

/// How a service gets an engine, if it does.
fn mode(service: &Value) -> Option<&'static Mode> {
    let image = service["image"].as_str().unwrap_or_default();
    let mut mounts = service["volumes"].as_array().into_iter().flatten();
    let by_runtime = service["runtime"].as_str().and_then(Mode::of_runtime);
    let by_image = || {
        let modes = MODES.iter().copied();
        let with_engine =
            modes.filter(|mode| mode.own_engine().is_some() && mode.runtime.is_none());
        with_engine
            .filter(|mode| image.contains(mark(mode)))
            .max_by_key(|mode| mark(mode).len())
    };
    let by_socket = || {
        let mut modes = MODES.iter().copied();
        let shared = modes.find(|mode| mode.own_engine().is_none());
        shared.filter(|_| mounts.any(is_socket))
    };
    by_runtime.or_else(by_image).or_else(by_socket)
}

/// What tells a mode's image from others: its tag, or else all of its name.
fn mark(mode: &Mode) -> &'static str {
    mode.image
        .split_once(':')
        .map_or(mode.image, |(_, tag)| tag)
}

fn is_socket(mount: &Value) -> bool {
    let (source, _) = ends(mount);
    source.ends_with("/docker.sock")
}

/// The source and the target of a mount, in either form; empty where it has none.
fn ends(mount: &Value) -> (&str, &str) {
    let Some(text) = mount.as_str() else {
        let part = |key: &str| mount[key].as_str().unwrap_or_default();
        return (part("source"), part("target"));
    };
    match text.split_once(':') {
        Some((source, rest)) => (source, rest.split(':').next().unwrap_or_default()),
        None => ("", text),
    }
}
