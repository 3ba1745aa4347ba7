//! How an engine in memory looks from outside.

use std::collections::{BTreeMap, BTreeSet};

use nest::model::image::ImageReference;
use nest::model::name::EngineName;
use nest::observed::{
    ContainerState, EngineIdentity, ObservedContainer, ObservedDaemonFile, ObservedEngine,
    ObservedImage, ObservedInner, ObservedNetwork, ObservedOther, ObservedVolume, Question,
};
use nest::resource::container::{ContainerMountSource, LiveSettings};
use nest::resource::digest::Digest;
use nest::resource::label::{self, Labels, Owner};
use nest::resource::push::left_pushes;
use nest::resource::record::Record;
use nest::resource::seed::ObservedSeeds;

use crate::memory::inner::data_place;
use crate::memory::operation::pushed_name;
use crate::memory::state::{EngineState, MemoryContainer, MemoryNetwork, MemoryVolume};

impl EngineState {
    /// What an observation finds.
    pub(crate) fn observed(&self, question: &Question) -> ObservedEngine {
        let project = question.project.as_str();
        let ours = |labels: &Labels| {
            labels
                .get(label::PROJECT)
                .is_some_and(|label| label == project)
        };
        let recorded = self.record(question);
        let asked = question.images.iter().chain(recorded.images.keys());
        let volumes = || self.volumes.iter().map(|(name, it)| (name, &it.labels));
        let networks = || self.networks.iter().map(|(name, it)| (name, &it.labels));
        let containers = || self.containers.iter().map(|(name, it)| (name, &it.labels));
        let is_lock = |volume: &MemoryVolume| volume.labels.contains_key(label::LOCK);
        let running = self.containers.values();
        let running = running.filter(|it| it.state == ContainerState::Running);
        ObservedEngine {
            identity: EngineIdentity {
                id: self.id.clone(),
                version: self.version.clone(),
                ..EngineIdentity::default()
            },
            containers: (self.containers.iter())
                .filter(|(_, container)| ours(&container.labels))
                .map(|(name, it)| {
                    let inside = question.inside(name);
                    (name.clone(), self.observed_container(name, it, &inside))
                })
                .collect(),
            volumes: (self.volumes.iter())
                .filter(|(_, volume)| ours(&volume.labels) && !is_lock(volume))
                .map(|(name, it)| (name.clone(), observed_volume(it)))
                .collect(),
            networks: (self.networks.iter())
                .filter(|(_, network)| ours(&network.labels))
                .map(|(name, it)| (name.clone(), observed_network(it)))
                .collect(),
            images: asked.filter_map(|name| self.observed_image(name)).collect(),
            pushed: (question.pushes.iter())
                .filter(|(_, place)| self.reaches(&place.registry))
                .map(|(address, place)| {
                    let name = pushed_name(place);
                    (address.clone(), self.pushed.get(&name).cloned())
                })
                .collect(),
            published: (question.published.iter())
                .map(|name| (name.clone(), self.published(name)))
                .collect(),
            left_pushes: if recorded.pushing {
                let names = self.images.iter();
                let names = names.map(|(name, content)| (name.to_string(), image_id(content)));
                left_pushes(&question.project, &names.collect())
            } else {
                Vec::new()
            },
            foreign_containers: foreign(containers(), ours),
            foreign_volumes: foreign(volumes(), ours),
            foreign_networks: foreign(networks(), ours),
            foreign_volume_users: self.foreign_volume_users(ours),
            foreign_network_users: self.foreign_network_users(ours),
            foreign_image_users: self.foreign_image_users(question.project.as_str()),
            seeds: self.seeds(),
            running_containers: running.count() as u64,
            others: self.observed_others(question, &recorded),
        }
    }

    /// The other outer engines that are asked for, and those that the record names.
    fn observed_others(
        &self,
        question: &Question,
        record: &Record,
    ) -> BTreeMap<EngineName, ObservedOther> {
        let names: BTreeSet<_> = question
            .others
            .keys()
            .chain(record.engines.keys())
            .collect();
        let observed = |name: &EngineName| {
            let nothing = Question::about(&question.project);
            let asked = question.others.get(name).map(|it| &it.question);
            match self.others.get(name).filter(|it| !it.is_away) {
                Some(other) => {
                    ObservedOther::Read(Box::new(other.observed(asked.unwrap_or(&nothing))))
                }
                None => ObservedOther::Unread("nothing answers there".to_owned()),
            }
        };
        let names = names.into_iter();
        names.map(|name| (name.clone(), observed(name))).collect()
    }

    /// What belongs to seeds.
    fn seeds(&self) -> ObservedSeeds {
        let mut seeds = ObservedSeeds::default();
        for (name, container) in &self.containers {
            seeds.add_container(name, &container.id, &container.labels);
        }
        for (name, volume) in &self.volumes {
            seeds.add_volume(name, &volume.labels);
        }
        seeds
    }

    /// What the highest record of the project says.
    pub(crate) fn record(&self, question: &Question) -> Record {
        let project = &question.project;
        let owned = self.volumes.iter().filter(|(name, volume)| {
            label::owner(&volume.labels, project.as_str(), name) != Owner::Someone
        });
        let numbered =
            owned.filter_map(|(name, volume)| Some((Record::number(project, name)?, volume)));
        let newest = numbered.max_by_key(|(number, _)| *number);
        newest
            .and_then(|(_, volume)| serde_json::from_str(volume.labels.get(label::RECORD)?).ok())
            .unwrap_or_default()
    }

