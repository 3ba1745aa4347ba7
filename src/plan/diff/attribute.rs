//! Attributes: settings as flat lists of named values, so that two of them can be compared and shown.

mod build;
mod storage;
mod surroundings;

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::plan::change::{Action, FieldDiff};
use crate::plan::rule::{self, Effect, Subject};
use crate::resource::container::process::ProcessSettings;
use crate::resource::container::{
    ContainerMountSource, DaemonSettings, Endpoint, FixedSettings, LiveSettings, PortBinding,
    RestartPolicy,
};
use crate::resource::label::{self, Labels};
use crate::resource::secret::{SecretKey, hash_of, is_sensitive, sensitive};

pub(crate) use crate::plan::diff::attribute::build::build;
pub(crate) use crate::plan::diff::attribute::storage::{network, volume};
pub(crate) use crate::plan::diff::attribute::surroundings::access;

/// Attributes in the order in which they are shown. What is not declared is absent.
pub(crate) type Attributes = IndexMap<String, Value>;

/// How two lists of attributes differ.
#[derive(Debug, Default)]
pub(crate) struct Comparison {
    pub(crate) fields: Vec<FieldDiff>,
    pub(crate) unchanged: Attributes,
}

/// Compares the attributes of one sort of object.
pub(crate) fn compare(subject: Subject, before: &Attributes, after: &Attributes) -> Comparison {
    let mut comparison = differences(before, after);
    for field in &mut comparison.fields {
        field.forces_replacement = rule::effect(subject, field).action() == Action::Replace;
    }
    comparison
}

/// The most severe of what differences mean; none where nothing differs.
pub(crate) fn effect(subject: Subject, fields: &[FieldDiff]) -> Option<Effect> {
    fields
        .iter()
        .map(|field| rule::effect(subject, field))
        .max()
}

/// Compares attributes, whatever a difference means.
pub(crate) fn differences(before: &Attributes, after: &Attributes) -> Comparison {
    let removed = before.keys().filter(|name| !after.contains_key(*name));
    let mut comparison = Comparison::default();
    for name in after.keys().chain(removed) {
        let (before, after) = (before.get(name), after.get(name));
        if let (Some(before), true) = (before, before == after) {
            comparison.unchanged.insert(name.clone(), before.clone());
        } else {
            comparison.fields.push(FieldDiff {
                name: name.clone(),
                before: before.cloned(),
                after: after.cloned(),
                forces_replacement: false,
            });
        }
    }
    comparison
}

/// The attributes of what only a replacement changes. Of a secret they have a hash.
pub(crate) fn fixed(settings: &FixedSettings) -> Attributes {
    let mut attributes = Attributes::new();
    attributes.insert("image".to_owned(), json!(settings.image));
    let optional = [
        ("platform", &settings.platform),
        ("mode", &settings.mode),
        ("hostname", &settings.hostname),
        ("socket", &settings.socket),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            attributes.insert(name.to_owned(), json!(value));
        }
    }
    if !settings.command.is_empty() {
        attributes.insert("command".to_owned(), json!(settings.command));
    }
    let environment = texts("environment", &settings.environment, &settings.secrets);
    attributes.extend(environment);
    let mut ports: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for port in &settings.ports {
        ports
            .entry(&port.container)
            .or_default()
            .push(host_side(port));
    }
    for (port, mut places) in ports {
        places.sort();
        let places = match places.as_slice() {
            [only] => json!(only),
            several => json!(several),
        };
        attributes.insert(format!("port {port}"), places);
    }
    for mount in &settings.mounts {
        let source = match &mount.source {
            ContainerMountSource::Volume(name) => format!("volume {name}"),
            ContainerMountSource::Bind { path, .. } => format!("bind {path}"),
            ContainerMountSource::Tmpfs => "tmpfs".to_owned(),
            ContainerMountSource::Anonymous => "a volume without a name".to_owned(),
        };
        let mut words = mount.options.words();
        if mount.read_only {
            words.insert(0, "read-only".to_owned());
        }
        let source = match words.as_slice() {
            [] => source,
            words => format!("{source} ({})", words.join(", ")),
        };
        attributes.insert(format!("mount {}", mount.target), json!(source));
    }
    for (name, value) in [("init", settings.init), ("privileged", settings.privileged)] {
        if value {
            attributes.insert(name.to_owned(), json!(true));
        }
    }
    if let Some(seconds) = settings.stop_timeout {
        attributes.insert("stop_timeout".to_owned(), json!(seconds));
    }
    attributes.extend(texts("labels", &settings.labels, &settings.secret_labels));
    process(&mut attributes, &settings.process);
    surroundings::add(&mut attributes, settings);
    attributes
}

