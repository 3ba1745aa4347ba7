//! Whose network a container uses, and how it is on networks.

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use crate::model::container::network::{Attachment, HostAddress, HostNames, NetworkMode};
use crate::model::written::container::{add_shown, shown};
use crate::model::written::{add, values};

/// Adds whose network it uses, unless it is the scope's `default` alone.
pub(super) fn network(keys: &mut Map<String, Value>, network: &NetworkMode) {
    let mode = match network {
        NetworkMode::Networks(_) if *network == NetworkMode::default() => return,
        NetworkMode::Networks(networks) => {
            let networks = networks.iter();
            let networks = networks.map(|(name, of)| (name.to_string(), attachment(of)));
            let networks: Map<_, _> = networks.collect();
            keys.insert("networks".to_owned(), Value::Object(networks));
            return;
        }
        NetworkMode::Bridge => "bridge".to_owned(),
        NetworkMode::None => "none".to_owned(),
        NetworkMode::Host => "host".to_owned(),
        NetworkMode::Of(neighbour) => format!("service:{neighbour}"),
    };
    keys.insert("network_mode".to_owned(), json!(mode));
}

/// Adds what it knows of host names.
pub(super) fn host_names(keys: &mut Map<String, Value>, names: &HostNames) {
    add(keys, "extra_hosts", extra_hosts(&names.extra_hosts));
    add(keys, "dns", shown(&names.dns));
    add(keys, "dns_search", shown(&names.dns_search));
}

/// Host names with their addresses.
pub(in crate::model::written) fn extra_hosts(
    hosts: &IndexMap<String, Vec<HostAddress>>,
) -> Map<String, Value> {
    let hosts = hosts.iter();
    hosts
        .map(|(name, addresses)| (name.clone(), Value::Array(shown(addresses))))
        .collect()
}

fn attachment(attachment: &Attachment) -> Value {
    let mut keys = Map::new();
    add(&mut keys, "aliases", shown(&attachment.aliases));
    add_shown(&mut keys, "ipv4_address", attachment.ipv4_address);
    add_shown(&mut keys, "ipv6_address", attachment.ipv6_address);
    add(
        &mut keys,
        "link_local_ips",
        shown(&attachment.link_local_ips),
    );
    add_shown(&mut keys, "mac_address", attachment.mac_address.as_ref());
    let interface = attachment.interface_name.as_ref();
    add_shown(&mut keys, "interface_name", interface);
    for (key, priority) in [
        ("gw_priority", attachment.gateway_priority),
        ("priority", attachment.priority),
    ] {
        if priority != 0 {
            keys.insert(key.to_owned(), json!(priority));
        }
    }
    add(&mut keys, "driver_opts", values(&attachment.driver_opts));
    Value::Object(keys)
}
