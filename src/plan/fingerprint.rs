//! Fingerprints: what a plan relied on, part by part, so that a stale plan can say what changed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::observed::{ObservedContainer, ObservedDaemonFile, ObservedEngine, ObservedInner};
use crate::resource::digest::Digest;
use crate::resource::engine_path::EnginePath;
use crate::resource::label;
use crate::resource::record::Record;
use crate::resource::secret::SecretKey;

/// Digests of everything that a plan relied on, by a phrase that names it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(BTreeMap<String, Digest>);

impl Fingerprint {
    /// The fingerprint of what was observed. Times and other people's objects are left out: they change all the time.
    pub fn of(observed: &ObservedEngine) -> Self {
        let mut parts = BTreeMap::new();
        collect(&mut parts, &EnginePath::outer(), observed);
        Self(parts)
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

fn collect(parts: &mut BTreeMap<String, Digest>, path: &EnginePath, observed: &ObservedEngine) {
    let mut part = |what: String, digest: Digest| parts.insert(format!("{what} on {path}"), digest);
    part(
        "the engine's identity".to_owned(),
        Digest::of(&observed.identity),
    );
    let key = secret_key(observed);
    for (name, container) in &observed.containers {
        let engine = match &container.engine {
            ObservedInner::None => "none",
            ObservedInner::Asleep => "asleep",
            ObservedInner::Silent(_) => "silent",
            ObservedInner::Awake(_) => "awake",
        };
        let relied = (
            &container.id,
            &container.labels,
            &container.image_id,
            &container.state,
            &container.live,
            daemon_file(container, &key),
            engine,
        );
        part(format!("container `{name}`"), Digest::of(&relied));
    }
    for (name, volume) in &observed.volumes {
        part(format!("volume `{name}`"), Digest::of(volume));
    }
    for (name, network) in &observed.networks {
        part(format!("network `{name}`"), Digest::of(network));
    }
    for (reference, image) in &observed.images {
        part(format!("image `{reference}`"), Digest::of(image));
    }
    for (name, container) in &observed.containers {
        if let ObservedInner::Awake(inner) = &container.engine {
            collect(parts, &path.inside(name), inner);
        }
    }
}

/// What the configuration file of the engine inside says, hashed: it may hold secrets, and plans are saved.
fn daemon_file(container: &ObservedContainer, key: &SecretKey) -> Option<String> {
    match &container.daemon_file {
        ObservedDaemonFile::Unread => None,
        ObservedDaemonFile::Read(settings) => {
            let text = serde_json::to_vec(settings).unwrap_or_default();
            Some(key.hash(&text))
        }
    }
}

/// What secrets are hashed under on an engine. Where it has no record, no file was read.
fn secret_key(observed: &ObservedEngine) -> SecretKey {
    let records = observed.volumes.values().filter_map(|volume| {
        serde_json::from_str::<Record>(volume.labels.get(label::RECORD)?).ok()
    });
    records
        .map(|record| record.key)
        .find(|key| !key.is_empty())
        .unwrap_or_default()
}
