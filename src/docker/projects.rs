//! The projects that an engine holds something of, by the labels of their objects.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Deserialize;
use tokio::time::timeout;

use crate::docker::Docker;
use crate::docker::answer::Strings;
use crate::docker::client::Client;
use crate::docker::identity::parse_time;
use crate::engine::EngineError;
use crate::model::name::ProjectName;
use crate::resource::label;
use crate::resource::record::Record;

/// An engine walks through all files of a volume to tell its size. It is not waited for longer.
const MEASURING: Duration = Duration::from_secs(5);

/// What an engine holds of a project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FoundProject {
    /// The nest files that its objects were made from.
    pub files: BTreeSet<String>,
    /// How many containers it has.
    pub containers: usize,
    /// How many of them run.
    pub running: usize,
    /// Its volumes, those apart that nest keeps for itself.
    pub volumes: BTreeSet<String>,
    /// Its networks.
    pub networks: BTreeSet<String>,
    /// When the oldest of its containers and volumes was made.
    pub since: Option<SystemTime>,
    /// When it expires, if it does.
    pub expires: Option<SystemTime>,
    /// Bytes in its volumes, where the engine tells them soon enough.
    pub disk: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Container {
    names: Option<Vec<String>>,
    labels: Option<Strings>,
    state: Option<String>,
    created: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Volumes {
    volumes: Option<Vec<Volume>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Volume {
    name: String,
    labels: Option<Strings>,
    created_at: Option<String>,
    usage_data: Option<Usage>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Usage {
    size: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Network {
    name: String,
    labels: Option<Strings>,
}

impl Docker {
    /// The projects that the outer engine holds something of, by name. Sends nothing but reads.
    pub async fn projects(&self) -> Result<BTreeMap<String, FoundProject>, EngineError> {
        let client = &*self.outer;
        let phrase = "list the projects";
        let (containers, volumes, networks, sizes) = tokio::join!(
            client.get::<Vec<Container>>("/containers/json?all=true", phrase),
            client.get::<Volumes>("/volumes", phrase),
            client.get::<Vec<Network>>("/networks", phrase),
            sizes(client),
        );
        let mut projects = BTreeMap::new();
        for container in containers?.unwrap_or_default() {
            let names = container.names.unwrap_or_default();
            let name = names.first().map(|name| name.trim_start_matches('/'));
            let labels = container.labels.unwrap_or_default();
            if let Some(project) = project_of(&mut projects, &labels, name.unwrap_or_default()) {
                project.containers += 1;
                project.running += usize::from(container.state.as_deref() == Some("running"));
                let made = container.created.map(Duration::from_secs);
                project.is_as_old_as(made.map(|made| UNIX_EPOCH + made));
            }
        }
        let volumes = volumes?.and_then(|answer| answer.volumes);
        let mut newest = BTreeMap::new();
        for volume in volumes.unwrap_or_default() {
            let labels = volume.labels.unwrap_or_default();
            if let Some(project) = project_of(&mut projects, &labels, &volume.name) {
                if let Some(number) = record_number(&labels, &volume.name)
                    && newest
                        .get(&labels[label::PROJECT])
                        .is_none_or(|it| *it < number)
                {
                    newest.insert(labels[label::PROJECT].clone(), number);
                    project.expires = expires(&labels);
                }
                project.is_as_old_as(volume.created_at.as_deref().and_then(parse_time));
                if !labels.contains_key(label::RECORD) && !labels.contains_key(label::LOCK) {
                    project.volumes.insert(volume.name);
                }
            }
        }
        for network in networks?.unwrap_or_default() {
            let labels = network.labels.unwrap_or_default();
            if let Some(project) = project_of(&mut projects, &labels, &network.name) {
                project.networks.insert(network.name);
            }
        }
        if let Some(sizes) = sizes {
            for project in projects.values_mut() {
                let sizes = project.volumes.iter().filter_map(|name| sizes.get(name));
                project.disk = Some(sizes.sum());
            }
        }
        Ok(projects)
    }

    /// Bytes in each volume of the outer engine, where it tells them soon enough.
    pub async fn volume_sizes(&self) -> Option<BTreeMap<String, u64>> {
        sizes(&self.outer).await
    }
}

/// The number of a record, if a volume is one.
fn record_number(labels: &Strings, volume_name: &str) -> Option<u64> {
    let project = labels.get(label::PROJECT)?;
    let project = labels.get(label::RECORD).map(|_| ProjectName::new(project));
    Record::number(&project?, volume_name)
}

/// When the project of a record expires.
fn expires(labels: &Strings) -> Option<SystemTime> {
    let record: Record = serde_json::from_str(labels.get(label::RECORD)?).ok()?;
    UNIX_EPOCH.checked_add(Duration::from_secs(record.expires?))
}

async fn sizes(client: &Client) -> Option<BTreeMap<String, u64>> {
    let asked = client.get::<Volumes>("/system/df?type=volume", "measure volumes");
    let found = timeout(MEASURING, asked).await.ok()?.ok()??;
    let size = |volume: Volume| {
        let size = u64::try_from(volume.usage_data?.size).ok()?;
        Some((volume.name, size))
    };
    let volumes = found.volumes.unwrap_or_default();
    Some(volumes.into_iter().filter_map(size).collect())
}

/// The project that made the object of this name, if one did.
fn project_of<'a>(
    projects: &'a mut BTreeMap<String, FoundProject>,
    labels: &Strings,
    real_name: &str,
) -> Option<&'a mut FoundProject> {
    let name = labels.get(label::PROJECT)?;
    // Committed images hand labels on.
    if labels.get(label::NAME).map(String::as_str) != Some(real_name) {
        return None;
    }
    let project = projects.entry(name.clone()).or_default();
    let file = labels.get(label::FILE).filter(|file| !file.is_empty());
    project.files.extend(file.cloned());
    Some(project)
}

impl FoundProject {
    /// Whether it has expired.
    pub fn has_expired(&self, now: SystemTime) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }

    /// How long ago the oldest of its containers and volumes was made.
    pub fn age(&self, now: SystemTime) -> Option<Duration> {
        now.duration_since(self.since?).ok()
    }

    fn is_as_old_as(&mut self, made: Option<SystemTime>) {
        self.since = [self.since, made].into_iter().flatten().min();
    }
}
