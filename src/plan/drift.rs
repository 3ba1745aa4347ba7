//! Drift: what changed outside nest since it was last applied.
//!
//! It is read from the record of each engine and what is observed there, without a look at the file: what the file asks
//! for now is the rest of the plan. A record that was being applied when its nest was killed tells nothing reliable, and
//! what nobody ever declared is nobody's drift.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::observed::{ContainerState, ObservedContainer, ObservedDaemonFile};
use crate::plan::change::FieldDiff;
use crate::plan::diff::attribute::{self, Attributes};
use crate::plan::diff::container::once::is_one_shot;
use crate::plan::diff::{EngineDiff, Terms, compare};
use crate::resource::engine_path::EnginePath;
use crate::resource::record::ContainerRecord;
use crate::resource::secret::SecretKey;
use crate::resource::{Address, Kind};

/// What became of one resource outside nest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Drift {
    /// The resource.
    pub address: Address,
    /// What sort of thing it is.
    pub kind: Kind,
    /// The real name of the object on its engine.
    pub object: String,
    /// The engine that holds it, or held it.
    pub engine: EnginePath,
    /// What became of it.
    pub what: Drifted,
    /// What differs: as it was last applied, and as it is.
    pub fields: Vec<FieldDiff>,
}

/// What became of a resource outside nest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Drifted {
    /// It was changed.
    Changed,
    /// It does not run.
    Stopped,
    /// It is gone.
    Deleted,
}

/// The drift of an engine and of those inside it, in the order in which resources are shown.
pub(crate) fn drift(diff: &EngineDiff<'_>, terms: Terms<'_>) -> Vec<Drift> {
    drift_in(diff, terms, None)
}

/// The drift of an engine whose container was made at `made`.
fn drift_in(diff: &EngineDiff<'_>, terms: Terms<'_>, made: Option<SystemTime>) -> Vec<Drift> {
    let mut found = Vec::new();
    if diff.observed.is_some() && !diff.record.applying {
        storage(&mut found, diff, terms);
        images(&mut found, diff);
        pushes(&mut found, diff);
        for (name, applied) in &diff.record.containers {
            container(&mut found, (diff, made), terms, name, applied);
        }
    }
    for engine in diff.further() {
        let around = engine.path.split_last();
        let around = around.and_then(|(_, name)| diff.observed?.containers.get(name));
        let made = around.and_then(|around| around.created_at);
        found.extend(drift_in(engine, terms, made));
    }
    found
}

/// Networks and volumes are made anew or not at all: one that is there under its name and labels is as it was.
fn storage(found: &mut Vec<Drift>, diff: &EngineDiff<'_>, terms: Terms<'_>) {
    let Some(observed) = diff.observed else {
        return;
    };
    for (name, address) in &diff.record.networks {
        let network = observed.networks.get(name);
        if network.is_none_or(|network| !terms.has(&network.labels, name)) {
            found.push(diff.drifted(address, Kind::Network, name, Drifted::Deleted));
        }
    }
    for (name, address) in &diff.record.volumes {
        let volume = observed.volumes.get(name);
        if volume.is_none_or(|volume| !terms.has(&volume.labels, name)) {
            found.push(diff.drifted(address, Kind::Volume, name, Drifted::Deleted));
        }
    }
}

fn images(found: &mut Vec<Drift>, diff: &EngineDiff<'_>) {
    let Some(observed) = diff.observed else {
        return;
    };
    for (reference, address) in &diff.record.images {
        let name = reference.as_str();
        let Some(image) = observed.images.get(reference) else {
            found.push(diff.drifted(address, Kind::Image, name, Drifted::Deleted));
            continue;
        };
        if let Some(applied) = diff.record.contents.get(reference)
            && *applied != image.content
        {
            let mut drift = diff.drifted(address, Kind::Image, name, Drifted::Changed);
            drift.fields.push(FieldDiff {
                name: "content".to_owned(),
                before: Some(json!(applied)),
                after: Some(json!(image.content)),
                forces_replacement: false,
            });
            found.push(drift);
        }
    }
}

/// What somebody else pushed over what nest did.
fn pushes(found: &mut Vec<Drift>, diff: &EngineDiff<'_>) {
    for wanted in diff.desired.pushes.values() {
        if let Some((pushed, other)) = diff.overwritten(&wanted.address) {
            let name = wanted.reference.as_str();
            let mut drift = diff.drifted(&wanted.address, Kind::Image, name, Drifted::Changed);
            drift.fields.push(FieldDiff {
                name: "digest".to_owned(),
                before: Some(json!(pushed)),
                after: Some(json!(other)),
                forces_replacement: false,
            });
            found.push(drift);
        }
    }
}

