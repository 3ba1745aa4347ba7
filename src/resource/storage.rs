//! Volumes and networks: everything that creating one needs.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::resource::label::Labels;
use crate::resource::secret::SecretKey;

/// Settings of a volume, all of which only a replacement changes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct VolumeSettings {
    /// The volume driver.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub driver: String,
    /// Options of the driver.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub driver_opts: BTreeMap<String, String>,
    /// The user's own labels.
    #[serde(skip_serializing_if = "Labels::is_empty")]
    pub labels: Labels,
    /// Names of options whose values are secret: shown nowhere, and in the label only as a hash.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub secret_opts: BTreeSet<String>,
    /// Names of the user's own labels whose values are secret.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub secret_labels: BTreeSet<String>,
}

impl VolumeSettings {
    /// The settings as the label remembers them and as they are compared: a hash in place of each secret.
    #[must_use]
    pub fn without_secrets(&self, key: &SecretKey) -> Self {
        let mut settings = self.clone();
        key.hide(&mut settings.driver_opts, &self.secret_opts);
        key.hide(&mut settings.labels, &self.secret_labels);
        settings
    }
}

/// Everything that creating a volume needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VolumeSpec {
    /// The volume's name.
    pub name: String,
    /// Its settings.
    pub settings: VolumeSettings,
    /// nest's labels and the user's.
    pub labels: Labels,
}

/// Settings of a network, all of which only a replacement changes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NetworkSettings {
    /// The network driver.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub driver: String,
}

/// Everything that creating a network needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkSpec {
    /// The network's name.
    pub name: String,
    /// Its settings.
    pub settings: NetworkSettings,
    /// nest's labels.
    pub labels: Labels,
}
