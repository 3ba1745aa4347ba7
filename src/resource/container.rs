//! Containers: what only a replacement changes, what changes in place, and all of it together.

pub mod file;
pub mod process;
pub mod surroundings;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::model::image::ImageReference;
use crate::model::mount::{Consistency, Propagation};
use crate::model::port::HostPorts;
use crate::resource::container::file::ContainerFile;
use crate::resource::container::process::ProcessSettings;
use crate::resource::container::surroundings::Surroundings;
use crate::resource::label::Labels;
use crate::resource::secret::SecretKey;

/// Settings of a container that only a replacement changes. Their canonical JSON is the container's `settings` label.
///
/// A field that holds its empty value is left out, so that a setting which an older nest did not know counts as not
/// declared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FixedSettings {
    /// The image as the file names it.
    pub image: ImageReference,
    /// The platform of the image, where the file gives one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// The mode of the environment whose outer container this is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// Path of the socket of the container's own engine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub socket: Option<String>,
    /// The command, or empty for the image's own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// Environment variables.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub environment: BTreeMap<String, String>,
    /// Names of environment variables whose values are secret: shown nowhere, and in the label only as a hash.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub secrets: BTreeSet<String>,
    /// The host name, where one is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hostname: Option<String>,
    /// Published ports.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<PortBinding>,
    /// What is mounted, ordered by target.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mounts: Vec<ContainerMount>,
    /// Whether the container runs under the engine's init.
    #[serde(skip_serializing_if = "is_false")]
    pub init: bool,
    /// Whether the container is privileged.
    #[serde(skip_serializing_if = "is_false")]
    pub privileged: bool,
    /// Seconds the container may take to stop, where it is not the engine's default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop_timeout: Option<u32>,
    /// The user's own labels.
    #[serde(skip_serializing_if = "Labels::is_empty")]
    pub labels: Labels,
    /// Names of the user's own labels whose values are secret.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub secret_labels: BTreeSet<String>,
    /// How its processes run.
    #[serde(flatten)]
    pub process: ProcessSettings,
    /// What it shares with other containers and with its host, and how the engine looks after it.
    #[serde(flatten)]
    pub surroundings: Surroundings,
    /// Files that it is given before it is started, by their absolute paths.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, ContainerFile>,
}

impl Default for FixedSettings {
    fn default() -> Self {
        Self {
            image: ImageReference::new(""),
            platform: None,
            mode: None,
            socket: None,
            command: Vec::new(),
            environment: BTreeMap::new(),
            secrets: BTreeSet::new(),
            hostname: None,
            ports: Vec::new(),
            mounts: Vec::new(),
            init: false,
            privileged: false,
            stop_timeout: None,
            labels: Labels::new(),
            secret_labels: BTreeSet::new(),
            process: ProcessSettings::default(),
            surroundings: Surroundings::default(),
            files: BTreeMap::new(),
        }
    }
}

impl FixedSettings {
    /// The settings as the label remembers them and as they are compared: a hash in place of each secret.
    #[must_use]
    pub fn without_secrets(&self, key: &SecretKey) -> Cow<'_, Self> {
        if !self.has_secrets() {
            return Cow::Borrowed(self);
        }
        let mut settings = self.clone();
        key.hide(&mut settings.environment, &self.secrets);
        key.hide(&mut settings.labels, &self.secret_labels);
        settings.process.hide_secrets(key);
        settings.surroundings.hide_secrets(key);
        for file in settings.files.values_mut() {
            *file = file.without_content(key);
        }
        Cow::Owned(settings)
    }

    /// Whether anything of it is a secret.
    pub fn has_secrets(&self) -> bool {
        let names = [
            &self.secrets,
            &self.secret_labels,
            &self.process.secret_sysctls,
        ];
        let mut names = names.into_iter().flatten();
        names.next().is_some() || !self.files.is_empty() || self.surroundings.has_secrets()
    }

    /// The real names of the volumes that it mounts.
    pub fn volumes(&self) -> impl Iterator<Item = &str> {
        self.mounts.iter().filter_map(|mount| match &mount.source {
            ContainerMountSource::Volume(name) => Some(name.as_str()),
            ContainerMountSource::Bind { .. }
            | ContainerMountSource::Tmpfs
            | ContainerMountSource::Anonymous => None,
        })
    }
}

#[allow(clippy::trivially_copy_pass_by_ref)] // the shape that serde asks for
fn is_false(value: &bool) -> bool {
    !value
}

/// A published port of a container.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PortBinding {
    /// The port in the container and its protocol, such as `80/tcp`.
    pub container: String,
    /// The address of the host that listens; empty for all.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub host_ip: String,
    /// The port of the host, or several of which the engine takes a free one; none for any free one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_port: Option<HostPorts>,
}

