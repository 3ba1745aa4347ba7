//! Services that are clients of an environment's engine, and what that engine offers them.

use std::collections::{BTreeMap, BTreeSet};

use crate::desired::container::Place;
use crate::desired::{DesiredEngine, VolumeRole, volume};
use crate::mode::{ModeEngine, OwnEngine};
use crate::model::environment::{Listen, Outer};
use crate::model::name::RegistryName;
use crate::model::service::wiring::{CERTIFICATES, SOCKET, SharedWithClient};
use crate::model::service::{DockerHost, Service};
use crate::resource::Address;
use crate::resource::container::file::ContainerFile;
use crate::resource::container::{
    ContainerMount, ContainerMountSource, LiveSettings, MountOptions, SocketPlace,
};

/// What a client gets.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) variables: BTreeMap<String, String>,
    pub(crate) mount: Option<ContainerMount>,
    pub(crate) files: BTreeMap<String, ContainerFile>,
    pub(crate) socket: Option<SocketPlace>,
    /// The real name of the environment's container.
    pub(crate) container: String,
    /// The registries that the environment's engine can use.
    pub(crate) registries: Vec<RegistryName>,
}

/// The path of the second socket, for clients beside the container.
fn client_socket(own: &OwnEngine) -> String {
    format!("{}/docker.sock", own.client_folder)
}

/// The number of the environment's replica that a client's replica `replica` goes with.
pub(crate) fn number(docker_host: Option<&DockerHost>, replica: u32) -> u32 {
    docker_host
        .and_then(|docker_host| docker_host.replica)
        .unwrap_or(replica)
}

/// What replica `replica` of a service gets to reach its engine; nothing if it is no client, or there is no engine.
pub(crate) fn connection(place: &Place<'_>, service: &Service, replica: u32) -> Option<Connection> {
    let docker_host = service.docker_host.as_ref()?;
    let name = &docker_host.environment;
    let environment = place.scope.environments.get(name)?;
    let number = match environment.replicas {
        1 => 1,
        _ => number(Some(docker_host), replica),
    };
    let wiring = docker_host.wiring(service, replica, environment);
    let variables = wiring.variables.into_iter();
    let outer = &environment.outer;
    let container = place.container(name.as_str(), &outer.container, number);
    let mut connection = Connection {
        variables: variables
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
        mount: None,
        files: BTreeMap::new(),
        socket: None,
        container: container.clone(),
        registries: environment.registries.clone(),
    };
    let own_name = format!("{name}-{number}");
    match (&outer.mode.engine, wiring.shared) {
        (ModeEngine::Shared { socket }, _) => {
            connection.mount = Some(mount(
                SOCKET,
                ContainerMountSource::Bind {
                    path: (*socket).to_owned(),
                    create: false,
                },
            ));
            let path = (*socket).to_owned();
            connection.socket = Some(SocketPlace { container, path });
        }
        (ModeEngine::Own(own), Some(SharedWithClient::Socket)) => {
            let volume = place.naming.own_volume(&own_name, "socket");
            connection.mount = Some(mount(
                own.client_folder,
                ContainerMountSource::Volume(volume),
            ));
            let path = client_socket(own);
            if service.container.security.read_only {
                // There is no room for another name of it.
                if let Some(host) = connection.variables.get_mut("DOCKER_HOST") {
                    *host = format!("unix://{path}");
                }
            } else {
                let link = ContainerFile::Link(path.clone());
                connection.files.insert(SOCKET.to_owned(), link);
            }
            connection.socket = Some(SocketPlace { container, path });
        }
        (ModeEngine::Own(_), Some(SharedWithClient::Certificates)) => {
            let volume = place.naming.own_volume(&own_name, "certs");
            connection.mount = Some(ContainerMount {
                read_only: true,
                ..mount(CERTIFICATES, ContainerMountSource::Volume(volume))
            });
        }
        (ModeEngine::Own(_), None) => {}
    }
    Some(connection)
}

/// What an outer container has so that clients beside it reach its engine over TCP: variables, and a volume for their
/// certificates.
pub(crate) fn tcp(
    engine: &mut DesiredEngine,
    place: &Place<'_>,
    address: &Address,
    (own, outer): (&OwnEngine, &Outer),
    (own_name, names): (&str, Vec<String>),
) -> (BTreeMap<String, String>, Option<ContainerMount>) {
    let Some(made) = &own.certificates else {
        return (BTreeMap::new(), None);
    };
    let variable = |name: &str, value: String| (name.to_owned(), value);
    match outer.listen {
        Listen::Socket => (BTreeMap::new(), None),
        Listen::Tcp => (
            BTreeMap::from([variable(made.folder_variable, String::new())]),
            None,
        ),
        Listen::Tls => {
            let volume = volume::add_own(
                engine,
                place.naming,
                place.address,
                address,
                (own_name, "certs"),
                VolumeRole::Ephemeral,
            );
            let folder = CERTIFICATES
                .rsplit_once('/')
                .map_or("/", |(folder, _)| folder);
            let names: Vec<String> = names
                .into_iter()
                .map(|name| format!("DNS:{name}"))
                .collect();
            let variables = BTreeMap::from([
                variable(made.folder_variable, folder.to_owned()),
                variable(made.names_variable, names.join(",")),
            ]);
            let mount = mount(CERTIFICATES, ContainerMountSource::Volume(volume));
            (variables, Some(mount))
        }
    }
}

/// The flags with which an image's own start makes its engine listen on the clients' socket besides, where it is to
/// listen on TCP; nothing where nest starts the engine itself.
pub(crate) fn tcp_flags(own: &OwnEngine, listen: Listen) -> Option<Vec<String>> {
    let is_tcp = listen != Listen::Socket && own.certificates.is_some();
    is_tcp.then(|| vec![format!("--host=unix://{}", client_socket(own))])
}

/// The other name of the engine's socket in its container, where it is not where clients look for it.
pub(crate) fn usual_socket(outer: &Outer) -> Option<(String, ContainerFile)> {
    let is_elsewhere = outer.mode.own_engine().is_some() && outer.socket != SOCKET;
    is_elsewhere.then(|| (SOCKET.to_owned(), ContainerFile::Link(outer.socket.clone())))
}

/// The names by which clients reach a container: those that its certificate must hold.
pub(crate) fn names(live: &LiveSettings) -> Vec<String> {
    let names: BTreeSet<&String> = live.networks.values().flatten().collect();
    names.into_iter().cloned().collect()
}

fn mount(target: &str, source: ContainerMountSource) -> ContainerMount {
    ContainerMount {
        target: target.to_owned(),
        source,
        read_only: false,
        options: MountOptions::default(),
    }
}
