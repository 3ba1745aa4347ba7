//! Volumes and folders of an environment.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::spec::decode::Field;
use crate::spec::text::Text;

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
    /// The volume's name or the folder. A volume without one is made for the container.
    #[schemars(example = &"cache")]
    pub(crate) source: Field<String>,
    /// The path in the container.
    #[schemars(example = &"/cache")]
    pub(crate) target: Field<String>,
    /// Whether the container may not write to it.
    pub(crate) read_only: Field<bool>,
    /// Settings of a folder.
    #[schemars(example = bind())]
    pub(crate) bind: Field<BindSpec>,
    /// Settings of a volume.
    #[schemars(example = volume())]
    pub(crate) volume: Field<VolumeMountSpec>,
    /// Settings of memory.
    #[schemars(example = tmpfs())]
    pub(crate) tmpfs: Field<TmpfsSpec>,
    /// How soon writes are seen on the other side; engines on Linux see them at once. Default: `default`.
    #[schemars(example = &"cached")]
    pub(crate) consistency: Field<Consistency>,
    /// Its name in the engine inside, or `false` to hide it from that engine. Default: the volume's own name.
    #[schemars(with = "InnerName")]
    pub(crate) inner: Field<Text>,
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
    #[schemars(example = false)]
    pub(crate) create_host_path: Field<bool>,
    /// Which mounts below it are seen on the other side. Default: `rprivate`.
    #[schemars(example = &"rslave")]
    pub(crate) propagation: Field<Propagation>,
    /// Who may use it under SELinux: `z` several containers, `Z` this one alone.
    #[schemars(example = &"z")]
    pub(crate) selinux: Field<Selinux>,
}

/// Settings of a mounted volume.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "VolumeMount")]
pub(crate) struct VolumeMountSpec {
    /// The folder of the volume that is mounted. Default: the whole volume.
    #[schemars(example = &"packages")]
    pub(crate) subpath: Field<String>,
    /// Whether a new volume stays empty, without what the image has at that path. Default: `false`.
    #[schemars(example = true)]
    pub(crate) nocopy: Field<bool>,
}

/// Settings of mounted memory.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "Tmpfs")]
pub(crate) struct TmpfsSpec {
    /// The most that it holds. Default: half of the memory.
    #[schemars(example = &"64m")]
    pub(crate) size: Field<Text>,
    /// Who may do what, in octal digits. Default: `1777`.
    #[schemars(example = &"0700")]
    pub(crate) mode: Field<Text>,
}

/// Which mounts below a mounted folder are seen on the other side.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Propagation {
    /// None, here or there.
    Private,
    /// None, here or there, nor any below those.
    Rprivate,
    /// All, here and there.
    Shared,
    /// All, here and there, and those below them.
    Rshared,
    /// Those of the host are seen in the container.
    Slave,
    /// Those of the host are seen in the container, and those below them.
    Rslave,
}

/// Who may use a mounted folder under SELinux.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Selinux {
    /// Several containers.
    #[serde(rename = "z")]
    Shared,
    /// This container alone.
    #[serde(rename = "Z")]
    Private,
}

/// How soon writes are seen on the other side.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Consistency {
    /// As the engine does it.
    Default,
    /// At once.
    Consistent,
    /// The container may be behind the host.
    Cached,
    /// The host may be behind the container.
    Delegated,
}

fn bind() -> serde_json::Value {
    serde_json::json!({ "create_host_path": false })
}

fn volume() -> serde_json::Value {
    serde_json::json!({ "nocopy": true })
}

fn tmpfs() -> serde_json::Value {
    serde_json::json!({ "size": "64m" })
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
    Hidden(#[schemars(extend("const" = false))] bool),
}