/// Something mounted in a container. Made as a mount, never as a bind string: a missing source is then an error.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ContainerMount {
    /// Absolute path in the container.
    pub target: String,
    /// What is mounted there.
    #[serde(flatten)]
    pub source: ContainerMountSource,
    /// Whether the container may not write to it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub read_only: bool,
    /// What is said of it besides.
    #[serde(flatten)]
    pub options: MountOptions,
}

/// What can be said of a mount besides. Each belongs to one or more kinds of sources.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct MountOptions {
    /// The folder of the volume that is mounted, where that is not the whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subpath: Option<String>,
    /// Whether a new volume stays empty, without what the image has there.
    #[serde(skip_serializing_if = "is_false")]
    pub nocopy: bool,
    /// Which mounts below a folder are seen on the other side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub propagation: Option<Propagation>,
    /// How many bytes memory holds at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<i64>,
    /// Who may do what in memory, as the bits of a file's mode.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<u32>,
    /// How soon writes are seen on the other side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consistency: Option<Consistency>,
}

impl MountOptions {
    /// The options as words, as the short form of Compose has some of them.
    pub fn words(&self) -> Vec<String> {
        let word = |value: Value| value.as_str().map(str::to_owned);
        let parts = [
            self.subpath
                .as_ref()
                .map(|folder| format!("folder {folder}")),
            self.nocopy.then(|| "nocopy".to_owned()),
            self.propagation.and_then(|it| word(json!(it))),
            self.size.map(|bytes| format!("{bytes} bytes")),
            self.mode.map(|mode| format!("mode {mode:04o}")),
            self.consistency.and_then(|it| word(json!(it))),
        ];
        parts.into_iter().flatten().collect()
    }
}

/// What a container's mount shows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ContainerMountSource {
    /// A volume of the engine, by its real name.
    Volume(String),
    /// A path of the engine's host.
    Bind {
        /// The path.
        path: String,
        /// Whether a missing folder is created.
        #[serde(default, skip_serializing_if = "is_false")]
        create: bool,
    },
    /// Memory.
    Tmpfs,
    /// A volume without a name of its own, made for the container.
    Anonymous,
}

/// Settings of a container that change in place.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LiveSettings {
    /// Limit of processor time, in billionths of a processor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nano_cpus: Option<i64>,
    /// Limit of memory in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<i64>,
    /// Limit of processes; -1 for none, which is declared as well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pids: Option<i64>,
    /// When the engine restarts the container.
    pub restart: RestartPolicy,
    /// The networks that the container is on, by real name, with its aliases there.
    pub networks: BTreeMap<String, BTreeSet<String>>,
    /// By the same names, what it is told of its place on a network where that is more.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub endpoints: BTreeMap<String, Endpoint>,
}

/// The place of a container on a network, as far as the file says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Endpoint {
    /// Its IPv4 address; empty for a free one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub ipv4: String,
    /// Its IPv6 address; empty for a free one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub ipv6: String,
    /// Its link-local addresses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub link_local: Vec<String>,
    /// Its hardware address; empty for one of the engine's choice.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub mac: String,
    /// The network of the highest number is the one whose gateway it uses.
    #[serde(skip_serializing_if = "is_default")]
    pub gateway_priority: i32,
    /// Options of the network's driver.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub driver_opts: BTreeMap<String, String>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// When an engine restarts a container, in the words of its API.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestartPolicy {
    /// `no`, `always`, `unless-stopped` or `on-failure`.
    pub name: String,
    /// How often at most, for `on-failure`; 0 is without limit.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub retries: u32,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // the shape that serde asks for
fn is_zero(value: &u32) -> bool {
    *value == 0
}

/// The configuration file of an engine inside a container: sorted keys of `daemon.json`.
pub type DaemonSettings = BTreeMap<String, Value>;

/// Everything that creating a container needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ContainerSpec {
    /// The container's name.
    pub name: String,
    /// What only a replacement changes.
    pub fixed: FixedSettings,
    /// What changes in place.
    pub live: LiveSettings,
    /// nest's labels and the user's.
    pub labels: Labels,
    /// The socket of an engine whose group the container is to be in, as a client of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub socket: Option<SocketPlace>,
}

/// Where a socket is that another container shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SocketPlace {
    /// The name of that container, which runs.
    pub container: String,
    /// The path of the socket in it.
    pub path: String,
}

/// What is asked of an engine's program before the engine is given a new configuration file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DaemonCheck {
    /// The container.
    pub container: ContainerRef,
    /// A command that reads the file on its standard input.
    pub command: Vec<String>,
    /// What the file is to say.
    pub settings: DaemonSettings,
}

/// A container that exists: by its id, so that a namesake made since is never touched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContainerRef {
    /// The container's name.
    pub name: String,
    /// Its id, or none for one that an earlier step of the same plan makes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

impl ContainerRef {
    /// What to call it towards the engine.
    pub fn handle(&self) -> &str {
        self.id.as_deref().unwrap_or(&self.name)
    }
}
