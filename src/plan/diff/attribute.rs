//! Attributes: settings as flat lists of named values, so that two of them can be compared and shown.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use serde_json::{Value, json};

use crate::plan::change::FieldDiff;
use crate::resource::container::{
    ContainerMountSource, DaemonSettings, FixedSettings, LiveSettings, PortBinding, RestartPolicy,
};
use crate::resource::secret::{SecretKey, hash_of, is_sensitive, sensitive};
use crate::resource::storage::{NetworkSettings, VolumeSettings};

/// Attributes in the order in which they are shown. What is not declared is absent.
pub(crate) type Attributes = IndexMap<String, Value>;

/// How two lists of attributes differ.
#[derive(Debug, Default)]
pub(crate) struct Comparison {
    pub(crate) fields: Vec<FieldDiff>,
    pub(crate) unchanged: Attributes,
}

/// Compares attributes; `forces_replacement` is what every difference among them means.
pub(crate) fn compare(
    before: &Attributes,
    after: &Attributes,
    forces_replacement: bool,
) -> Comparison {
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
                forces_replacement,
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
    for port in &settings.ports {
        attributes.insert(format!("port {}", port.container), json!(host_side(port)));
    }
    for mount in &settings.mounts {
        let source = match &mount.source {
            ContainerMountSource::Volume(name) => format!("volume {name}"),
            ContainerMountSource::Bind { path, .. } => format!("bind {path}"),
            ContainerMountSource::Tmpfs => "tmpfs".to_owned(),
        };
        let source = if mount.read_only {
            format!("{source} (read-only)")
        } else {
            source
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
    for (name, value) in &settings.labels {
        attributes.insert(format!("labels.{name}"), json!(value));
    }
    attributes
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
    attributes.insert("restart".to_owned(), json!(restart(&settings.restart)));
    attributes
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

/// The attributes of a volume.
pub(crate) fn volume(settings: &VolumeSettings) -> Attributes {
    let mut attributes = Attributes::new();
    attributes.insert("driver".to_owned(), json!(settings.driver));
    let options = texts("driver_opts", &settings.driver_opts, &settings.secret_opts);
    let labels = texts("labels", &settings.labels, &settings.secret_labels);
    attributes.extend(options.chain(labels));
    attributes
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

/// The attributes of a network.
pub(crate) fn network(settings: &NetworkSettings) -> Attributes {
    Attributes::from_iter([("driver".to_owned(), json!(settings.driver))])
}

/// The settings that an object's label remembers, or none where there is no readable label.
pub(crate) fn remembered<T: serde::de::DeserializeOwned>(
    labels: &crate::resource::label::Labels,
) -> Option<T> {
    serde_json::from_str(labels.get(crate::resource::label::SETTINGS)?).ok()
}
