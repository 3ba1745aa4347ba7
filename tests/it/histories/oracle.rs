//! Whether engines hold what a file declares, found out without the planner.

use std::collections::BTreeSet;

use nest::desired::{DesiredContainer, DesiredEngine, DesiredImageSource, VolumeRole};
use nest::model::image::ImageReference;
use nest::observed::ContainerState;
use nest::resource::Kind;
use nest::resource::label::{self, Labels, Owner, owner};
use nest::resource::record::Record;
use nest::resource::seed::copier_name;

use crate::histories::file::PROJECT;
use crate::memory::{EngineState, MemoryContainer};

/// Whether the project made the object.
pub(crate) fn is_owned(labels: &Labels, name: &str) -> bool {
    owner(labels, PROJECT, name) != Owner::Someone
}

/// What is remembered on an engine.
pub(crate) fn record(state: &EngineState) -> Record {
    let project = nest::model::name::ProjectName::new(PROJECT);
    state.record(&nest::observed::Question::about(&project))
}

/// Whether one of the project's volumes was applied as one that stays when all goes but data.
pub(crate) fn stays(record: &Record, name: &str, labels: &Labels) -> bool {
    let made_to_stay = !labels.contains_key(label::EPHEMERAL);
    record.keep.get(name).copied().unwrap_or(made_to_stay)
}

/// Whether a container makes or copies a seed for the project.
pub(crate) fn makes_seed(labels: &Labels, name: &str) -> bool {
    let is = |key: &str, value: &str| labels.get(key).is_some_and(|it| it == value);
    is(label::SEED_MAKER, PROJECT) && is(label::NAME, name)
}

/// Whether a volume is a seed that the project did not finish, or the mark of one that is gone.
pub(crate) fn is_half_seed(state: &EngineState, name: &str) -> bool {
    let labels = |name: &str| state.volumes.get(name).map(|volume| &volume.labels);
    let Some(own) = labels(name).filter(|own| own.contains_key(label::SEED)) else {
        return false;
    };
    if let Some(seed) = own.get(label::SEED_VOLUME) {
        return labels(seed).is_none();
    }
    let names_it = |labels: &Labels| labels.get(label::SEED_VOLUME).is_some_and(|it| it == name);
    let mut volumes = state.volumes.values();
    makes_seed(own, name) && !volumes.any(|volume| names_it(&volume.labels))
}

/// Whether a run left what copies a seed into a data root, or had removed just that: no engine has been started on it.
pub(crate) fn is_still_copied_to(state: &EngineState, volume: &str) -> bool {
    state.containers.contains_key(&copier_name(volume)) || record(state).unfilled.contains(volume)
}

/// What of seeds the project left half made on an engine.
pub(crate) fn half_seeds(state: &EngineState) -> Vec<String> {
    let containers = state.containers.iter();
    let containers = containers.filter(|(name, it)| makes_seed(&it.labels, name));
    let containers = containers.map(|(name, _)| format!("container {name}"));
    let own = |name: &String| makes_seed(&state.volumes[name].labels, name);
    let volumes = state.volumes.keys();
    let volumes = volumes.filter(|name| own(name) && is_half_seed(state, name));
    let copies = state.volumes.iter().filter(|(name, it)| {
        is_owned(&it.labels, name) && it.files.contains(crate::memory::seed::HALF)
    });
    containers
        .chain(volumes.map(|name| format!("volume {name}")))
        .chain(copies.map(|(name, _)| format!("what is copied to {name}")))
        .collect()
}

/// What is not as declared on an engine and on those inside it. `outward` are the engines around it.
pub(crate) fn amiss(
    state: &EngineState,
    desired: &DesiredEngine,
    outward: &[&EngineState],
) -> Vec<String> {
    let mut amiss = Vec::new();
    for name in desired.networks.keys() {
        let network = state.networks.get(name);
        if !network.is_some_and(|network| is_owned(&network.labels, name)) {
            amiss.push(format!("no network {name}"));
        }
    }
    for (name, wanted) in &desired.volumes {
        let external = wanted.role == VolumeRole::External;
        let volume = state.volumes.get(name);
        if !volume.is_some_and(|volume| external || is_owned(&volume.labels, name)) {
            amiss.push(format!("no volume {name}"));
        }
    }
    images(&mut amiss, state, desired, outward);
    surplus(&mut amiss, state, desired);
    for (name, wanted) in &desired.containers {
        match state.containers.get(name) {
            Some(found) if is_owned(&found.labels, name) => {
                let wrong = container(state, wanted, found);
                amiss.extend(wrong.into_iter().map(|wrong| format!("{name}: {wrong}")));
                if let Some(inner) = &wanted.engine {
                    let around: Vec<&EngineState> = std::iter::once(state)
                        .chain(outward.iter().copied())
                        .collect();
                    let inside = match state.data_of(found) {
                        Some(data) => self::amiss(data, &inner.engine, &around),
                        None => vec!["no data".to_owned()],
                    };
                    amiss.extend(inside.into_iter().map(|wrong| format!("{name}/{wrong}")));
                }
            }
            _ => amiss.push(format!("no container {name}")),
        }
    }
    amiss
}

