//! What an engine holds of all projects, by the labels of its objects.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::model::name::ProjectName;
use crate::resource::Address;
use crate::resource::label::{self, Labels};
use crate::resource::lock::LockHolder;
use crate::resource::record::Record;
use crate::resource::seed::{ObservedSeeds, SeedContent};

/// What an engine holds of all projects, and what belongs to none.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Holdings {
    /// The projects, by name.
    pub projects: BTreeMap<String, HeldProject>,
    /// Who holds the lock of each project that has one.
    pub locks: BTreeMap<String, LockHolder>,
    /// What belongs to seeds.
    pub seeds: ObservedSeeds,
    /// What seeds are, by the volumes that hold them.
    pub seed_contents: BTreeMap<String, SeedContent>,
    /// The volumes that containers mount, whether these run or not, each with the name of one of them.
    pub mounted: BTreeMap<String, String>,
    /// The ids of the images that containers of projects were made from, with these projects.
    pub images: BTreeMap<String, BTreeSet<String>>,
    /// The names of all volumes.
    pub volumes: BTreeSet<String>,
    /// Bytes in each volume, where the engine tells them soon enough.
    pub sizes: Option<BTreeMap<String, u64>>,
}

/// What an engine holds of a project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeldProject {
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
    /// The number of the record that says so; 0 where there is none.
    pub record: u64,
    /// Whether something here says that it is the project's own, and not inside one of its environments or on another of
    /// its outer engines.
    pub is_whole: bool,
    /// Whether something here says that it is not.
    pub is_part: bool,
    /// Bytes in its volumes, where the engine tells them soon enough.
    pub disk: Option<u64>,
}

/// An image that an engine holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldImage {
    /// Its id.
    pub id: String,
    /// Its names.
    pub names: Vec<String>,
    /// Bytes, where the engine tells.
    pub size: Option<u64>,
}

/// A container as an engine lists it.
#[derive(Debug, Clone, Copy)]
pub struct ListedContainer<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its id.
    pub id: &'a str,
    /// Its labels.
    pub labels: &'a Labels,
    /// Id of the image that it was made from.
    pub image_id: &'a str,
    /// Whether it runs.
    pub runs: bool,
    /// When it was made.
    pub made: Option<SystemTime>,
}

impl Holdings {
    /// Takes note of a container and of the volumes that it mounts.
    pub fn add_container<'v>(
        &mut self,
        container: ListedContainer<'_>,
        volumes: impl Iterator<Item = &'v str>,
    ) {
        let ListedContainer { name, labels, .. } = container;
        self.seeds.add_container(name, container.id, labels);
        for volume in volumes {
            self.mounted.insert(volume.to_owned(), name.to_owned());
        }
        if let Some((owner, project)) = self.project_of(labels, name) {
            project.containers += 1;
            project.running += usize::from(container.runs);
            project.is_as_old_as(container.made);
            let users = self.images.entry(container.image_id.to_owned());
            users.or_default().insert(owner);
        }
    }

    /// Takes note of a volume.
    pub fn add_volume(&mut self, name: &str, labels: &Labels, made: Option<SystemTime>) {
        self.volumes.insert(name.to_owned());
        self.seeds.add_volume(name, labels);
        if let Some(content) = labels.get(label::SEED_CONTENT)
            && let Ok(content) = serde_json::from_str::<SeedContent>(content)
        {
            self.seed_contents.insert(name.to_owned(), content);
        }
        if let (Some(project), Some(holder)) =
            (labels.get(label::PROJECT), LockHolder::of_labels(labels))
            && LockHolder::volume_name(&ProjectName::new(project)) == name
        {
            self.locks.insert(project.clone(), holder);
        }
        let Some((owner, project)) = self.project_of(labels, name) else {
            return;
        };
        project.is_as_old_as(made);
        match labels.get(label::RECORD) {
            Some(record) => {
                let number = Record::number(&ProjectName::new(owner), name);
                let record: Record = serde_json::from_str(record).unwrap_or_default();
                project.is_from_record(&record);
                if let Some(number) = number.filter(|number| *number > project.record) {
                    project.record = number;
                    project.expires = expires(&record);
                }
            }
            None if labels.contains_key(label::LOCK) => {}
            None => drop(project.volumes.insert(name.to_owned())),
        }
    }

    /// Takes note of a network.
    pub fn add_network(&mut self, name: &str, labels: &Labels) {
        if let Some((_, project)) = self.project_of(labels, name) {
            project.networks.insert(name.to_owned());
        }
    }

    /// Takes note of how many bytes volumes hold.
    pub fn add_sizes(&mut self, sizes: BTreeMap<String, u64>) {
        for project in self.projects.values_mut() {
            let sizes = project.volumes.iter().filter_map(|name| sizes.get(name));
            project.disk = Some(sizes.sum());
        }
        self.sizes = Some(sizes);
    }

    /// The project that made the object of this name, if one did.
    fn project_of(
        &mut self,
        labels: &Labels,
        real_name: &str,
    ) -> Option<(String, &mut HeldProject)> {
        let name = labels.get(label::PROJECT)?;
        // Committed images hand labels on.
        if labels.get(label::NAME).map(String::as_str) != Some(real_name) {
            return None;
        }
        let project = self.projects.entry(name.clone()).or_default();
        let file = labels.get(label::FILE).filter(|file| !file.is_empty());
        project.files.extend(file.cloned());
        let address = labels.get(label::ADDRESS);
        if let Some(address) = address.filter(|_| !labels.contains_key(label::RECORD)) {
            project.is_at(&Address::from_label(address));
        }
        Some((name.clone(), project))
    }
}

/// When the project of a record expires.
fn expires(record: &Record) -> Option<SystemTime> {
    UNIX_EPOCH.checked_add(Duration::from_secs(record.expires?))
}

impl HeldProject {
    /// Whether it has expired.
    pub fn has_expired(&self, now: SystemTime) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }

    /// How long ago the oldest of its containers and volumes was made.
    pub fn age(&self, now: SystemTime) -> Option<Duration> {
        now.duration_since(self.since?).ok()
    }

    /// Whether all that is here of it is inside one of its environments, or is what it has on another outer engine than
    /// its own.
    pub fn is_elsewhere(&self) -> bool {
        self.is_part && !self.is_whole
    }

    fn is_from_record(&mut self, record: &Record) {
        let containers = record.containers.values();
        let containers = containers.filter_map(|container| container.address.as_ref());
        let storage = record.networks.values().chain(record.volumes.values());
        for address in containers.chain(storage).chain(record.images.values()) {
            self.is_at(address);
        }
    }

    fn is_at(&mut self, address: &Address) {
        // Names of images may have slashes, and stand in quotes.
        let unquoted = address.as_str().split('"').next().unwrap_or_default();
        let is_part = unquoted.contains('/');
        self.is_part |= is_part;
        self.is_whole |= !is_part;
    }

    fn is_as_old_as(&mut self, made: Option<SystemTime>) {
        self.since = [self.since, made].into_iter().flatten().min();
    }
}
