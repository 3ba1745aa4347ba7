//! The comparison of a container with what the file declares of it, attribute by attribute.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::desired::{DesiredContainer, DesiredInner};
use crate::observed::{ObservedContainer, ObservedDaemonFile};
use crate::plan::change::FieldDiff;
use crate::plan::diff::EngineDiff;
use crate::plan::diff::attribute::{self, Attributes, Comparison};
use crate::plan::rule::Subject;
use crate::resource::container::{DaemonSettings, Endpoint, FixedSettings};
use crate::resource::record::ContainerRecord;
use crate::resource::secret::{SecretKey, is_sensitive, sensitive};

/// All that a container should be, for one that is made.
pub(crate) fn all_attributes(wanted: &DesiredContainer, key: &SecretKey) -> Attributes {
    let mut attributes = attribute::fixed(&wanted.fixed.without_secrets(key));
    attributes.extend(attribute::limits(&wanted.live));
    if let Some(inner) = &wanted.engine {
        attributes.extend(attribute::daemon(&inner.daemon_without_secrets(key)));
    }
    attributes.extend(attribute::access(&wanted.access_without_content(key)));
    attributes
}

/// What the container is given to use registries, compared with what it was last given.
pub(crate) fn access(
    wanted: &DesiredContainer,
    record: Option<&ContainerRecord>,
    key: &SecretKey,
) -> Comparison {
    let given = record.map(|record| attribute::access(&record.access));
    attribute::compare(
        Subject::Container,
        &given.unwrap_or_default(),
        &attribute::access(&wanted.access_without_content(key)),
    )
}

