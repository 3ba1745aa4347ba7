//! What engines hold: a snapshot in types of our own, made by one observation.

pub mod happening;
pub mod holdings;
pub mod profile;

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::model::image::ImageReference;
use crate::model::name::{EngineName, ProjectName};
use crate::model::outer_engine::EngineAddress;
use crate::resource::Address;
use crate::resource::container::{DaemonSettings, LiveSettings};
use crate::resource::digest::Digest;
use crate::resource::engine_path::EnginePath;
use crate::resource::label::Labels;
use crate::resource::push::{LeftPush, PushPlace};
use crate::resource::seed::ObservedSeeds;

/// What an observation looks for on an engine and on those inside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Whose objects are read in full; of the others only the names are kept.
    pub project: ProjectName,
    /// Images to look up. Images that the engine's record names are looked up too.
    pub images: BTreeSet<ImageReference>,
    /// What some of them are to run on. Of an engine that has one for several platforms, that one is meant.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub platforms: BTreeMap<ImageReference, String>,
    /// Names in registries to look up.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub pushes: BTreeMap<Address, PushPlace>,
    /// Images of which the registry is asked what it has.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub published: BTreeSet<ImageReference>,
    /// What it looks for on the engine inside a container, by the container's name. On any other it looks for what the
    /// engine's record names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub inner: BTreeMap<String, Question>,
    /// What it looks for on the other outer engines of the project. Those that the record of the one that nest connects
    /// to names are looked at too.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub others: BTreeMap<EngineName, OtherQuestion>,
}

/// What an observation looks for on another outer engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherQuestion {
    /// How that is reached.
    pub address: EngineAddress,
    /// What is looked for there.
    pub question: Question,
}

impl Question {
    /// A question after what belongs to a project, and nothing else.
    pub fn about(project: &ProjectName) -> Self {
        Self {
            project: project.clone(),
            images: BTreeSet::new(),
            platforms: BTreeMap::new(),
            pushes: BTreeMap::new(),
            published: BTreeSet::new(),
            inner: BTreeMap::new(),
            others: BTreeMap::new(),
        }
    }

    /// What it looks for on the engine inside a container.
    #[must_use]
    pub fn inside(&self, container: &str) -> Self {
        let inside = self.inner.get(container).cloned();
        inside.unwrap_or_else(|| Self::about(&self.project))
    }
}

/// One engine and all engines inside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ObservedEngine {
    /// Which engine this is and what it can do; of an inner engine only its versions.
    pub identity: EngineIdentity,
    /// Every container that carries the project's label, by name.
    pub containers: BTreeMap<String, ObservedContainer>,
    /// Every volume that carries the project's label, by name, records included.
    pub volumes: BTreeMap<String, ObservedVolume>,
    /// Every network that carries the project's label, by name.
    pub networks: BTreeMap<String, ObservedNetwork>,
    /// The images asked for that the engine has.
    pub images: BTreeMap<ImageReference, ObservedImage>,
    /// The digests by which registries have the images asked for; none of one that they do not have. A registry that could
    /// not be asked is left out.
    #[serde(default)]
    pub pushed: BTreeMap<Address, Option<String>>,
    /// What the registry has under the names asked for, by the digest of a manifest. One that does not tell is left out.
    #[serde(default)]
    pub published: BTreeMap<ImageReference, String>,
    /// What killed pushes of the project left.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_pushes: Vec<LeftPush>,
    /// Names of containers without the project's label.
    pub foreign_containers: BTreeSet<String>,
    /// Names of volumes without the project's label.
    pub foreign_volumes: BTreeSet<String>,
    /// Names of networks without the project's label.
    pub foreign_networks: BTreeSet<String>,
    /// Volumes that running containers without the project's label mount, each with the name of one of them.
    pub foreign_volume_users: BTreeMap<String, String>,
    /// Networks that running containers without the project's label are on, each with the name of one of them.
    #[serde(default)]
    pub foreign_network_users: BTreeMap<String, String>,
    /// Ids of images that containers without the project's label were made from, each with the name of one of them.
    #[serde(default)]
    pub foreign_image_users: BTreeMap<String, String>,
    /// What it has that belongs to seeds.
    #[serde(default, skip_serializing_if = "ObservedSeeds::is_empty")]
    pub seeds: ObservedSeeds,
    /// How many containers run on the engine, whoever's.
    pub running_containers: u64,
    /// The other outer engines of the project, where this is the one that nest connects to.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub others: BTreeMap<EngineName, ObservedOther>,
}

