//! What two engines that went different ways must have in common.

use std::collections::BTreeSet;

use nest::model::name::ProjectName;
use nest::observed::{ContainerState, ObservedEngine, ObservedInner};
use nest::plan::change::Action;
use nest::resource::label::{self, Labels};
use nest::resource::record::Record;

use crate::histories::file::PROJECT;
use crate::histories::oracle::{
    is_half_seed, is_owned, is_still_copied_to, makes_seed, record, stays,
};
use crate::histories::world::Run;
use crate::memory::{EngineState, MemoryContainer, MemoryVolume};

/// The engine without what chance decides: ids, and the number of the record.
pub(crate) fn normal(state: &EngineState) -> EngineState {
    let mut state = state.clone();
    state.id = String::new();
    state.ids = 0;
    let project = ProjectName::new(PROJECT);
    let volumes = std::mem::take(&mut state.volumes);
    for (name, mut volume) in volumes {
        // Where nothing is left to do, a killed run's lock stays until it is in the way. A data root that is there starts
        // from no seed, and so a run after a killed one may have none to make.
        let passes = [label::LOCK, label::SEED];
        if passes.iter().any(|it| volume.labels.contains_key(*it)) {
            continue;
        }
        volume.data = volume.data.map(|data| Box::new(normal(&data)));
        if Record::number(&project, &name).is_some() && is_owned(&volume.labels, &name) {
            let text = volume.labels.get(label::RECORD).cloned();
            let record = serde_json::from_str(&text.unwrap_or_default());
            let mut record: Record = record.unwrap_or_default();
            // What a run did not know when it planned, the one after it may know.
            record.contents.clear();
            let record = serde_json::to_string(&record).unwrap_or_default();
            let labels = Labels::from([(label::RECORD.to_owned(), record)]);
            let volume = MemoryVolume::new(labels);
            state.volumes.insert("the record".to_owned(), volume);
        } else {
            state.volumes.insert(name, volume);
        }
    }
    for data in state.host.values_mut() {
        **data = normal(data);
    }
    let ids: Vec<String> = state.networks.values().map(|it| it.id.clone()).collect();
    for (name, container) in &mut state.containers {
        container.id = String::new();
        container.stopped_by_hand = false;
        for id in container.endpoints.values_mut() {
            let word = if ids.contains(id) { "there" } else { "gone" };
            word.clone_into(id);
        }
        if let Some(memory) = container.memory.take() {
            container.memory = Some(Box::new(normal(&memory)));
        }
        if !is_owned(&container.labels, name) {
            container.state = ContainerState::Created;
        }
    }
    for network in state.networks.values_mut() {
        network.id = String::new();
    }
    state
}

/// How two engines differ, object by object.
pub(crate) fn differences(one: &EngineState, other: &EngineState) -> Vec<String> {
    let (one, other) = (normal(one), normal(other));
    if one == other {
        return Vec::new();
    }
    let (one, other) = (format!("{one:#?}"), format!("{other:#?}"));
    let lines = one
        .lines()
        .filter(|line| !other.lines().any(|it| it == *line));
    let missing = lines.map(|line| format!("only the first: {}", line.trim()));
    let lines = other
        .lines()
        .filter(|line| !one.lines().any(|it| it == *line));
    let more = lines.map(|line| format!("only the second: {}", line.trim()));
    missing.chain(more).collect()
}

