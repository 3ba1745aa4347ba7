//! Services of a Compose file that have no engine, and those of them that use another's.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use crate::model::converted::{CERTIFICATES, Conversion, ends, mode};

/// Folders of sockets: a volume that an engine has there leads others to it.
pub(super) const SOCKET_FOLDERS: [&str; 2] = ["/var/run", "/run"];
/// Variables by which a client is told how to reach its engine.
const VARIABLES: [&str; 4] = [
    "DOCKER_HOST",
    "DOCKER_TLS_VERIFY",
    "DOCKER_CERT_PATH",
    "DOCKER_TLS_CERTDIR",
];

/// The services that use the engine of another one, each with that one's name.
pub(super) fn clients(services: &Map<String, Value>) -> HashMap<&str, &str> {
    let with_engine =
        |service: &Value| mode(service).is_some_and(|mode| mode.own_engine().is_some());
    let engines: Vec<(&str, &Value)> = services
        .iter()
        .filter(|(_, service)| with_engine(service))
        .map(|(name, service)| (name.as_str(), service))
        .collect();
    let mut clients = HashMap::new();
    for (name, service) in services {
        if mode(service).is_some() {
            continue;
        }
        let by_host = || {
            let host = variable(service, "DOCKER_HOST")?;
            let (_, address) = host.split_once("tcp://")?;
            let named = address.split([':', '/']).next()?;
            engines.iter().find(|(engine, _)| *engine == named)
        };
        let by_socket = || {
            let mounted = mounts(service).map(ends).map(|(source, _)| source);
            let mounted: Vec<&str> = mounted.collect();
            engines.iter().find(|(_, engine)| {
                let mut shared = mounts(engine).map(ends);
                shared.any(|(source, target)| {
                    SOCKET_FOLDERS.contains(&target)
                        && !source.is_empty()
                        && mounted.contains(&source)
                })
            })
        };
        if let Some((engine, _)) = by_host().or_else(by_socket) {
            clients.insert(name.as_str(), *engine);
        }
    }
    clients
}

impl Conversion {
    /// A service without an engine. A client of one is told of it by `docker_host` alone.
    pub(super) fn service(&mut self, name: &str, service: &Value, engine: Option<&&str>) -> Value {
        let mut kept = Map::new();
        for (key, setting) in service.as_object().into_iter().flatten() {
            let path = format!("services.{name}.{key}");
            if !self.knows("Service", key) {
                self.leave_out(&path, "nest does not act on it");
                continue;
            }
            let setting = match (key.as_str(), engine) {
                ("environment", Some(_)) => without_connection(setting),
                ("volumes", Some(_)) => without_shared(setting),
                ("volumes", None) => self.mounts(setting, &path),
                _ => setting.clone(),
            };
            if setting != json!([]) && setting != json!({}) {
                kept.insert(key.clone(), setting);
            }
        }
        if let Some(engine) = engine {
            kept.insert("docker_host".to_owned(), json!(engine));
        }
        Value::Object(kept)
    }

    fn mounts(&mut self, setting: &Value, path: &str) -> Value {
        let items = setting.as_array().into_iter().flatten();
        let items = items.map(|mount| {
            let (_, target) = ends(mount);
            self.only(mount, "MountMapping", &format!("{path}[{target}]"))
        });
        items.collect()
    }
}

/// Variables without those that `docker_host` sets.
fn without_connection(variables: &Value) -> Value {
    let mut kept = variables.clone();
    match &mut kept {
        Value::Object(entries) => entries.retain(|name, _| !VARIABLES.contains(&name.as_str())),
        Value::Array(items) => items.retain(|item| {
            let text = item.as_str().unwrap_or_default();
            !VARIABLES.contains(&text.split('=').next().unwrap_or_default())
        }),
        _ => {}
    }
    kept
}

/// Mounts without the engine's certificates and the folder of its socket.
fn without_shared(mounts: &Value) -> Value {
    let mut kept = mounts.clone();
    if let Value::Array(items) = &mut kept {
        items.retain(|mount| {
            let (_, target) = ends(mount);
            !target.starts_with(CERTIFICATES) && !SOCKET_FOLDERS.contains(&target)
        });
    }
    kept
}

fn mounts(service: &Value) -> impl Iterator<Item = &Value> {
    service["volumes"].as_array().into_iter().flatten()
}

/// The value of an environment variable, in either form.
fn variable<'v>(service: &'v Value, name: &str) -> Option<&'v str> {
    match &service["environment"] {
        Value::Object(entries) => entries.get(name)?.as_str(),
        Value::Array(items) => items
            .iter()
            .filter_map(|item| item.as_str()?.split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value),
        _ => None,
    }
}
