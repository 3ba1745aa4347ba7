//! What an engine in memory holds.

use std::collections::{BTreeMap, BTreeSet};

use nest::model::image::ImageReference;
use nest::model::name::EngineName;
use nest::observed::ContainerState;
use nest::resource::container::{DaemonSettings, FixedSettings, LiveSettings};
use nest::resource::label::Labels;

/// What an engine in memory holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct EngineState {
    pub(crate) id: String,
    pub(crate) version: String,
    pub(crate) containers: BTreeMap<String, MemoryContainer>,
    pub(crate) volumes: BTreeMap<String, MemoryVolume>,
    pub(crate) networks: BTreeMap<String, MemoryNetwork>,
    /// Images with what they contain.
    pub(crate) images: BTreeMap<ImageReference, String>,
    /// What registries have, by names in them.
    pub(crate) pushed: BTreeMap<String, String>,
    /// What registries have other than what they had.
    pub(crate) published: BTreeMap<ImageReference, String>,
    /// The labels that nest put on images, by what these contain.
    pub(crate) image_labels: BTreeMap<String, Labels>,
    /// What images contain that were built and have lost their last name.
    pub(crate) unnamed: BTreeSet<String>,
    /// Data roots of inner engines on the engine's host, by their paths.
    pub(crate) host: BTreeMap<String, Box<EngineState>>,
    pub(crate) ids: u64,
    /// The other outer engines, where this is the one that nest connects to.
    pub(crate) others: BTreeMap<EngineName, EngineState>,
    /// Whether nobody can reach it.
    pub(crate) is_away: bool,
}

/// A container of an engine in memory.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MemoryContainer {
    pub(crate) id: String,
    pub(crate) labels: Labels,
    /// What its image contains.
    pub(crate) image: String,
    pub(crate) state: ContainerState,
    /// Whether it was stopped by a request, and not by its engine's end.
    pub(crate) stopped_by_hand: bool,
    pub(crate) fixed: FixedSettings,
    pub(crate) live: LiveSettings,
    /// The ids of its networks by their names; empty until it is started on one.
    pub(crate) endpoints: BTreeMap<String, String>,
    /// Whether the engine inside answers.
    pub(crate) ready: bool,
    /// What the configuration file of the engine inside says.
    pub(crate) daemon_file: DaemonSettings,
    /// What the engine inside has read of it.
    pub(crate) daemon: DaemonSettings,
    /// What the engine inside holds, where its data root is in memory.
    pub(crate) memory: Option<Box<EngineState>>,
}

/// A volume of an engine in memory.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MemoryVolume {
    pub(crate) labels: Labels,
    /// What the engine whose data root this is holds.
    pub(crate) data: Option<Box<EngineState>>,
    /// Files that somebody wrote into it.
    pub(crate) files: BTreeSet<String>,
}

/// A network of an engine in memory.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MemoryNetwork {
    pub(crate) id: String,
    pub(crate) labels: Labels,
}

impl MemoryVolume {
    /// A volume that holds nothing.
    pub(crate) fn new(labels: Labels) -> Self {
        Self {
            labels,
            data: None,
            files: BTreeSet::new(),
        }
    }
}

impl EngineState {
    /// An engine that holds nothing.
    pub(crate) fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            version: "1.0".to_owned(),
            containers: BTreeMap::new(),
            volumes: BTreeMap::new(),
            networks: BTreeMap::new(),
            images: BTreeMap::new(),
            published: BTreeMap::new(),
            image_labels: BTreeMap::new(),
            unnamed: BTreeSet::new(),
            host: BTreeMap::new(),
            pushed: BTreeMap::new(),
            ids: 0,
            others: BTreeMap::new(),
            is_away: false,
        }
    }

    pub(crate) fn new_id(&mut self) -> String {
        self.ids += 1;
        format!("{}-{}", self.id, self.ids)
    }

    /// The names of everything but images, sorted.
    pub(crate) fn objects(&self) -> Vec<String> {
        let containers = self
            .containers
            .keys()
            .map(|name| format!("container {name}"));
        let volumes = self.volumes.keys().map(|name| format!("volume {name}"));
        let networks = self.networks.keys().map(|name| format!("network {name}"));
        containers.chain(volumes).chain(networks).collect()
    }

    /// Whether there is a network of this id.
    pub(crate) fn has_network(&self, id: &str) -> bool {
        self.networks.values().any(|network| network.id == id)
    }
}
