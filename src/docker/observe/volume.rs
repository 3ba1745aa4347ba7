//! What the volumes of an engine tell.

use std::collections::BTreeMap;

use crate::docker::answer::{ContainerListed, VolumeListed};
use crate::observed::{ObservedVolume, Question};
use crate::resource::label::{self, Owner, owner};
use crate::resource::record::Record;
use crate::resource::seed::ObservedSeeds;

/// Volumes but the lock. Who holds it is no part of what the engine holds: it changes while a plan is carried out.
pub(super) fn without_lock(
    volumes: BTreeMap<String, VolumeListed>,
) -> BTreeMap<String, ObservedVolume> {
    let volumes = volumes.into_iter().map(|(name, one)| {
        let labels = one.labels.unwrap_or_default();
        (name, ObservedVolume { labels })
    });
    volumes
        .filter(|(_, volume)| !volume.labels.contains_key(label::LOCK))
        .collect()
}

/// What belongs to seeds.
pub(super) fn seeds(containers: &[ContainerListed], volumes: &[VolumeListed]) -> ObservedSeeds {
    let mut seeds = ObservedSeeds::default();
    for one in containers {
        if let Some(labels) = &one.labels {
            seeds.add_container(one.name(), &one.id, labels);
        }
    }
    for one in volumes {
        if let Some(labels) = &one.labels {
            seeds.add_volume(&one.name, labels);
        }
    }
    seeds
}

/// What nest remembers of an engine, in the volume of the highest number.
pub(in crate::docker) fn record(
    question: &Question,
    volumes: &BTreeMap<String, ObservedVolume>,
) -> Record {
    let project = &question.project;
    volumes
        .iter()
        .filter(|(name, volume)| owner(&volume.labels, project.as_str(), name) != Owner::Someone)
        .filter_map(|(name, volume)| Some((Record::number(project, name)?, volume)))
        .max_by_key(|(number, _)| *number)
        .and_then(|(_, volume)| volume.labels.get(label::RECORD))
        .and_then(|record| serde_json::from_str::<Record>(record).ok())
        .unwrap_or_default()
}
