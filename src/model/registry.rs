//! Registries that nest runs.

use indexmap::IndexMap;

use crate::model::image::ImageReference;
use crate::model::name::VolumeName;
use crate::model::value::TextValue;

/// A registry of the project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registry {
    /// What it serves.
    pub kind: RegistryKind,
    /// The image of its container.
    pub image: ImageReference,
    /// The port published on 127.0.0.1 of the engine's host, if any.
    pub port: Option<u16>,
    /// The volume that holds its data, or none for one of its own.
    pub volume: Option<VolumeName>,
    /// Environment variables of its container.
    pub environment: IndexMap<String, TextValue>,
}

/// What a registry serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegistryKind {
    /// A pull-through cache of another registry.
    Mirror {
        /// The registry's host, as image references write it.
        host: String,
        /// The URL of its API.
        upstream: String,
    },
    /// A registry that is filled by pushing to it.
    Local,
}

impl RegistryKind {
    /// The one host that the mirror setting of Docker's daemon serves.
    pub const DOCKER_HUB: &'static str = "docker.io";
}

impl Registry {
    /// Port on which a registry listens inside its container.
    pub const CONTAINER_PORT: u16 = 5000;
    /// What a registry's log says when it serves.
    pub const READY_LINE: &'static str = "listening on";
    /// Folder in which a registry keeps its data.
    pub const DATA_FOLDER: &'static str = "/var/lib/registry";
}
