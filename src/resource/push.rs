//! Where an image is pushed to.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::resource::login::RegistryLogin;

/// A name in a registry, and how to get there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushPlace {
    /// The registry.
    pub registry: PushRegistry,
    /// The repository, without a host.
    pub repository: String,
    /// The tag.
    pub tag: String,
    /// What logs in. It stands in no file.
    #[serde(skip)]
    pub login: Option<RegistryLogin>,
}

/// A registry that images are pushed to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PushRegistry {
    /// The one in this container, which publishes its port on 127.0.0.1.
    Container(String),
    /// The one of this host.
    Host(String),
}

impl fmt::Display for PushRegistry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Container(name) | Self::Host(name) => f.write_str(name),
        }
    }
}
