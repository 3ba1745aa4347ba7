//! What engines would hold if a project had just been applied: what a plan from one file to another starts from.
//!
//! Of what no file says, the likeliest is taken: images that are not declared are there to be had, those of one name are
//! the same everywhere, and what somebody else has to provide is provided.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::desired::{
    Desired, DesiredContainer, DesiredEngine, DesiredImageSource, DesiredVolume, VolumeRole,
};
use crate::model::image::ImageReference;
use crate::model::name::ProjectName;
use crate::observed::{
    ContainerState, EngineIdentity, ObservedContainer, ObservedDaemonFile, ObservedEngine,
    ObservedImage, ObservedInner, ObservedNetwork, ObservedOther, ObservedVolume,
};
use crate::plan::lower::own_labels;
use crate::plan::lower::record::declared;
use crate::resource::digest::Digest;
use crate::resource::engine_path::EnginePath;
use crate::resource::label::{self, Labels};
use crate::resource::record::{EngineRecord, Record};
use crate::resource::secret::SecretKey;
use crate::resource::seed::ObservedSeeds;
use crate::resource::storage::VolumeSettings;
use crate::resource::{Address, Kind};

/// The engines as they would be if `last` had just been applied, from the file that `next` is read from.
pub fn applied(last: &Desired, next: &Desired) -> ObservedEngine {
    let past = Past {
        project: &last.project,
        file: &next.file,
    };
    let mut observed = past.engine(&last.engine, &last.secret_key);
    add_found(&mut observed, &last.engine, &next.engine);
    let names = last.engine.others.keys().chain(next.engine.others.keys());
    for name in names.cloned().collect::<BTreeSet<_>>() {
        let of = |engine: &'_ DesiredEngine| engine.others.get(&name).map(|it| it.engine.clone());
        let (before, after) = (of(&last.engine), of(&next.engine));
        let before = before.unwrap_or_default();
        let key = last.secret_key.inside(&EnginePath::other(&name).as_text());
        let mut other = past.engine(&before, &key);
        add_found(&mut other, &before, &after.unwrap_or_default());
        let other = ObservedOther::Read(Box::new(other));
        observed.others.insert(name, other);
    }
    observed
}

/// Adds what is there without nest to an outer engine that goes from one to the other.
fn add_found(observed: &mut ObservedEngine, last: &DesiredEngine, next: &DesiredEngine) {
    provide(observed, next);
    let mut references = last.image_references();
    references.extend(next.image_references());
    for reference in references {
        if !next.images.contains_key(&reference) {
            let image = image_named(&reference);
            observed.images.entry(reference).or_insert(image);
        }
    }
}

/// Adds what somebody else has to provide, to every engine that is there.
fn provide(observed: &mut ObservedEngine, desired: &DesiredEngine) {
    for (name, volume) in &desired.volumes {
        if volume.role == VolumeRole::External && !observed.volumes.contains_key(name) {
            observed.foreign_volumes.insert(name.clone());
        }
    }
    for (name, container) in &desired.containers {
        let inner = observed.containers.get_mut(name);
        if let (Some(wanted), Some(ObservedInner::Awake(inner))) = (
            &container.engine,
            inner.map(|container| &mut container.engine),
        ) {
            provide(inner, &wanted.engine);
        }
    }
}

/// Who applied it.
#[derive(Debug, Clone, Copy)]
struct Past<'a> {
    project: &'a ProjectName,
    file: &'a str,
}

