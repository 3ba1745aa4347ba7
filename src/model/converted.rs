//! A Compose file as a nest file: its services that have a container engine become environments.
//!
//! What cannot be carried over is named, key by key, never dropped in silence.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::document::budget::Budget;
use crate::document::parse_document;
use crate::mode::{MODES, Mode};
use crate::model::merged::value;
use crate::problem::{InvalidDocument, Problem, sort_problems};
use crate::source::{SourceMap, SourceText};

/// Keys of a service that the container of an environment has too.
const CARRIED: [&str; 8] = [
    "image",
    "command",
    "environment",
    "ports",
    "hostname",
    "cpus",
    "mem_limit",
    "restart",
];
/// Keys of a volume that nest has too.
const VOLUME_KEYS: [&str; 5] = ["name", "external", "driver", "driver_opts", "labels"];
/// Keys of a mount that nest has too.
const MOUNT_KEYS: [&str; 5] = ["type", "source", "target", "read_only", "bind"];
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
            let mut conversion = Conversion::default();
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

#[derive(Default)]
struct Conversion {
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
        let names: Vec<&str> = services
            .iter()
            .filter(|(_, service)| mode(service).is_some())
            .map(|(name, _)| name.as_str())
            .collect();
        for (key, section) in compose.as_object().unwrap_or(&empty) {
            match key.as_str() {
                "name" => {
                    file.insert(key.clone(), section.clone());
                }
                "volumes" => {
                    let volumes = self.volumes(section);
                    file.insert(key.clone(), volumes);
                }
                // nest files have no version.
                "services" | "version" => {}
                _ if key.starts_with("x-") => {
                    file.insert(key.clone(), section.clone());
                }
                _ => self.leave_out(key, "not supported yet"),
            }
        }
        let mut environments = Map::new();
        for (name, service) in services {
            match mode(service) {
                Some(mode) => {
                    let environment = self.environment(name, service, mode, &names);
                    environments.insert(name.clone(), environment);
                }
                None => self.leave_out(
                    &format!("services.{name}"),
                    "it has no engine; services without one are not supported yet",
                ),
            }
        }
        file.insert("environments".to_owned(), Value::Object(environments));
        Value::Object(file)
    }

    fn volumes(&mut self, section: &Value) -> Value {
        let mut volumes = Map::new();
        for (name, volume) in section.as_object().into_iter().flatten() {
            let path = format!("volumes.{name}");
            volumes.insert(name.clone(), self.only(volume, &VOLUME_KEYS, &path));
        }
        Value::Object(volumes)
    }

    /// A mapping with those of its keys that nest has too.
    fn only(&mut self, value: &Value, keys: &[&str], path: &str) -> Value {
        let Some(entries) = value.as_object() else {
            return value.clone();
        };
        let mut kept = entries.clone();
        kept.retain(|key, _| keys.contains(&key.as_str()));
        for key in entries.keys().filter(|key| !kept.contains_key(*key)) {
            self.leave_out(&format!("{path}.{key}"), "not supported yet");
        }
        Value::Object(kept)
    }

    fn environment(&mut self, name: &str, service: &Value, mode: &Mode, names: &[&str]) -> Value {
        let mut outer = Map::from_iter([("mode".to_owned(), json!(mode.name))]);
        let certificates = mode.own_engine();
        let certificates = certificates.and_then(|engine| engine.certificates.as_ref());
        let mut environment = Map::new();
        for (key, setting) in service.as_object().into_iter().flatten() {
            let path = format!("services.{name}.{key}");
            match key.as_str() {
                "environment" if let Some(certificates) = certificates => {
                    let variable = certificates.folder_variable;
                    let variables = self.without_certificates(setting, variable, &path);
                    outer.insert(key.clone(), variables);
                }
                key if CARRIED.contains(&key) => {
                    outer.insert(key.to_owned(), setting.clone());
                }
                "volumes" => {
                    let mut mounts = Vec::new();
                    for mount in setting.as_array().into_iter().flatten() {
                        self.mount(mount, &path, mode, &mut outer, &mut mounts);
                    }
                    if !mounts.is_empty() {
                        environment.insert(key.clone(), Value::Array(mounts));
                    }
                }
                "depends_on" => {
                    let needed = self.dependencies(setting, &path, names);
                    if !needed.is_empty() {
                        environment.insert(key.clone(), json!(needed));
                    }
                }
                // nest gives the container what its mode needs.
                "privileged" if mode.privileged => {}
                "runtime" if mode.runtime.is_some() => {}
                key if key.starts_with("x-") => {}
                _ => self.leave_out(&path, "not supported yet"),
            }
        }
        // What it is comes first.
        let mut whole = Map::from_iter([("outer".to_owned(), Value::Object(outer))]);
        whole.extend(environment);
        Value::Object(whole)
    }

    /// Variables without the one that would move the engine's listener.
    fn without_certificates(&mut self, variables: &Value, variable: &str, path: &str) -> Value {
        let mut kept = variables.clone();
        let is_it = |item: &Value| {
            let text = item.as_str().unwrap_or_default();
            text.split('=').next() == Some(variable)
        };
        let found = match &mut kept {
            Value::Object(entries) => entries.shift_remove(variable).is_some(),
            Value::Array(items) => {
                let before = items.len();
                items.retain(|item| !is_it(item));
                items.len() < before
            }
            _ => false,
        };
        if found {
            self.leave_out(
                &format!("{path}.{variable}"),
                "nest chooses where the engine listens, without TCP and certificates",
            );
        }
        kept
    }

    fn mount(
        &mut self,
        mount: &Value,
        path: &str,
        mode: &Mode,
        outer: &mut Map<String, Value>,
        mounts: &mut Vec<Value>,
    ) {
        let (source, target) = ends(mount);
        if is_socket(mount) {
            // Mode `socket` mounts it.
            return;
        }
        let shown = format!("{path}[{target}]");
        let engine = mode.own_engine();
        if target.is_empty() || source.is_empty() && mount.is_string() {
            self.leave_out(&shown, "a volume without a name is not supported yet");
        } else if engine.is_some_and(|engine| target == engine.data_root) {
            outer.insert("data".to_owned(), json!(source));
        } else if engine.is_some_and(|engine| engine.certificates.is_some())
            && target.starts_with(CERTIFICATES)
        {
            self.leave_out(&shown, "the engine needs no certificates");
        } else {
            mounts.push(self.only(mount, &MOUNT_KEYS, &shown));
        }
    }

    /// The environments that must be ready first.
    fn dependencies(&mut self, setting: &Value, path: &str, names: &[&str]) -> Vec<String> {
        let needed: Vec<String> = match setting {
            Value::Object(entries) => entries.keys().cloned().collect(),
            Value::Array(items) => {
                let items = items.iter().filter_map(Value::as_str);
                items.map(str::to_owned).collect()
            }
            _ => Vec::new(),
        };
        let (kept, others): (Vec<String>, Vec<String>) = needed
            .into_iter()
            .partition(|name| names.contains(&name.as_str()));
        for name in others {
            self.leave_out(&format!("{path}.{name}"), "it is no environment");
        }
        kept
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