/// Adds how the processes of a container run.
fn process(attributes: &mut Attributes, settings: &ProcessSettings) {
    let mut add = |name: &str, value: Value| insert_declared(attributes, name, value);
    let files = settings.devices.iter();
    let devices: Vec<String> = files
        .map(|device| format!("{}:{}:{}", device.source, device.target, device.permissions))
        .chain(settings.named_devices.iter().cloned())
        .collect();
    add("runtime", json!(settings.runtime));
    add("user", json!(settings.user));
    add("group_add", json!(settings.groups));
    add("working_dir", json!(settings.working_dir));
    add("tty", json!(settings.tty));
    add("stdin_open", json!(settings.stdin_open));
    add("stop_signal", json!(settings.stop_signal));
    add("read_only", json!(settings.read_only));
    add("cap_add", json!(settings.cap_add));
    add("cap_drop", json!(settings.cap_drop));
    add("security_opt", json!(settings.security_opt));
    add("devices", json!(devices));
    add("device_cgroup_rules", json!(settings.device_cgroup_rules));
    for (name, value) in texts("sysctls", &settings.sysctls, &settings.secret_sysctls) {
        add(&name, value);
    }
    for (name, limit) in &settings.ulimits {
        let value = if limit.soft == limit.hard {
            json!(limit.soft)
        } else {
            json!(format!("{}:{}", limit.soft, limit.hard))
        };
        add(&format!("ulimits.{name}"), value);
    }
    add("shm_size", json!(settings.shm_size));
    for (target, options) in &settings.tmpfs {
        let options = if options.is_empty() {
            "memory"
        } else {
            options
        };
        add(&format!("tmpfs {target}"), json!(options));
    }
    add("extra_hosts", json!(settings.extra_hosts));
    add("dns", json!(settings.dns));
    add("dns_search", json!(settings.dns_search));
}

/// Adds an attribute unless its value is the empty one, which is not declared.
fn insert_declared(attributes: &mut Attributes, name: &str, value: Value) {
    let is_empty = match &value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    };
    if !is_empty {
        attributes.insert(name.to_owned(), value);
    }
}

fn host_side(port: &PortBinding) -> String {
    let host_port = port
        .host_port
        .as_ref()
        .map_or_else(|| "a free port".to_owned(), ToString::to_string);
    if port.host_ip.is_empty() {
        host_port
    } else {
        format!("{}:{host_port}", port.host_ip)
    }
}

/// The attributes of what changes in place, networks apart.
pub(crate) fn limits(settings: &LiveSettings) -> Attributes {
    let mut attributes = Attributes::new();
    if let Some(nano_cpus) = settings.nano_cpus {
        attributes.insert("cpus".to_owned(), json!(nano_cpus));
    }
    if let Some(memory) = settings.memory {
        attributes.insert("memory".to_owned(), json!(memory));
    }
    if let Some(pids) = settings.pids {
        attributes.insert("pids_limit".to_owned(), json!(pids));
    }
    attributes.insert("restart".to_owned(), json!(restart(&settings.restart)));
    attributes
}

