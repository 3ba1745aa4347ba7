//! The outer container of an environment.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::spec::container::ContainerSpec;
use crate::spec::daemon::DaemonSchema;
use crate::spec::decode::{Field, Joined, Table};
use crate::spec::schema::ModeSchema;
use crate::spec::text::Text;

/// The container of an environment: the word for its mode, or a mapping.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(rename = "Outer", untagged)]
pub(crate) enum OuterSpec {
    /// How the environment gets its engine.
    #[schemars(title = "mode", with = "ModeSchema")]
    Scalar(String),
    /// The mode and more.
    #[schemars(title = "container")]
    Mapping(Box<OuterMapping>),
}

impl OuterSpec {
    /// The keys that every container has, where there are any.
    pub(crate) fn container(&self) -> Option<&ContainerSpec> {
        match self {
            Self::Scalar(_) => None,
            Self::Mapping(mapping) => Some(&mapping.shared),
        }
    }
}

/// The container of an environment: what every container has, and what only containers with an engine have.
pub(crate) type OuterMapping = Joined<OuterKeys, ContainerSpec>;

/// The container of an environment.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "OuterMapping", extend("required" = ["mode"]))]
pub(crate) struct OuterKeys {
    /// How the environment gets its engine.
    #[schemars(with = "ModeSchema")]
    pub(crate) mode: Field<String>,
    /// How clients beside the container reach the engine; `socket` needs no TCP port. Default: `socket`.
    #[schemars(example = &"tls")]
    pub(crate) listen: Field<ListenSpec>,
    /// Where the data of the engine lives. Default: a volume of the environment's own.
    pub(crate) data: Field<DataSpec>,
    /// Keys of the engine's configuration file, `daemon.json`. Those that are not known here are passed on.
    #[schemars(with = "DaemonSchema", example = json!({ "max-concurrent-downloads": 6 }))]
    pub(crate) daemon: Field<Table<RawSpec>>,
    /// How long the engine may take to become ready: `60s`, or `{ timeout: 60s }`.
    #[schemars(example = &"90s")]
    pub(crate) ready: Field<ReadySpec>,
    /// Path of the engine's socket in the container, where the image has it in an unusual place. Default: the mode's.
    #[schemars(regex(pattern = r"^/|\$"), example = &"/run/docker.sock")]
    pub(crate) socket: Field<String>,
}

/// How clients beside the container reach the engine.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[schemars(rename = "Listen")]
#[serde(rename_all = "lowercase")]
pub(crate) enum ListenSpec {
    /// Through a socket in a shared volume, without any TCP port.
    Socket,
    /// Through TCP port 2376, with the certificates that the image makes.
    Tls,
    /// Through TCP port 2375, open to whoever reaches it.
    Tcp,
}

/// Where the data of an engine lives.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(rename = "Data", untagged)]
pub(crate) enum DataSpec {
    /// A volume of the scope, or a path on the engine's host.
    #[schemars(title = "volume or path", example = &"engine-data", example = &"/srv/engine")]
    Scalar(String),
    /// The place, and whether it is kept.
    #[schemars(title = "place and more")]
    Mapping(Box<DataMapping>),
}

/// Where the data of an engine lives, and whether it is kept.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct DataMapping {
    /// A volume of the scope.
    pub(crate) volume: Field<String>,
    /// A path on the engine's host.
    pub(crate) path: Field<String>,
    /// `true`: in memory, gone when the container stops.
    pub(crate) tmpfs: Field<bool>,
    /// Whether a plain `nest down` keeps it. Default: `true`.
    #[schemars(example = false)]
    pub(crate) keep: Field<bool>,
    /// What a new data root starts from. Default: a copy of a seed that is there already; none is made for it.
    #[schemars(example = &"copy")]
    pub(crate) seed: Field<SeedSpec>,
}

/// What a new data root starts from.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[schemars(rename = "Seed")]
#[serde(rename_all = "lowercase")]
pub(crate) enum SeedSpec {
    /// Nothing.
    None,
    /// A copy of the seed that nest keeps for these images on this engine, and makes if there is none.
    Copy,
    /// The layers of such a seed themselves, by hard links: for engines that trust each other.
    Link,
}

/// A value that is passed on as it is.
#[derive(Debug, Clone, Deserialize)]
pub(crate) enum RawSpec {
    /// One value.
    Scalar(serde_yaml::Value),
    /// A list.
    Sequence(Vec<Field<RawSpec>>),
    /// Keys with values.
    Mapping(Table<RawSpec>),
}

/// How long an engine may take to become ready.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(rename = "Ready", untagged)]
pub(crate) enum ReadySpec {
    /// The longest time.
    #[schemars(title = "time", example = &"90s")]
    Scalar(Text),
    /// The longest time, by its name.
    #[schemars(title = "mapping")]
    Mapping(ReadyMapping),
}

/// How long an engine may take to become ready.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ReadyMapping {
    /// The longest time.
    #[schemars(example = &"90s")]
    pub(crate) timeout: Field<Text>,
}