fn container(
    found: &mut Vec<Drift>,
    (diff, made): (&EngineDiff<'_>, Option<SystemTime>),
    terms: Terms<'_>,
    name: &str,
    applied: &ContainerRecord,
) {
    let Some(address) = &applied.address else {
        return;
    };
    let kind = Kind::of_container(address);
    let Some(existing) = diff.owned_container(terms, name) else {
        found.push(diff.drifted(address, kind, name, Drifted::Deleted));
        return;
    };
    let mut fields = limits(diff, applied, existing);
    fields.extend(networks(applied, existing));
    fields.extend(daemon(applied, existing, &diff.key));
    let what = match existing.state {
        // It has done its work.
        ContainerState::Exited(0) if is_one_shot(kind, &applied.live) => {
            if fields.is_empty() {
                return;
            }
            Drifted::Changed
        }
        // A step that failed left it so, and nobody stopped it; or it runs as it should.
        ContainerState::Created | ContainerState::Running | ContainerState::Restarting
            if fields.is_empty() =>
        {
            return;
        }
        // Stopped by nest, or with an engine that nest has put another container around since.
        ContainerState::Exited(_)
            if diff.record.stopped.contains(name) || is_older(existing, made) =>
        {
            if fields.is_empty() {
                return;
            }
            Drifted::Changed
        }
        ContainerState::Created | ContainerState::Exited(_) | ContainerState::Dead => {
            Drifted::Stopped
        }
        ContainerState::Running | ContainerState::Restarting => Drifted::Changed,
        ContainerState::Paused => {
            fields.push(FieldDiff {
                name: "state".to_owned(),
                before: Some(json!("running")),
                after: Some(json!("paused")),
                forces_replacement: false,
            });
            Drifted::Changed
        }
    };
    let mut drift = diff.drifted(address, kind, name, what);
    drift.fields = fields;
    found.push(drift);
}

/// Whether a container was last started before the container around its engine was made.
fn is_older(existing: &ObservedContainer, made: Option<SystemTime>) -> bool {
    let started = existing.started_at.zip(made);
    started.is_some_and(|(started, made)| started < made)
}

/// The limits and the restart policy that were declared and are others now.
fn limits(
    diff: &EngineDiff<'_>,
    applied: &ContainerRecord,
    existing: &ObservedContainer,
) -> Vec<FieldDiff> {
    let before = attribute::limits(&applied.live);
    let mut after = attribute::limits(&existing.live);
    attribute::add_unlimited(&mut after, &before);
    attribute::round_cpus(&mut after, &before, diff.is_podman);
    after.retain(|name, _| before.contains_key(name));
    attribute::differences(&before, &after).fields
}

/// The networks that it was connected to and is not now, or not by all names.
fn networks(applied: &ContainerRecord, existing: &ObservedContainer) -> Vec<FieldDiff> {
    let (mut before, mut after) = (Attributes::new(), Attributes::new());
    for (network, aliases) in &applied.live.networks {
        let observed = existing.live.networks.get(network);
        if observed.is_some_and(|observed| aliases.is_subset(observed)) {
            continue;
        }
        before.insert(format!("network {network}"), json!(aliases));
        if let Some(observed) = observed {
            after.insert(format!("network {network}"), json!(observed));
        }
    }
    attribute::differences(&before, &after).fields
}

/// The keys of the inner engine's configuration file that somebody edited.
fn daemon(
    applied: &ContainerRecord,
    existing: &ObservedContainer,
    key: &SecretKey,
) -> Vec<FieldDiff> {
    let ObservedDaemonFile::Read(file) = &existing.daemon_file else {
        return Vec::new();
    };
    let file = compare::daemon_file_without_secrets(file, &[&applied.daemon], key);
    let (before, after) = (attribute::daemon(&applied.daemon), attribute::daemon(&file));
    attribute::differences(&before, &after).fields
}

impl EngineDiff<'_> {
    fn drifted(&self, address: &Address, kind: Kind, name: &str, what: Drifted) -> Drift {
        Drift {
            address: address.clone(),
            kind,
            object: name.to_owned(),
            engine: self.path.clone(),
            what,
            fields: Vec::new(),
        }
    }
}
