//! What the containers of services and of environments have in common.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;

use crate::desired::container::Place;
use crate::desired::{
    Condition, DesiredContainer, DesiredEngine, files, network, process, surroundings,
};
use crate::model::container::{Container, PullPolicy};
use crate::model::dependency::Dependency;
use crate::model::image::Pull;
use crate::model::mount::Mount;
use crate::model::name::MemberName;
use crate::model::port::Port;
use crate::model::value::{revealed, secret_names};
use crate::resource::container::{FixedSettings, LiveSettings, PortBinding};
use crate::resource::{Address, Kind};

/// One replica of a service or an environment.
#[derive(Debug)]
pub(crate) struct Member<'a> {
    pub(crate) kind: Kind,
    pub(crate) name: &'a str,
    pub(crate) container: &'a Container,
    /// Whether its image is built.
    pub(crate) is_built: bool,
    pub(crate) volumes: &'a [Mount],
    pub(crate) depends_on: &'a IndexMap<MemberName, Dependency>,
    pub(crate) replica: u32,
    pub(crate) replicas: u32,
    /// The number of the replicas of others that it goes with.
    pub(crate) number: u32,
}

/// The container of a member, as far as its kind makes no difference.
pub(crate) fn container(
    engine: &mut DesiredEngine,
    place: &Place<'_>,
    member: &Member<'_>,
) -> DesiredContainer {
    let container = member.container;
    let mut address = Address::new(place.address, member.kind, member.name);
    if member.replicas > 1 {
        address = address.replica(member.replica);
    }
    // The outer engine pulls what its containers need.
    if engine.depth > 0
        && let Some(scope) = place.address
    {
        let is_always = container.pull_policy == PullPolicy::Always && !member.is_built;
        let pulled = (member.is_built, is_always);
        engine.add_container_image(scope, &container.image, pulled);
    }
    let mounts = place.mounts(engine, member.volumes, member.number);
    let mut environment = revealed(&container.environment);
    environment.insert("NEST_REPLICA".to_owned(), member.replica.to_string());
    let granted = files::granted(place, container);
    let places = network::places(
        place,
        &container.network,
        (member.name, member.replica, member.replicas),
    );
    let mut dependencies = place.dependencies(member.depends_on);
    let shares: BTreeSet<String> = surroundings::neighbours(container)
        .map(|neighbour| place.neighbour(neighbour, member.number))
        .collect();
    for neighbour in &shares {
        let condition = dependencies.conditions.entry(neighbour.clone());
        condition.or_insert(Condition::Started);
        dependencies.optional.remove(neighbour);
    }
    dependencies.restarts_with.extend(shares.iter().cloned());
    let fixed = FixedSettings {
        image: container.image.clone(),
        platform: container.platform.as_ref().map(ToString::to_string),
        command: container.command.clone().unwrap_or_default(),
        environment,
        secrets: secret_names(&container.environment),
        hostname: container.hostname.clone(),
        ports: on_engine(engine, container.ports.iter().map(port_binding)),
        mounts,
        init: container.init,
        privileged: container.security.privileged,
        stop_timeout: process::stop_timeout(container),
        labels: revealed(&container.labels),
        secret_labels: secret_names(&container.labels),
        process: process::settings(container),
        surroundings: surroundings::settings(place, container, member.number),
        files: granted.files,
        ..FixedSettings::default()
    };
    DesiredContainer {
        address,
        kind: member.kind,
        fixed,
        live: LiveSettings {
            networks: places.aliases,
            endpoints: places.endpoints,
            ..process::live(container)
        },
        pull: match container.pull_policy {
            _ if member.is_built => Pull::Missing,
            PullPolicy::Always => Pull::Always,
            PullPolicy::Never => Pull::Never,
            PullPolicy::Missing | PullPolicy::Build | PullPolicy::Every(_) => Pull::Missing,
        },
        engine: None,
        log_line: None,
        depends_on: dependencies.conditions,
        optional: dependencies.optional,
        needed_first: shares.clone(),
        shares,
        restarts_with: dependencies.restarts_with,
        is_awaited: false,
        socket: None,
        access: BTreeMap::new(),
        missing: granted.missing,
        registries: BTreeSet::new(),
        protect: false,
        is_one_off: false,
    }
}

/// Ports as the engine publishes them. The address that an inner one is published on is one of the outermost host: the
/// engines on the way listen on all of theirs.
pub(crate) fn on_engine(
    engine: &DesiredEngine,
    ports: impl Iterator<Item = PortBinding>,
) -> Vec<PortBinding> {
    let host_ip = |port: PortBinding| match engine.depth {
        0 => port,
        _ => PortBinding {
            host_ip: String::new(),
            ..port
        },
    };
    ports.map(host_ip).collect()
}

pub(crate) fn port_binding(port: &Port) -> PortBinding {
    PortBinding {
        container: format!("{}/{}", port.target, port.protocol),
        host_ip: port.host_ip.clone().unwrap_or_default(),
        host_port: port.published.clone(),
    }
}
