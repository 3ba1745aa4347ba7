//! Registries that nest runs, and what engines must be told to use them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::desired::container::Place;
use crate::desired::files::Files;
use crate::desired::{DesiredContainer, DesiredEngine, VolumeRole, access, network, volume};
use crate::model::Scope;
use crate::model::container::network::NetworkMode;
use crate::model::image::Pull;
use crate::model::name::{NetworkName, RegistryName};
use crate::model::naming::Naming;
use crate::model::registry::{Registry, RegistryContainer, RegistryKind, RegistryPort};
use crate::model::value::{revealed, secret_names};
use crate::resource::container::file::{ContainerFile, FileContent};
use crate::resource::container::{
    ContainerMount, ContainerMountSource, FixedSettings, LiveSettings, MountOptions, PortBinding,
    RestartPolicy,
};
use crate::resource::login::Account;
use crate::resource::{Address, Kind};

/// The configuration of a mirror that logs in. Entrypoints of registries' images serve what is named so.
const CONFIGURATION: &str = "/etc/nest/registry.yml";
/// A certificate that a mirror trusts, where most images have theirs.
const AUTHORITY: &str = "/etc/ssl/certs/nest-upstream.pem";

/// Adds the container of a registry that nest runs.
pub(crate) fn add(
    engine: &mut DesiredEngine,
    place: &Place<'_>,
    name: &RegistryName,
    registry: &Registry,
) {
    let Some(own) = registry.container() else {
        return;
    };
    let (naming, scope) = (place.naming, place.scope);
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
    let upstream = upstream(place, name, registry);
    let is_configured = upstream.files.contains_key(CONFIGURATION);
    let fixed = FixedSettings {
        image: own.image.clone(),
        command: Vec::from_iter(is_configured.then(|| CONFIGURATION.to_owned())),
        files: upstream.files,
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
        networks: networks(naming, scope, (name, own), &aliases),
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
        optional: BTreeSet::new(),
        needed_first: BTreeSet::new(),
        shares: BTreeSet::new(),
        restarts_with: BTreeSet::new(),
        is_awaited: false,
        socket: None,
        access: BTreeMap::new(),
        missing: upstream.missing,
        registries: BTreeSet::new(),
        protect: false,
        is_one_off: false,
    };
    engine.containers.insert(container, desired);
}

/// What a mirror that nest runs is given to use the registry that it mirrors: what logs in, in a configuration of its
/// own, since variables are for all to read; and the certificate of its authority, where programs of any sort look.
fn upstream(place: &Place<'_>, name: &RegistryName, registry: &Registry) -> Files {
    let mut files = Files::default();
    let mut add = |path: &str, bytes: Vec<u8>| {
        let file = ContainerFile::Regular {
            content: FileContent::Bytes(bytes),
            uid: 0,
            gid: 0,
            mode: 0o600,
        };
        files.files.insert(path.to_owned(), file);
    };
    let account = access::account(place, name, registry);
    if let Some(Ok(Account::User { name, password })) = &account {
        let proxy = json!({ "username": name, "password": password });
        let port = Registry::CONTAINER_PORT;
        let configuration = json!({
            "version": "0.1",
            "log": { "fields": { "service": "registry" } },
            "storage": {
                "cache": { "blobdescriptor": "inmemory" },
                "filesystem": { "rootdirectory": Registry::DATA_FOLDER },
            },
            "http": { "addr": format!(":{port}") },
            "proxy": proxy,
        });
        add(CONFIGURATION, format!("{configuration:#}\n").into_bytes());
    }
    let certificate = registry.ca.as_ref().map(|path| place.facts.material(path));
    if let Some(Ok(certificate)) = &certificate {
        add(AUTHORITY, certificate.clone());
    }
    match account {
        Some(Err(reason)) => {
            let missing = format!("what logs in to what it mirrors: {reason}");
            files.missing.push(missing);
        }
        Some(Ok(Account::Token(_))) => {
            let missing = "what logs in to what it mirrors: the docker CLI has a token, and a registry logs in with a name and a password";
            files.missing.push(missing.to_owned());
        }
        Some(Ok(Account::User { .. })) | None => {}
    }
    if let Some(Err(reason)) = certificate {
        let missing = format!("the certificate for what it mirrors: {reason}");
        files.missing.push(missing);
    }
    files
}

/// The networks of a registry, on each of which it has the same names: its scope's own, those that it names, and one of
/// every environment that lists it.
fn networks(
    naming: &Naming,
    scope: &Scope,
    (name, container): (&RegistryName, &RegistryContainer),
    aliases: &BTreeSet<String>,
) -> BTreeMap<String, BTreeSet<String>> {
    let own = NetworkName::new(network::DEFAULT);
    let mut names = BTreeSet::from([own.clone()]);
    names.extend(container.networks.iter().cloned());
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
        RegistryKind::Mirror { host: mirrored, .. } if mirrored == RegistryKind::DOCKER_HUB => {
            Some(format!(
                "http://{}:{}/",
                host(name),
                Registry::CONTAINER_PORT
            ))
        }
        RegistryKind::ExistingMirror { host, url } if host == RegistryKind::DOCKER_HUB => {
            Some(format!("{url}/"))
        }
        _ => None,
    })
}

/// The names under which `registries` answer without TLS, or with any certificate, as entries of `insecure-registries`.
pub(crate) fn insecure<'a>(
    registries: impl Iterator<Item = (&'a RegistryName, &'a Registry)>,
) -> impl Iterator<Item = String> {
    registries.flat_map(|(name, registry)| match registry.container() {
        Some(_) => [name.to_string(), host(name)]
            .map(|host| format!("{host}:{}", Registry::CONTAINER_PORT))
            .to_vec(),
        None if registry.insecure => access::address(registry).into_iter().collect(),
        None => Vec::new(),
    })
}
