//! How the processes of a container run: as whom, with which rights, and what they see of the host and of host names.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::resource::container::is_false;
use crate::resource::secret::SecretKey;

/// How the processes of a container run, in the words of the engine's API. A field that holds its empty value is not
/// declared, and left out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProcessSettings {
    /// The OCI runtime that runs it; empty for the engine's default.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub runtime: String,
    /// Who runs the command: `USER` or `USER:GROUP`, by name or number; empty for what the image says.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub user: String,
    /// More groups that the user is in, by name or number.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// The folder that the command starts in; empty for what the image says.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub working_dir: String,
    /// Whether the container has a terminal.
    #[serde(skip_serializing_if = "is_false")]
    pub tty: bool,
    /// Whether its standard input stays open.
    #[serde(skip_serializing_if = "is_false")]
    pub stdin_open: bool,
    /// The signal that stops it; empty for what the image says.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub stop_signal: String,
    /// Whether it may not write to its own file system.
    #[serde(skip_serializing_if = "is_false")]
    pub read_only: bool,
    /// Capabilities besides the engine's defaults.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub cap_add: BTreeSet<String>,
    /// Capabilities that are taken from it.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub cap_drop: BTreeSet<String>,
    /// Profiles and options, each `NAME=VALUE`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub security_opt: Vec<String>,
    /// Device files of the host.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub devices: Vec<DeviceFile>,
    /// Devices by their names in the container device interface.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub named_devices: Vec<String>,
    /// Rules for the use of devices.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub device_cgroup_rules: Vec<String>,
    /// Kernel settings of its namespaces, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub sysctls: BTreeMap<String, String>,
    /// Names of kernel settings whose values are secret: shown nowhere, and in the label only as a hash.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub secret_sysctls: BTreeSet<String>,
    /// Limits of its processes, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub ulimits: BTreeMap<String, ProcessLimit>,
    /// The size of `/dev/shm` in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shm_size: Option<i64>,
    /// Memory that is mounted in it: the options of each mount, by its path.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tmpfs: BTreeMap<String, String>,
    /// Host names with their addresses, each `NAME:ADDRESS`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub extra_hosts: Vec<String>,
    /// Name servers, in the order in which they are asked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dns: Vec<String>,
    /// Domains in which short names are looked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dns_search: Vec<String>,
}

/// A device file of the host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceFile {
    /// Its path on the host.
    pub source: String,
    /// Its path in the container.
    pub target: String,
    /// What the container may do with it: some of `rwm`.
    pub permissions: String,
}

/// A limit of processes; -1 is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessLimit {
    /// The limit that holds.
    pub soft: i64,
    /// The limit that processes may raise it to.
    pub hard: i64,
}

impl ProcessSettings {
    /// Puts hashes in the place of secrets.
    pub(super) fn hide_secrets(&mut self, key: &SecretKey) {
        key.hide(&mut self.sysctls, &self.secret_sysctls);
    }
}
