//! Volumes.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::spec::decode::Field;
use crate::spec::variables::TextMap;

/// A volume. `{}` is a volume with the default settings.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "Volume", extend("type" = ["object", "null"]))]
pub(crate) struct VolumeSpec {
    /// Its exact name on the engine. Default: the project's name, `_`, and its name here.
    #[schemars(example = &"team-cache")]
    pub(crate) name: Field<String>,
    /// Whether it exists already: nest then neither makes nor removes it.
    pub(crate) external: Field<bool>,
    /// The volume driver. Default: `local`.
    #[schemars(example = &"local")]
    pub(crate) driver: Field<String>,
    /// Options of the driver.
    pub(crate) driver_opts: Field<TextMap>,
    /// Labels of your own.
    pub(crate) labels: Field<TextMap>,
    /// Whether each replica that mounts it has one of its own: replica 2 gets number 2. Default: `false`.
    #[schemars(example = true)]
    pub(crate) per_replica: Field<bool>,
    /// Refuse every plan that would remove it.
    pub(crate) protect: Field<bool>,
}
