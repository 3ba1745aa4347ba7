//! What services and outer containers share.

mod devices;
mod host;
mod limits;
pub(super) mod network;

use std::fmt::Display;
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::model::container::file::{Grant, Logging};
use crate::model::container::health::Healthcheck;
use crate::model::container::{Container, PullPolicy, Restart};
use crate::model::name::SecretName;
use crate::model::port::Port;
use crate::model::written::container::host::{namespaces, security};
use crate::model::written::container::limits::limits;
use crate::model::written::container::network::{host_names, network};
use crate::model::written::{add, list, mapping, text, values};

pub(super) use crate::model::written::container::limits::ulimits;

/// The keys of a container; `init` and `privileged` are how these are where the file does not say.
pub(super) fn container(container: &Container, init: bool, privileged: bool) -> Map<String, Value> {
    let mut keys = mapping([("image", text(container.image.as_str()))]);
    add_shown(&mut keys, "platform", container.platform.as_ref());
    if container.pull_policy != PullPolicy::Missing {
        let policy = pull_policy(container.pull_policy);
        keys.insert("pull_policy".to_owned(), json!(policy));
    }
    process(&mut keys, container);
    add(&mut keys, "environment", values(&container.environment));
    add(&mut keys, "labels", values(&container.labels));
    add(&mut keys, "ports", list(&container.ports, port));
    add(&mut keys, "expose", shown(&container.expose));
    add_shown(&mut keys, "hostname", container.hostname.as_ref());
    add_shown(
        &mut keys,
        "container_name",
        container.container_name.as_ref(),
    );
    network(&mut keys, &container.network);
    host_names(&mut keys, &container.host_names);
    limits(&mut keys, &container.limits);
    security(&mut keys, &container.security, privileged);
    namespaces(&mut keys, &container.namespaces);
    devices::devices(&mut keys, &container.devices);
    add(&mut keys, "sysctls", values(&container.sysctls));
    add(&mut keys, "tmpfs", shown(&container.tmpfs));
    if let Some(check) = &container.healthcheck {
        keys.insert("healthcheck".to_owned(), healthcheck(check));
    }
    if let Some(chosen) = &container.logging {
        keys.insert("logging".to_owned(), logging(chosen));
    }
    add(
        &mut keys,
        "secrets",
        list(&container.secret_grants, secret_grant),
    );
    let configs = list(&container.config_grants, |of| grant(of, of.source.as_str()));
    add(&mut keys, "configs", configs);
    add_shown(&mut keys, "runtime", container.runtime.as_ref());
    add_flag(&mut keys, "init", container.init, init);
    add_flag(&mut keys, "tty", container.tty, false);
    add_flag(&mut keys, "stdin_open", container.stdin_open, false);
    keys.insert("restart".to_owned(), restart(container.restart));
    add_shown(&mut keys, "stop_signal", container.stop.signal.as_ref());
    if let Some(period) = container.stop.grace_period {
        keys.insert("stop_grace_period".to_owned(), duration(period));
    }
    keys
}

/// What runs, and as whom.
fn process(keys: &mut Map<String, Value>, container: &Container) {
    for (key, words) in [
        ("entrypoint", &container.entrypoint),
        ("command", &container.command),
    ] {
        if let Some(words) = words {
            keys.insert(key.to_owned(), Value::Array(shown(words)));
        }
    }
    add_shown(keys, "working_dir", container.working_dir.as_ref());
    add_shown(keys, "user", container.user.as_ref());
    add(keys, "group_add", shown(&container.groups));
}

fn pull_policy(policy: PullPolicy) -> String {
    match policy {
        PullPolicy::Missing => "missing".to_owned(),
        PullPolicy::Always => "always".to_owned(),
        PullPolicy::Never => "never".to_owned(),
        PullPolicy::Build => "build".to_owned(),
        PullPolicy::Every(time) => format!("every_{}s", time.as_secs()),
    }
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
    if let Some(published) = &port.published {
        keys.insert("published".to_owned(), json!(published.to_string()));
    }
    if let Some(host_ip) = &port.host_ip {
        keys.insert("host_ip".to_owned(), json!(host_ip));
    }
    keys.insert("protocol".to_owned(), json!(port.protocol));
    Value::Object(keys)
}

fn healthcheck(healthcheck: &Healthcheck) -> Value {
    let Healthcheck::On(check) = healthcheck else {
        return json!({ "disable": true });
    };
    let mut keys = Map::new();
    let test = check.test.as_deref().unwrap_or_default();
    add(&mut keys, "test", shown(test));
    for (key, time) in [
        ("interval", check.interval),
        ("timeout", check.timeout),
        ("start_period", check.start_period),
        ("start_interval", check.start_interval),
    ] {
        if let Some(time) = time {
            keys.insert(key.to_owned(), duration(time));
        }
    }
    if let Some(retries) = check.retries {
        keys.insert("retries".to_owned(), json!(retries));
    }
    Value::Object(keys)
}

fn logging(logging: &Logging) -> Value {
    let mut keys = Map::new();
    add_shown(&mut keys, "driver", logging.driver.as_ref());
    add(&mut keys, "options", values(&logging.options));
    Value::Object(keys)
}

/// A secret in its long form.
pub(super) fn secret_grant(of: &Grant<SecretName>) -> Value {
    grant(of, of.source.as_str())
}

fn grant<Name>(grant: &Grant<Name>, source: &str) -> Value {
    let mut keys = mapping([("source", text(source)), ("target", text(&grant.target))]);
    for (key, owner) in [("uid", grant.uid), ("gid", grant.gid)] {
        if let Some(owner) = owner {
            keys.insert(key.to_owned(), json!(owner.to_string()));
        }
    }
    keys.insert("mode".to_owned(), json!(format!("{:04o}", grant.mode)));
    Value::Object(keys)
}

/// A time to the nanosecond.
pub(super) fn duration(duration: Duration) -> Value {
    match duration.subsec_nanos() {
        0 => json!(format!("{}s", duration.as_secs())),
        nanos => json!(format!("{}s{nanos}ns", duration.as_secs())),
    }
}

/// Each as people write it.
fn shown<'i, T: Display + 'i>(items: impl IntoIterator<Item = &'i T>) -> Vec<Value> {
    let items = items.into_iter();
    items.map(|item| text(&item.to_string())).collect()
}

/// Adds a value as people write it, if there is one.
fn add_shown<T: Display>(keys: &mut Map<String, Value>, key: &str, value: Option<T>) {
    if let Some(value) = value {
        keys.insert(key.to_owned(), text(&value.to_string()));
    }
}

/// Adds a switch that is not as it is without the key.
fn add_flag(keys: &mut Map<String, Value>, key: &str, value: bool, default: bool) {
    if value != default {
        keys.insert(key.to_owned(), json!(value));
    }
}
