//! The file as written: what may stand where, in which form. Whether it makes sense is decided in `model`.
//!
//! The doc comments are what editors show: they feed the schema.

pub(crate) mod build;
pub(crate) mod compose;
pub(crate) mod container;
pub(crate) mod daemon;
pub(crate) mod decode;
pub(crate) mod engine;
pub(crate) mod environment;
pub(crate) mod image;
pub(crate) mod include;
pub(crate) mod mount;
pub(crate) mod names;
pub(crate) mod network;
pub(crate) mod outer;
pub(crate) mod policy;
pub(crate) mod port;
pub(crate) mod registry;
mod schema;
pub(crate) mod secret;
pub(crate) mod secret_reference;
pub(crate) mod service;
pub(crate) mod text;
pub(crate) mod variables;
pub(crate) mod vocabulary;
pub(crate) mod volume;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::spec::compose::ComposeSpec;
use crate::spec::decode::{Field, Table};
use crate::spec::engine::EngineSpec;
use crate::spec::environment::EnvironmentSpec;
use crate::spec::image::ImageSpec;
use crate::spec::include::IncludeSpec;
use crate::spec::network::NetworkSpec;
use crate::spec::policy::PolicySpec;
use crate::spec::registry::RegistrySpec;
use crate::spec::secret::{ConfigSpec, SecretSpec};
use crate::spec::service::ServiceSpec;
use crate::spec::volume::VolumeSpec;

pub use crate::spec::schema::{override_schema, schema};

/// A nest file: container environments that contain container engines.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "NestFile")]
pub(crate) struct FileSpec {
    /// The project's name, in all names on the engine. Default: the folder's name.
    #[schemars(regex(pattern = "^[a-z0-9][a-z0-9_-]{1,62}$|\\$"), example = &"ci")]
    pub(crate) name: Field<String>,
    // Compose files join before this is decoded, as included files do.
    /// Compose files whose services, volumes, networks, secrets and configs join the outer engine's.
    pub(crate) compose: Field<ComposeSpec>,
    // Files are included before this is decoded: here it feeds the schema.
    /// Other nest files whose registries, images, volumes and environments join this file.
    pub(crate) include: Field<Vec<Field<IncludeSpec>>>,
    /// What this file may not ask for, at any depth.
    pub(crate) policy: Field<PolicySpec>,
    /// Other outer engines that environments can live on, by name. `default` is the one that nest connects to where
    /// neither a flag nor a variable names one.
    #[schemars(example = &serde_json::json!({ "arm": { "host": "ssh://ci@arm.example" } }))]
    pub(crate) engines: Field<Table<EngineSpec>>,
    /// Registries that environments can use: pull-through caches, and registries that nest runs.
    pub(crate) registries: Field<Table<RegistrySpec>>,
    /// Images that the outer engine should have.
    pub(crate) images: Field<Vec<Field<ImageSpec>>>,
    /// Volumes of the outer engine, by name.
    pub(crate) volumes: Field<Table<VolumeSpec>>,
    /// Networks of the outer engine, by name. `default` is there already.
    pub(crate) networks: Field<Table<NetworkSpec>>,
    /// Secrets that services are given as files, by name.
    pub(crate) secrets: Field<Table<SecretSpec>>,
    /// Text that services are given as files, by name.
    pub(crate) configs: Field<Table<ConfigSpec>>,
    /// Containers that have an engine of their own, by name.
    pub(crate) environments: Field<Table<EnvironmentSpec>>,
    /// Containers without an engine of their own, by name.
    pub(crate) services: Field<Table<ServiceSpec>>,
}

/// What an environment's engine should hold.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "Scope")]
pub(crate) struct ScopeSpec {
    /// Compose files whose services, volumes, networks, secrets and configs join those of the engine.
    pub(crate) compose: Field<ComposeSpec>,
    /// Images that the engine should have.
    pub(crate) images: Field<Vec<Field<ImageSpec>>>,
    /// Volumes of the engine, by name. What the environment mounts is here already.
    pub(crate) volumes: Field<Table<VolumeSpec>>,
    /// Networks of the engine, by name. `default` is there already.
    pub(crate) networks: Field<Table<NetworkSpec>>,
    /// Secrets that services are given as files, by name.
    pub(crate) secrets: Field<Table<SecretSpec>>,
    /// Text that services are given as files, by name.
    pub(crate) configs: Field<Table<ConfigSpec>>,
    /// Environments inside the environment.
    pub(crate) environments: Field<Table<EnvironmentSpec>>,
    /// Containers without an engine of their own, by name.
    pub(crate) services: Field<Table<ServiceSpec>>,
}

/// What a file declares: its top level as a scope, and what only the top has.
#[derive(Debug)]
pub(crate) struct FileParts {
    pub(crate) name: Field<String>,
    pub(crate) policy: Field<PolicySpec>,
    pub(crate) engines: Field<Table<EngineSpec>>,
    pub(crate) registries: Field<Table<RegistrySpec>>,
    pub(crate) scope: ScopeSpec,
}

impl FileSpec {
    /// The file's top level as a scope, and what else it declares.
    pub(crate) fn into_parts(self) -> FileParts {
        let scope = ScopeSpec {
            images: self.images,
            volumes: self.volumes,
            networks: self.networks,
            secrets: self.secrets,
            configs: self.configs,
            environments: self.environments,
            services: self.services,
            compose: self.compose,
        };
        FileParts {
            name: self.name,
            policy: self.policy,
            engines: self.engines,
            registries: self.registries,
            scope,
        }
    }
}
