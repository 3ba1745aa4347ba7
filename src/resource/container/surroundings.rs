//! What a container shares with other containers and with its host, and how the engine looks after it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::resource::container::is_false;
use crate::resource::secret::SecretKey;

/// What begins the name of a container whose namespace is shared.
const OF_CONTAINER: &str = "container:";

/// What a container shares, in the words of the engine's API. A field that holds its empty value is not declared, and
/// left out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Surroundings {
    /// What runs the command; nothing for what the image has, and an empty list for nothing at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entrypoint: Option<Vec<String>>,
    /// Ports that others are told of, such as `80/tcp`.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub expose: BTreeSet<String>,
    /// Whose network it uses where that is not its own: `bridge`, `none`, `host` or `container:NAME`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub network_mode: String,
    /// Whose shared memory it sees; empty for what the engine does by default.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub ipc: String,
    /// Whose processes it sees; empty for its own.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub pid: String,
    /// Whose control groups it sees; empty for what the engine does by default.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cgroup: String,
    /// The control group above its own.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cgroup_parent: String,
    /// Whether it stays in the host's user namespace.
    #[serde(skip_serializing_if = "is_false")]
    pub host_users: bool,
    /// The processors that it may run on.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cpuset: String,
    /// Its weight when processors are short.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_shares: Option<i64>,
    /// The memory in bytes that it is brought back to when memory is short.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mem_reservation: Option<i64>,
    /// Memory and swap together in bytes; -1 for no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memswap_limit: Option<i64>,
    /// Devices that a driver picks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub device_requests: Vec<DriverDevices>,
    /// How the engine finds out whether it is healthy; nothing for what the image says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub healthcheck: Option<HealthSettings>,
    /// Where its output goes; nothing for what the engine does by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logging: Option<LogSettings>,
}

/// Devices that a driver picks, such as graphics processors.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DriverDevices {
    /// The driver; empty for the one that has the capabilities.
    pub driver: String,
    /// How many; -1 for all, 0 where there are ids.
    pub count: i64,
    /// Which.
    pub ids: Vec<String>,
    /// What the driver must offer.
    pub capabilities: Vec<String>,
    /// Options of the driver.
    pub options: BTreeMap<String, String>,
}

/// How an engine finds out whether a container is healthy. Durations are in nanoseconds; what is left out is as the
/// image has it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HealthSettings {
    /// The command: `CMD` and words, `CMD-SHELL` and a line, or `NONE`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub test: Vec<String>,
    /// The time between two checks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<i64>,
    /// How long a check may take.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<i64>,
    /// After how many failures in a row it is unhealthy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retries: Option<i64>,
    /// The time after the start in which failures do not count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_period: Option<i64>,
    /// The time between two checks during `start_period`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_interval: Option<i64>,
}

/// Where the output of a container goes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LogSettings {
    /// The log driver; empty for the engine's default.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub driver: String,
    /// Options of the driver.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, String>,
    /// Names of options whose values are secret: shown nowhere, and in the label only as a hash.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub secrets: BTreeSet<String>,
}

impl Surroundings {
    /// The names of the containers whose namespaces it shares.
    pub fn neighbours(&self) -> impl Iterator<Item = &str> {
        let modes = [&self.network_mode, &self.ipc, &self.pid];
        modes
            .into_iter()
            .filter_map(|mode| mode.strip_prefix(OF_CONTAINER))
    }

    /// Whether anything of them is a secret.
    pub(super) fn has_secrets(&self) -> bool {
        let secrets = self.logging.as_ref().map(|logging| &logging.secrets);
        secrets.is_some_and(|secrets| !secrets.is_empty())
    }

    /// Puts hashes in the place of secrets.
    pub(super) fn hide_secrets(&mut self, key: &SecretKey) {
        if let Some(logging) = &mut self.logging {
            key.hide(&mut logging.options, &logging.secrets);
        }
    }
}
