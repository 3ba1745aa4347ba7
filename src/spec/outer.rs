//! The outer container of an environment.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::spec::daemon::DaemonSchema;
use crate::spec::decode::{Field, Table};
use crate::spec::schema::ModeSchema;
use crate::spec::text::Text;
use crate::spec::variables::VariablesSpec;

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

/// The container of an environment.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["mode"]))]
pub(crate) struct OuterMapping {
    /// How the environment gets its engine.
    #[schemars(with = "ModeSchema")]
    pub(crate) mode: Field<String>,
    /// How clients beside the container reach the engine. Default: `socket`, without any TCP port.
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
    /// The container's image. Default: the mode's.
    #[schemars(example = &"docker:28-dind")]
    pub(crate) image: Field<String>,
    /// The command. One that begins with `-` is added to the engine's own; any other replaces it.
    pub(crate) command: Field<CommandSpec>,
    /// Environment variables of the container.
    pub(crate) environment: Field<VariablesSpec>,
    /// Ports that are published on the engine's host.
    pub(crate) ports: Field<Vec<Field<PortSpec>>>,
    /// The container's host name.
    pub(crate) hostname: Field<String>,
    /// The most processors it may use, `2` or `0.5`.
    #[schemars(example = 2, example = &"0.5")]
    pub(crate) cpus: Field<Text>,
    /// The most memory it may use, `512m` or `4g`.
    #[schemars(example = &"4g")]
    pub(crate) memory: Field<Text>,
    /// The same as `memory`, as Compose calls it.
    pub(crate) mem_limit: Field<Text>,
    /// When the engine restarts the container: `no`, `always`, `unless-stopped`, `on-failure`, `on-failure:3`.
    #[schemars(with = "RestartSchema", example = &"unless-stopped")]
    pub(crate) restart: Field<Text>,
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

/// When the engine restarts a container.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "it describes the words, for the schema only")]
enum RestartSchema {
    /// A policy's word.
    Word(#[schemars(regex(pattern = r"^(no|always|unless-stopped|on-failure(:\d+)?)$|\$"))] String),
    /// `no` as older YAML reads it.
    No(bool),
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
    /// What a new data root starts from. Default: `copy`.
    #[schemars(example = &"none")]
    pub(crate) seed: Field<SeedSpec>,
}

/// What a new data root starts from.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[schemars(rename = "Seed")]
#[serde(rename_all = "lowercase")]
pub(crate) enum SeedSpec {
    /// Nothing.
    None,
    /// A copy of the seed that nest keeps for these images on this engine.
    Copy,
    /// The layers of that seed themselves, by hard links: for engines that trust each other.
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

/// A command: its words, or one line that is split as a shell would.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(rename = "Command", untagged)]
pub(crate) enum CommandSpec {
    /// One line.
    #[schemars(title = "line")]
    Scalar(String),
    /// Words.
    #[schemars(title = "words")]
    Sequence(Vec<Field<Text>>),
}

/// A published port.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(rename = "Port", untagged)]
pub(crate) enum PortSpec {
    /// `CONTAINER`, `HOST:CONTAINER` or `IP:HOST:CONTAINER`; ranges and `/udp` as in Compose.
    #[schemars(title = "short form", example = &"8080:80", example = 80)]
    Scalar(Text),
    /// Each part by its name.
    #[schemars(title = "long form")]
    Mapping(Box<PortMapping>),
}

/// A published port, each part by its name.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["target"]))]
pub(crate) struct PortMapping {
    /// The port in the container.
    #[schemars(example = 80)]
    pub(crate) target: Field<Text>,
    /// The port of the host, or a range of which each is published. Default: a free one.
    #[schemars(example = &"8080")]
    pub(crate) published: Field<Text>,
    /// The address of the host that listens. Default: all.
    #[schemars(example = &"127.0.0.1")]
    pub(crate) host_ip: Field<String>,
    /// The protocol. Default: `tcp`.
    #[schemars(with = "ProtocolSchema")]
    pub(crate) protocol: Field<String>,
}

/// The protocol of a port.
#[derive(JsonSchema)]
#[schemars(rename = "Protocol", rename_all = "lowercase")]
#[expect(dead_code, reason = "it describes the words, for the schema only")]
enum ProtocolSchema {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// SCTP.
    Sctp,
}
