//! The outer container of an environment.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::desired::member::{Member, container, on_engine, port_binding};
use crate::desired::{
    DesiredContainer, DesiredData, DesiredEngine, DesiredInner, VolumeRole, access, add_scope,
    client, daemon, network, process, volume,
};
use crate::mode::log_level::{self, LOG_LEVEL};
use crate::mode::{ModeEngine, OwnEngine};
use crate::model::environment::{DataPlace, Environment, Outer};
use crate::model::name::{EnvironmentName, RegistryName};
use crate::model::naming::Naming;
use crate::model::{Project, Scope};
use crate::parallel;
use crate::resource::container::{ContainerMount, ContainerMountSource, MountOptions, PortBinding};
use crate::resource::{Address, Kind};

pub(crate) use crate::desired::place::{Place, UNSHARED};

/// A container that has been added without what the engine inside should hold.
pub(crate) struct Hollow<'a> {
    container: String,
    address: Address,
    own: &'static OwnEngine,
    environment: &'a Environment,
    data: DesiredData,
}

/// Adds the environments of a scope, their own volumes, and all that their engines should hold.
pub(crate) fn add_environments(engine: &mut DesiredEngine, place: &Place<'_>) {
    let mut hollow = Vec::new();
    for (name, environment) in &place.scope.environments {
        for replica in 1..=environment.replicas {
            hollow.extend(add_environment(engine, place, name, environment, replica));
        }
    }
    let depth = engine.depth + 1;
    let inside = parallel::each(&hollow, |hollow| inner(place, hollow, depth));
    for (hollow, inside) in hollow.iter().zip(inside) {
        let container = engine.containers.get_mut(&hollow.container);
        container.expect("it has just been added").engine = Some(inside);
    }
}

/// Adds one replica of an environment and its own volumes. Returns it where it has an engine.
fn add_environment<'a>(
    engine: &mut DesiredEngine,
    place: &Place<'_>,
    name: &EnvironmentName,
    environment: &'a Environment,
    replica: u32,
) -> Option<Hollow<'a>> {
    let outer = &environment.outer;
    let member = Member {
        kind: Kind::Environment,
        name: name.as_str(),
        container: &outer.container,
        is_built: outer.build.is_some(),
        volumes: &environment.volumes,
        depends_on: &environment.depends_on,
        replica,
        replicas: environment.replicas,
        number: replica,
    };
    let mut desired = container(engine, place, &member);
    let address = desired.address.clone();
    let real_name = place.container(name.as_str(), &outer.container, replica);
    let hollow = match &outer.mode.engine {
        ModeEngine::Shared { socket } => {
            let shared = bind(socket, (*socket).to_owned());
            desired.fixed.mounts.push(shared);
            if replica == 1 {
                let inside = Place {
                    scope: &environment.inner,
                    address: Some(&address),
                    naming: &place.naming.shared(name),
                    shared: &place.shares(engine, &environment.volumes, replica),
                    ..*place
                };
                add_scope(engine, &inside);
            }
            None
        }
        ModeEngine::Own(own) => {
            let own_name = format!("{name}-{replica}");
            let parts = (own_name.as_str(), replica);
            let data = hold_engine(engine, place, (own, outer), &mut desired, parts);
            let stop_timeout = u32::try_from(own.stop_timeout.as_secs()).ok();
            desired.fixed.stop_timeout = desired.fixed.stop_timeout.or(stop_timeout);
            Some(Hollow {
                container: real_name.clone(),
                address,
                own,
                environment,
                data,
            })
        }
    };
    desired.fixed.mounts.sort();
    desired.fixed.mode = Some(outer.mode.name.to_owned());
    desired.fixed.process = process::outer_settings(outer);
    desired.fixed.socket = outer.mode.own_engine().map(|_| outer.socket.clone());
    desired.fixed.command = command(outer);
    desired.fixed.ports = on_engine(engine, ports(environment).into_iter());
    desired.fixed.files.extend(client::usual_socket(outer));
    access::give_engine(
        place,
        &mut desired,
        outer.mode,
        environment.registries.iter(),
    );
    let registries = environment.registries.iter();
    desired.registries = registries
        .filter(|name| is_run(place.project, name))
        .map(|name| place.naming.container(name.as_str(), 1))
        .collect();
    desired.protect = environment.protect;
    engine.containers.insert(real_name, desired);
    hollow
}

