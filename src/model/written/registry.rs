//! Registries as a nest file has them.

use serde_json::{Map, Value, json};

use crate::model::registry::{Login, Registry, RegistryContainer, RegistryKind, RegistryPort};
use crate::model::written::image::image;
use crate::model::written::{add, list, secret, text, values};

impl Registry {
    /// The registry as a nest file has it.
    pub fn written(&self) -> Value {
        let mut keys = Map::new();
        let mut add_text = |key: &str, value: &str| keys.insert(key.to_owned(), text(value));
        match &self.kind {
            RegistryKind::Mirror { host, upstream, .. } => {
                add_text("mirror", host);
                add_text("upstream", upstream);
            }
            RegistryKind::ExistingMirror { host, url } => {
                add_text("mirror", host);
                add_text("host", url);
            }
            RegistryKind::Existing { host } => {
                add_text("host", host);
            }
            RegistryKind::Local { .. } => {}
        }
        if let Some(container) = self.container() {
            keys.extend(written(container));
        }
        // What nest runs serves plain HTTP anyway.
        if self.insecure && self.container().is_none() {
            keys.insert("insecure".to_owned(), json!(true));
        }
        if let Some(path) = &self.ca {
            keys.insert("ca".to_owned(), text(&path.display().to_string()));
        }
        match &self.login {
            None => {}
            Some(Login::Docker) => {
                keys.insert("credentials".to_owned(), json!("docker"));
            }
            Some(Login::Password { username, password }) => {
                keys.insert("username".to_owned(), text(username));
                keys.insert("password".to_owned(), secret(password));
            }
        }
        add(&mut keys, "images", list(&self.images, image));
        Value::Object(keys)
    }
}

/// The keys of a registry's container.
fn written(container: &RegistryContainer) -> Map<String, Value> {
    let mut keys = Map::from_iter([("image".to_owned(), text(container.image.as_str()))]);
    if let RegistryPort::Fixed(port) = container.port {
        keys.insert("port".to_owned(), json!(port));
    }
    if let Some(volume) = &container.volume {
        keys.insert("volume".to_owned(), json!(volume));
    }
    add(&mut keys, "environment", values(&container.environment));
    let networks = list(&container.networks, |name| json!(name));
    add(&mut keys, "networks", networks);
    keys
}