/// What only a replacement changes.
pub(crate) fn fixed(
    diff: &EngineDiff<'_>,
    wanted: &DesiredContainer,
    existing: &ObservedContainer,
) -> Comparison {
    let declared = wanted.fixed.without_secrets(&diff.key);
    let after = attribute::fixed(&declared);
    let mut comparison = if attribute::is_remembered(&existing.labels, &*declared) {
        Comparison {
            fields: Vec::new(),
            unchanged: after,
        }
    } else {
        let before: FixedSettings = attribute::remembered(&existing.labels).unwrap_or_default();
        attribute::compare(Subject::Container, &attribute::fixed(&before), &after)
    };
    if comparison.fields.iter().all(|field| field.name != "image") {
        comparison
            .fields
            .extend(image_update(diff, wanted, existing));
    }
    comparison
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
    let present = images.get(reference);
    let is_stale = present.is_some_and(|present| diff.is_stale(reference, present));
    let (name, before, after) = if is_stale || diff.arriving.contains_key(reference) {
        let of_this = images.values().find(|image| image.id == existing.image_id);
        let recorded = diff.record.contents.get(reference);
        let before = of_this
            .map(|image| &image.content)
            .or(recorded.filter(|_| !diff.record.applying));
        let after = diff.contents.get(reference.as_str());
        if before.is_some() && before == after {
            return None;
        }
        let to_come = diff.content_to_come(reference);
        let after = after.map_or(json!(to_come), |after| json!(after));
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

/// Limits and restart policy. A limit that is neither declared nor was is left as it is.
pub(crate) fn limits(
    diff: &EngineDiff<'_>,
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
    attribute::add_unlimited(&mut before, &after);
    attribute::round_cpus(&mut before, &after, diff.is_podman);
    attribute::compare(Subject::Container, &before, &after)
}

/// Networks. What somebody connected besides is left as it is, and so are names that somebody gave it besides.
pub(crate) fn networks(
    diff: &EngineDiff<'_>,
    wanted: &DesiredContainer,
    existing: &ObservedContainer,
    record: Option<&ContainerRecord>,
) -> Comparison {
    let mut comparison = Comparison::default();
    let mut compared = |name: &str, before: Option<Value>, after: Option<Value>| {
        comparison.fields.push(FieldDiff {
            name: format!("network {name}"),
            before,
            after,
            forces_replacement: false,
        });
    };
    let mut unchanged = Attributes::new();
    for (name, aliases) in &wanted.live.networks {
        let applied = record.and_then(|record| record.live.networks.get(name));
        let outdated: BTreeSet<_> = applied.into_iter().flatten().collect();
        let is_outdated = |alias: &String| outdated.contains(alias) && !aliases.contains(alias);
        let endpoint = wanted.live.endpoints.get(name);
        let had = known_endpoint(name, existing, record);
        let is_there = had.as_ref() == endpoint && !diff.is_made_anew(name);
        let after = attribute::network_place(aliases, endpoint);
        match existing.live.networks.get(name) {
            Some(observed)
                if is_there && aliases.is_subset(observed) && !observed.iter().any(is_outdated) =>
            {
                unchanged.insert(format!("network {name}"), after);
            }
            observed => {
                let before =
                    observed.map(|aliases| attribute::network_place(aliases, had.as_ref()));
                compared(name, before, Some(after));
            }
        }
    }
    for (name, observed) in &existing.live.networks {
        let was_applied = record.is_some_and(|record| record.live.networks.contains_key(name));
        // A network that somebody is on cannot be removed, whoever connected him.
        let is_left = was_applied || diff.removes_network(name) || diff.is_made_anew(name);
        if is_left && !wanted.live.networks.contains_key(name) {
            let had = known_endpoint(name, existing, record);
            let before = attribute::network_place(observed, had.as_ref());
            compared(name, Some(before), None);
        }
    }
    comparison.unchanged = unchanged;
    comparison
}

/// What a container was told of its place on a network: its addresses as the engine reports them, the rest as it was
/// last applied.
fn known_endpoint(
    name: &str,
    existing: &ObservedContainer,
    record: Option<&ContainerRecord>,
) -> Option<Endpoint> {
    let applied = record.and_then(|record| record.live.endpoints.get(name));
    let observed = existing.live.endpoints.get(name).cloned();
    let observed = observed.unwrap_or_default();
    let endpoint = Endpoint {
        ipv4: observed.ipv4,
        ipv6: observed.ipv6,
        ..applied.cloned().unwrap_or_default()
    };
    (endpoint != Endpoint::default()).then_some(endpoint)
}

/// The inner engine's configuration, compared with what was last applied and with the file as it is in the container.
///
/// The file counts where somebody edited it: a key that is there as declared is in force only if nest applied it so.
pub(crate) fn daemon(
    wanted: &DesiredContainer,
    existing: &ObservedContainer,
    record: Option<&ContainerRecord>,
    key: &SecretKey,
) -> Comparison {
    let writes = |inner: &&DesiredInner| record.is_some() || inner.daemon_file.is_some();
    let Some(inner) = wanted.engine.as_ref().filter(writes) else {
        return Comparison::default();
    };
    let declared = inner.daemon_without_secrets(key);
    // Without a record, what is found is what was last applied.
    let applied = record.map_or(&declared, |record| &record.daemon);
    let mut before = applied.clone();
    if let ObservedDaemonFile::Read(file) = &existing.daemon_file {
        let file = daemon_file_without_secrets(file, &[applied, &declared], key);
        let names: BTreeSet<&String> = file.keys().chain(declared.keys()).collect();
        for name in names {
            let found = file.get(name);
            if found == declared.get(name) {
                continue;
            }
            match found {
                Some(found) => before.insert(name.clone(), found.clone()),
                None => before.remove(name),
            };
        }
    }
    attribute::compare(
        Subject::Container,
        &attribute::daemon(&before),
        &attribute::daemon(&declared),
    )
}

/// The configuration file in a container, with a hash in place of each value that `known` settings hold as a secret,
/// or do not hold at all: what somebody else wrote may be anything.
pub(crate) fn daemon_file_without_secrets(
    file: &DaemonSettings,
    known: &[&DaemonSettings],
    key: &SecretKey,
) -> DaemonSettings {
    let mut file = file.clone();
    for (name, value) in &mut file {
        let values: Vec<_> = known.iter().filter_map(|it| it.get(name)).collect();
        if values.is_empty() || values.into_iter().any(is_sensitive) {
            *value = sensitive(&key.hash(value.to_string().as_bytes()));
        }
    }
    file
}