impl Past<'_> {
    /// An engine whose record has this key for secrets.
    fn engine(self, desired: &DesiredEngine, key: &SecretKey) -> ObservedEngine {
        let containers = desired.containers.iter();
        let containers =
            containers.map(|(name, wanted)| (name.clone(), self.container(name, wanted, key)));
        let own = |volume: &DesiredVolume| volume.role != VolumeRole::External;
        let (volumes, external): (Vec<_>, Vec<_>) =
            desired.volumes.iter().partition(|(_, volume)| own(volume));
        let volumes = volumes
            .into_iter()
            .map(|(name, wanted)| (name.clone(), self.volume(name, wanted, key)));
        let networks = desired.networks.iter().map(|(name, wanted)| {
            let labels = self.labels(&wanted.address, name, &wanted.settings, &Labels::new());
            let id = name.clone();
            (name.clone(), ObservedNetwork { id, labels })
        });
        let images = desired.images.iter();
        let images = images.filter_map(|(reference, wanted)| {
            let mut image = image_named(reference);
            match &wanted.source {
                DesiredImageSource::Auto
                | DesiredImageSource::Outer
                | DesiredImageSource::Registry => {}
                DesiredImageSource::Archive(archive) => image.content = archive.content.clone(),
                DesiredImageSource::Alias(named) => {
                    let named = desired.named_by(reference).unwrap_or(named);
                    image = image_named(named);
                    let source = desired.images.get(named).map(|it| &it.source);
                    if let Some(DesiredImageSource::Archive(archive)) = source {
                        image.content = archive.content.clone();
                    }
                }
                DesiredImageSource::Build(build) => {
                    let settings = build.settings.without_secrets(key);
                    let name = reference.as_str();
                    image.labels = self.labels(&wanted.address, name, &settings, &Labels::new());
                }
                DesiredImageSource::Missing(_) | DesiredImageSource::Unbuildable(_) => return None,
            }
            Some((reference.clone(), image))
        });
        ObservedEngine {
            identity: EngineIdentity::default(),
            containers: containers.collect(),
            volumes: volumes
                .chain(std::iter::once(self.record(desired, key)))
                .collect(),
            networks: networks.collect(),
            images: images.collect(),
            pushed: (desired.pushes.iter())
                .map(|(it, wanted)| (it.clone(), Some(wanted.reference.to_string())))
                .collect(),
            published: BTreeMap::new(),
            left_pushes: Vec::new(),
            foreign_containers: BTreeSet::new(),
            foreign_volumes: external.into_iter().map(|(name, _)| name.clone()).collect(),
            foreign_networks: BTreeSet::new(),
            foreign_volume_users: BTreeMap::new(),
            foreign_network_users: BTreeMap::new(),
            foreign_image_users: BTreeMap::new(),
            seeds: ObservedSeeds::default(),
            running_containers: desired.containers.len() as u64,
            others: BTreeMap::new(),
        }
    }

    fn container(
        self,
        name: &str,
        wanted: &DesiredContainer,
        key: &SecretKey,
    ) -> ObservedContainer {
        let settings = wanted.fixed.without_secrets(key);
        let engine = match &wanted.engine {
            Some(inner) => {
                ObservedInner::Awake(Box::new(self.engine(&inner.engine, &key.inside(name))))
            }
            None => ObservedInner::None,
        };
        ObservedContainer {
            id: name.to_owned(),
            labels: self.labels(&wanted.address, name, &settings, &wanted.fixed.labels),
            image_id: image_named(&wanted.fixed.image).id,
            state: ContainerState::Running,
            is_unhealthy: false,
            created_at: None,
            started_at: None,
            live: wanted.live.clone(),
            lost_networks: BTreeSet::new(),
            anonymous_volumes: BTreeMap::new(),
            daemon_file: ObservedDaemonFile::Unread,
            engine,
        }
    }

    fn volume(self, name: &str, wanted: &DesiredVolume, key: &SecretKey) -> ObservedVolume {
        let settings = wanted.settings.without_secrets(key);
        let mut labels = self.labels(&wanted.address, name, &settings, &wanted.settings.labels);
        if wanted.role == VolumeRole::Ephemeral {
            labels.insert(label::EPHEMERAL.to_owned(), "true".to_owned());
        }
        ObservedVolume { labels }
    }

    /// The record of an engine, as a volume.
    fn record(self, desired: &DesiredEngine, key: &SecretKey) -> (String, ObservedVolume) {
        let mut record = declared(desired, key);
        record.key = key.clone();
        for (name, other) in &desired.others {
            let address = other.address.clone();
            let id = EngineIdentity::default().id;
            record
                .engines
                .insert(name.clone(), EngineRecord { address, id });
        }
        record.pushed = desired.pushes.keys().map(|it| (it.clone(), None)).collect();
        for (reference, wanted) in &desired.images {
            let reference = reference.clone();
            record.images.insert(reference, wanted.address.clone());
        }
        let name = Record::volume_name(self.project, 1);
        let address = Address::new(None, Kind::Volume, &name);
        let settings = VolumeSettings::default();
        let mut labels = self.labels(&address, &name, &settings, &Labels::new());
        let text = serde_json::to_string(&record).unwrap_or_default();
        labels.insert(label::RECORD.to_owned(), text);
        (name, ObservedVolume { labels })
    }

    fn labels(
        self,
        address: &Address,
        name: &str,
        settings: &impl Serialize,
        own: &Labels,
    ) -> Labels {
        let mut labels = own.clone();
        labels.extend(own_labels(
            (self.project, self.file),
            address,
            name,
            settings,
        ));
        labels
    }
}

/// The image that a name stands for, on every engine the same.
fn image_named(reference: &ImageReference) -> ObservedImage {
    let content = Digest::of_bytes(reference.as_str().as_bytes());
    ObservedImage {
        id: content.as_str().to_owned(),
        content,
        engine_version: None,
        digests: BTreeSet::new(),
        platform: String::new(),
        labels: Labels::new(),
    }
}
