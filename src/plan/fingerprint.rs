//! Fingerprints: what a plan relied on, part by part, so that a stale plan can say what changed.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::desired::DesiredData;
use crate::model::name::ProjectName;
use crate::observed::{
    ContainerState, ObservedContainer, ObservedDaemonFile, ObservedEngine, ObservedInner,
};
use crate::plan::diff::{EngineDiff, InnerDiff, Terms};
use crate::resource::digest::Digest;
use crate::resource::engine_path::EnginePath;
use crate::resource::label::{self, Labels};
use crate::resource::secret::SecretKey;

/// Digests of everything that a plan relied on, by a phrase that names it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(BTreeMap<String, Digest>);

/// The names on an engine that a plan needs: other people's objects matter where they have one of these.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Names {
    /// The engine.
    pub engine: EnginePath,
    /// Names of containers.
    pub containers: BTreeSet<String>,
    /// Names of volumes, of external ones too.
    pub volumes: BTreeSet<String>,
    /// Names of networks.
    pub networks: BTreeSet<String>,
    /// The volumes among them that an engine is to be started on: nobody else may use them.
    pub data: BTreeSet<String>,
    /// Networks that are to be removed: nobody else may be on them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub removed_networks: BTreeSet<String>,
}

impl Fingerprint {
    /// The fingerprint of what was observed of a project. Times and other people's objects are left out, since they
    /// change all the time; but for those of the names that the plan needs.
    pub fn of(observed: &ObservedEngine, project: &ProjectName, names: &[Names]) -> Self {
        let mut by_engine: BTreeMap<&EnginePath, Vec<&Names>> = BTreeMap::new();
        for names in names {
            by_engine.entry(&names.engine).or_default().push(names);
        }
        let mut collector = Collector {
            parts: BTreeMap::new(),
            project,
            names: by_engine,
        };
        collector.engine(&EnginePath::outer(), observed);
        Self(collector.parts)
    }

    /// What differs between the two, as phrases.
    pub fn differences(&self, later: &Self) -> Vec<String> {
        let gone = self
            .0
            .keys()
            .filter(|name| !later.0.contains_key(*name))
            .map(|name| format!("{name} is gone"));
        let other = later
            .0
            .iter()
            .filter_map(|(name, digest)| match self.0.get(name) {
                None => Some(format!("{name} is new")),
                Some(earlier) if earlier != digest => Some(format!("{name} has changed")),
                Some(_) => None,
            });
        gone.chain(other).collect()
    }
}

/// The names that a plan for an engine and those inside it needs.
pub(crate) fn names(diff: &EngineDiff<'_>, terms: Terms<'_>) -> Vec<Names> {
    let data = diff.desired.containers.iter().filter_map(|(name, wanted)| {
        let existing = diff.owned_container(terms, name);
        let runs = existing.is_some_and(|it| it.state == ContainerState::Running);
        match wanted.engine.as_ref().map(|inner| &inner.data) {
            Some(DesiredData::Volume(volume)) if !runs => Some(volume.clone()),
            _ => None,
        }
    });
    let removed = diff.networks.iter().filter(|change| change.removes());
    let own = Names {
        engine: diff.path.clone(),
        containers: diff.desired.containers.keys().cloned().collect(),
        volumes: diff.desired.volumes.keys().cloned().collect(),
        networks: diff.desired.networks.keys().cloned().collect(),
        data: data.collect(),
        removed_networks: removed.map(|change| change.object.clone()).collect(),
    };
    let inside = diff.inner.values().filter_map(|inner| match inner {
        InnerDiff::Planned(inside) => Some(names(inside, terms)),
        InnerDiff::Deferred | InnerDiff::None => None,
    });
    std::iter::once(own).chain(inside.flatten()).collect()
}

/// Adds the names of the seeds that the plan relies on, makes or removes.
pub(crate) fn add_seeds(names: &mut [Names], diff: &EngineDiff<'_>, terms: Terms<'_>) {
    if let Some(names) = names.iter_mut().find(|names| names.engine == diff.path) {
        let maker = terms.desired.project.as_str();
        names.volumes.extend(diff.seed_volumes(maker));
        if let Some(observed) = diff.observed {
            let containers = observed.seeds.left_containers(maker);
            names
                .containers
                .extend(containers.map(|(name, _)| name.clone()));
        }
    }
    for inner in diff.inner.values() {
        if let InnerDiff::Planned(inside) = inner {
            add_seeds(names, inside, terms);
        }
    }
}

struct Collector<'a> {
    parts: BTreeMap<String, Digest>,
    project: &'a ProjectName,
    names: BTreeMap<&'a EnginePath, Vec<&'a Names>>,
}

