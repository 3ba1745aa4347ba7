//! What becomes of containers.

use std::collections::BTreeSet;

use serde_json::json;

use crate::desired::{DesiredContainer, DesiredData};
use crate::observed::{ContainerState, ObservedContainer, ObservedInner};
use crate::plan::change::{Action, FieldDiff, Impact, Reason};
use crate::plan::diff::attribute::{self, Attributes, Comparison};
use crate::plan::diff::{EngineDiff, Terms};
use crate::plan::refusal::RefusalCause;
use crate::resource::Kind;
use crate::resource::container::{ContainerMount, FixedSettings};
use crate::resource::record::ContainerRecord;
use crate::resource::secret::SecretKey;

/// Keys of `daemon.json` that an engine takes over on SIGHUP. All others it silently ignores until it is restarted
/// (<https://docs.docker.com/reference/cli/dockerd/#configuration-reload-behavior>).
const RELOADABLE: &[&str] = &[
    "authorization-plugins",
    "debug",
    "default-runtime",
    "default-shm-size",
    "features",
    "insecure-registries",
    "labels",
    "live-restore",
    "max-concurrent-downloads",
    "max-concurrent-uploads",
    "max-download-attempts",
    "registry-mirrors",
    "runtimes",
    "shutdown-timeout",
];

/// Decides on every container of the engine.
pub(crate) fn containers(diff: &mut EngineDiff<'_>, terms: Terms<'_>) {
    for (name, wanted) in &diff.desired.containers {
        check_data(diff, terms, name, wanted);
        match diff.owned_container(terms, name) {
            Some(existing) => existing_container(diff, terms, name, wanted, existing),
            None if diff.holds_container(name) => {
                diff.name_taken(&wanted.address, wanted.kind, name);
            }
            None => {
                let Comparison { fields, .. } = attribute::compare(
                    &Attributes::new(),
                    &all_attributes(wanted, &diff.key),
                    false,
                );
                let change = diff.change(
                    wanted.address.clone(),
                    wanted.kind,
                    name,
                    (Action::Create, Impact::None),
                    fields,
                    Attributes::new(),
                );
                diff.containers.push(change);
            }
        }
    }
    let observed = diff
        .observed
        .into_iter()
        .flat_map(|observed| &observed.containers);
    for (name, container) in observed {
        if diff.desired.containers.contains_key(name) {
            continue;
        }
        if let Some(address) = terms.owns(&container.labels, name) {
            let kind = Kind::of_container(&address);
            let impact = if matches!(container.engine, ObservedInner::Awake(_)) {
                Impact::EngineRestart
            } else {
                Impact::None
            };
            let mut change = diff.removal(terms, address, kind, name, impact);
            if let Some(settings) = attribute::remembered(&container.labels) {
                change.unchanged = attribute::fixed(&settings);
            }
            let protect = terms
                .desired
                .engine
                .containers
                .get(name)
                .is_some_and(|declared| declared.protect);
            diff.check_destruction(terms, &change, &container.labels, protect);
            diff.containers.push(change);
        }
    }
}

/// Refuses to start an engine on data that somebody else's running container has mounted.
fn check_data(diff: &mut EngineDiff<'_>, terms: Terms<'_>, name: &str, wanted: &DesiredContainer) {
    let Some(DesiredData::Volume(volume)) = wanted.engine.as_ref().map(|inner| &inner.data) else {
        return;
    };
    let user = diff
        .observed
        .and_then(|observed| observed.foreign_volume_users.get(volume));
    let runs = diff
        .owned_container(terms, name)
        .is_some_and(|container| container.state == ContainerState::Running);
    if let Some(container) = user.filter(|_| !runs) {
        let (volume, container) = (volume.clone(), container.clone());
        diff.refuse(
            &wanted.address,
            RefusalCause::DataInUse { volume, container },
        );
    }
}

