//! The containers of a service.

use std::collections::BTreeSet;

use crate::desired::container::{Place, on_engine, port_binding};
use crate::desired::{
    Condition, DesiredContainer, DesiredEngine, client, files, network, process, surroundings,
};
use crate::model::name::ServiceName;
use crate::model::service::Service;
use crate::model::value::{revealed, secret_names};
use crate::resource::container::{FixedSettings, LiveSettings};
use crate::resource::{Address, Kind};

/// Adds one replica of a service.
pub(crate) fn add_service(
    engine: &mut DesiredEngine,
    place: &Place<'_>,
    name: &ServiceName,
    service: &Service,
    replica: u32,
) {
    let container = &*service.container;
    let mut address = Address::new(place.address, Kind::Service, name.as_str());
    if service.replicas > 1 {
        address = address.replica(replica);
    }
    let number = client::number(service.docker_host.as_ref(), replica);
    let connection = client::connection(place, service, replica);
    let mut granted = files::granted(place, container);
    let mut mounts = place.mounts(engine, &service.volumes, number);
    let mut variables = revealed(&container.environment);
    variables.insert("NEST_REPLICA".to_owned(), replica.to_string());
    let (mut depends_on, mut restarts_with) = place.dependencies(&service.depends_on);
    let shares: BTreeSet<String> = surroundings::neighbours(container)
        .map(|neighbour| place.neighbour(neighbour, number))
        .collect();
    let mut needed_first = shares.clone();
    for neighbour in &shares {
        depends_on
            .entry(neighbour.clone())
            .or_insert(Condition::Started);
    }
    let mut socket = None;
    if let Some(connection) = connection {
        variables.extend(connection.variables);
        mounts.extend(connection.mount);
        granted.files.extend(connection.files);
        socket = connection.socket;
        depends_on.insert(connection.container.clone(), Condition::Ready);
        needed_first.insert(connection.container);
    }
    mounts.sort();
    restarts_with.extend(shares.iter().cloned());
    let places = network::places(
        place,
        &container.network,
        (name.as_str(), replica, service.replicas),
    );
    // The outer engine pulls what its containers need.
    if engine.depth > 0
        && let Some(scope) = place.address
    {
        engine.add_container_image(scope, &container.image);
    }
    let fixed = FixedSettings {
        image: container.image.clone(),
        command: container.command.clone().unwrap_or_default(),
        environment: variables,
        secrets: secret_names(&container.environment),
        hostname: container.hostname.clone(),
        ports: on_engine(engine, container.ports.iter().map(port_binding).collect()),
        mounts,
        init: container.init,
        privileged: container.security.privileged,
        stop_timeout: process::stop_timeout(container),
        labels: revealed(&container.labels),
        secret_labels: secret_names(&container.labels),
        process: process::settings(container),
        surroundings: surroundings::settings(place, container, number),
        files: granted.files,
        ..FixedSettings::default()
    };
    let desired = DesiredContainer {
        address,
        kind: Kind::Service,
        fixed,
        live: LiveSettings {
            networks: places.aliases,
            endpoints: places.endpoints,
            ..process::live(container)
        },
        engine: None,
        log_line: None,
        depends_on,
        needed_first,
        shares,
        restarts_with,
        is_awaited: false,
        socket,
        missing: granted.missing,
        registries: BTreeSet::new(),
        protect: false,
    };
    let real_name = place.container(name.as_str(), container, replica);
    engine.containers.insert(real_name, desired);
}
