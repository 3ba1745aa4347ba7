//! Devices of the host.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::spec::decode::Field;
use crate::spec::text::Text;
use crate::spec::variables::TextMap;

/// A device of the host that a container may use.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(rename = "Device", untagged)]
pub(crate) enum DeviceSpec {
    /// `HOST`, `HOST:CONTAINER` or `HOST:CONTAINER:rwm`.
    #[schemars(title = "short form", example = &"/dev/fuse:/dev/fuse:rwm")]
    Scalar(String),
    /// Each part by its name.
    #[schemars(title = "long form")]
    Mapping(Box<DeviceMapping>),
}

/// A device, each part by its name.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["source"]))]
pub(crate) struct DeviceMapping {
    /// Its path on the host.
    #[schemars(example = &"/dev/fuse")]
    pub(crate) source: Field<String>,
    /// Its path in the container. Default: the same.
    #[schemars(example = &"/dev/fuse")]
    pub(crate) target: Field<String>,
    /// What the container may do with it: read, write, make nodes. Default: `rwm`.
    #[schemars(example = &"rw")]
    pub(crate) permissions: Field<String>,
}

/// Graphics processors that a container may use.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(rename = "Gpus", untagged)]
pub(crate) enum GpusSpec {
    /// `all`.
    #[schemars(title = "all", example = &"all")]
    Scalar(#[schemars(regex(pattern = r"^all$|\$"))] String),
    /// Which ones.
    #[schemars(title = "which")]
    Sequence(Vec<Field<GpuSpec>>),
}

/// A request for graphics processors or other devices of a driver.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "DeviceRequest")]
pub(crate) struct GpuSpec {
    /// What the driver must offer. Default: `[gpu]`.
    #[schemars(example = &["gpu"])]
    pub(crate) capabilities: Field<Vec<Field<String>>>,
    /// How many, or `all`.
    #[schemars(example = &"all", example = 1)]
    pub(crate) count: Field<Text>,
    /// Which ones, by the driver's own names.
    #[schemars(example = &["0", "3"])]
    pub(crate) device_ids: Field<Vec<Field<Text>>>,
    /// The driver.
    #[schemars(example = &"nvidia")]
    pub(crate) driver: Field<String>,
    /// Options of the driver.
    pub(crate) options: Field<TextMap>,
}
