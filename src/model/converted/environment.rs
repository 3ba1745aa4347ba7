//! Services of a Compose file that have an engine.

use serde_json::{Map, Value, json};

use crate::mode::Mode;
use crate::model::converted::client::SOCKET_FOLDERS;
use crate::model::converted::{CERTIFICATES, Conversion, ends, is_socket, mode};

impl Conversion {
    /// A service with an engine as an environment.
    pub(super) fn environment(
        &mut self,
        name: &str,
        service: &Value,
        mode: &Mode,
        services: &Map<String, Value>,
    ) -> Value {
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
                    if variables != json!([]) && variables != json!({}) {
                        outer.insert(key.clone(), variables);
                    }
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
                    environment.insert(key.clone(), dependencies(setting, services));
                }
                // nest gives the container what its mode needs.
                "privileged" if mode.privileged => {}
                "runtime" if mode.runtime.is_some() => {}
                key if key.starts_with("x-") => {}
                key if self.knows("Environment", key) => {
                    environment.insert(key.to_owned(), setting.clone());
                }
                key if self.knows("OuterMapping", key) => {
                    outer.insert(key.to_owned(), setting.clone());
                }
                _ => self.leave_out(&path, "nest does not act on it"),
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
        } else if engine.is_some() && SOCKET_FOLDERS.contains(&target) {
            self.leave_out(&shown, "`docker_host` shares the engine's socket");
        } else if engine.is_some_and(|engine| target == engine.data_root) {
            outer.insert("data".to_owned(), json!(source));
        } else if engine.is_some_and(|engine| engine.certificates.is_some())
            && target.starts_with(CERTIFICATES)
        {
            self.leave_out(&shown, "the engine needs no certificates");
        } else {
            mounts.push(self.only(mount, "MountMapping", &shown));
        }
    }
}

/// What must be there first. Of an engine, being ready is what counts.
pub(super) fn dependencies(setting: &Value, services: &Map<String, Value>) -> Value {
    let has_engine = |name: &str| services.get(name).and_then(mode).is_some();
    let names: Vec<&str> = match setting {
        Value::Object(entries) => entries.keys().map(String::as_str).collect(),
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        _ => return setting.clone(),
    };
    if setting.is_array() || names.iter().all(|name| has_engine(name)) {
        return json!(names);
    }
    let dependency = |name: &str| {
        let mut dependency = setting[name].clone();
        if has_engine(name) && dependency["condition"] == "service_started" {
            dependency["condition"] = json!("service_healthy");
        }
        (name.to_owned(), dependency)
    };
    names.into_iter().map(dependency).collect()
}
