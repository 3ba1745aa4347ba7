//! Volumes and networks: everything that creating one needs.

use std::borrow::Cow;
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
    pub fn without_secrets(&self, key: &SecretKey) -> Cow<'_, Self> {
        if !self.has_secrets() {
            return Cow::Borrowed(self);
        }
        let mut settings = self.clone();
        key.hide(&mut settings.driver_opts, &self.secret_opts);
        key.hide(&mut settings.labels, &self.secret_labels);
        Cow::Owned(settings)
    }

    /// Whether anything of it is a secret.
    pub fn has_secrets(&self) -> bool {
        !(self.secret_opts.is_empty() && self.secret_labels.is_empty())
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
    /// Options of the driver.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub driver_opts: BTreeMap<String, String>,
    /// The user's own labels.
    #[serde(skip_serializing_if = "Labels::is_empty")]
    pub labels: Labels,
    /// Whether it leads nowhere outside.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub internal: bool,
    /// Whether containers of others can join it by hand.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub attachable: bool,
    /// Whether it has no IPv4 addresses.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub without_ipv4: bool,
    /// Whether it has IPv6 addresses.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub ipv6: bool,
    /// The driver that hands out addresses; empty for the engine's own.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub ipam_driver: String,
    /// Options of that driver.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub ipam_options: BTreeMap<String, String>,
    /// Where its addresses come from; none for a free pool of the engine's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pools: Vec<AddressPool>,
    /// Names of options of the drivers whose values are secret: shown nowhere, and in the label only as a hash.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub secret_opts: BTreeSet<String>,
    /// Names of the user's own labels whose values are secret.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub secret_labels: BTreeSet<String>,
}

/// A pool of addresses of a network.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AddressPool {
    /// The subnet, such as `10.1.0.0/16`.
    pub subnet: String,
    /// The part of it that containers get addresses from; empty for all of it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub ip_range: String,
    /// The address of the gateway; empty for one of the engine's choice.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub gateway: String,
    /// Addresses that no container gets, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub aux_addresses: BTreeMap<String, String>,
}

impl NetworkSettings {
    /// The settings as the label remembers them and as they are compared: a hash in place of each secret.
    #[must_use]
    pub fn without_secrets(&self, key: &SecretKey) -> Cow<'_, Self> {
        if !self.has_secrets() {
            return Cow::Borrowed(self);
        }
        let mut settings = self.clone();
        key.hide(&mut settings.driver_opts, &self.secret_opts);
        key.hide(&mut settings.ipam_options, &self.secret_opts);
        key.hide(&mut settings.labels, &self.secret_labels);
        Cow::Owned(settings)
    }

    /// Whether anything of it is a secret.
    pub fn has_secrets(&self) -> bool {
        !(self.secret_opts.is_empty() && self.secret_labels.is_empty())
    }
}

/// Everything that creating a network needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkSpec {
    /// The network's name.
    pub name: String,
    /// Its settings.
    pub settings: NetworkSettings,
    /// nest's labels and the user's.
    pub labels: Labels,
}
