//! Registries: those that nest runs, and those of others.

use std::path::PathBuf;

use indexmap::IndexMap;

use crate::model::image::{Image, ImageReference};
use crate::model::name::{NetworkName, VolumeName};
use crate::model::value::{Secret, TextValue};

/// A registry of the project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registry {
    /// What it serves, and who runs it.
    pub kind: RegistryKind,
    /// Images that it should have.
    pub images: Vec<Image>,
    /// Whether engines accept plain HTTP and any certificate of it. One that nest runs serves plain HTTP.
    pub insecure: bool,
    /// The certificate of the authority that signed its certificate, where the file gives one.
    pub ca: Option<PathBuf>,
    /// How to log in, where that is needed.
    pub login: Option<Login>,
}

/// What a registry serves, and who runs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegistryKind {
    /// A pull-through cache of another registry, which nest runs.
    Mirror {
        /// The registry's host, as image references write it.
        host: String,
        /// The URL of its API.
        upstream: String,
        /// The container.
        container: RegistryContainer,
    },
    /// A registry that is filled by pushing to it, which nest runs.
    Local {
        /// The container.
        container: RegistryContainer,
    },
    /// A mirror of another registry that exists.
    ExistingMirror {
        /// The registry's host, as image references write it.
        host: String,
        /// The URL of the mirror.
        url: String,
    },
    /// A registry that exists.
    Existing {
        /// Its host, as image references write it.
        host: String,
    },
}

/// The container of a registry that nest runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryContainer {
    /// Its image.
    pub image: ImageReference,
    /// Whether and where it is published on 127.0.0.1 of the engine's host.
    pub port: RegistryPort,
    /// The volume that holds its data, or none for one of its own.
    pub volume: Option<VolumeName>,
    /// Its environment variables.
    pub environment: IndexMap<String, TextValue>,
    /// Networks that it is attached to besides those of the environments that use it.
    pub networks: Vec<NetworkName>,
}

/// Where a registry is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegistryPort {
    /// Nowhere.
    None,
    /// At a port that is free.
    Free,
    /// At this port.
    Fixed(u16),
}

/// How to log in to a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Login {
    /// With this name and password.
    Password {
        /// The name.
        username: String,
        /// The password.
        password: Secret,
    },
    /// With what the docker CLI has for its host.
    Docker,
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

    /// Its container, if nest runs it.
    pub fn container(&self) -> Option<&RegistryContainer> {
        match &self.kind {
            RegistryKind::Mirror { container, .. } | RegistryKind::Local { container } => {
                Some(container)
            }
            RegistryKind::ExistingMirror { .. } | RegistryKind::Existing { .. } => None,
        }
    }
}
