//! What services and outer containers share.

mod devices;
mod network;

use std::time::Duration;

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use crate::model::container::file::{Grant, Logging};
use crate::model::container::health::Healthcheck;
use crate::model::container::limit::Limits;
use crate::model::container::process::{Cgroup, Ipc, Pid};
use crate::model::container::{Container, PullPolicy, Restart};
use crate::model::port::Port;
use crate::model::written::container::devices::{device, device_request};
use crate::model::written::container::network::{extra_hosts, network};
use crate::model::written::{add, list, mapping, text, variables};

/// The keys of a container; `init` and `privileged` are how these are where the file does not say.
pub(super) fn container(container: &Container, init: bool, privileged: bool) -> Map<String, Value> {
    let mut keys = mapping([("image", text(container.image.as_str()))]);
    let namespaces = &container.namespaces;
    let security = &container.security;
    let names = &container.host_names;
    let texts = |texts: &[String]| list(texts, |item| text(item));
    let shown = |item: &dyn std::fmt::Display| text(&item.to_string());
    add_text(&mut keys, "platform", container.platform.as_deref());
    match container.pull_policy {
        PullPolicy::Missing => {}
        policy => add_text(&mut keys, "pull_policy", Some(&pull_policy(policy))),
    }
    for (key, words) in [
        ("entrypoint", &container.entrypoint),
        ("command", &container.command),
    ] {
        if let Some(words) = words {
            keys.insert(key.to_owned(), Value::Array(texts(words)));
        }
    }
    add_text(&mut keys, "working_dir", container.working_dir.as_deref());
    let user = container.user.as_ref().map(ToString::to_string);
    add_text(&mut keys, "user", user.as_deref());
    add(&mut keys, "group_add", texts(&container.groups));
    let environment = variables(&container.environment, |name| {
        container.secrets.contains(name)
    });
    add(&mut keys, "environment", environment);
    add(&mut keys, "labels", variables(&container.labels, |_| false));
    add(&mut keys, "ports", list(&container.ports, port));
    add(
        &mut keys,
        "expose",
        list(&container.expose, |ports| shown(ports)),
    );
    add_text(&mut keys, "hostname", container.hostname.as_deref());
    add_text(
        &mut keys,
        "container_name",
        container.container_name.as_deref(),
    );
    network(&mut keys, &container.network);
    add(&mut keys, "extra_hosts", extra_hosts(&names.extra_hosts));
    add(&mut keys, "dns", list(&names.dns, |server| shown(server)));
    add(&mut keys, "dns_search", texts(&names.dns_search));
    limits(&mut keys, &container.limits, container);
    add_flag(&mut keys, "privileged", security.privileged, privileged);
    let set = |set: &std::collections::BTreeSet<String>| {
        set.iter().map(|name| json!(name)).collect::<Vec<_>>()
    };
    add(&mut keys, "cap_add", set(&security.cap_add));
    add(&mut keys, "cap_drop", set(&security.cap_drop));
    add(&mut keys, "security_opt", texts(&security.options));
    add_flag(&mut keys, "read_only", security.read_only, false);
    add_text(
        &mut keys,
        "userns_mode",
        security.host_users.then_some("host"),
    );
    let ipc = namespaces.ipc.as_ref().map(|ipc| match ipc {
        Ipc::None => "none".to_owned(),
        Ipc::Private => "private".to_owned(),
        Ipc::Shareable => "shareable".to_owned(),
        Ipc::Host => "host".to_owned(),
        Ipc::Of(neighbour) => format!("service:{neighbour}"),
    });
    add_text(&mut keys, "ipc", ipc.as_deref());
    let pid = match &namespaces.pid {
        Pid::Private => None,
        Pid::Host => Some("host".to_owned()),
        Pid::Of(neighbour) => Some(format!("service:{neighbour}")),
    };
    add_text(&mut keys, "pid", pid.as_deref());
    let cgroup = namespaces.cgroup.map(|cgroup| match cgroup {
        Cgroup::Host => "host",
        Cgroup::Private => "private",
    });
    add_text(&mut keys, "cgroup", cgroup);
    add_text(
        &mut keys,
        "cgroup_parent",
        namespaces.cgroup_parent.as_deref(),
    );
    add(
        &mut keys,
        "devices",
        list(&container.devices.mapped, device),
    );
    add(
        &mut keys,
        "device_cgroup_rules",
        texts(&container.devices.rules),
    );
    add(
        &mut keys,
        "gpus",
        list(&container.devices.requests, device_request),
    );
    add(
        &mut keys,
        "sysctls",
        variables(&container.sysctls, |_| false),
    );
    add(
        &mut keys,
        "tmpfs",
        list(&container.tmpfs, |tmpfs| shown(tmpfs)),
    );
    if let Some(check) = &container.healthcheck {
        keys.insert("healthcheck".to_owned(), healthcheck(check));
    }
    if let Some(chosen) = &container.logging {
        keys.insert("logging".to_owned(), logging(chosen));
    }
    add(
        &mut keys,
        "secrets",
        list(&container.secret_grants, |of| grant(of, of.source.as_str())),
    );
    add(
        &mut keys,
        "configs",
        list(&container.config_grants, |of| grant(of, of.source.as_str())),
    );
    add_text(&mut keys, "runtime", container.runtime.as_deref());
    add_flag(&mut keys, "init", container.init, init);
    add_flag(&mut keys, "tty", container.tty, false);
    add_flag(&mut keys, "stdin_open", container.stdin_open, false);
    keys.insert("restart".to_owned(), restart(container.restart));
    add_text(&mut keys, "stop_signal", container.stop.signal.as_deref());
    if let Some(period) = container.stop.grace_period {
        keys.insert("stop_grace_period".to_owned(), duration(period));
    }
    keys
}

