//! The outer container of an environment.

use std::collections::{BTreeMap, BTreeSet};

use crate::desired::facts::Facts;
use crate::desired::{
    DesiredContainer, DesiredData, DesiredEngine, DesiredImage, DesiredImageSource, DesiredInner,
    VolumeRole, add_scope, daemon, process, volume,
};
use crate::mode::{ModeEngine, OwnEngine};
use crate::model::environment::{DataPlace, Environment, Outer};
use crate::model::mount::{Mount, MountSource};
use crate::model::name::{EnvironmentName, RegistryName, ServiceName};
use crate::model::naming::Naming;
use crate::model::port::Port;
use crate::model::value::{revealed, secret_names};
use crate::model::{Project, Scope};
use crate::resource::container::{
    ContainerMount, ContainerMountSource, FixedSettings, LiveSettings, PortBinding,
};
use crate::resource::{Address, Kind};

/// Where an environment stands: its scope, and how that is named on its engine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) project: &'a Project,
    pub(crate) facts: &'a Facts,
    pub(crate) scope: &'a Scope,
    pub(crate) address: Option<&'a Address>,
    pub(crate) naming: &'a Naming,
}

/// Adds one replica of an environment, its own volumes, and all that its engine should hold.
pub(crate) fn add_environment(
    engine: &mut DesiredEngine,
    place: &Place<'_>,
    name: &EnvironmentName,
    environment: &Environment,
    replica: u32,
) {
    let outer = &environment.outer;
    let naming = place.naming;
    let mut address = Address::new(place.address, Kind::Environment, name.as_str());
    if environment.replicas > 1 {
        address = address.replica(replica);
    }
    let container_name = naming.container(name.as_str(), replica);
    let own_name = format!("{name}-{replica}");
    let mut mounts = declared_mounts(place, environment);
    let mut stop_timeout = None;
    let inner = match &outer.mode.engine {
        ModeEngine::Shared { socket } => {
            mounts.push(bind(socket, (*socket).to_owned()));
            if replica == 1 {
                let shared = naming.shared(name);
                add_scope(
                    engine,
                    place.project,
                    place.facts,
                    &environment.inner,
                    Some(&address),
                    &shared,
                );
            }
            None
        }
        ModeEngine::Own(own) => {
            let (mount, data) = data_root(engine, (place, &address), own, outer, &own_name);
            mounts.push(mount);
            let socket_volume = volume::add_own(
                engine,
                naming,
                place.address,
                &address,
                (&own_name, "socket"),
                VolumeRole::Ephemeral,
            );
            volume::give(engine, &socket_volume, own.user);
            mounts.push(volume_mount(own.client_folder, socket_volume));
            stop_timeout = u32::try_from(own.stop_timeout.as_secs()).ok();
            Some(inner(
                place,
                own,
                environment,
                &address,
                (engine.depth + 1, data),
            ))
        }
    };
    mounts.sort();
    // The outer engine pulls what its containers need.
    if engine.depth > 0
        && let Some(scope) = place.address
    {
        add_container_image(engine, scope, outer);
    }
    let fixed = FixedSettings {
        image: outer.container.image.clone(),
        mode: Some(outer.mode.name.to_owned()),
        socket: outer.mode.own_engine().map(|_| outer.socket.clone()),
        command: command(outer),
        environment: variables(outer, replica),
        secrets: secret_names(&outer.container.environment),
        hostname: outer.container.hostname.clone(),
        ports: outer.container.ports.iter().map(port_binding).collect(),
        mounts,
        init: outer.container.init,
        privileged: outer.container.security.privileged,
        stop_timeout: process::stop_timeout(&outer.container).or(stop_timeout),
        labels: revealed(&outer.container.labels),
        secret_labels: secret_names(&outer.container.labels),
        process: process::outer_settings(outer),
    };
    let mut aliases = BTreeSet::from([own_name]);
    if environment.replicas == 1 {
        aliases.insert(name.to_string());
    }
    let live = LiveSettings {
        networks: BTreeMap::from([(naming.network("default"), aliases)]),
        ..process::live(&outer.container)
    };
    let desired = DesiredContainer {
        address,
        kind: Kind::Environment,
        fixed,
        live,
        engine: inner,
        log_line: None,
        depends_on: dependencies(place, environment),
        registries: environment
            .registries
            .iter()
            .filter(|name| is_run(place.project, name))
            .map(|name| naming.container(name.as_str(), 1))
            .collect(),
        protect: environment.protect,
    };
    engine.containers.insert(container_name, desired);
}

