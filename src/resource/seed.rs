//! Seeds: data roots that hold images and nothing else, which nest keeps so that new data roots start from them.
//!
//! A seed is a volume `nest-seed-KEY-MAKER`. It counts once an empty volume `nest-seed-KEY`, its mark, says so: the labels
//! of a volume cannot change, and to make one that exists gives the one that exists, so that of two runs which make the
//! same seed at once one is believed by both. What was not finished has no mark, and is its maker's to remove. Neither
//! belongs to a project.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::image::ImageReference;
use crate::model::name::ProjectName;
use crate::resource::container::DaemonSettings;
use crate::resource::digest::Digest;
use crate::resource::label::{self, Labels};
use crate::resource::storage::{VolumeSettings, VolumeSpec};

/// How many digits of its digest name a seed.
const KEY_LENGTH: usize = 12;
/// How the names of seeds and of their marks begin.
const PREFIX: &str = "nest-seed-";

/// All that makes two seeds the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeedContent {
    /// The image of the engine that wrote it, as the file names it.
    pub engine: ImageReference,
    /// The id of that image.
    pub engine_id: String,
    /// The engine's mode.
    pub mode: String,
    /// The engine's command.
    pub command: Vec<String>,
    /// Variables and keys of `daemon.json` that say how the engine keeps its images.
    pub store: DaemonSettings,
    /// Its images, and what they contain.
    pub images: BTreeMap<ImageReference, Digest>,
}

impl SeedContent {
    /// What names the seed.
    pub fn key(&self) -> String {
        let digest = Digest::of(self);
        let digits = digest.as_str().trim_start_matches("sha256:");
        digits.chars().take(KEY_LENGTH).collect()
    }

    /// The volume that holds the seed, as a project makes it.
    pub fn volume(&self, maker: &ProjectName) -> VolumeSpec {
        let key = self.key();
        let mut spec = volume(format!("{PREFIX}{key}-{maker}"), &key);
        let maker = (label::SEED_MAKER.to_owned(), maker.to_string());
        spec.labels.extend([maker, self.label()]);
        spec
    }

    /// The mark that makes a volume count.
    pub fn mark(&self, seed: &str) -> VolumeSpec {
        let key = self.key();
        let mut spec = volume(mark_name(&key), &key);
        let seed = (label::SEED_VOLUME.to_owned(), seed.to_owned());
        spec.labels.extend([seed, self.label()]);
        spec
    }

    /// The label that says what a seed is.
    fn label(&self) -> (String, String) {
        let text = serde_json::to_string(self).unwrap_or_default();
        (label::SEED_CONTENT.to_owned(), text)
    }
}

/// The name of the mark of a seed.
pub fn mark_name(key: &str) -> String {
    format!("{PREFIX}{key}")
}

/// The name of the container that copies a seed into a data root.
pub fn copier_name(data: &str) -> String {
    format!("{PREFIX}copy-{data}")
}

/// The labels of a container that makes or copies a seed, which is its maker's to remove.
pub fn container_labels(name: &str, key: &str, maker: &ProjectName) -> Labels {
    let mut labels = own_labels(name, key);
    labels.insert(label::SEED_MAKER.to_owned(), maker.to_string());
    labels
}

fn own_labels(name: &str, key: &str) -> Labels {
    let labels = [
        (label::SEED, key),
        (label::NAME, name),
        (label::VERSION, env!("CARGO_PKG_VERSION")),
    ];
    let labels = labels.map(|(key, value)| (key.to_owned(), value.to_owned()));
    labels.into_iter().collect()
}

fn volume(name: String, key: &str) -> VolumeSpec {
    VolumeSpec {
        labels: own_labels(&name, key),
        name,
        settings: VolumeSettings {
            driver: "local".to_owned(),
            ..VolumeSettings::default()
        },
    }
}

/// What an engine has that belongs to seeds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedSeeds {
    /// The volumes that are whole seeds as their marks say, by key. They need not exist.
    pub marked: BTreeMap<String, String>,
    /// The volumes that hold seeds, whole or not, and who makes or made each.
    pub volumes: BTreeMap<String, String>,
    /// The containers that make or copy seeds, by name.
    pub containers: BTreeMap<String, SeedContainer>,
}

/// A container that makes or copies a seed, or did when its run was killed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeedContainer {
    /// Its id.
    pub id: String,
    /// The project whose run made it.
    pub maker: String,
}

impl ObservedSeeds {
    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Takes note of a volume, if it belongs to a seed.
    pub fn add_volume(&mut self, name: &str, labels: &Labels) {
        let Some(key) = labels.get(label::SEED).filter(|_| names(labels, name)) else {
            return;
        };
        let (seed, maker) = (
            labels.get(label::SEED_VOLUME),
            labels.get(label::SEED_MAKER),
        );
        if let Some(seed) = seed.filter(|_| mark_name(key) == name) {
            self.marked.insert(key.clone(), seed.clone());
        } else if let Some(maker) = maker {
            self.volumes.insert(name.to_owned(), maker.clone());
        }
    }

    /// Takes note of a container, if it makes or copies a seed.
    pub fn add_container(&mut self, name: &str, id: &str, labels: &Labels) {
        if let Some(maker) = labels
            .get(label::SEED_MAKER)
            .filter(|_| names(labels, name))
        {
            let container = SeedContainer {
                id: id.to_owned(),
                maker: maker.clone(),
            };
            self.containers.insert(name.to_owned(), container);
        }
    }

    /// The seed of this key that is whole.
    pub fn whole(&self, key: &str) -> Option<&String> {
        let seed = self.marked.get(key)?;
        self.volumes.contains_key(seed).then_some(seed)
    }

    /// The containers that a killed run of the project left.
    pub fn left_containers(&self, maker: &str) -> impl Iterator<Item = (&String, &SeedContainer)> {
        let left = self.containers.iter();
        left.filter(move |(_, container)| container.maker == maker)
    }

    /// The data roots that killed runs of the project were still copying seeds into. An engine is only started on one when
    /// the container that copies is gone: nobody has used these.
    pub fn half_copies(&self, maker: &str) -> impl Iterator<Item = &str> {
        let prefix = copier_name("");
        let left = self.left_containers(maker);
        left.filter_map(move |(name, _)| name.strip_prefix(&prefix))
    }

    /// The volumes that hold seeds of the project's making, whole or not, and their marks.
    pub fn made_by(&self, maker: &str) -> impl Iterator<Item = String> {
        let is_own = move |name: &String| self.volumes.get(name).is_some_and(|it| it == maker);
        let volumes = self.volumes.keys().filter(move |name| is_own(name));
        let marks = self.marked.iter().filter(move |(_, seed)| is_own(seed));
        volumes.cloned().chain(marks.map(|(key, _)| mark_name(key)))
    }

    /// The volumes that runs of the project made and that no mark names.
    pub fn left_volumes(&self, maker: &str) -> impl Iterator<Item = &String> {
        let left = self.volumes.iter();
        let is_marked = |name: &String| self.marked.values().any(|seed| seed == name);
        left.filter(move |(name, made_by)| *made_by == maker && !is_marked(name))
            .map(|(name, _)| name)
    }
}

/// Whether the labels were made for what has them: committed images hand theirs on.
fn names(labels: &Labels, name: &str) -> bool {
    labels.get(label::NAME).is_some_and(|own| own == name)
}
