//! How a container is attached to networks, and what host names it knows.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::source::Span;
use crate::spec::decode::{Field, Table};
use crate::spec::text::{Text, Texts};
use crate::spec::variables::TextMap;

/// The networks that a container is attached to.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(rename = "Attachments", untagged)]
pub(crate) enum AttachmentsSpec {
    /// Names.
    #[schemars(title = "names", example = &["default", "backend"])]
    Sequence(Vec<Field<String>>),
    /// Names, each with settings.
    #[schemars(title = "names with settings")]
    Mapping(Table<AttachmentSpec>),
}

/// How a container is attached to a network.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "Attachment", extend("type" = ["object", "null"]))]
pub(crate) struct AttachmentSpec {
    /// More names by which it is found there.
    #[schemars(example = &["docker"])]
    pub(crate) aliases: Field<Vec<Field<String>>>,
    /// Its IPv4 address there.
    #[schemars(example = &"172.30.0.10")]
    pub(crate) ipv4_address: Field<String>,
    /// Its IPv6 address there.
    #[schemars(example = &"2001:db8::10")]
    pub(crate) ipv6_address: Field<String>,
    /// Its link-local addresses there.
    #[schemars(example = &["169.254.8.8"])]
    pub(crate) link_local_ips: Field<Vec<Field<String>>>,
    /// Its hardware address there.
    #[schemars(example = &"02:42:ac:11:65:43")]
    pub(crate) mac_address: Field<String>,
    /// The name of its interface there.
    #[schemars(example = &"eth0")]
    pub(crate) interface_name: Field<String>,
    /// Which network's gateway it uses: the one of the highest number. Default: 0.
    #[schemars(example = 1000)]
    pub(crate) gw_priority: Field<Text>,
    /// In which order it is attached: the highest first. Default: 0.
    #[schemars(example = 1000)]
    pub(crate) priority: Field<Text>,
    /// Options of the network's driver.
    pub(crate) driver_opts: Field<TextMap>,
}

impl AttachmentsSpec {
    /// The names with their places.
    pub(crate) fn names(&self) -> Vec<(&str, Span)> {
        match self {
            Self::Sequence(names) => names
                .iter()
                .filter_map(Field::get)
                .map(|name| (name.value.as_str(), name.span))
                .collect(),
            Self::Mapping(table) => table
                .entries
                .iter()
                .map(|entry| (entry.name.as_str(), entry.name_span.clone()))
                .collect(),
        }
    }
}

/// Host names with addresses.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(rename = "ExtraHosts", untagged)]
pub(crate) enum ExtraHostsSpec {
    /// `NAME:ADDRESS`, or `NAME=ADDRESS`.
    #[schemars(title = "list", example = &["registry.example=10.0.0.5"])]
    Sequence(Vec<Field<String>>),
    /// Names with one address or several.
    #[schemars(title = "mapping")]
    Mapping(Table<Texts>),
}