/// Gives a container what its own engine needs: a data root, and ways for clients beside it. Returns what is mounted at
/// the data root.
fn hold_engine(
    engine: &mut DesiredEngine,
    place: &Place<'_>,
    (own, outer): (&OwnEngine, &Outer),
    desired: &mut DesiredContainer,
    (own_name, replica): (&str, u32),
) -> DesiredData {
    let address = desired.address.clone();
    let (root, data) = data_root(engine, (place, &address), own, outer, (own_name, replica));
    let socket_volume = volume::add_own(
        engine,
        place.naming,
        place.address,
        &address,
        (own_name, "socket"),
        VolumeRole::Ephemeral,
    );
    volume::give(engine, &socket_volume, own.user);
    let socket = volume_mount(own.client_folder, socket_volume);
    let names = client::names(&desired.live);
    let (variables, certificates) =
        client::tcp(engine, place, &address, (own, outer), (own_name, names));
    let mounts = &mut desired.fixed.mounts;
    mounts.extend([root, socket].into_iter().chain(certificates));
    for (name, value) in variables {
        // What the file says by hand goes over what nest makes of `listen`.
        desired.fixed.environment.entry(name).or_insert(value);
    }
    // They lead commands in the container to the engine.
    let leading = Some(own.environment).filter(|_| own.socket == outer.socket);
    for (name, value) in leading.into_iter().flatten() {
        let variable = desired.fixed.environment.entry((*name).to_owned());
        variable.or_insert_with(|| (*value).to_owned());
    }
    data
}

/// Whether nest runs a registry.
fn is_run(project: &Project, name: &RegistryName) -> bool {
    let registry = project.registries.get(name);
    registry.is_some_and(|registry| registry.container().is_some())
}

/// What the engine in a container should hold.
fn inner(place: &Place<'_>, hollow: &Hollow<'_>, depth: u32) -> DesiredInner {
    let (own, environment, address) = (hollow.own, hollow.environment, &hollow.address);
    let project = place.project;
    let mut engine = DesiredEngine {
        depth,
        logins: access::logins(place, environment.registries.iter()),
        ..DesiredEngine::default()
    };
    let around = network::packet_size(place, &environment.outer.container.network);
    let daemon = match own.daemon_file {
        Some(_) => daemon::settings(project, environment, (depth, around)),
        None => daemon::registries(project, environment),
    };
    let inside = Place {
        scope: &environment.inner,
        address: Some(address),
        naming: &Naming::inner(&project.name),
        shared: UNSHARED,
        packet_size: daemon::packet_size(&daemon).or(around),
        ..*place
    };
    add_scope(&mut engine, &inside);
    for mount in &environment.volumes {
        if let Some(inner_name) = &mount.inner_name {
            volume::add_shared(&mut engine, address, inner_name, mount);
        }
    }
    let level = daemon.get(LOG_LEVEL).and_then(Value::as_str);
    let command = command(&environment.outer);
    let is_quiet = log_level::is_quiet(command.iter().map(String::as_str), level);
    let log_line = (!starts_itself(&environment.outer)).then_some(own.log_line);
    DesiredInner {
        daemon_file: own.written_file().map(str::to_owned),
        daemon_check: own.daemon_check,
        user: own.user,
        daemon,
        daemon_secrets: daemon_secrets(&environment.outer),
        ready_timeout: environment.outer.ready_timeout,
        log_line: log_line.filter(|_| !is_quiet).map(str::to_owned),
        data: hollow.data.clone(),
        seed: environment.outer.data.seed,
        seed_files: own.seed.as_ref(),
        engine,
    }
}

/// The secrets in each key of the configuration file that has some.
fn daemon_secrets(outer: &Outer) -> BTreeMap<String, Vec<String>> {
    let secrets = outer.daemon.iter().map(|(key, value)| {
        let secrets = value.secrets().into_iter().map(str::to_owned);
        (key.clone(), secrets.collect::<Vec<_>>())
    });
    secrets.filter(|(_, secrets)| !secrets.is_empty()).collect()
}

/// Whether the container's command is the user's own, so that nest leaves the engine's start alone.
fn starts_itself(outer: &Outer) -> bool {
    outer
        .container
        .command
        .as_ref()
        .and_then(|command| command.first())
        .is_some_and(|first| !first.starts_with('-'))
}