    fn observed_image(
        &self,
        reference: &ImageReference,
    ) -> Option<(ImageReference, ObservedImage)> {
        let content = self.images.get(reference)?;
        let image = ObservedImage {
            id: image_id(content),
            digests: BTreeSet::from([content.clone()]),
            platform: content
                .split_once(" for ")
                .map_or("linux/amd64", |(_, platform)| platform)
                .to_owned(),
            labels: self.image_labels.get(content).cloned().unwrap_or_default(),
            content: content_digest(content),
            engine_version: content.strip_prefix("engine ").map(str::to_owned),
        };
        Some((reference.clone(), image))
    }

    fn foreign_volume_users(&self, ours: impl Fn(&Labels) -> bool) -> BTreeMap<String, String> {
        let mut users = BTreeMap::new();
        for (name, container) in &self.containers {
            let is_seeding = container.labels.contains_key(label::SEED);
            if !container.is_up() || is_seeding || ours(&container.labels) {
                continue;
            }
            for mount in &container.fixed.mounts {
                if let ContainerMountSource::Volume(volume) = &mount.source {
                    users.insert(volume.clone(), name.clone());
                }
            }
        }
        users
    }

    fn foreign_image_users(&self, project: &str) -> BTreeMap<String, String> {
        let others = self.containers.iter().filter(|(_, container)| {
            let names = [label::PROJECT, label::SEED_MAKER];
            let mut owners = names.iter().filter_map(|name| container.labels.get(*name));
            owners.all(|owner| owner != project)
        });
        others
            .map(|(name, container)| (image_id(&container.image), name.clone()))
            .collect()
    }

    fn foreign_network_users(&self, ours: impl Fn(&Labels) -> bool) -> BTreeMap<String, String> {
        let mut users = BTreeMap::new();
        for (name, container) in &self.containers {
            if container.is_up() && !ours(&container.labels) {
                let networks = container.endpoints.keys().cloned();
                users.extend(networks.map(|network| (network, name.clone())));
            }
        }
        users
    }

    fn observed_container(
        &self,
        name: &str,
        container: &MemoryContainer,
        question: &Question,
    ) -> ObservedContainer {
        let project = question.project.as_str();
        let is_ours = label::owner(&container.labels, project, name) != Owner::Someone;
        let engine = match data_place(&container.fixed).filter(|_| is_ours) {
            None => ObservedInner::None,
            Some(_) if !container.is_up() => ObservedInner::Asleep,
            Some(_) => match self.data_of(container) {
                Some(inner) if container.ready && container.state == ContainerState::Running => {
                    ObservedInner::Awake(Box::new(inner.observed(question)))
                }
                _ => ObservedInner::Silent("still starting".to_owned()),
            },
        };
        ObservedContainer {
            id: container.id.clone(),
            labels: container.labels.clone(),
            image_id: image_id(&container.image),
            state: container.state,
            is_unhealthy: false,
            created_at: None,
            started_at: None,
            live: self.observed_live(container),
            lost_networks: self.lost_networks(container),
            anonymous_volumes: BTreeMap::new(),
            daemon_file: match engine {
                ObservedInner::None | ObservedInner::Asleep => ObservedDaemonFile::Unread,
                _ => ObservedDaemonFile::Read(container.daemon_file.clone()),
            },
            engine,
        }
    }

    /// A container that does not run is on no network that is gone.
    fn observed_live(&self, container: &MemoryContainer) -> LiveSettings {
        let mut live = container.live.clone();
        let lost = self.lost_networks(container);
        live.networks.retain(|name, _| !lost.contains(name));
        live
    }

    fn lost_networks(&self, container: &MemoryContainer) -> BTreeSet<String> {
        let endpoints = container.endpoints.iter();
        let is_lost = |id: &str| !id.is_empty() && !self.has_network(id);
        let lost = endpoints.filter(|(_, id)| !container.is_up() && is_lost(id));
        lost.map(|(name, _)| name.clone()).collect()
    }
}

impl MemoryContainer {
    /// Whether its processes are there.
    pub(crate) fn is_up(&self) -> bool {
        matches!(self.state, ContainerState::Running | ContainerState::Paused)
    }
}

fn observed_volume(volume: &MemoryVolume) -> ObservedVolume {
    ObservedVolume {
        labels: volume.labels.clone(),
    }
}

fn observed_network(network: &MemoryNetwork) -> ObservedNetwork {
    ObservedNetwork {
        id: network.id.clone(),
        labels: network.labels.clone(),
    }
}

/// The names of what is not the project's.
fn foreign<'a>(
    all: impl Iterator<Item = (&'a String, &'a Labels)>,
    ours: impl Fn(&Labels) -> bool,
) -> BTreeSet<String> {
    all.filter(|(_, labels)| !ours(labels))
        .map(|(name, _)| name.clone())
        .collect()
}

/// The id of an image.
pub(crate) fn image_id(content: &str) -> String {
    format!("id of {content}")
}

/// What an image contains stands for its own digest.
fn content_digest(content: &str) -> Digest {
    serde_json::from_value(content.into()).expect("a digest is text")
}
