//! Whose network a container uses, and how it is on networks.

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use crate::model::container::network::{Attachment, HostAddress, NetworkMode};
use crate::model::written::{add, list, text, variables};

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

/// Host names with their addresses.
pub(super) fn extra_hosts(hosts: &IndexMap<String, Vec<HostAddress>>) -> Map<String, Value> {
    let hosts = hosts.iter();
    let hosts = hosts.map(|(name, addresses)| {
        let addresses = list(addresses, |address| json!(address.to_string()));
        (name.clone(), Value::Array(addresses))
    });
    hosts.collect()
}

fn attachment(attachment: &Attachment) -> Value {
    let mut keys = Map::new();
    add(
        &mut keys,
        "aliases",
        list(&attachment.aliases, |alias| text(alias)),
    );
    let addresses = [
        (
            "ipv4_address",
            attachment.ipv4_address.map(|address| address.to_string()),
        ),
        (
            "ipv6_address",
            attachment.ipv6_address.map(|address| address.to_string()),
        ),
        ("mac_address", attachment.mac_address.clone()),
        ("interface_name", attachment.interface_name.clone()),
    ];
    for (key, address) in addresses {
        if let Some(address) = address {
            keys.insert(key.to_owned(), text(&address));
        }
    }
    let local = list(&attachment.link_local_ips, |address| {
        json!(address.to_string())
    });
    add(&mut keys, "link_local_ips", local);
    for (key, priority) in [
        ("gw_priority", attachment.gateway_priority),
        ("priority", attachment.priority),
    ] {
        if priority != 0 {
            keys.insert(key.to_owned(), json!(priority));
        }
    }
    add(
        &mut keys,
        "driver_opts",
        variables(&attachment.driver_opts, |_| false),
    );
    Value::Object(keys)
}