/// The variables of the container: the file's, and those that lead commands in it to the engine.
fn variables(outer: &Outer, replica: u32) -> BTreeMap<String, String> {
    let mut variables = revealed(&outer.container.environment);
    variables.insert("NEST_REPLICA".to_owned(), replica.to_string());
    let own = outer.mode.own_engine();
    for (name, value) in own
        .filter(|own| own.socket == outer.socket)
        .map_or(&[][..], |own| own.environment)
    {
        let variable = variables.entry((*name).to_owned());
        variable.or_insert_with(|| (*value).to_owned());
    }
    variables
}

/// Whether nest runs a registry.
fn is_run(project: &Project, name: &RegistryName) -> bool {
    let registry = project.registries.get(name);
    registry.is_some_and(|registry| registry.container().is_some())
}

fn inner(
    place: &Place<'_>,
    own: &OwnEngine,
    environment: &Environment,
    address: &Address,
    (depth, data): (u32, DesiredData),
) -> DesiredInner {
    let project = place.project;
    let mut engine = DesiredEngine {
        depth,
        ..DesiredEngine::default()
    };
    add_scope(
        &mut engine,
        project,
        place.facts,
        &environment.inner,
        Some(address),
        &Naming::inner(&project.name),
    );
    for mount in &environment.volumes {
        if let Some(inner_name) = &mount.inner_name {
            volume::add_shared(&mut engine, address, inner_name, mount);
        }
    }
    DesiredInner {
        daemon_file: own.written_file().map(str::to_owned),
        user: own.user,
        daemon: match own.daemon_file {
            Some(_) => daemon::settings(project, environment, depth),
            None => daemon::registries(project, environment),
        },
        daemon_secrets: environment
            .outer
            .daemon
            .iter()
            .filter(|(_, value)| value.has_secret())
            .map(|(key, _)| key.clone())
            .collect(),
        ready_timeout: environment.outer.ready_timeout,
        log_line: (!starts_itself(&environment.outer)).then(|| own.log_line.to_owned()),
        data,
        engine,
    }
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
        Some(own) if !starts_itself(outer) => own
            .daemon_command
            .iter()
            .map(|word| (*word).to_owned())
            .chain(given)
            .collect(),
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

fn declared_mounts(place: &Place<'_>, environment: &Environment) -> Vec<ContainerMount> {
    let container_mount = |mount: &Mount| {
        let source = match &mount.source {
            MountSource::Volume(name) => ContainerMountSource::Volume(
                place.naming.volume(name, place.scope.volumes.get(name)),
            ),
            MountSource::Bind { path, create } => ContainerMountSource::Bind {
                path: path.clone(),
                create: *create,
            },
            MountSource::Tmpfs => ContainerMountSource::Tmpfs,
            // Files that have one are not planned yet.
            MountSource::AnonymousVolume => return None,
        };
        Some(ContainerMount {
            target: mount.target.clone(),
            source,
            read_only: mount.read_only,
        })
    };
    environment
        .volumes
        .iter()
        .filter_map(container_mount)
        .collect()
}

/// The mount at the data root, with the volume it needs, and what it says of the engine's age.
fn data_root(
    engine: &mut DesiredEngine,
    (place, address): (&Place<'_>, &Address),
    own: &OwnEngine,
    outer: &Outer,
    own_name: &str,
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
            let volume = place.naming.volume(name, place.scope.volumes.get(name));
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
    }
}

fn volume_mount(target: &str, volume: String) -> ContainerMount {
    ContainerMount {
        target: target.to_owned(),
        source: ContainerMountSource::Volume(volume),
        read_only: false,
    }
}

/// An inner engine gets the images of its containers as if they were listed.
fn add_container_image(engine: &mut DesiredEngine, scope: &Address, outer: &Outer) {
    let reference = &outer.container.image;
    let image = DesiredImage {
        address: Address::new(Some(scope), Kind::Image, reference.as_str()),
        source: DesiredImageSource::Auto,
    };
    engine.want_image(reference, image);
}

fn dependencies(place: &Place<'_>, environment: &Environment) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for name in environment.depends_on.keys() {
        let environments = &place.scope.environments;
        let environment = environments.get(&EnvironmentName::new(name.as_str()));
        let services = &place.scope.services;
        let service = services.get(&ServiceName::new(name.as_str()));
        let replicas = environment
            .map(|environment| environment.replicas)
            .or_else(|| service.map(|service| service.replicas))
            .unwrap_or(1);
        names.extend((1..=replicas).map(|replica| place.naming.container(name.as_str(), replica)));
    }
    names
}

fn port_binding(port: &Port) -> PortBinding {
    PortBinding {
        container: format!("{}/{}", port.target, port.protocol),
        host_ip: port.host_ip.clone().unwrap_or_default(),
        host_port: port.published.clone(),
    }
}
