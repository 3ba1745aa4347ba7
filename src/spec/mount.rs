//! Volumes and folders of an environment.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::spec::decode::Field;

/// A volume or a folder, mounted in the outer container and shared with the engine inside.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(rename = "Mount", untagged)]
pub(crate) enum MountSpec {
    /// `VOLUME:/path`, `./folder:/path`, `./folder:same`; `:ro` at the end makes it read-only.
    #[schemars(title = "short form", example = &"cache:/cache", example = &"./src:/workspace:ro")]
    Scalar(String),
    /// Each part by its name.
    #[schemars(title = "long form")]
    Mapping(Box<MountMapping>),
}

/// A mount, each part by its name.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["type", "target"]))]
pub(crate) struct MountMapping {
    /// What is mounted.
    #[serde(rename = "type")]
    pub(crate) kind: Field<MountKind>,
    /// The volume's name or the folder.
    #[schemars(example = &"cache")]
    pub(crate) source: Field<String>,
    /// The path in the container.
    #[schemars(example = &"/cache")]
    pub(crate) target: Field<String>,
    /// Whether the container may not write to it.
    pub(crate) read_only: Field<bool>,
    /// Settings of a folder.
    pub(crate) bind: Field<BindSpec>,
    /// Its name in the engine inside, or `false` to hide it from that engine. Default: the volume's own name.
    #[schemars(with = "InnerName")]
    pub(crate) inner: Field<crate::spec::text::Text>,
}

/// What a mount shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum MountKind {
    /// A volume of the scope.
    Volume,
    /// A folder of the engine's host.
    Bind,
    /// Memory.
    Tmpfs,
}

/// Settings of a mounted folder.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "Bind")]
pub(crate) struct BindSpec {
    /// Whether a missing folder is created. Default: `true`.
    pub(crate) create_host_path: Field<bool>,
}

/// The name of a mount in the engine inside, or `false`.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(
    dead_code,
    reason = "it describes what `inner` takes, for the schema only"
)]
enum InnerName {
    /// The volume's name in the engine inside.
    Name(String),
    /// `false` hides it.
    Hidden(bool),
}