/// The place of a container on a network: the names that it answers to, and what it is told besides.
pub(crate) fn network_place(aliases: &BTreeSet<String>, endpoint: Option<&Endpoint>) -> Value {
    let Some(endpoint) = endpoint else {
        return json!(aliases);
    };
    let mut parts: Vec<String> = aliases.iter().cloned().collect();
    let addresses = [&endpoint.ipv4, &endpoint.ipv6, &endpoint.mac];
    let addresses = addresses.into_iter().filter(|address| !address.is_empty());
    parts.extend(addresses.chain(&endpoint.link_local).cloned());
    if endpoint.gateway_priority != 0 {
        parts.push(format!("gateway priority {}", endpoint.gateway_priority));
    }
    let options = endpoint.driver_opts.iter();
    parts.extend(options.map(|(name, value)| format!("{name}={value}")));
    json!(parts)
}

/// Adds what engines do not report, and other attributes have: that the number of processes has no limit.
pub(crate) fn add_unlimited(attributes: &mut Attributes, others: &Attributes) {
    let pids = "pids_limit";
    if others.contains_key(pids) && !attributes.contains_key(pids) {
        attributes.insert(pids.to_owned(), json!(-1));
    }
}

/// Takes a share of processors for the one that was asked for where podman cannot tell them apart: it keeps thousandths of
/// a percent.
pub(crate) fn round_cpus(found: &mut Attributes, asked: &Attributes, is_podman: bool) {
    const PRECISION: u64 = 10_000;
    let (Some(own), Some(asked)) = (found.get_mut("cpus"), asked.get("cpus")) else {
        return;
    };
    let difference = own.as_u64().zip(asked.as_u64()).map(|(a, b)| a.abs_diff(b));
    if is_podman && difference.is_some_and(|difference| difference < PRECISION) {
        *own = asked.clone();
    }
}

/// A restart policy as Compose writes it.
fn restart(policy: &RestartPolicy) -> String {
    match (policy.name.as_str(), policy.retries) {
        ("", _) => "no".to_owned(),
        (name, 0) => name.to_owned(),
        (name, retries) => format!("{name}:{retries}"),
    }
}

/// The attributes of an inner engine's configuration file.
pub(crate) fn daemon(settings: &DaemonSettings) -> Attributes {
    settings
        .iter()
        .map(|(key, value)| (format!("daemon.{key}"), value.clone()))
        .collect()
}

/// Text by name. Of a secret there is a hash already.
fn texts<'t>(
    key: &'t str,
    values: &'t BTreeMap<String, String>,
    secrets: &'t BTreeSet<String>,
) -> impl Iterator<Item = (String, Value)> + 't {
    values.iter().map(move |(name, value)| {
        let value = if secrets.contains(name) {
            sensitive(value)
        } else {
            json!(value)
        };
        (format!("{key}.{name}"), value)
    })
}

/// Takes over the secrets of which it cannot be told whether they are the same: their key went with the record, but the
/// data that they are about is still there.
pub(crate) fn keep_untold(after: &mut Attributes, before: &Attributes, key: &SecretKey) {
    for (name, value) in after {
        if let Some(remembered) = before.get(name)
            && is_sensitive(value)
            && hash_of(remembered).is_some_and(|hash| !key.made(hash))
        {
            *value = remembered.clone();
        }
    }
}

/// Whether an object's label remembers these very settings.
pub(crate) fn is_remembered(labels: &Labels, settings: &impl Serialize) -> bool {
    let remembered = labels.get(label::SETTINGS);
    remembered.is_some_and(|text| serde_json::to_string(settings).is_ok_and(|it| it == *text))
}

