//! What nest remembers on each engine: what changes in place, and the images that it put there.
//!
//! The record stands in the label [`crate::resource::label::RECORD`] of an empty volume `nest-PROJECT-record-N`, since
//! labels cannot change: a new record is volume N+1, then N is removed, and the highest counts.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::model::image::ImageReference;
use crate::model::name::{EngineName, ProjectName};
use crate::model::outer_engine::EngineAddress;
use crate::resource::Address;
use crate::resource::container::file::ContainerFile;
use crate::resource::container::{DaemonSettings, LiveSettings};
use crate::resource::digest::Digest;
use crate::resource::label::{self, Labels};
use crate::resource::secret::SecretKey;

/// What nest last applied to one engine, as far as the objects' own labels cannot tell.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Record {
    /// By container name, what was last declared of the settings that change in place.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub containers: BTreeMap<String, ContainerRecord>,
    /// The images that nest put into the engine, with their addresses. Written before they are loaded.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub images: BTreeMap<ImageReference, Address>,
    /// What these images contained, where that was known when they were put there.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub contents: BTreeMap<ImageReference, Digest>,
    /// The images that were pushed to registries, with what they contained where that was known.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub pushed: BTreeMap<Address, Option<Digest>>,
    /// The digests by which registries had them right after the push, where they tell.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub pushed_digests: BTreeMap<Address, String>,
    /// Whether images are being pushed: then names that they have only meanwhile may have been left.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub pushing: bool,
    /// Ids of the images that nest built and that a new build takes the name from, until they are removed.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub superseded: BTreeSet<String>,
    /// By real name, the networks that were declared.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub networks: BTreeMap<String, Address>,
    /// By real name, the volumes that were declared.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub volumes: BTreeMap<String, Address>,
    /// By real name, the volumes that are declared otherwise than they were made: whether they stay when the project is
    /// taken down without its data.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub keep: BTreeMap<String, bool>,
    /// The services that do their work once and that a run makes do it again, stopping or changing them first: however
    /// they ended meanwhile, their work is not done.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub interrupted: BTreeSet<String>,
    /// The containers that `nest stop` stopped, until they are started again: that they do not run is nobody else's doing.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub stopped: BTreeSet<String>,
    /// By the volume at the data root of an engine inside, the images that come with it from a seed, with their
    /// addresses, until that engine's own record says so.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub seeded: BTreeMap<String, BTreeMap<ImageReference, Address>>,
    /// The data roots that a killed run was still copying seeds into, while they are removed: nobody has used these.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub unfilled: BTreeSet<String>,
    /// By container, the anonymous volumes of those that are made anew, by their paths: while neither is there, nothing
    /// else tells whose they are.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub taken_over: BTreeMap<String, BTreeMap<String, String>>,
    /// What the secrets in the labels of the engine's objects are hashed under.
    #[serde(skip_serializing_if = "SecretKey::is_empty")]
    pub key: SecretKey,
    /// The other outer engines that the project is on, in the record of the one that nest connects to. Written before
    /// anything is made there.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub engines: BTreeMap<EngineName, EngineRecord>,
    /// When the project expires, in seconds since 1970, in the record of the engine that nest connects to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<u64>,
    /// Whether this is being applied: then what it says may not be there yet.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub applying: bool,
}

/// Another outer engine that a project is on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineRecord {
    /// How it is reached, where the file does not say any more.
    pub address: EngineAddress,
    /// Its own id.
    pub id: String,
}

/// What was last declared for one container.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ContainerRecord {
    /// Its address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// Settings that change in place.
    pub live: LiveSettings,
    /// The configuration of the engine inside.
    #[serde(skip_serializing_if = "DaemonSettings::is_empty")]
    pub daemon: DaemonSettings,
    /// What the container was given to use registries, by paths: of each file a hash.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub access: BTreeMap<String, ContainerFile>,
}

impl ContainerRecord {
    /// What is known while `declared` is being applied: what comes counts already, what goes counts still, so that
    /// the next run finds either if this one is killed. The configuration of the engine inside, and what logs in to
    /// registries, count once they are in force, which nothing but the record tells.
    #[must_use]
    pub fn about_to_become(&self, declared: &Self) -> Self {
        let (old, new) = (&self.live, &declared.live);
        let mut networks = old.networks.clone();
        for (network, aliases) in &new.networks {
            let known = networks.entry(network.clone()).or_default();
            known.extend(aliases.iter().cloned());
        }
        Self {
            address: declared.address.clone(),
            live: LiveSettings {
                nano_cpus: new.nano_cpus.or(old.nano_cpus),
                memory: new.memory.or(old.memory),
                pids: new.pids.or(old.pids),
                restart: new.restart.clone(),
                networks,
                endpoints: new.endpoints.clone(),
            },
            daemon: self.daemon.clone(),
            access: self.access.clone(),
        }
    }
}

impl Record {
    /// Changes the record in these labels. Labels that hold no record stay as they are.
    pub fn change(labels: &mut Labels, change: impl FnOnce(&mut Self)) {
        let Some(text) = labels.get_mut(label::RECORD) else {
            return;
        };
        let Ok(mut record) = serde_json::from_str::<Self>(text) else {
            return;
        };
        change(&mut record);
        *text = serde_json::to_string(&record).unwrap_or_default();
    }

    /// Adds to the record in these labels by which digests registries have what was pushed meanwhile. A record that does not
    /// know of these pushes stays as it is.
    pub fn note_pushed(labels: &mut Labels, digests: &BTreeMap<Address, String>) {
        Self::change(labels, |record| {
            for (address, digest) in digests {
                if record.pushed.contains_key(address) {
                    let digests = &mut record.pushed_digests;
                    digests.insert(address.clone(), digest.clone());
                }
            }
        });
    }

    /// The name of the volume that holds record `number`.
    pub fn volume_name(project: &ProjectName, number: u64) -> String {
        format!("nest-{project}-record-{number}")
    }

    /// The number in a record volume's name, or none for any other volume.
    pub fn number(project: &ProjectName, volume_name: &str) -> Option<u64> {
        let number = volume_name.strip_prefix("nest-")?;
        let number = number.strip_prefix(project.as_str())?;
        number.strip_prefix("-record-")?.parse().ok()
    }
}
