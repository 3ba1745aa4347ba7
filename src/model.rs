//! The project: what the file means, validated, with every default filled in.
//!
//! An `Option` here means "the user's container has none", never "use the default".

pub mod build;
pub mod container;
pub mod converted;
pub mod dependency;
pub(crate) mod duration;
pub mod environment;
pub mod image;
mod load;
pub mod locked;
mod merged;
pub mod mount;
pub mod name;
pub mod naming;
pub mod network;
pub mod outer_engine;
mod part;
pub mod place;
pub mod platform;
pub mod port;
mod read;
pub mod registry;
pub mod secret;
pub mod service;
pub mod setting;
pub(crate) mod size;
mod validate;
pub mod value;
pub mod written;

use std::path::PathBuf;
use std::sync::Arc;

use indexmap::IndexMap;

use crate::model::environment::Environment;
use crate::model::image::Image;
use crate::model::name::{
    ConfigName, EngineName, EnvironmentName, NetworkName, ProjectName, RegistryName, SecretName,
    ServiceName, VolumeName,
};
use crate::model::network::Network;
use crate::model::outer_engine::OuterEngine;
use crate::model::place::Places;
use crate::model::registry::Registry;
use crate::model::secret::Material;
use crate::model::service::Service;
use crate::model::value::TextValue;

pub use crate::model::merged::read_merged;
pub use crate::model::read::{ProjectRequest, ReadProject, read_project};

/// A whole nest file, ready to be turned into what each engine should hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Project {
    /// The name that every object on every engine carries.
    pub name: ProjectName,
    /// Where the name came from.
    pub name_origin: NameOrigin,
    /// Absolute path of the first file.
    pub file: PathBuf,
    /// Outer engines besides the one that nest connects to, and that one by the name `default`.
    pub engines: IndexMap<EngineName, OuterEngine>,
    /// The registries of the project, which every scope may name.
    pub registries: IndexMap<RegistryName, Registry>,
    /// What the outer engine should hold.
    pub scope: Scope,
    /// Where all of it is written.
    pub places: Arc<Places>,
}

/// Where a project's name came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameOrigin {
    /// The file's `name`, a flag or a variable.
    Given,
    /// The name of the folder that holds the file: two folders of one name share it by accident.
    Folder,
}

/// What one container engine should hold.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scope {
    /// Images that the engine should have.
    pub images: Vec<Image>,
    /// Volumes of the engine.
    pub volumes: IndexMap<VolumeName, Volume>,
    /// Networks that the file declares. Each scope has the network `default` besides.
    pub networks: IndexMap<NetworkName, Network>,
    /// Secrets that services are given.
    pub secrets: IndexMap<SecretName, Material>,
    /// Configs that services are given.
    pub configs: IndexMap<ConfigName, Material>,
    /// Containers without an engine of their own.
    pub services: IndexMap<ServiceName, Service>,
    /// Containers with an engine of their own.
    pub environments: IndexMap<EnvironmentName, Environment>,
}

/// A volume of a scope.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Volume {
    /// Its exact name on the engine, where the file gives one.
    pub explicit_name: Option<String>,
    /// The volume driver; `local` by default.
    pub driver: String,
    /// Options of the driver.
    pub driver_opts: IndexMap<String, TextValue>,
    /// The user's own labels.
    pub labels: IndexMap<String, TextValue>,
    /// Whether it is somebody else's: it must exist, and nest never touches it. It then always has an `explicit_name`.
    pub external: bool,
    /// Whether each replica that mounts it has one of its own.
    pub per_replica: bool,
    /// Whether its destruction is refused.
    pub protect: bool,
}
