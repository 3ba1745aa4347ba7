//! Networks, as a nest file has them.

use serde_json::{Map, Value, json};

use crate::model::network::{Ipam, Network, Pool};
use crate::model::written::{add, list, mapping, text, values};

/// A network's settings.
pub(super) fn network(network: &Network) -> Value {
    let mut keys = Map::new();
    if let Some(name) = &network.explicit_name {
        keys.insert("name".to_owned(), text(name));
    }
    keys.insert("external".to_owned(), json!(network.external));
    if network.external {
        return Value::Object(keys);
    }
    keys.insert("driver".to_owned(), text(&network.driver));
    let options = values(&network.driver_opts);
    add(&mut keys, "driver_opts", options);
    add(&mut keys, "labels", values(&network.labels));
    keys.insert("internal".to_owned(), json!(network.internal));
    keys.insert("attachable".to_owned(), json!(network.attachable));
    if let Some(mtu) = network.mtu {
        keys.insert("mtu".to_owned(), json!(mtu));
    }
    keys.insert("enable_ipv4".to_owned(), json!(network.enable_ipv4));
    keys.insert("enable_ipv6".to_owned(), json!(network.enable_ipv6));
    keys.insert("ipam".to_owned(), ipam(&network.ipam));
    Value::Object(keys)
}

fn ipam(ipam: &Ipam) -> Value {
    let mut keys = mapping([("driver", text(&ipam.driver))]);
    add(&mut keys, "config", list(&ipam.pools, pool));
    add(&mut keys, "options", values(&ipam.options));
    Value::Object(keys)
}

fn pool(pool: &Pool) -> Value {
    let mut keys = mapping([("subnet", json!(pool.subnet.to_string()))]);
    if let Some(range) = pool.ip_range {
        keys.insert("ip_range".to_owned(), json!(range.to_string()));
    }
    if let Some(gateway) = pool.gateway {
        keys.insert("gateway".to_owned(), json!(gateway.to_string()));
    }
    let addresses = pool.aux_addresses.iter();
    let addresses = addresses.map(|(name, address)| (name.clone(), json!(address.to_string())));
    add(&mut keys, "aux_addresses", addresses.collect::<Map<_, _>>());
    Value::Object(keys)
}
