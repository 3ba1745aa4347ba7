//! What an engine in memory holds, and how it looks from outside.

use std::collections::{BTreeMap, BTreeSet};

use nest::model::image::ImageReference;
use nest::observed::{
    ContainerState, EngineIdentity, ObservedContainer, ObservedDaemonFile, ObservedEngine,
    ObservedImage, ObservedInner, ObservedNetwork, ObservedVolume, Question,
};
use nest::resource::container::{DaemonSettings, FixedSettings, LiveSettings};
use nest::resource::digest::Digest;
use nest::resource::engine_path::EnginePath;
use nest::resource::label::{self, Labels};
use nest::resource::record::Record;

use crate::memory::operation::data_volume;

/// What an engine in memory holds.
#[derive(Debug, Clone)]
pub(crate) struct EngineState {
    pub(crate) id: String,
    pub(crate) version: String,
    pub(crate) containers: BTreeMap<String, MemoryContainer>,
    pub(crate) volumes: BTreeMap<String, MemoryVolume>,
    pub(crate) networks: BTreeMap<String, MemoryNetwork>,
    /// Images with what they contain.
    pub(crate) images: BTreeMap<ImageReference, String>,
    ids: u64,
}

/// A container of an engine in memory.
#[derive(Debug, Clone)]
pub(crate) struct MemoryContainer {
    pub(crate) id: String,
    pub(crate) labels: Labels,
    pub(crate) image: String,
    pub(crate) state: ContainerState,
    pub(crate) fixed: FixedSettings,
    pub(crate) live: LiveSettings,
    /// Whether the engine inside answers.
    pub(crate) ready: bool,
    /// What the configuration file of the engine inside says.
    pub(crate) daemon_file: DaemonSettings,
    /// What the engine inside has read of it.
    pub(crate) daemon: DaemonSettings,
}

/// A volume of an engine in memory.
#[derive(Debug, Clone)]
pub(crate) struct MemoryVolume {
    pub(crate) labels: Labels,
    /// What the engine whose data root this is holds.
    pub(crate) data: Option<Box<EngineState>>,
}

/// A network of an engine in memory.
#[derive(Debug, Clone)]
pub(crate) struct MemoryNetwork {
    pub(crate) id: String,
    pub(crate) labels: Labels,
}

impl EngineState {
    pub(crate) fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            version: "1.0".to_owned(),
            containers: BTreeMap::new(),
            volumes: BTreeMap::new(),
            networks: BTreeMap::new(),
            images: BTreeMap::new(),
            ids: 0,
        }
    }

    pub(crate) fn new_id(&mut self) -> String {
        self.ids += 1;
        format!("{}-{}", self.id, self.ids)
    }

    /// The engine at the end of a path, if all on the way run.
    pub(crate) fn inside(&mut self, path: &EnginePath) -> Option<&mut EngineState> {
        let mut engine = self;
        for name in path.containers() {
            let container = engine.containers.get(name)?;
            if container.state != ContainerState::Running {
                return None;
            }
            let volume = data_volume(&container.fixed)?.to_owned();
            engine = engine.volumes.get_mut(&volume)?.data.as_deref_mut()?;
        }
        Some(engine)
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

    pub(crate) fn observed(&self, question: &Question) -> ObservedEngine {
        let project = question.project.as_str();
        let ours = |labels: &Labels| {
            labels
                .get(label::PROJECT)
                .is_some_and(|label| label == project)
        };
        let recorded = self
            .volumes
            .iter()
            .filter_map(|(name, volume)| Some((Record::number(&question.project, name)?, volume)))
            .max_by_key(|(number, _)| *number)
            .and_then(|(_, volume)| {
                serde_json::from_str::<Record>(volume.labels.get(label::RECORD)?).ok()
            })
            .unwrap_or_default();
        let asked = question.images.iter().chain(recorded.images.keys());
        let image = |reference: &ImageReference| {
            let content = self.images.get(reference)?;
            let image = ObservedImage {
                id: format!("id of {content}"),
                content: content_digest(content),
                engine_version: content.strip_prefix("engine ").map(str::to_owned),
            };
            Some((reference.clone(), image))
        };
        let names = |all: Vec<(&String, &Labels)>| -> BTreeSet<String> {
            all.into_iter()
                .filter(|(_, labels)| !ours(labels))
                .map(|(name, _)| name.clone())
                .collect()
        };
        let volume = |volume: &MemoryVolume| ObservedVolume {
            labels: volume.labels.clone(),
        };
        let network = |network: &MemoryNetwork| ObservedNetwork {
            id: network.id.clone(),
            labels: network.labels.clone(),
        };
        ObservedEngine {
            identity: EngineIdentity {
                id: self.id.clone(),
                version: self.version.clone(),
                ..EngineIdentity::default()
            },
            containers: (self
                .containers
                .iter()
                .filter(|(_, container)| ours(&container.labels)))
            .map(|(name, container)| {
                let inside = question.inside(name);
                (name.clone(), self.observed_container(container, &inside))
            })
            .collect(),
            volumes: (self.volumes.iter().filter(|(_, volume)| {
                ours(&volume.labels) && !volume.labels.contains_key(label::LOCK)
            }))
            .map(|(name, found)| (name.clone(), volume(found)))
            .collect(),
            networks: (self
                .networks
                .iter()
                .filter(|(_, network)| ours(&network.labels)))
            .map(|(name, found)| (name.clone(), network(found)))
            .collect(),
            images: asked.filter_map(image).collect(),
            foreign_containers: names(
                self.containers
                    .iter()
                    .map(|(name, it)| (name, &it.labels))
                    .collect(),
            ),
            foreign_volumes: names(
                self.volumes
                    .iter()
                    .map(|(name, it)| (name, &it.labels))
                    .collect(),
            ),
            foreign_networks: names(
                self.networks
                    .iter()
                    .map(|(name, it)| (name, &it.labels))
                    .collect(),
            ),
            foreign_volume_users: BTreeMap::new(),
            running_containers: self
                .containers
                .values()
                .filter(|it| it.state == ContainerState::Running)
                .count() as u64,
        }
    }

    fn observed_container(
        &self,
        container: &MemoryContainer,
        question: &Question,
    ) -> ObservedContainer {
        let engine = match data_volume(&container.fixed).and_then(|volume| self.volumes.get(volume))
        {
            None => ObservedInner::None,
            Some(_) if container.state != ContainerState::Running => ObservedInner::Asleep,
            Some(volume) => match &volume.data {
                Some(inner) if container.ready => {
                    ObservedInner::Awake(Box::new(inner.observed(question)))
                }
                _ => ObservedInner::Silent("still starting".to_owned()),
            },
        };
        ObservedContainer {
            id: container.id.clone(),
            labels: container.labels.clone(),
            image_id: format!("id of {}", container.image),
            state: container.state,
            started_at: None,
            live: container.live.clone(),
            anonymous_volumes: BTreeMap::new(),
            daemon_file: match engine {
                ObservedInner::None | ObservedInner::Asleep => ObservedDaemonFile::Unread,
                _ => ObservedDaemonFile::Read(container.daemon_file.clone()),
            },
            engine,
        }
    }
}

/// What an image contains stands for its own digest.
fn content_digest(content: &str) -> Digest {
    serde_json::from_value(content.into()).expect("a digest is text")
}
