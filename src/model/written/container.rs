//! What services and outer containers share.

use serde_json::{Map, Value, json};

use crate::model::container::{Container, Restart};
use crate::model::port::Port;
use crate::model::written::{add, list, mapping, text, values};

/// The keys of a container.
pub(super) fn container(container: &Container) -> Map<String, Value> {
    let mut keys = mapping([("image", text(container.image.as_str()))]);
    if let Some(command) = &container.command {
        let words = command.iter().map(|word| text(word)).collect();
        keys.insert("command".to_owned(), Value::Array(words));
    }
    add(&mut keys, "environment", values(&container.environment));
    add(&mut keys, "ports", list(&container.ports, port));
    if let Some(hostname) = &container.hostname {
        keys.insert("hostname".to_owned(), text(hostname));
    }
    if let Some(nano_cpus) = container.nano_cpus {
        keys.insert("cpus".to_owned(), cpus(nano_cpus));
    }
    if let Some(memory) = container.memory {
        keys.insert("memory".to_owned(), json!(memory.to_string()));
    }
    keys.insert("restart".to_owned(), restart(container.restart));
    keys
}

/// A number of processors without needless zeros.
fn cpus(nano_cpus: i64) -> Value {
    let whole = nano_cpus / 1_000_000_000;
    let rest = nano_cpus % 1_000_000_000;
    let cpus = format!("{whole}.{rest:09}");
    json!(cpus.trim_end_matches('0').trim_end_matches('.'))
}

fn restart(restart: Restart) -> Value {
    match restart {
        Restart::No => json!("no"),
        Restart::Always => json!("always"),
        Restart::UnlessStopped => json!("unless-stopped"),
        Restart::OnFailure(0) => json!("on-failure"),
        Restart::OnFailure(attempts) => json!(format!("on-failure:{attempts}")),
    }
}

fn port(port: &Port) -> Value {
    let mut keys = mapping([("target", json!(port.target))]);
    if let Some(published) = port.published {
        keys.insert("published".to_owned(), json!(published.to_string()));
    }
    if let Some(host_ip) = &port.host_ip {
        keys.insert("host_ip".to_owned(), json!(host_ip));
    }
    keys.insert("protocol".to_owned(), json!(port.protocol));
    Value::Object(keys)
}
