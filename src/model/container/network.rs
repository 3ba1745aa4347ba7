//! How a container is on networks, and what host names it knows.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use indexmap::IndexMap;

use crate::model::name::{EnvironmentName, NetworkName, ServiceName};
use crate::model::port::parse_range;
use crate::model::value::TextValue;

/// Whose network a container uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NetworkMode {
    /// Its own, on these networks of the scope.
    Networks(IndexMap<NetworkName, Attachment>),
    /// Its own, on the engine's default bridge.
    Bridge,
    /// Its own, on no network.
    None,
    /// The host's.
    Host,
    /// That of another container of the scope.
    Of(Neighbour),
}

/// Another container of the same scope.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Neighbour {
    /// The outer container of an environment.
    Environment(EnvironmentName),
    /// A service.
    Service(ServiceName),
}

/// How a container is on a network.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attachment {
    /// More names by which it is found there.
    pub aliases: Vec<String>,
    /// Its IPv4 address there, where the file gives one.
    pub ipv4_address: Option<Ipv4Addr>,
    /// Its IPv6 address there, where the file gives one.
    pub ipv6_address: Option<Ipv6Addr>,
    /// Its link-local addresses there.
    pub link_local_ips: Vec<IpAddr>,
    /// Its hardware address there, where the file gives one.
    pub mac_address: Option<String>,
    /// The name of its interface there, where the file gives one.
    pub interface_name: Option<String>,
    /// The network of the highest number is the one whose gateway it uses.
    pub gateway_priority: i32,
    /// It is attached to the network of the highest number first.
    pub priority: i32,
    /// Options of the network's driver.
    pub driver_opts: IndexMap<String, TextValue>,
}

/// What a container knows of host names, besides its networks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HostNames {
    /// Host names with their addresses.
    pub extra_hosts: IndexMap<String, Vec<HostAddress>>,
    /// Name servers; none for the engine's.
    pub dns: Vec<IpAddr>,
    /// Domains in which short names are looked for; `.` alone for none. Empty for the engine's.
    pub dns_search: Vec<String>,
}

/// What a host name of a container leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostAddress {
    /// An address.
    Ip(IpAddr),
    /// The engine's host.
    HostGateway,
}

/// Ports that other containers are told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExposedPorts {
    /// The first port.
    pub first: u16,
    /// The last port.
    pub last: u16,
    /// `tcp`, `udp` or `sctp`.
    pub protocol: String,
}

impl Default for NetworkMode {
    fn default() -> Self {
        let attachment = Attachment::default();
        Self::Networks(IndexMap::from([(NetworkName::new("default"), attachment)]))
    }
}

impl fmt::Display for Neighbour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment(name) => name.fmt(f),
            Self::Service(name) => name.fmt(f),
        }
    }
}

impl HostAddress {
    /// Reads an address, in brackets or not, or `host-gateway`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if text == "host-gateway" {
            return Ok(Self::HostGateway);
        }
        let inside = text
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        let address = inside.unwrap_or(text).parse();
        address
            .map(Self::Ip)
            .map_err(|_| format!("`{text}` is neither an address nor `host-gateway`"))
    }
}

impl fmt::Display for HostAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(address) => address.fmt(f),
            Self::HostGateway => f.write_str("host-gateway"),
        }
    }
}

/// Splits the short form of an extra host, `NAME=ADDRESS` or `NAME:ADDRESS`.
pub(crate) fn split_extra_host(text: &str) -> Result<(&str, &str), &'static str> {
    match text.split_once(['=', ':']) {
        Some((name, address)) if !name.is_empty() && !address.is_empty() => Ok((name, address)),
        Some(_) => Err("the name or the address is missing"),
        None => Err("there is no address after the name"),
    }
}

impl ExposedPorts {
    /// Reads a port or a range, with a protocol or without.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (range, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
        let protocol = protocol.to_ascii_lowercase();
        if !["tcp", "udp", "sctp"].contains(&protocol.as_str()) {
            return Err(format!("`{protocol}` is none of `tcp`, `udp`, `sctp`"));
        }
        if range.contains(':') {
            return Err("it publishes nothing, so it has no port of the host".to_owned());
        }
        let (first, last) = parse_range(range)?.into_inner();
        Ok(Self {
            first,
            last,
            protocol,
        })
    }
}

impl fmt::Display for ExposedPorts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.first)?;
        if self.last > self.first {
            write!(f, "-{}", self.last)?;
        }
        write!(f, "/{}", self.protocol)
    }
}

/// Reads a hardware address: six pairs of hexadecimal digits.
pub(crate) fn parse_mac_address(text: &str) -> Result<String, &'static str> {
    let lower = text.to_ascii_lowercase().replace('-', ":");
    let pairs: Vec<&str> = lower.split(':').collect();
    let good = |pair: &&str| pair.len() == 2 && pair.bytes().all(|byte| byte.is_ascii_hexdigit());
    if pairs.len() != 6 || !pairs.iter().all(good) {
        return Err("it is not six pairs of hexadecimal digits");
    }
    match u8::from_str_radix(pairs[0], 16) {
        Ok(first) if first & 1 == 1 => Err("it is the address of a group, not of one interface"),
        _ => Ok(lower),
    }
}

#[cfg(test)]
mod tests {
    use crate::model::container::network::{
        ExposedPorts, HostAddress, parse_mac_address, split_extra_host,
    };

    #[test]
    fn an_extra_host_may_have_an_address_with_colons() {
        assert_eq!(split_extra_host("a:::1"), Ok(("a", "::1")));
        assert_eq!(split_extra_host("a=10.0.0.1"), Ok(("a", "10.0.0.1")));
        for wrong in ["", "a", "a:", ":1"] {
            assert!(split_extra_host(wrong).is_err(), "{wrong}");
        }
        for (text, shown) in [("[::1]", "::1"), ("host-gateway", "host-gateway")] {
            let address = HostAddress::parse(text).map(|address| address.to_string());
            assert_eq!(address.as_deref(), Ok(shown));
        }
        assert!(HostAddress::parse("gateway").is_err());
    }

    #[test]
    fn exposed_ports_are_a_range() {
        for (text, shown) in [("80", "80/tcp"), ("80-90/UDP", "80-90/udp")] {
            let ports = ExposedPorts::parse(text).map(|ports| ports.to_string());
            assert_eq!(ports.as_deref(), Ok(shown));
        }
        for wrong in ["", "0", "90-80", "80:80", "80/icmp", "70000"] {
            assert!(ExposedPorts::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_hardware_address_is_that_of_one_interface() {
        let address = parse_mac_address("02-42-AC-11-65-43");
        assert_eq!(address.as_deref(), Ok("02:42:ac:11:65:43"));
        for wrong in ["", "02:42", "02:42:ac:11:65:4g", "01:00:5e:00:00:01"] {
            assert!(parse_mac_address(wrong).is_err(), "{wrong}");
        }
    }
}