fn limits(keys: &mut Map<String, Value>, limits: &Limits, container: &Container) {
    let mut number = |key: &str, number: Option<i64>| {
        if let Some(number) = number {
            keys.insert(key.to_owned(), json!(number.to_string()));
        }
    };
    number("memory", limits.memory);
    number("mem_reservation", limits.memory_reservation);
    number(
        "memswap_limit",
        limits.memory_and_swap.map(|most| most.number()),
    );
    number("shm_size", limits.shm_size);
    number("pids_limit", limits.pids.map(|most| most.number()));
    number("cpu_shares", limits.cpu_shares);
    if let Some(nano_cpus) = limits.nano_cpus {
        keys.insert("cpus".to_owned(), cpus(nano_cpus));
    }
    add_text(keys, "cpuset", container.limits.cpuset.as_deref());
    if let Some(reserved) = limits.reserved_nano_cpus {
        let reservations = json!({ "reservations": { "cpus": cpus(reserved) } });
        keys.insert("deploy".to_owned(), json!({ "resources": reservations }));
    }
    let ulimits = limits.ulimits.iter();
    let ulimits = ulimits.map(|(name, limit)| {
        let (soft, hard) = (limit.soft.number(), limit.hard.number());
        (name.clone(), json!({ "soft": soft, "hard": hard }))
    });
    add(keys, "ulimits", ulimits.collect::<Map<_, _>>());
}

/// A number of processors without needless zeros.
fn cpus(nano_cpus: i64) -> Value {
    let whole = nano_cpus / 1_000_000_000;
    let rest = nano_cpus % 1_000_000_000;
    let cpus = format!("{whole}.{rest:09}");
    json!(cpus.trim_end_matches('0').trim_end_matches('.'))
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
    if let Some(published) = port.published {
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
    add(&mut keys, "test", list(test, |word| text(word)));
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
    add_text(&mut keys, "driver", logging.driver.as_deref());
    let options: &IndexMap<String, String> = &logging.options;
    add(&mut keys, "options", variables(options, |_| false));
    Value::Object(keys)
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

/// Adds a text, if there is one.
fn add_text(keys: &mut Map<String, Value>, key: &str, value: Option<&str>) {
    if let Some(value) = value {
        keys.insert(key.to_owned(), text(value));
    }
}

/// Adds a switch that is not as it is without the key.
fn add_flag(keys: &mut Map<String, Value>, key: &str, value: bool, default: bool) {
    if value != default {
        keys.insert(key.to_owned(), json!(value));
    }
}