/// Another outer engine of a project.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ObservedOther {
    /// It cannot be read, for this reason.
    Unread(String),
    /// It was read.
    Read(Box<ObservedEngine>),
}

impl ObservedEngine {
    /// The outer engines that were read: this one, and the others.
    pub fn outermost(&self) -> impl Iterator<Item = (EnginePath, &ObservedEngine)> {
        let others = self.others.iter().filter_map(|(name, other)| match other {
            ObservedOther::Read(engine) => Some((EnginePath::other(name), &**engine)),
            ObservedOther::Unread(_) => None,
        });
        std::iter::once((EnginePath::outer(), self)).chain(others)
    }

    /// The outer engines that were read, by what tells them apart. One that goes by two names is there once.
    pub fn told_apart(&self) -> BTreeMap<String, EnginePath> {
        let mut engines = BTreeMap::new();
        for (path, engine) in self.outermost() {
            let id = &engine.identity.id;
            let key = if id.is_empty() {
                path.as_text()
            } else {
                id.clone()
            };
            engines.entry(key).or_insert(path);
        }
        engines
    }

    /// The engine at a path from this one, where it was read.
    pub fn at(&self, path: &EnginePath) -> Option<&ObservedEngine> {
        let mut engine = match path.outermost() {
            None => self,
            Some(name) => match self.others.get(&name)? {
                ObservedOther::Read(engine) => engine,
                ObservedOther::Unread(_) => return None,
            },
        };
        for container in path.containers() {
            match &engine.containers.get(container)?.engine {
                ObservedInner::Awake(inner) => engine = inner,
                _ => return None,
            }
        }
        Some(engine)
    }

    /// One of the running containers on a network that `owns` does not say are the project's.
    pub(crate) fn stranger_on(
        &self,
        network: &str,
        owns: impl Fn(&Labels, &str) -> bool,
    ) -> Option<&String> {
        // Committed images hand their labels on to other people's containers.
        let labelled = self.containers.iter().find(|(name, container)| {
            matches!(
                container.state,
                ContainerState::Running | ContainerState::Paused
            ) && container.live.networks.contains_key(network)
                && !owns(&container.labels, name)
        });
        let labelled = labelled.map(|(name, _)| name);
        self.foreign_network_users.get(network).or(labelled)
    }
}

/// Which engine this is and what it can do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineIdentity {
    /// The engine's own id, as `/info` tells it.
    pub id: String,
    /// The host name that the engine tells.
    pub name: String,
    /// The engine's version, such as `28.5.2`.
    pub version: String,
    /// The newest API version that the engine speaks, such as `1.51`.
    pub api_version: String,
    /// Storage driver.
    pub driver: String,
    /// Operating system and architecture in image terms, such as `linux/amd64`.
    pub platform: String,
    /// Names of the OCI runtimes.
    pub runtimes: BTreeSet<String>,
    /// Whose make it is.
    #[serde(default)]
    pub make: EngineMake,
    /// How it keeps images.
    #[serde(default)]
    pub store: ImageStore,
    /// The version of control groups that it uses: `1` or `2`, or empty where it does not tell.
    #[serde(default)]
    pub cgroup_version: String,
    /// The network drivers that it has, where these are all that there are.
    #[serde(default)]
    pub network_drivers: BTreeSet<String>,
    /// The volume drivers that it has, where these are all that there are.
    #[serde(default)]
    pub volume_drivers: BTreeSet<String>,
    /// Path of its data root on its host, where it tells.
    #[serde(default)]
    pub data_root: String,
    /// Which devices it gives by their names.
    #[serde(default)]
    pub named_devices: NamedDevices,
}

