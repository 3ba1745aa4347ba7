//! Published ports.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::spec::decode::Field;
use crate::spec::text::Text;

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
    /// The port of the host, or a range of which the engine takes a free one. Default: any free one.
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