/// Whether what is mounted at the data root is what the file wants there, so that the engine's state is the one that
/// counts.
pub(crate) fn has_data_mount(existing: &ObservedContainer, wanted: &DesiredContainer) -> bool {
    let Some(mode) = wanted
        .fixed
        .mode
        .as_deref()
        .and_then(crate::mode::Mode::named)
    else {
        return false;
    };
    let Some(own) = mode.own_engine() else {
        return false;
    };
    let at_data_root = |settings: &FixedSettings| {
        settings
            .mounts
            .iter()
            .find(|mount| mount.target == own.data_root)
            .cloned()
    };
    let before: Option<ContainerMount> =
        attribute::remembered(&existing.labels).and_then(|before| at_data_root(&before));
    before.is_some() && before == at_data_root(&wanted.fixed)
}

fn all_attributes(wanted: &DesiredContainer, key: &SecretKey) -> Attributes {
    let mut attributes = attribute::fixed(&wanted.fixed.without_secrets(key));
    attributes.extend(attribute::limits(&wanted.live));
    if let Some(inner) = &wanted.engine {
        attributes.extend(attribute::daemon(&inner.daemon_without_secrets(key)));
    }
    attributes
}

fn existing_container(
    diff: &mut EngineDiff<'_>,
    terms: Terms<'_>,
    name: &str,
    wanted: &DesiredContainer,
    existing: &ObservedContainer,
) {
    if existing.state == ContainerState::Paused {
        diff.refuse(
            &wanted.address,
            RefusalCause::Paused {
                name: name.to_owned(),
            },
        );
        return;
    }
    let record = diff.record.containers.get(name);
    let before: FixedSettings = attribute::remembered(&existing.labels).unwrap_or_default();
    let mut fixed = attribute::compare(
        &attribute::fixed(&before),
        &attribute::fixed(&wanted.fixed.without_secrets(&diff.key)),
        true,
    );
    let mut reason = None;
    if fixed.fields.iter().all(|field| field.name != "image")
        && let Some(updated) = image_update(diff, wanted, existing)
    {
        reason = Some(Reason::ImageUpdated);
        fixed.fields.push(updated);
    }
    let limits = limits(wanted, existing, record);
    if reason.is_none() && limits.fields.iter().any(|field| field.forces_replacement) {
        reason = Some(Reason::LimitRemoved);
    }
    let networks = networks(wanted, existing, record);
    let daemon = daemon(wanted, record, &diff.key);
    let daemon_impact = match daemon_impact(&daemon.fields) {
        // An engine that does not answer cannot confirm that it has read its configuration again.
        Impact::Reload if matches!(existing.engine, ObservedInner::Silent(_)) => {
            Impact::EngineRestart
        }
        impact => impact,
    };
    let mut unchanged = Attributes::new();
    let mut fields: Vec<FieldDiff> = Vec::new();
    for comparison in [fixed, limits, networks, daemon] {
        unchanged.extend(comparison.unchanged);
        fields.extend(comparison.fields);
    }
    let (action, impact) = if existing.state == ContainerState::Dead {
        reason = Some(Reason::Dead);
        (Action::Replace, Impact::Replace)
    } else if fields.iter().any(|field| field.forces_replacement) {
        (Action::Replace, Impact::Replace)
    } else if matches!(
        existing.state,
        ContainerState::Created | ContainerState::Exited(_)
    ) {
        reason = Some(Reason::NotRunning);
        (Action::Update, Impact::None)
    } else if !fields.is_empty() {
        (Action::Update, daemon_impact)
    } else if let ObservedInner::Silent(silence) = &existing.engine {
        reason = Some(Reason::NotReady(silence.clone()));
        (Action::Update, Impact::None)
    } else {
        (Action::NoOp, Impact::None)
    };
    let mut change = diff.change(
        wanted.address.clone(),
        wanted.kind,
        name,
        (action, impact),
        fields,
        unchanged,
    );
    change.reason = reason;
    if action == Action::Replace {
        diff.check_destruction(terms, &change, &existing.labels, false);
    }
    diff.containers.push(change);
}

