//! Limits of processes, `deploy`, and where output goes.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::spec::container::device::GpuSpec;
use crate::spec::decode::Field;
use crate::spec::text::Text;
use crate::spec::variables::TextMap;

/// A limit of processes.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(rename = "Ulimit", untagged)]
pub(crate) enum UlimitSpec {
    /// The soft and the hard limit.
    #[schemars(title = "both", example = 1024)]
    Scalar(Text),
    /// Each of the two.
    #[schemars(title = "each")]
    Mapping(Box<UlimitMapping>),
}

/// A soft and a hard limit.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["soft", "hard"]))]
pub(crate) struct UlimitMapping {
    /// The limit that holds.
    #[schemars(example = 1024)]
    pub(crate) soft: Field<Text>,
    /// The limit that processes may raise it to.
    #[schemars(example = 4096)]
    pub(crate) hard: Field<Text>,
}

/// Limits and replicas, as Compose also writes them.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "Deploy")]
pub(crate) struct DeploySpec {
    /// How many containers there are of it.
    #[schemars(range(min = 0, max = 1000), example = 2)]
    pub(crate) replicas: Field<u32>,
    /// What it may use, and what is kept for it.
    pub(crate) resources: Field<ResourcesSpec>,
}

/// What a container may use, and what is kept for it.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "Resources")]
pub(crate) struct ResourcesSpec {
    /// The most that it may use.
    pub(crate) limits: Field<LimitsSpec>,
    /// What is kept for it.
    pub(crate) reservations: Field<ReservationsSpec>,
}

/// The most that a container may use.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "Limits")]
pub(crate) struct LimitsSpec {
    /// Processors.
    #[schemars(example = &"0.5")]
    pub(crate) cpus: Field<Text>,
    /// Memory.
    #[schemars(example = &"512m")]
    pub(crate) memory: Field<Text>,
    /// Processes.
    #[schemars(example = 100)]
    pub(crate) pids: Field<Text>,
}

/// What is kept for a container.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "Reservations")]
pub(crate) struct ReservationsSpec {
    /// Processors.
    #[schemars(example = &"0.25")]
    pub(crate) cpus: Field<Text>,
    /// Memory.
    #[schemars(example = &"256m")]
    pub(crate) memory: Field<Text>,
    /// Devices of a driver, such as graphics processors.
    pub(crate) devices: Field<Vec<Field<GpuSpec>>>,
}

/// Where the output of a container goes.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "Logging")]
pub(crate) struct LoggingSpec {
    /// The log driver. Default: the engine's.
    #[schemars(example = &"json-file")]
    pub(crate) driver: Field<String>,
    /// Options of the driver.
    pub(crate) options: Field<TextMap>,
}
