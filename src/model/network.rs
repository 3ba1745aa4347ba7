//! Networks of a scope.

use std::net::IpAddr;

use indexmap::IndexMap;
use ipnet::IpNet;

use crate::model::value::TextValue;

/// A network of a scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    /// Its exact name on the engine, where the file gives one.
    pub explicit_name: Option<String>,
    /// Whether it is somebody else's: it must exist, and nest never touches it. It then always has an `explicit_name`.
    pub external: bool,
    /// The network driver; `bridge` by default.
    pub driver: String,
    /// Options of the driver.
    pub driver_opts: IndexMap<String, TextValue>,
    /// The user's own labels.
    pub labels: IndexMap<String, TextValue>,
    /// Whether it leads nowhere outside.
    pub internal: bool,
    /// Whether containers of others can join it by hand.
    pub attachable: bool,
    /// The largest packet in bytes, where the file says.
    pub mtu: Option<u32>,
    /// Whether it has IPv4 addresses.
    pub enable_ipv4: bool,
    /// Whether it has IPv6 addresses.
    pub enable_ipv6: bool,
    /// Where its addresses come from.
    pub ipam: Ipam,
}

/// Where the addresses of a network come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ipam {
    /// The driver that hands out addresses; `default` by default.
    pub driver: String,
    /// Pools of addresses; none for a free one of the engine's.
    pub pools: Vec<Pool>,
    /// Options of the driver.
    pub options: IndexMap<String, TextValue>,
}

/// A pool of addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pool {
    /// The subnet.
    pub subnet: IpNet,
    /// The part of the subnet that containers get addresses from, where that is not all of it.
    pub ip_range: Option<IpNet>,
    /// The address of the gateway, where the file gives one.
    pub gateway: Option<IpAddr>,
    /// Addresses that no container gets, by name.
    pub aux_addresses: IndexMap<String, IpAddr>,
}

impl Default for Network {
    fn default() -> Self {
        Self {
            explicit_name: None,
            external: false,
            driver: "bridge".to_owned(),
            driver_opts: IndexMap::new(),
            labels: IndexMap::new(),
            internal: false,
            attachable: false,
            mtu: None,
            enable_ipv4: true,
            enable_ipv6: false,
            ipam: Ipam::default(),
        }
    }
}

impl Default for Ipam {
    fn default() -> Self {
        Self {
            driver: "default".to_owned(),
            pools: Vec::new(),
            options: IndexMap::new(),
        }
    }
}
