//! The configuration file of an inner engine: the file's `daemon` keys joined with nest's.

use serde_json::{Value, json};

use crate::desired::{json_list, network, registry};
use crate::model::Project;
use crate::model::environment::Environment;
use crate::model::name::RegistryName;
use crate::model::registry::{Registry, RegistryKind};
use crate::resource::container::DaemonSettings;

/// List keys that nest writes, with the flag of `dockerd` that sets the same.
pub(crate) const REGISTRY_LISTS: [(&str, &str); 2] = [
    ("registry-mirrors", "--registry-mirror"),
    ("insecure-registries", "--insecure-registry"),
];

/// Where networks that say nothing take their addresses from.
const POOLS: &str = "default-address-pools";
/// From this depth on an engine does not see all networks around it, and would take the addresses of one of them again: what
/// is on that, the registries above all, could not be reached from inside. Each such depth has addresses of its own.
const BLIND: u32 = 2;
/// The largest packet on the default bridge.
const PACKET_SIZE: &str = "mtu";
/// What networks are made with that say nothing themselves. Engines before version 24 do not know it.
const NEW_NETWORKS: &str = "default-network-opts";

/// What the configuration file of the environment's engine says. The engine has so many others around it, and
/// can send packets of that size, where the file says.
///
/// The lists of registries are always written, since reloading a file that no longer has a key leaves its old value in
/// force; except where the command sets them by flag, since a key that is both a flag and in the file is fatal.
pub(crate) fn settings(
    project: &Project,
    environment: &Environment,
    (depth, around): (u32, Option<u32>),
) -> DaemonSettings {
    let used = || used(project, environment);
    let own = [
        registry::mirrors(used()).collect::<Vec<_>>(),
        registry::insecure(used()).collect(),
    ];
    let declared = environment.outer.daemon.iter();
    let mut settings: DaemonSettings = declared
        .map(|(key, value)| (key.clone(), value.reveal()))
        .collect();
    for ((key, flag), own) in REGISTRY_LISTS.into_iter().zip(own) {
        let declared = match settings.get(key) {
            Some(Value::Array(items)) => items
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
            _ => Vec::new(),
        };
        let mut list: Vec<String> = declared;
        for entry in own {
            if !list.contains(&entry) {
                list.push(entry);
            }
        }
        if list.is_empty() && is_flag(environment, flag) {
            settings.remove(key);
        } else {
            settings.insert(key.to_owned(), json_list(list));
        }
    }
    if depth >= BLIND
        && !settings.contains_key(POOLS)
        && !is_flag(environment, "--default-address-pool")
    {
        let pool = json!({ "base": format!("10.{}.0.0/16", 200 + depth.min(55)), "size": 24 });
        settings.insert(POOLS.to_owned(), json!([pool]));
    }
    follow(&mut settings, environment, around);
    settings
}

/// Lets the networks of the engine follow what is around it: by itself it takes 1500 bytes for what gets through.
fn follow(settings: &mut DaemonSettings, environment: &Environment, around: Option<u32>) {
    let is_said = |settings: &DaemonSettings, key: &str, flag: &str| {
        settings.contains_key(key) || is_flag(environment, flag)
    };
    if let Some(size) = around.filter(|_| !is_said(settings, PACKET_SIZE, "--mtu")) {
        settings.insert(PACKET_SIZE.to_owned(), json!(size));
    }
    if let Some(size) = packet_size(settings)
        && !is_said(settings, NEW_NETWORKS, "--default-network-opt")
    {
        let options = json!({ "bridge": { (network::MTU): size.to_string() } });
        settings.insert(NEW_NETWORKS.to_owned(), options);
    }
    // Who leaves it empty has an engine that does not know it.
    if settings.get(NEW_NETWORKS) == Some(&json!({})) {
        settings.remove(NEW_NETWORKS);
    }
}

/// The largest packet on networks of an engine with this configuration, where it says.
pub(crate) fn packet_size(settings: &DaemonSettings) -> Option<u32> {
    let size = settings.get(PACKET_SIZE)?.as_u64()?;
    u32::try_from(size).ok()
}

/// What the file says that tells an engine only of registries: which are asked first in place of which others, and which
/// answer without TLS.
pub(crate) fn registries(project: &Project, environment: &Environment) -> DaemonSettings {
    let mut entries = Vec::new();
    for (name, registry) in used(project, environment) {
        let (host, mirror) = match &registry.kind {
            RegistryKind::Mirror { host, .. } => (
                host,
                format!("{}:{}", registry::host(name), Registry::CONTAINER_PORT),
            ),
            // Its locations have no scheme: one that must not be asked with TLS is `insecure`.
            RegistryKind::ExistingMirror { host, url } => {
                let (_, location) = url.split_once("://").unwrap_or(("", url));
                (host, location.to_owned())
            }
            RegistryKind::Local { .. } | RegistryKind::Existing { .. } => continue,
        };
        let mut mirror = json!({ "location": mirror });
        if registry.insecure {
            mirror["insecure"] = json!(true);
        }
        entries.push(json!({ "location": host, "mirror": [mirror] }));
    }
    let insecure = registry::insecure(used(project, environment));
    entries.extend(insecure.map(|location| json!({ "location": location, "insecure": true })));
    if entries.is_empty() {
        return DaemonSettings::new();
    }
    DaemonSettings::from([("registry".to_owned(), Value::Array(entries))])
}

/// The registries that an environment uses.
fn used<'a>(
    project: &'a Project,
    environment: &'a Environment,
) -> impl Iterator<Item = (&'a RegistryName, &'a Registry)> {
    let names = environment.registries.iter();
    names.filter_map(|name| project.registries.get_key_value(name))
}

/// Whether the command says it by flag.
fn is_flag(environment: &Environment, flag: &str) -> bool {
    let command = environment.outer.container.command.iter().flatten();
    command
        .into_iter()
        .any(|argument| argument.starts_with(flag))
}
