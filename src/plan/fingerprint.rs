//! Fingerprints: what a plan relied on, part by part, so that a stale plan can say what changed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::desired::DesiredData;
use crate::model::image::ImageReference;
use crate::model::name::ProjectName;
use crate::observed::{
    ContainerState, ObservedContainer, ObservedDaemonFile, ObservedEngine, ObservedInner,
    ObservedOther, ObservedVolume,
};
use crate::parallel;
use crate::plan::diff::{EngineDiff, Terms};
use crate::resource::digest::Digest;
use crate::resource::engine_path::EnginePath;
use crate::resource::label::{self, Labels};
use crate::resource::secret::SecretKey;
use crate::resource::seed::mark_name;

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
    /// Images that nest put there, that are not declared and whose names nobody gave to others: they are removed unless
    /// somebody else's container was made from them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub removed_images: BTreeSet<ImageReference>,
}

impl Fingerprint {
    /// The fingerprint of what was observed of a project. Times and other people's objects are left out, since they
    /// change all the time; but for those of the names that the plan needs.
    pub fn of(observed: &ObservedEngine, project: &ProjectName, names: &[Names]) -> Self {
        let mut by_engine: BTreeMap<&EnginePath, Vec<&Names>> = BTreeMap::new();
        for names in names {
            by_engine.entry(&names.engine).or_default().push(names);
        }
        let reading = Reading {
            project,
            names: by_engine,
        };
        let parts = reading.engine(&EnginePath::outer(), observed);
        Self(parts.into_iter().collect())
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
    let going = diff.volumes.iter().filter(|change| change.removes());
    let data = data.chain(going.map(|change| change.object.clone()));
    let removed = diff.networks.iter().filter(|change| change.removes());
    let images = diff.record.images.keys();
    let images = images.chain(diff.given.keys());
    let goes = |it: &&ImageReference| !diff.desired.needs_image(it) && !diff.is_moved(it);
    let removed_images = images.filter(goes).cloned();
    let taken_over = diff.record.taken_over.values().flat_map(BTreeMap::values);
    let volumes = diff.desired.volumes.keys().chain(taken_over);
    let own = Names {
        engine: diff.path.clone(),
        containers: diff.desired.containers.keys().cloned().collect(),
        volumes: volumes.cloned().collect(),
        networks: diff.desired.networks.keys().cloned().collect(),
        data: data.collect(),
        removed_networks: removed.map(|change| change.object.clone()).collect(),
        removed_images: removed_images.collect(),
    };
    let further = diff.further().flat_map(|engine| names(engine, terms));
    std::iter::once(own).chain(further).collect()
}

/// Adds the names of the seeds that the plan relies on, makes or removes.
pub(crate) fn add_seeds(names: &mut [Names], diff: &EngineDiff<'_>, terms: Terms<'_>) {
    let names = names.iter_mut().map(|names| (names.engine.clone(), names));
    add_seeds_to(&mut names.collect(), diff, terms);
}

fn add_seeds_to(
    by_engine: &mut BTreeMap<EnginePath, &mut Names>,
    diff: &EngineDiff<'_>,
    terms: Terms<'_>,
) {
    if let Some(names) = by_engine.get_mut(&diff.path) {
        let maker = terms.desired.project.as_str();
        names.volumes.extend(diff.seed_volumes(maker));
        if let Some(observed) = diff.observed {
            let containers = observed.seeds.left_containers(maker);
            names
                .containers
                .extend(containers.map(|(name, _)| name.clone()));
        }
    }
    for engine in diff.further() {
        add_seeds_to(by_engine, engine, terms);
    }
}

/// What a fingerprint is made from.
struct Reading<'a> {
    project: &'a ProjectName,
    names: BTreeMap<&'a EnginePath, Vec<&'a Names>>,
}

/// Parts of a fingerprint, of one engine and of those inside it.
struct Parts {
    /// How the engine is called.
    place: String,
    parts: Vec<(String, Digest)>,
}

impl Parts {
    fn add(&mut self, what: fmt::Arguments<'_>, digest: Digest) {
        let place = &self.place;
        self.parts.push((format!("{what} on {place}"), digest));
    }
}