/// The settings that an object's label remembers, or none where there is no readable label.
pub(crate) fn remembered<T: DeserializeOwned>(labels: &Labels) -> Option<T> {
    serde_json::from_str(labels.get(label::SETTINGS)?).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::plan::diff::attribute;
    use crate::plan::rule::{Subject, rule_of};
    use crate::resource::container::{FixedSettings, LiveSettings};
    use crate::resource::storage::NetworkSettings;

    fn settings<T: serde::de::DeserializeOwned>(json: Value) -> T {
        serde_json::from_value(json).expect("settings")
    }

    #[test]
    fn every_attribute_has_a_rule() {
        let surroundings = json!({
            "entrypoint": ["a"], "expose": ["80/tcp"], "network_mode": "host", "ipc": "host", "pid": "host",
            "cgroup": "host", "cgroup_parent": "/a", "host_users": true, "cpuset": "0",
            "cpu_shares": 1, "mem_reservation": 1, "memswap_limit": -1, "device_requests": [{"count": -1}],
            "healthcheck": {"test": ["NONE"]}, "logging": {"driver": "none", "options": {"a": "b"}},
            "files": {"/run/secrets/a": {"link": "/b"}},
        });
        let mut declared = json!({
            "image": "a", "platform": "linux/amd64", "mode": "dind", "socket": "/s", "command": ["a"], "environment": {"A": "1"},
            "hostname": "h", "ports": [{"container": "80/tcp"}],
            "mounts": [{"target": "/x", "volume": "v"}], "init": true, "privileged": true, "stop_timeout": 1,
            "labels": {"a": "b"}, "runtime": "runc", "user": "1", "groups": ["2"], "working_dir": "/", "tty": true,
            "stdin_open": true, "stop_signal": "SIGINT", "read_only": true, "cap_add": ["ALL"],
            "cap_drop": ["KILL"], "security_opt": ["label=disable"],
            "devices": [{"source": "/dev/a", "target": "/dev/a", "permissions": "r"}],
            "named_devices": ["a/b=c"], "device_cgroup_rules": ["a"], "sysctls": {"net.x": "1"},
            "ulimits": {"core": {"soft": 0, "hard": 1}}, "shm_size": 1, "tmpfs": {"/t": ""},
            "extra_hosts": ["a:::1"], "dns": ["1.1.1.1"], "dns_search": ["."],
        });
        let parts = (declared.as_object_mut(), surroundings.as_object());
        if let (Some(declared), Some(surroundings)) = parts {
            declared.extend(surroundings.clone());
        }
        let fixed: FixedSettings = settings(declared);
        let complete = serde_json::to_value(&fixed).expect("JSON");
        let left_out = ["secrets", "secret_labels", "secret_sysctls"];
        let fields = complete.as_object().expect("an object").len() + left_out.len();
        // The fields of both structs: one that is new belongs above, and into the table of rules.
        assert_eq!(fields, 15 + 22 + 15 + 1, "{complete:#}");
        let live: LiveSettings = settings(json!({
            "nano_cpus": 1, "memory": 1, "pids": 1, "restart": {"name": "no"}, "networks": {},
        }));
        let volume = json!({"driver": "local", "driver_opts": {"a": "b"}, "labels": {"a": "b"}});
        let network: NetworkSettings = settings(json!({
            "driver": "bridge", "driver_opts": {"a": "b"}, "labels": {"a": "b"}, "internal": true, "attachable": true,
            "without_ipv4": true, "ipv6": true, "ipam_driver": "a", "ipam_options": {"a": "b"},
            "pools": [{"subnet": "10.1.0.0/16"}],
        }));
        let all = [
            (Subject::Container, attribute::fixed(&fixed)),
            (Subject::Container, attribute::limits(&live)),
            (
                Subject::Container,
                attribute::daemon(&settings(json!({ "mtu": 1 }))),
            ),
            (
                Subject::DataVolume,
                attribute::volume(&settings(volume.clone())),
            ),
            (Subject::OtherVolume, attribute::volume(&settings(volume))),
            (Subject::Network, attribute::network(&network)),
        ];
        for (subject, attributes) in all {
            for name in attributes.keys() {
                assert!(rule_of(subject, name).is_some(), "no rule for `{name}`");
            }
        }
    }
}