/// Which devices an engine gives by their names in the container device interface.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NamedDevices {
    /// It does not tell.
    #[default]
    Untold,
    /// None.
    Off,
    /// Those that are found, which it does not tell.
    On,
    /// These.
    Known(BTreeSet<String>),
}

impl EngineIdentity {
    /// Whether something that it says hints at graphics processors, or it says nothing of what it has.
    pub fn may_have_graphics(&self) -> bool {
        let makers = ["nvidia", "amd"];
        let has_runtime = |maker: &str| self.runtimes.iter().any(|name| name.contains(maker));
        self.runtimes.is_empty()
            || makers.into_iter().any(has_runtime)
            || match &self.named_devices {
                NamedDevices::Untold | NamedDevices::On => true,
                NamedDevices::Off => false,
                NamedDevices::Known(devices) => devices.iter().any(|name| name.contains("/gpu=")),
            }
    }
}

/// Whose make an engine is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EngineMake {
    /// Docker Engine, or one that behaves like it.
    #[default]
    Docker,
    /// Podman's service.
    Podman,
}

/// How an engine keeps images.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ImageStore {
    /// By a storage driver of its own.
    #[default]
    GraphDriver,
    /// In containerd.
    Containerd,
}

/// A container that carries the project's label.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ObservedContainer {
    /// The container's id.
    pub id: String,
    /// Its labels.
    pub labels: Labels,
    /// Id of the image it was made from.
    pub image_id: String,
    /// Whether it runs.
    pub state: ContainerState,
    /// Whether the check of its health fails.
    pub is_unhealthy: bool,
    /// When it was made.
    pub created_at: Option<SystemTime>,
    /// When it was last started.
    pub started_at: Option<SystemTime>,
    /// Settings that change in place, as the engine reports them. A limit of 0 is none.
    pub live: LiveSettings,
    /// Networks that it was on and that are gone. It does not run, and cannot be started before it has left them.
    pub lost_networks: BTreeSet<String>,
    /// Volumes with a name of the engine's own making, by their path in the container.
    pub anonymous_volumes: BTreeMap<String, String>,
    /// The configuration file of the engine inside it.
    pub daemon_file: ObservedDaemonFile,
    /// The engine inside it.
    pub engine: ObservedInner,
}

/// The configuration file of the engine inside a container, which anyone in there may have edited.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ObservedDaemonFile {
    /// It was not looked at: nest wrote none, or the container does not run.
    Unread,
    /// What it says; nothing where it is gone or no engine could read it.
    Read(DaemonSettings),
}

/// What a container is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ContainerState {
    /// Made, never started.
    Created,
    /// Running.
    Running,
    /// Frozen.
    Paused,
    /// Between two tries of its restart policy.
    Restarting,
    /// Ended, with this exit code.
    Exited(i64),
    /// Half removed.
    Dead,
}

/// The engine inside a container.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ObservedInner {
    /// The container has no engine of its own.
    None,
    /// The container does not run, so its engine cannot be read.
    Asleep,
    /// The container runs and its engine does not answer, for this reason.
    Silent(String),
    /// The engine was read.
    Awake(Box<ObservedEngine>),
}

/// A volume that carries the project's label.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedVolume {
    /// Its labels.
    pub labels: Labels,
}

/// A network that carries the project's label.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedNetwork {
    /// The network's id.
    pub id: String,
    /// Its labels.
    pub labels: Labels,
}

/// An image of an engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedImage {
    /// The id that this engine gives it.
    pub id: String,
    /// What it contains, comparable between engines.
    pub content: Digest,
    /// The version of the container engine that it holds, where it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine_version: Option<String>,
    /// The digests of manifests that it was pulled by.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub digests: BTreeSet<String>,
    /// What its programs run on, such as `linux/amd64`.
    #[serde(default)]
    pub platform: String,
    /// The labels that nest put on it, or on an image that it was made from.
    #[serde(default, skip_serializing_if = "Labels::is_empty")]
    pub labels: Labels,
}