/// The command: the file's own, or the daemon with the file's flags appended, or the mode's.
fn command(outer: &Outer) -> Vec<String> {
    let given = outer.container.command.clone().unwrap_or_default();
    match outer.mode.own_engine() {
        Some(own) if !starts_itself(outer) => {
            let daemon = || own.daemon_command.iter().map(|word| (*word).to_owned());
            let started =
                client::tcp_flags(own, outer.listen).unwrap_or_else(|| daemon().collect());
            started.into_iter().chain(given).collect()
        }
        Some(_) => given,
        None if outer.container.command.is_some() => given,
        None => outer
            .mode
            .command
            .iter()
            .map(|word| (*word).to_owned())
            .collect(),
    }
}

/// The mount at the data root, with the volume it needs, and what it says of the engine's age.
fn data_root(
    engine: &mut DesiredEngine,
    (place, address): (&Place<'_>, &Address),
    own: &OwnEngine,
    outer: &Outer,
    (own_name, replica): (&str, u32),
) -> (ContainerMount, DesiredData) {
    let target = own.data_root;
    match &outer.data.place {
        DataPlace::Own => {
            let role = if outer.data.keep {
                VolumeRole::Data
            } else {
                VolumeRole::Ephemeral
            };
            let volume = volume::add_own(
                engine,
                place.naming,
                place.address,
                address,
                (own_name, "data"),
                role,
            );
            (
                volume_mount(target, volume.clone()),
                DesiredData::Volume(volume),
            )
        }
        DataPlace::Volume(name) => {
            let volume = place.volume(engine, name, replica);
            if let Some(declared) = engine.volumes.get_mut(&volume)
                && declared.role == VolumeRole::Data
                && !outer.data.keep
            {
                declared.role = VolumeRole::Ephemeral;
            }
            (
                volume_mount(target, volume.clone()),
                DesiredData::Volume(volume),
            )
        }
        DataPlace::Path(path) => {
            let source = ContainerMountSource::Bind {
                path: path.clone(),
                create: true,
            };
            (
                ContainerMount {
                    target: target.to_owned(),
                    source,
                    read_only: false,
                    options: MountOptions::default(),
                },
                DesiredData::HostPath,
            )
        }
        DataPlace::Tmpfs => {
            let source = ContainerMountSource::Tmpfs;
            (
                ContainerMount {
                    target: target.to_owned(),
                    source,
                    read_only: false,
                    options: MountOptions::default(),
                },
                DesiredData::Memory,
            )
        }
    }
}

fn bind(target: &str, path: String) -> ContainerMount {
    let source = ContainerMountSource::Bind {
        path,
        create: false,
    };
    ContainerMount {
        target: target.to_owned(),
        source,
        read_only: false,
        options: MountOptions::default(),
    }
}

fn volume_mount(target: &str, volume: String) -> ContainerMount {
    ContainerMount {
        target: target.to_owned(),
        source: ContainerMountSource::Volume(volume),
        read_only: false,
        options: MountOptions::default(),
    }
}

/// The ports of an outer container: its own, and those that are published on the engine inside.
fn ports(environment: &Environment) -> Vec<PortBinding> {
    let own = environment.outer.container.ports.iter();
    let mut ports: Vec<PortBinding> = own.map(port_binding).collect();
    if environment.outer.mode.own_engine().is_some() {
        for port in scope_ports(&environment.inner) {
            ports.extend(outward(port).filter(|port| !ports.contains(port)));
        }
    }
    ports
}

/// The ports that a scope publishes on the engine that holds it.
fn scope_ports(scope: &Scope) -> Vec<PortBinding> {
    let services = scope.services.values();
    let services = services.flat_map(|service| service.container.ports.iter().map(port_binding));
    let environments = scope.environments.values().flat_map(|environment| {
        let beside = match environment.outer.mode.own_engine() {
            Some(_) => Vec::new(),
            None => scope_ports(&environment.inner),
        };
        ports(environment).into_iter().chain(beside)
    });
    services.chain(environments).collect()
}

/// A port of an engine as the container around it publishes it. One that the engine picks nobody can know.
fn outward(port: PortBinding) -> Option<PortBinding> {
    let number = port.host_port.as_ref()?.one()?;
    let (_, protocol) = port.container.split_once('/')?;
    let container = format!("{number}/{protocol}");
    Some(PortBinding { container, ..port })
}
