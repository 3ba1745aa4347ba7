//! Registries as a nest file has them.

use serde_json::{Map, Value, json};

use crate::model::registry::{Registry, RegistryKind};
use crate::model::written::{add, text, values};

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
        add(&mut keys, "environment", values(&self.environment));
        Value::Object(keys)
    }
}
