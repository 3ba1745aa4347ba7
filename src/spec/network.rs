//! Networks.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::spec::decode::{Field, Table};
use crate::spec::variables::TextMap;

/// A network. `{}` is a network with the default settings.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "Network", extend("type" = ["object", "null"]))]
pub(crate) struct NetworkSpec {
    /// Its exact name on the engine. Default: the project's name, `_`, and its name here.
    #[schemars(example = &"team-net")]
    pub(crate) name: Field<String>,
    /// Whether it exists already: nest then neither makes nor removes it. Default: `false`.
    #[schemars(example = true)]
    pub(crate) external: Field<bool>,
    /// The network driver. Default: `bridge`.
    #[schemars(example = &"bridge")]
    pub(crate) driver: Field<String>,
    /// Options of the driver.
    #[schemars(example = network_driver_opts())]
    pub(crate) driver_opts: Field<TextMap>,
    /// Labels of your own.
    #[schemars(example = labels())]
    pub(crate) labels: Field<TextMap>,
    /// Whether it leads nowhere outside. Default: `false`.
    #[schemars(example = true)]
    pub(crate) internal: Field<bool>,
    /// Whether containers of others can join it by hand. Default: `false`.
    #[schemars(example = true)]
    pub(crate) attachable: Field<bool>,
    /// The largest packet in bytes. Default: the engine's. Never above that of the network outside.
    #[schemars(range(min = 68, max = 65535), example = 1400)]
    pub(crate) mtu: Field<u32>,
    /// Whether it has IPv4 addresses. Default: `true`.
    #[schemars(example = false)]
    pub(crate) enable_ipv4: Field<bool>,
    /// Whether it has IPv6 addresses. Default: `false`.
    #[schemars(example = true)]
    pub(crate) enable_ipv6: Field<bool>,
    /// Where its addresses come from. Default: a free pool of the engine's.
    pub(crate) ipam: Field<IpamSpec>,
}

/// Where the addresses of a network come from.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "Ipam", example = ipam())]
pub(crate) struct IpamSpec {
    /// The driver that hands out addresses. Default: `default`.
    #[schemars(example = &"default")]
    pub(crate) driver: Field<String>,
    /// Pools of addresses, each a subnet.
    #[schemars(example = pools())]
    pub(crate) config: Field<Vec<Field<PoolSpec>>>,
    /// Options of the driver that hands out addresses.
    #[schemars(example = labels())]
    pub(crate) options: Field<TextMap>,
}

/// A pool of addresses.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "Pool", extend("required" = ["subnet"]))]
pub(crate) struct PoolSpec {
    /// The subnet: an address, `/`, and how many bits all its addresses share.
    #[schemars(example = &"172.30.0.0/16")]
    pub(crate) subnet: Field<String>,
    /// The part of the subnet that containers get addresses from. Default: all of it.
    #[schemars(example = &"172.30.5.0/24")]
    pub(crate) ip_range: Field<String>,
    /// The address of the gateway. Default: the first of the subnet.
    #[schemars(example = &"172.30.0.1")]
    pub(crate) gateway: Field<String>,
    /// Addresses that no container gets, by a name for each.
    #[schemars(example = addresses())]
    pub(crate) aux_addresses: Field<Table<String>>,
}

fn network_driver_opts() -> serde_json::Value {
    serde_json::json!({ "com.docker.network.bridge.name": "nest0" })
}

fn labels() -> serde_json::Value {
    serde_json::json!({ "team": "ci" })
}

fn ipam() -> serde_json::Value {
    serde_json::json!({ "config": pools() })
}

fn pools() -> serde_json::Value {
    serde_json::json!([{ "subnet": "172.30.0.0/16" }])
}

fn addresses() -> serde_json::Value {
    serde_json::json!({ "router": "172.30.0.2" })
}
