//! The attributes of what a container shares, and of the files that it is given.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::plan::diff::attribute::{Attributes, insert_declared, texts};
use crate::resource::container::FixedSettings;
use crate::resource::container::file::{ContainerFile, FileContent};
use crate::resource::container::surroundings::HealthSettings;
use crate::resource::secret::sensitive;

/// Adds what a container shares, and its files. Of what a file says there is a hash.
pub(super) fn add(attributes: &mut Attributes, fixed: &FixedSettings) {
    let settings = &fixed.surroundings;
    let mut add = |name: &str, value: Value| insert_declared(attributes, name, value);
    match &settings.entrypoint {
        Some(words) if words.is_empty() => add("entrypoint", json!("none")),
        words => add("entrypoint", json!(words)),
    }
    add("expose", json!(settings.expose));
    add("network_mode", json!(settings.network_mode));
    add("ipc", json!(settings.ipc));
    add("pid", json!(settings.pid));
    add("cgroup", json!(settings.cgroup));
    add("cgroup_parent", json!(settings.cgroup_parent));
    if settings.host_users {
        add("userns_mode", json!("host"));
    }
    add("cpuset", json!(settings.cpuset));
    add("cpu_shares", json!(settings.cpu_shares));
    add("mem_reservation", json!(settings.mem_reservation));
    add("memswap_limit", json!(settings.memswap_limit));
    add("gpus", json!(settings.device_requests));
    if let Some(health) = &settings.healthcheck {
        add("healthcheck", json!(health_line(health)));
    }
    if let Some(logging) = &settings.logging {
        add("logging.driver", json!(logging.driver));
        for (name, value) in texts("logging.options", &logging.options, &logging.secrets) {
            add(&name, value);
        }
    }
    for (path, file) in &fixed.files {
        if let ContainerFile::Regular { uid, gid, mode, .. } = file {
            add(
                &format!("file {path} permissions"),
                json!(format!("{mode:04o}, {uid}:{gid}")),
            );
        }
        add(&format!("file {path}"), file_value(file));
    }
}

/// The attributes of what a container is given to use registries.
pub(crate) fn access(files: &BTreeMap<String, ContainerFile>) -> Attributes {
    let files = files.iter();
    files
        .map(|(path, file)| (format!("registry file {path}"), file_value(file)))
        .collect()
}

/// What stands for a file.
fn file_value(file: &ContainerFile) -> Value {
    match file {
        ContainerFile::Link(target) => json!(format!("link to {target}")),
        ContainerFile::Regular { content, .. } | ContainerFile::Private(content) => match content {
            FileContent::Hash(hash) => sensitive(hash),
            // What is compared has no content any more.
            FileContent::Bytes(_) => sensitive(""),
        },
    }
}

/// A health check on one line.
fn health_line(health: &HealthSettings) -> String {
    let time = |nanoseconds: i64| {
        let nanoseconds = u64::try_from(nanoseconds).unwrap_or_default();
        format!("{:?}", Duration::from_nanos(nanoseconds))
    };
    let times = [
        ("every", health.interval),
        ("timeout", health.timeout),
        ("start period", health.start_period),
        ("at first every", health.start_interval),
    ];
    let mut parts = vec![health.test.join(" ")];
    parts.retain(|part| !part.is_empty());
    for (name, value) in times {
        parts.extend(value.map(|value| format!("{name} {}", time(value))));
    }
    parts.extend(health.retries.map(|retries| format!("{retries} retries")));
    parts.join(", ")
}
