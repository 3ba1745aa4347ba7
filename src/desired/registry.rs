//! Registries that nest runs, and what engines must be told to use them.

use std::collections::{BTreeMap, BTreeSet};

use crate::desired::{DesiredContainer, DesiredEngine, VolumeRole, network, volume};
use crate::model::Scope;
use crate::model::container::network::NetworkMode;
use crate::model::image::Pull;
use crate::model::name::{NetworkName, RegistryName};
use crate::model::naming::Naming;
use crate::model::registry::{Registry, RegistryKind, RegistryPort};
use crate::model::value::{revealed, secret_names};
use crate::resource::container::{
    ContainerMount, ContainerMountSource, FixedSettings, LiveSettings, MountOptions, PortBinding,
    RestartPolicy,
};
use crate::resource::{Address, Kind};

/// Adds the container of a registry that nest runs.
pub(crate) fn add(
    engine: &mut DesiredEngine,
    naming: &Naming,
    scope: &Scope,
    name: &RegistryName,
    registry: &Registry,
) {
    let Some(own) = registry.container() else {
        return;
    };
    let address = Address::new(None, Kind::Registry, name.as_str());
    let volume_name = match &own.volume {
        Some(volume) => naming.volume(volume, scope.volumes.get(volume)),
        None => volume::add_own(
            engine,
            naming,
            None,
            &address,
            (name.as_str(), "data"),
            VolumeRole::Data,
        ),
    };
    let container = naming.container(name.as_str(), 1);
    let mut environment = revealed(&own.environment);
    if let RegistryKind::Mirror { upstream, .. } = &registry.kind {
        environment
            .entry("REGISTRY_PROXY_REMOTEURL".to_owned())
            .or_insert_with(|| upstream.clone());
    }
    let host_port = match own.port {
        RegistryPort::None => None,
        RegistryPort::Free => Some(None),
        RegistryPort::Fixed(port) => Some(Some(port.into())),
    };
    let ports = host_port.map(|host_port| PortBinding {
        container: format!("{}/tcp", Registry::CONTAINER_PORT),
        host_ip: "127.0.0.1".to_owned(),
        host_port,
    });
    let fixed = FixedSettings {
        image: own.image.clone(),
        environment,
        secrets: secret_names(&own.environment),
        ports: ports.into_iter().collect(),
        mounts: vec![ContainerMount {
            target: Registry::DATA_FOLDER.to_owned(),
            source: ContainerMountSource::Volume(volume_name),
            read_only: false,
            options: MountOptions::default(),
        }],
        ..FixedSettings::default()
    };
    let aliases = BTreeSet::from([name.to_string(), format!("{name}-1"), host(name)]);
    let live = LiveSettings {
        // A pull-through cache ends when its upstream does not answer, and is to serve once it does.
        restart: RestartPolicy {
            name: "on-failure".to_owned(),
            retries: 0,
        },
        networks: networks(naming, scope, name, &aliases),
        ..LiveSettings::default()
    };
    let desired = DesiredContainer {
        address,
        kind: Kind::Registry,
        fixed,
        live,
        pull: Pull::Missing,
        engine: None,
        log_line: Some(Registry::READY_LINE.to_owned()),
        depends_on: BTreeMap::new(),
        needed_first: BTreeSet::new(),
        shares: BTreeSet::new(),
        restarts_with: BTreeSet::new(),
        is_awaited: false,
        socket: None,
        missing: Vec::new(),
        registries: BTreeSet::new(),
        protect: false,
    };
    engine.containers.insert(container, desired);
}

/// The networks of a registry, on each of which it has the same names: its scope's own, and one of every environment
/// that lists it.
fn networks(
    naming: &Naming,
    scope: &Scope,
    name: &RegistryName,
    aliases: &BTreeSet<String>,
) -> BTreeMap<String, BTreeSet<String>> {
    let own = NetworkName::new(network::DEFAULT);
    let mut names = BTreeSet::from([own.clone()]);
    for environment in scope.environments.values() {
        if let NetworkMode::Networks(networks) = &environment.outer.container.network
            && environment.registries.contains(name)
            && !networks.contains_key(&own)
        {
            names.extend(networks.keys().next().cloned());
        }
    }
    let real_name = |name: &NetworkName| network::real_name(naming, scope, name.as_str());
    names
        .iter()
        .map(|name| (real_name(name), aliases.clone()))
        .collect()
}

/// The host name of a registry at every depth. It has a dot: names without one do not resolve from the user networks
/// of inner engines.
pub(crate) fn host(name: &RegistryName) -> String {
    format!("{name}.nest")
}

/// The mirrors of Docker Hub among `registries`, as entries of `registry-mirrors`.
pub(crate) fn mirrors<'a>(
    registries: impl Iterator<Item = (&'a RegistryName, &'a Registry)>,
) -> impl Iterator<Item = String> {
    registries.filter_map(|(name, registry)| match &registry.kind {
        RegistryKind::Mirror { host: mirrored, .. } if mirrored == "docker.io" => Some(format!(
            "http://{}:{}/",
            host(name),
            Registry::CONTAINER_PORT
        )),
        _ => None,
    })
}

/// The names under which `registries` answer without TLS, as entries of `insecure-registries`.
pub(crate) fn insecure<'a>(
    registries: impl Iterator<Item = (&'a RegistryName, &'a Registry)>,
) -> impl Iterator<Item = String> {
    let run = registries.filter(|(_, registry)| registry.container().is_some());
    run.flat_map(|(name, _)| {
        [name.to_string(), host(name)].map(|host| format!("{host}:{}", Registry::CONTAINER_PORT))
    })
}