impl Reading<'_> {
    fn engine(&self, path: &EnginePath, observed: &ObservedEngine) -> Vec<(String, Digest)> {
        let mut parts = Parts {
            place: path.to_string(),
            parts: Vec::new(),
        };
        let identity = Digest::of(&observed.identity);
        parts.add(format_args!("the engine's identity"), identity);
        let key = secret_key(observed);
        let place = &parts.place;
        let container = |(name, container): (&String, &ObservedContainer)| {
            let is_own = self.owns(&container.labels, name);
            let what = || format!("container `{name}` on {place}");
            is_own.then(|| (what(), relied_on(container, &key)))
        };
        let volume = |(name, volume): (&String, &ObservedVolume)| {
            let is_own = self.owns(&volume.labels, name);
            let what = || format!("volume `{name}` on {place}");
            is_own.then(|| (what(), Digest::of(volume)))
        };
        let containers = parallel::map(&observed.containers, container);
        let volumes = parallel::map(&observed.volumes, volume);
        let objects = containers.into_iter().chain(volumes);
        parts.parts.extend(objects.flatten());
        for (name, network) in &observed.networks {
            if self.owns(&network.labels, name) {
                parts.add(format_args!("network `{name}`"), Digest::of(network));
            }
        }
        for (reference, image) in &observed.images {
            let what = format_args!("image `{reference}`");
            parts.add(what, Digest::of(image));
        }
        for (reference, digest) in &observed.published {
            let what = format_args!("what is published as `{reference}`");
            parts.add(what, Digest::of(digest));
        }
        for (address, digest) in &observed.pushed {
            let what = format_args!("what the registry has as `{address}`");
            parts.add(what, Digest::of(digest));
        }
        for left in &observed.left_pushes {
            let what = format_args!("what a push left as `{}`", left.kept);
            parts.add(what, Digest::of(left));
        }
        self.others(&mut parts, path, observed);
        let inside = |(name, container): (&String, &ObservedContainer)| match &container.engine {
            ObservedInner::Awake(inner) => self.engine(&path.inside(name), inner),
            ObservedInner::None | ObservedInner::Asleep | ObservedInner::Silent(_) => Vec::new(),
        };
        let inside = parallel::map(&observed.containers, inside);
        parts.parts.extend(inside.into_iter().flatten());
        for (name, other) in &observed.others {
            let path = EnginePath::other(name);
            parts.parts.extend(match other {
                ObservedOther::Read(other) => self.engine(&path, other),
                ObservedOther::Unread(_) => vec![(path.to_string(), Digest::of(&()))],
            });
        }
        parts.parts
    }

    /// Other people's objects of the names that the plan needs.
    fn others(&self, parts: &mut Parts, path: &EnginePath, observed: &ObservedEngine) {
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
                parts.add(format_args!("{other}"), Digest::of(&()));
            }
            for (key, seed) in &observed.seeds.marked {
                let mark = mark_name(key);
                if names.volumes.contains(&mark) {
                    let what = format_args!("what the seed `{mark}` is");
                    parts.add(what, Digest::of(seed));
                }
            }
            for volume in &names.data {
                if let Some(user) = observed.foreign_volume_users.get(volume) {
                    let what = format_args!("somebody else's use of volume `{volume}`");
                    parts.add(what, Digest::of(user));
                }
            }
            for reference in &names.removed_images {
                let image = observed.images.get(reference);
                let user = image.and_then(|it| observed.foreign_image_users.get(&it.id));
                if let Some(user) = user {
                    let what = format_args!("somebody else's use of image `{reference}`");
                    parts.add(what, Digest::of(user));
                }
            }
            for network in &names.removed_networks {
                let owns = |labels: &Labels, name: &str| self.owns(labels, name);
                if let Some(user) = observed.stranger_on(network, owns) {
                    let what = format_args!("somebody else's use of network `{network}`");
                    parts.add(what, Digest::of(user));
                }
            }
        }
    }

    fn owns(&self, labels: &Labels, name: &str) -> bool {
        label::is_of(labels, self.project.as_str(), name)
    }
}

/// The digest of what a plan relies on of a container. Its labels stay as they are as long as it has this id.
fn relied_on(container: &ObservedContainer, key: &SecretKey) -> Digest {
    let engine = match &container.engine {
        ObservedInner::None => "none",
        ObservedInner::Asleep => "asleep",
        ObservedInner::Silent(_) => "silent",
        ObservedInner::Awake(_) => "awake",
    };
    Digest::of(&(
        &container.id,
        &container.image_id,
        &container.state,
        &container.live,
        &container.lost_networks,
        daemon_file(container, key),
        engine,
    ))
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
