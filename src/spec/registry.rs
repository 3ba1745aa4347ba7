//! Registries.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::spec::decode::Field;
use crate::spec::text::Text;
use crate::spec::variables::VariablesSpec;

/// A registry that nest runs: a pull-through cache with `mirror`, else one that is filled by pushing to it.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "Registry", extend("type" = ["object", "null"]))]
pub(crate) struct RegistrySpec {
    /// The registry host that it is a pull-through cache of.
    #[schemars(example = &"docker.io")]
    pub(crate) mirror: Field<String>,
    /// The address of that host's API, if it is elsewhere.
    #[schemars(example = &"https://registry-1.docker.io")]
    pub(crate) upstream: Field<String>,
    /// The port on 127.0.0.1 of the engine's host where it can be reached too.
    #[schemars(with = "u16", range(min = 1, max = 65535), example = 5000)]
    pub(crate) port: Field<Text>,
    /// The image of its container. Default: `registry:2`.
    #[schemars(example = &"registry:2")]
    pub(crate) image: Field<String>,
    /// The volume that holds its data. Default: one of its own.
    pub(crate) volume: Field<String>,
    /// Environment variables of its container.
    pub(crate) environment: Field<VariablesSpec>,
}
