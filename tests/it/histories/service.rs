//! Services made by chance, and the network that they are on.

use proptest::option;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// A service.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Service {
    pub(crate) variable: Option<u8>,
    pub(crate) memory: Option<u8>,
    /// Whether it is started again when it ends.
    pub(crate) stays: bool,
    /// Whether it is a client of the environment of its place.
    pub(crate) client: bool,
    /// Whether it is in the network of that environment.
    pub(crate) pod: bool,
    /// Whether it is on the network `back`.
    pub(crate) back: bool,
    pub(crate) config: Option<u8>,
    /// Whether it waits for the environment of its place.
    pub(crate) waits: bool,
    pub(crate) replicas: u8,
}

/// The network `back`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Back {
    pub(crate) internal: bool,
    pub(crate) label: u8,
}

impl Service {
    /// The service as data, at a place where there are so many replicas of an environment, or none.
    pub(crate) fn value(&self, place: usize, engines: Option<u8>, has_back: bool) -> Value {
        let mut value = json!({ "image": "alpine:3.20", "command": ["sleep", "infinity"] });
        if let Some(variable) = self.variable {
            value["environment"] = json!({ "VARIABLE": variable.to_string() });
        }
        if let Some(memory) = self.memory {
            value["memory"] = json!(format!("{}g", memory + 1));
        }
        if self.stays {
            value["restart"] = json!("unless-stopped");
        }
        if let Some(config) = self.config {
            value["configs"] =
                json!([{ "source": format!("config{config}"), "target": "/etc/app" }]);
        }
        let environment = format!("env{place}");
        let is_one = engines == Some(1);
        let in_pod = self.pod && is_one;
        if self.client && is_one {
            value["docker_host"] = json!(environment);
        }
        if in_pod {
            value["network_mode"] = json!(format!("service:{environment}"));
        } else if self.back && has_back {
            value["networks"] = json!(["back"]);
        }
        if self.waits && engines.is_some() {
            let restart = json!({ "condition": "service_healthy", "restart": true });
            value["depends_on"] = json!({ environment: restart });
        }
        if self.replicas > 1 && !in_pod {
            value["replicas"] = json!(self.replicas);
        }
        value
    }
}

impl Back {
    /// The networks of a file.
    pub(crate) fn value(back: Option<Self>) -> Value {
        let back = back.map(|back| {
            json!({ "internal": back.internal, "labels": { "for": back.label.to_string() } })
        });
        let networks = back.into_iter().map(|back| ("back".to_owned(), back));
        Value::Object(networks.collect::<Map<_, _>>())
    }
}

/// Two configs, of which services take one.
pub(crate) fn configs() -> Value {
    json!({ "config0": { "content": "nought" }, "config1": { "content": "one" } })
}

pub(crate) fn service() -> impl Strategy<Value = Service> {
    let kept = (
        option::weighted(0.2, 0..2_u8),
        option::of(0..3_u8),
        any::<bool>(),
    );
    let wiring = (any::<bool>(), any::<bool>(), any::<bool>());
    let rest = (option::of(0..2_u8), any::<bool>(), 1..3_u8);
    (kept, wiring, rest).prop_map(
        |((variable, memory, stays), (client, pod, back), (config, waits, replicas))| Service {
            variable,
            memory,
            stays,
            client,
            pod,
            back,
            config,
            waits,
            replicas,
        },
    )
}

pub(crate) fn back() -> impl Strategy<Value = Back> {
    (any::<bool>(), 0..2_u8).prop_map(|(internal, label)| Back { internal, label })
}