/// What a run did to what is not the project's, or to its data. `data_goes` where that was asked for.
pub(crate) fn touched(before: &EngineState, after: &EngineState, data_goes: bool) -> Vec<String> {
    let mut touched = Vec::new();
    let record = record(before);
    for (name, volume) in &before.volumes {
        let is_ours = is_owned(&volume.labels, name);
        let may_go = is_ours
            && (data_goes
                || !stays(&record, name, &volume.labels)
                || volume.labels.contains_key(label::RECORD));
        // A lock is the project's without its name.
        let is_lock = volume.labels.contains_key(label::LOCK);
        match after.volumes.get(name) {
            _ if may_go || is_lock || is_half_seed(before, name) => {}
            _ if is_ours && is_still_copied_to(before, name) => {}
            Some(left) => {
                if left.labels != volume.labels || left.files != volume.files {
                    touched.push(format!("volume {name}"));
                }
                if let Some(data) = &volume.data {
                    match &left.data {
                        Some(left) => touched.extend(self::touched(data, left, false)),
                        None => touched.push(format!("the data in {name}")),
                    }
                }
            }
            None => touched.push(format!("volume {name}")),
        }
    }
    for (path, data) in &before.host {
        match after.host.get(path) {
            Some(left) => touched.extend(self::touched(data, left, false)),
            None => touched.push(format!("the data at {path}")),
        }
    }
    for (name, network) in &before.networks {
        let is_ours = is_owned(&network.labels, name);
        if !is_ours && after.networks.get(name) != Some(network) {
            touched.push(format!("network {name}"));
        }
    }
    for (name, container) in &before.containers {
        if is_owned(&container.labels, name) || makes_seed(&container.labels, name) {
            continue;
        }
        // What runs in an engine ends with it, and begins with it.
        let mut left = after.containers.get(name).cloned();
        if let Some(left) = &mut left {
            left.state = container.state;
            left.stopped_by_hand = container.stopped_by_hand;
        }
        if left.as_ref() != Some(container) {
            touched.push(format!("container {name}"));
        }
    }
    for (reference, content) in &before.images {
        let theirs = *content == format!("{reference} of theirs");
        if theirs && !after.images.contains_key(reference) {
            touched.push(format!("image {reference}"));
        }
    }
    for (name, volume) in &after.volumes {
        if volume.labels == Labels::new() && !before.volumes.contains_key(name) {
            touched.push(format!("volume {name} has come, and is nobody's"));
        }
    }
    touched
}

/// The objects on the outer engine that are others after a run, although no change of its plans is about them or about what
/// is inside them.
pub(crate) fn unplanned(run: &Run, before: &EngineState) -> Vec<String> {
    let changes = run.plans.iter().flat_map(|plan| &plan.changes);
    let changes = changes.filter(|change| change.action != Action::NoOp);
    let planned: BTreeSet<&str> = changes
        .flat_map(|change| [Some(&change.object), change.engine.containers().first()])
        .flatten()
        .map(String::as_str)
        .collect();
    let after = &run.state;
    let mut found = Vec::new();
    // Engines become ready by themselves, and one with its data in memory has its record there.
    let bare = |container: &MemoryContainer| {
        let mut container = container.clone();
        (container.ready, container.memory) = (false, None);
        container
    };
    for (name, container) in &before.containers {
        let is_same = after.containers.get(name).map(bare) == Some(bare(container));
        let is_seeding = makes_seed(&container.labels, name);
        if !planned.contains(name.as_str()) && !is_same && !is_seeding {
            found.push(format!("container {name}"));
        }
    }
    for (name, network) in &before.networks {
        let is_same = after.networks.get(name) == Some(network);
        if !planned.contains(name.as_str()) && !is_same {
            found.push(format!("network {name}"));
        }
    }
    let passing = [label::RECORD, label::LOCK];
    for (name, volume) in &before.volumes {
        let passes = passing.iter().any(|it| volume.labels.contains_key(*it));
        let labels = after.volumes.get(name).map(|volume| &volume.labels);
        // A data root that is still copied to holds nothing yet, and goes with what copies, in whichever run.
        let passes = passes || is_half_seed(before, name) || is_still_copied_to(before, name);
        if !passes && !planned.contains(name.as_str()) && labels != Some(&volume.labels) {
            found.push(format!("volume {name}"));
        }
    }
    let made = after
        .containers
        .keys()
        .filter(|name| !before.containers.contains_key(*name) && !planned.contains(name.as_str()));
    found.extend(made.map(|name| format!("new container {name}")));
    found
}

/// What an observation tells of the project, and whether names that it may need are somebody else's.
pub(crate) fn relied_on(observed: &ObservedEngine) -> ObservedEngine {
    let mut observed = observed.clone();
    observed.running_containers = 0;
    observed.foreign_volume_users.clear();
    observed.foreign_network_users.clear();
    observed.foreign_image_users.clear();
    observed.foreign_containers.clear();
    observed.foreign_volumes.clear();
    observed.foreign_networks.clear();
    observed
        .containers
        .retain(|name, container| is_owned(&container.labels, name));
    observed
        .volumes
        .retain(|name, volume| is_owned(&volume.labels, name));
    observed
        .networks
        .retain(|name, network| is_owned(&network.labels, name));
    for container in observed.containers.values_mut() {
        if let ObservedInner::Awake(inner) = &mut container.engine {
            **inner = relied_on(inner);
        }
    }
    observed
}
