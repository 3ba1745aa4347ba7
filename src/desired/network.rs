//! Networks that an engine should have, and the places of containers on them.

use std::collections::{BTreeMap, BTreeSet};

use crate::desired::container::Place;
use crate::desired::{DesiredEngine, DesiredNetwork};
use crate::model::Scope;
use crate::model::container::network::{Attachment, NetworkMode};
use crate::model::name::NetworkName;
use crate::model::naming::Naming;
use crate::model::network::Network;
use crate::model::value::{revealed, secret_names};
use crate::resource::container::Endpoint;
use crate::resource::storage::{AddressPool, NetworkSettings};
use crate::resource::{Address, Kind};

/// The network that every scope has.
pub(crate) const DEFAULT: &str = "default";
/// The driver that hands out addresses where the file names none.
const OWN_IPAM: &str = "default";
/// The option by which drivers are told the largest packet.
pub(crate) const MTU: &str = "com.docker.network.driver.mtu";

/// The real name of a network of a scope.
pub(crate) fn real_name(naming: &Naming, scope: &Scope, name: &str) -> String {
    let declared = scope.networks.get(&NetworkName::new(name));
    let explicit = declared.and_then(|network| network.explicit_name.clone());
    explicit.unwrap_or_else(|| naming.network(name))
}

/// Adds the networks that a scope declares, and the one that it has always where something is on it.
pub(crate) fn add_declared(engine: &mut DesiredEngine, place: &Place<'_>, has_default: bool) {
    let default = NetworkName::new(DEFAULT);
    let (declared, plain) = (&place.scope.networks, Network::default());
    for (name, network) in declared {
        if has_default || *name != default {
            add(engine, place, name, network);
        }
    }
    if has_default && !declared.contains_key(&default) {
        add(engine, place, &default, &plain);
    }
}

/// The largest packet that a container can send on all of its networks, where the file says.
pub(crate) fn packet_size(place: &Place<'_>, mode: &NetworkMode) -> Option<u32> {
    let NetworkMode::Networks(networks) = mode else {
        return place.packet_size;
    };
    let sizes = networks.keys().filter_map(|name| {
        let declared = place.scope.networks.get(name);
        let declared = declared.and_then(|network| network.mtu);
        declared.or(place.packet_size)
    });
    sizes.min().or(place.packet_size)
}

fn add(engine: &mut DesiredEngine, place: &Place<'_>, name: &NetworkName, network: &Network) {
    let desired = DesiredNetwork {
        address: Address::new(place.address, Kind::Network, name.as_str()),
        settings: settings(network),
        external: network.external,
    };
    let real_name = real_name(place.naming, place.scope, name.as_str());
    // Somebody else's network may be declared under several names. One of them speaks for it, whatever their order.
    match engine.networks.get(&real_name) {
        Some(known) if known.address < desired.address => {}
        _ => drop(engine.networks.insert(real_name, desired)),
    }
}

fn settings(network: &Network) -> NetworkSettings {
    let ipam = &network.ipam;
    let mut driver_opts = revealed(&network.driver_opts);
    if let Some(mtu) = network.mtu {
        driver_opts.insert(MTU.to_owned(), mtu.to_string());
    }
    let text = |value: Option<String>| value.unwrap_or_default();
    let pools = ipam.pools.iter().map(|pool| AddressPool {
        subnet: pool.subnet.to_string(),
        ip_range: text(pool.ip_range.map(|range| range.to_string())),
        gateway: text(pool.gateway.map(|gateway| gateway.to_string())),
        aux_addresses: pool
            .aux_addresses
            .iter()
            .map(|(name, address)| (name.clone(), address.to_string()))
            .collect(),
    });
    let mut secret_opts = secret_names(&network.driver_opts);
    secret_opts.extend(secret_names(&ipam.options));
    NetworkSettings {
        driver: network.driver.clone(),
        driver_opts,
        labels: revealed(&network.labels),
        internal: network.internal,
        attachable: network.attachable,
        without_ipv4: !network.enable_ipv4,
        ipv6: network.enable_ipv6,
        ipam_driver: if ipam.driver == OWN_IPAM {
            String::new()
        } else {
            ipam.driver.clone()
        },
        ipam_options: revealed(&ipam.options),
        pools: pools.collect(),
        secret_opts,
        secret_labels: secret_names(&network.labels),
    }
}

/// The places of a container on networks, by their real names.
#[derive(Debug, Default)]
pub(crate) struct Places {
    /// The names that it answers to on each.
    pub(crate) aliases: BTreeMap<String, BTreeSet<String>>,
    /// What it is told besides.
    pub(crate) endpoints: BTreeMap<String, Endpoint>,
}

/// The places of replica `replica` of so many of the container that the scope calls `name`.
pub(crate) fn places(
    place: &Place<'_>,
    mode: &NetworkMode,
    (name, replica, replicas): (&str, u32, u32),
) -> Places {
    let mut places = Places::default();
    let NetworkMode::Networks(networks) = mode else {
        return places;
    };
    for (network, attachment) in networks {
        let declared = place.scope.networks.get(network);
        let mut aliases: BTreeSet<String> = attachment.aliases.iter().cloned().collect();
        if declared.is_some_and(|network| network.external) {
            // On a network of somebody else's, plain names may be somebody else's too.
            aliases.insert(format!("{name}.{}", place.project.name));
        } else {
            aliases.insert(format!("{name}-{replica}"));
            if replicas == 1 {
                aliases.insert(name.to_owned());
            }
        }
        let real_name = real_name(place.naming, place.scope, network.as_str());
        let endpoint = endpoint(attachment);
        if endpoint != Endpoint::default() {
            places.endpoints.insert(real_name.clone(), endpoint);
        }
        places.aliases.insert(real_name, aliases);
    }
    places
}

fn endpoint(attachment: &Attachment) -> Endpoint {
    let mut driver_opts = revealed(&attachment.driver_opts);
    if let Some(interface) = &attachment.interface_name {
        let option = "com.docker.network.endpoint.ifname".to_owned();
        driver_opts.insert(option, interface.clone());
    }
    let addresses = attachment.link_local_ips.iter();
    Endpoint {
        ipv4: attachment
            .ipv4_address
            .map(|address| address.to_string())
            .unwrap_or_default(),
        ipv6: attachment
            .ipv6_address
            .map(|address| address.to_string())
            .unwrap_or_default(),
        link_local: addresses.map(ToString::to_string).collect(),
        mac: attachment.mac_address.clone().unwrap_or_default(),
        gateway_priority: attachment.gateway_priority,
        driver_opts,
    }
}

/// Whether something of a scope is on its network `default`.
pub(crate) fn has_default(scope: &Scope) -> bool {
    let default = NetworkName::new(DEFAULT);
    let is_on = |mode: &NetworkMode| matches!(mode, NetworkMode::Networks(networks) if networks.contains_key(&default));
    let mut environments = scope.environments.values();
    let mut services = scope.services.values();
    environments.any(|environment| is_on(&environment.outer.container.network))
        || services.any(|service| is_on(&service.container.network))
}
