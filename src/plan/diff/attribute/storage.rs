//! The attributes of volumes and networks.

use serde_json::json;

use crate::plan::diff::attribute::{Attributes, texts};
use crate::resource::storage::{NetworkSettings, VolumeSettings};

/// The attributes of a volume.
pub(crate) fn volume(settings: &VolumeSettings) -> Attributes {
    let mut attributes = Attributes::new();
    attributes.insert("driver".to_owned(), json!(settings.driver));
    let options = texts("driver_opts", &settings.driver_opts, &settings.secret_opts);
    let labels = texts("labels", &settings.labels, &settings.secret_labels);
    attributes.extend(options.chain(labels));
    attributes
}

/// The attributes of a network. Of a secret they have a hash.
pub(crate) fn network(settings: &NetworkSettings) -> Attributes {
    let mut attributes = Attributes::from_iter([("driver".to_owned(), json!(settings.driver))]);
    let secrets = &settings.secret_opts;
    attributes.extend(texts("driver_opts", &settings.driver_opts, secrets));
    attributes.extend(texts("labels", &settings.labels, &settings.secret_labels));
    let switches = [
        ("internal", settings.internal, true),
        ("attachable", settings.attachable, true),
        ("enable_ipv4", settings.without_ipv4, false),
        ("enable_ipv6", settings.ipv6, true),
    ];
    for (name, differs, value) in switches {
        if differs {
            attributes.insert(name.to_owned(), json!(value));
        }
    }
    if !settings.ipam_driver.is_empty() {
        attributes.insert("ipam.driver".to_owned(), json!(settings.ipam_driver));
    }
    attributes.extend(texts("ipam.options", &settings.ipam_options, secrets));
    for pool in &settings.pools {
        let parts = [("ip_range", &pool.ip_range), ("gateway", &pool.gateway)];
        let parts = parts.into_iter().filter(|(_, value)| !value.is_empty());
        let others = pool.aux_addresses.iter();
        let others = others.map(|(name, address)| (name.as_str(), address));
        let parts: Vec<String> = parts
            .chain(others)
            .map(|(name, value)| format!("{name} {value}"))
            .collect();
        let value = if parts.is_empty() {
            "all of it".to_owned()
        } else {
            parts.join(", ")
        };
        attributes.insert(format!("subnet {}", pool.subnet), json!(value));
    }
    attributes
}