fn container(
    state: &EngineState,
    wanted: &DesiredContainer,
    found: &MemoryContainer,
) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut check = |holds: bool, what: &str| {
        if !holds {
            wrong.push(what.to_owned());
        }
    };
    let settings = wanted.fixed.without_secrets(&record(state).key);
    let settings = serde_json::to_string(&settings).unwrap_or_default();
    let policy = wanted.live.restart.name.as_str();
    let is_one_shot = wanted.kind == Kind::Service && matches!(policy, "no" | "on-failure");
    let is_done = is_one_shot && found.state == ContainerState::Exited(0);
    let runs = found.state == ContainerState::Running;
    check(runs || is_done, "it does not run");
    check(found.ready, "it is not ready");
    check(
        found.labels.get(label::SETTINGS) == Some(&settings),
        "its settings are others",
    );
    check(found.fixed == wanted.fixed, "it was made otherwise");
    let image = state.images.get(&wanted.fixed.image);
    check(
        image.is_none_or(|image| *image == found.image),
        "its image is another",
    );
    let (live, declared) = (&found.live, &wanted.live);
    check(
        declared.nano_cpus.is_none() || live.nano_cpus == declared.nano_cpus,
        "its cpus are others",
    );
    check(
        declared.memory.is_none() || live.memory == declared.memory,
        "its memory is another",
    );
    check(live.restart == declared.restart, "its restart is another");
    for (network, aliases) in &declared.networks {
        let has = live.networks.get(network);
        let on_it = found.endpoints.get(network);
        let id = state.networks.get(network).map(|network| &network.id);
        check(
            has.is_some_and(|has| aliases.is_subset(has)) && on_it == id,
            "it is not on its network",
        );
    }
    if let Some(inner) = &wanted.engine {
        check(
            found.daemon == inner.daemon,
            "its engine has read something else",
        );
    }
    wrong
}

fn images(
    amiss: &mut Vec<String>,
    state: &EngineState,
    desired: &DesiredEngine,
    outward: &[&EngineState],
) {
    for (reference, wanted) in &desired.images {
        let around = outward
            .iter()
            .find_map(|engine| engine.images.get(reference));
        let found = state.images.get(reference);
        let right = match &wanted.source {
            DesiredImageSource::Archive(archive) => {
                found.is_some_and(|found| *found == archive.content.as_str())
            }
            DesiredImageSource::Outer => {
                found.is_some() && around.is_none_or(|it| Some(it) == found)
            }
            DesiredImageSource::Alias(image) => {
                // Where several scopes name images after each other, no name says more than that it is there.
                let named = desired.images.get(image).map(|it| &it.source);
                let is_alias = matches!(named, Some(DesiredImageSource::Alias(_)));
                found.is_some() && (is_alias || found == state.images.get(image))
            }
            _ => found.is_some(),
        };
        if !right {
            amiss.push(format!("image {reference} is {found:?}"));
        }
    }
}

/// What the project made and does not declare any more.
fn surplus(amiss: &mut Vec<String>, state: &EngineState, desired: &DesiredEngine) {
    let project = nest::model::name::ProjectName::new(PROJECT);
    for (name, it) in &state.containers {
        if is_owned(&it.labels, name) && !desired.containers.contains_key(name) {
            amiss.push(format!("container {name} is still there"));
        }
    }
    for (name, it) in &state.networks {
        if is_owned(&it.labels, name) && !desired.networks.contains_key(name) {
            amiss.push(format!("network {name} is still there"));
        }
    }
    let record = record(state);
    let mut records = Vec::new();
    for (name, it) in &state.volumes {
        if !is_owned(&it.labels, name) || desired.volumes.contains_key(name) {
            continue;
        }
        if Record::number(&project, name).is_some() {
            records.push(name);
        } else if !stays(&record, name, &it.labels) {
            amiss.push(format!("volume {name} is still there"));
        }
    }
    if records.len() > 1 {
        amiss.push(format!("several records: {records:?}"));
    }
    if record.applying {
        amiss.push("the record is still being applied".to_owned());
    }
    let used: BTreeSet<&ImageReference> = desired
        .containers
        .values()
        .map(|container| &container.fixed.image)
        .collect();
    // Engines do not take the last name of what containers were made from.
    let is_held = |reference: &ImageReference| {
        let content = state.images.get(reference);
        let has = |found: &&String| Some(*found) == content;
        let is_user = |container: &MemoryContainer| has(&&container.image);
        state.images.values().filter(has).count() == 1 && state.containers.values().any(is_user)
    };
    for reference in record.images.keys() {
        let is_wanted = desired.images.contains_key(reference) || used.contains(reference);
        if !is_wanted && !is_held(reference) {
            amiss.push(format!("image {reference} is still recorded"));
        }
    }
    for (reference, content) in &record.contents {
        let source = desired.images.get(reference).map(|wanted| &wanted.source);
        // Of `auto` only the presence counts: somebody may have given the name to another image.
        let follows = source.is_some_and(|source| *source != DesiredImageSource::Auto);
        let there = state.images.get(reference);
        if follows && there.is_none_or(|there| *there != content.as_str()) {
            amiss.push(format!(
                "image {reference} is recorded as {content:?}, and is {there:?}"
            ));
        }
    }
    for (name, wanted) in &desired.containers {
        let recorded = record.containers.get(name);
        if recorded.is_none_or(|recorded| recorded.live != wanted.live) {
            amiss.push(format!("the record knows {name} as {recorded:?}"));
        }
    }
}