impl Collector<'_> {
    fn engine(&mut self, path: &EnginePath, observed: &ObservedEngine) {
        let identity = Digest::of(&observed.identity);
        self.part("the engine's identity", path, identity);
        let key = secret_key(observed);
        for (name, container) in &observed.containers {
            if !self.owns(&container.labels, name) {
                continue;
            }
            let engine = match &container.engine {
                ObservedInner::None => "none",
                ObservedInner::Asleep => "asleep",
                ObservedInner::Silent(_) => "silent",
                ObservedInner::Awake(_) => "awake",
            };
            let relied = (
                // Its labels stay as they are as long as it has this id.
                &container.id,
                &container.image_id,
                &container.state,
                &container.live,
                &container.lost_networks,
                daemon_file(container, &key),
                engine,
            );
            self.part(&format!("container `{name}`"), path, Digest::of(&relied));
        }
        for (name, volume) in &observed.volumes {
            if self.owns(&volume.labels, name) {
                self.part(&format!("volume `{name}`"), path, Digest::of(volume));
            }
        }
        for (name, network) in &observed.networks {
            if self.owns(&network.labels, name) {
                self.part(&format!("network `{name}`"), path, Digest::of(network));
            }
        }
        for (reference, image) in &observed.images {
            self.part(&format!("image `{reference}`"), path, Digest::of(image));
        }
        for (reference, digest) in &observed.published {
            let what = format!("what is published as `{reference}`");
            self.part(&what, path, Digest::of(digest));
        }
        self.others(path, observed);
        for (name, container) in &observed.containers {
            if let ObservedInner::Awake(inner) = &container.engine {
                self.engine(&path.inside(name), inner);
            }
        }
    }

    /// Other people's objects of the names that the plan needs.
    fn others(&mut self, path: &EnginePath, observed: &ObservedEngine) {
        for names in self.names.get(path).cloned().unwrap_or_default() {
            let containers = names.containers.iter().filter(|name| {
                let labelled = observed.containers.get(*name);
                observed.foreign_containers.contains(*name)
                    || labelled.is_some_and(|it| !self.owns(&it.labels, name))
            });
            let volumes = names.volumes.iter().filter(|name| {
                let labelled = observed.volumes.get(*name);
                observed.foreign_volumes.contains(*name)
                    || labelled.is_some_and(|it| !self.owns(&it.labels, name))
            });
            let networks = names.networks.iter().filter(|name| {
                let labelled = observed.networks.get(*name);
                observed.foreign_networks.contains(*name)
                    || labelled.is_some_and(|it| !self.owns(&it.labels, name))
            });
            let containers = containers.map(|name| format!("somebody else's container `{name}`"));
            let volumes = volumes.map(|name| format!("somebody else's volume `{name}`"));
            let networks = networks.map(|name| format!("somebody else's network `{name}`"));
            let others: Vec<String> = containers.chain(volumes).chain(networks).collect();
            for other in others {
                self.part(&other, path, Digest::of(&()));
            }
            for volume in &names.data {
                if let Some(user) = observed.foreign_volume_users.get(volume) {
                    let what = format!("somebody else's use of volume `{volume}`");
                    self.part(&what, path, Digest::of(user));
                }
            }
            for network in &names.removed_networks {
                let owns = |labels: &Labels, name: &str| self.owns(labels, name);
                if let Some(user) = observed.stranger_on(network, owns) {
                    let what = format!("somebody else's use of network `{network}`");
                    self.part(&what, path, Digest::of(user));
                }
            }
        }
    }

    fn part(&mut self, what: &str, path: &EnginePath, digest: Digest) {
        self.parts.insert(format!("{what} on {path}"), digest);
    }

    fn owns(&self, labels: &Labels, name: &str) -> bool {
        label::is_of(labels, self.project.as_str(), name)
    }
}

/// What the configuration file of the engine inside says, hashed: it may hold secrets, and plans are saved.
fn daemon_file(container: &ObservedContainer, key: &SecretKey) -> Option<String> {
    match &container.daemon_file {
        // Nothing that it is hashed under: secrets could be guessed from it.
        ObservedDaemonFile::Read(_) if key.is_empty() => None,
        ObservedDaemonFile::Unread => None,
        ObservedDaemonFile::Read(settings) => {
            let text = serde_json::to_vec(settings).unwrap_or_default();
            Some(key.hash(&text))
        }
    }
}

/// What secrets are hashed under on an engine; nothing where it has no record.
fn secret_key(observed: &ObservedEngine) -> SecretKey {
    /// Of a record, which may be long, only the key.
    #[derive(Deserialize)]
    struct Keyed {
        #[serde(default)]
        key: SecretKey,
    }
    let mut keys = observed.volumes.values().filter_map(|volume| {
        let record: Keyed = serde_json::from_str(volume.labels.get(label::RECORD)?).ok()?;
        Some(record.key)
    });
    keys.find(|key| !key.is_empty()).unwrap_or_default()
}