/// The difference, if the reference stands for another image than the one the container was made from, or will when the
/// plan is carried out.
fn image_update(
    diff: &EngineDiff<'_>,
    wanted: &DesiredContainer,
    existing: &ObservedContainer,
) -> Option<FieldDiff> {
    let images = &diff.observed?.images;
    let reference = &wanted.fixed.image;
    let (name, before, after) = if diff.arriving().contains_key(reference) {
        let of_this = images.values().find(|image| image.id == existing.image_id);
        let recorded = diff.record.contents.get(reference);
        let before = of_this
            .map(|image| &image.content)
            .or(recorded.filter(|_| !diff.record.applying));
        let after = diff.contents.get(reference.as_str());
        if before.is_some() && before == after {
            return None;
        }
        let after = after.map_or(json!("as it is published"), |after| json!(after));
        ("image content", json!(before), after)
    } else {
        let current = images.get(reference)?;
        if current.id == existing.image_id {
            return None;
        }
        ("image id", json!(existing.image_id), json!(current.id))
    };
    Some(FieldDiff {
        name: name.to_owned(),
        before: Some(before).filter(|before| !before.is_null()),
        after: Some(after),
        forces_replacement: true,
    })
}

/// Limits and restart policy. A limit that is neither declared nor was is left as it is; one that was declared can
/// only be lifted by a replacement.
fn limits(
    wanted: &DesiredContainer,
    existing: &ObservedContainer,
    record: Option<&ContainerRecord>,
) -> Comparison {
    let after = attribute::limits(&wanted.live);
    let applied = record
        .map(|record| attribute::limits(&record.live))
        .unwrap_or_default();
    let mut before = attribute::limits(&existing.live);
    before.retain(|name, value| after.contains_key(name) || applied.get(name) == Some(value));
    let mut comparison = attribute::compare(&before, &after, false);
    for field in &mut comparison.fields {
        field.forces_replacement = field.after.is_none();
    }
    comparison
}

/// Networks. What somebody connected besides is left as it is.
fn networks(
    wanted: &DesiredContainer,
    existing: &ObservedContainer,
    record: Option<&ContainerRecord>,
) -> Comparison {
    let mut comparison = Comparison::default();
    let mut compared =
        |name: &str, before: Option<&BTreeSet<String>>, after: Option<&BTreeSet<String>>| {
            comparison.fields.push(FieldDiff {
                name: format!("network {name}"),
                before: before.map(|aliases| json!(aliases)),
                after: after.map(|aliases| json!(aliases)),
                forces_replacement: false,
            });
        };
    let mut unchanged = Attributes::new();
    for (name, aliases) in &wanted.live.networks {
        match existing.live.networks.get(name) {
            Some(observed) if aliases.is_subset(observed) => {
                unchanged.insert(format!("network {name}"), json!(aliases));
            }
            observed => compared(name, observed, Some(aliases)),
        }
    }
    for name in record
        .into_iter()
        .flat_map(|record| record.live.networks.keys())
    {
        if let Some(observed) = existing.live.networks.get(name)
            && !wanted.live.networks.contains_key(name)
        {
            compared(name, Some(observed), None);
        }
    }
    comparison.unchanged = unchanged;
    comparison
}

/// The inner engine's configuration file, compared with what was last applied.
fn daemon(
    wanted: &DesiredContainer,
    record: Option<&ContainerRecord>,
    key: &SecretKey,
) -> Comparison {
    match (&wanted.engine, record) {
        (Some(inner), Some(record)) => attribute::compare(
            &attribute::daemon(&record.daemon),
            &attribute::daemon(&inner.daemon_without_secrets(key)),
            false,
        ),
        _ => Comparison::default(),
    }
}

/// A key that is no longer in the file keeps its old value when the engine reads it again, so that needs a restart too.
fn daemon_impact(fields: &[FieldDiff]) -> Impact {
    let reloads = |field: &FieldDiff| {
        let key = field.name.strip_prefix("daemon.").unwrap_or(&field.name);
        field.after.is_some() && RELOADABLE.contains(&key)
    };
    if fields.is_empty() {
        Impact::None
    } else if fields.iter().all(reloads) {
        Impact::Reload
    } else {
        Impact::EngineRestart
    }
}

impl EngineDiff<'_> {
    fn holds_container(&self, name: &str) -> bool {
        self.observed.is_some_and(|observed| {
            observed.containers.contains_key(name) || observed.foreign_containers.contains(name)
        })
    }
}
