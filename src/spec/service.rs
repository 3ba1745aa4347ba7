//! Services: containers without an engine of their own.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::spec::container::ContainerSpec;
use crate::spec::decode::{Field, Joined};
use crate::spec::environment::DependenciesSpec;
use crate::spec::mount::MountSpec;

/// A service: what every container has, and what only services have.
pub(crate) type ServiceSpec = Joined<ServiceKeys, ContainerSpec>;

/// A container that runs beside the environments of its scope.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "Service")]
pub(crate) struct ServiceKeys {
    /// The environment whose engine it is a client of: it starts when that is ready, and finds the engine by itself.
    #[schemars(example = &"builder", example = &"agent[2]")]
    pub(crate) docker_host: Field<String>,
    /// Volumes and folders that it sees.
    #[schemars(example = &["cache:/cache"])]
    pub(crate) volumes: Field<Vec<Field<MountSpec>>>,
    /// Services and environments that must be there before it starts.
    pub(crate) depends_on: Field<DependenciesSpec>,
    /// It is left out unless one of these is asked for.
    #[schemars(example = &["debug"])]
    pub(crate) profiles: Field<Vec<Field<String>>>,
    /// How many containers there are of it. Default: 1.
    #[schemars(range(min = 0, max = 1000), example = 2)]
    pub(crate) replicas: Field<u32>,
}
