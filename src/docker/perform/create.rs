//! Making a container.

use std::collections::HashMap;

use bollard::models::{
    ContainerCreateBody, HostConfig, Mount, MountBindOptions, MountBindOptionsPropagationEnum,
    MountTmpfsOptions, MountType, MountVolumeOptions, NetworkingConfig, PortBinding, PortMap,
};
use bollard::query_parameters::CreateContainerOptionsBuilder;

use serde::Serialize;

use crate::docker::Docker;
use crate::docker::client::Client;
use crate::docker::error::printable;
use crate::docker::identity::ApiVersion;
use crate::docker::perform::adopt::create_or_adopt;
use crate::docker::perform::container::{connect, endpoint_settings, restart_policy};
use crate::docker::perform::socket_group::{socket_group, warn_of_refusal};
use crate::docker::perform::{process, surroundings};
use crate::docker::podman;
use crate::engine::{EngineError, Progress};
use crate::model::mount::Propagation;
use crate::resource::container::{
    ContainerMount, ContainerMountSource, ContainerRef, ContainerSpec, FixedSettings,
};
use crate::resource::label;

/// From this version on, a container can be made with several networks.
const SEVERAL_NETWORKS: ApiVersion = ApiVersion::one(44);
/// From this version on, a mount can have its missing source created.
const CREATE_MOUNTPOINT: ApiVersion = ApiVersion::one(43);

/// Makes a container without starting it.
pub(crate) async fn create(
    docker: &Docker,
    client: &Client,
    spec: &ContainerSpec,
    report: &dyn Fn(Progress),
) -> Result<(), EngineError> {
    let phrase = format!("create container `{}`", spec.name);
    let networks: Vec<_> = spec.live.networks.iter().collect();
    let at_once = if client.speaks(SEVERAL_NETWORKS) {
        networks.len()
    } else {
        1
    };
    let endpoints: HashMap<_, _> = networks
        .iter()
        .take(at_once)
        .map(|(network, aliases)| {
            let endpoint = spec.live.endpoints.get(*network);
            (
                (*network).clone(),
                endpoint_settings(aliases.iter().cloned().collect(), endpoint),
            )
        })
        .collect();
    let (process, surroundings) = (&spec.fixed.process, &spec.fixed.surroundings);
    let socket = match &spec.socket {
        Some(socket) => Some((socket, socket_group(docker, client, socket).await?)),
        None => None,
    };
    let group = socket.as_ref().map(|(_, access)| access.group.clone());
    let body = ContainerCreateBody {
        image: Some(spec.fixed.image.to_string()),
        hostname: spec.fixed.hostname.clone(),
        cmd: Some(spec.fixed.command.clone()).filter(|command| !command.is_empty()),
        env: Some(environment(&spec.fixed)),
        labels: Some(spec.labels.clone().into_iter().collect()),
        entrypoint: surroundings.entrypoint.clone(),
        exposed_ports: Some(
            spec.fixed
                .ports
                .iter()
                .map(|port| port.container.clone())
                .chain(surroundings.expose.iter().cloned())
                .collect(),
        ),
        healthcheck: surroundings.healthcheck.as_ref().map(surroundings::health),
        stop_timeout: spec.fixed.stop_timeout.map(i64::from),
        stop_signal: given(&process.stop_signal),
        user: given(&process.user),
        working_dir: given(&process.working_dir),
        tty: process.tty.then_some(true),
        open_stdin: process.stdin_open.then_some(true),
        // The input of a command ends where that of its user does.
        stdin_once: spec.labels.contains_key(label::ONE_OFF).then_some(true),
        host_config: Some(host_config(client, spec, group)),
        networking_config: Some(NetworkingConfig {
            endpoints_config: Some(endpoints),
        }),
        ..ContainerCreateBody::default()
    };
    let mut options = CreateContainerOptionsBuilder::default().name(&spec.name);
    if let Some(platform) = &spec.fixed.platform {
        options = options.platform(platform);
    }
    let options = options.build();
    let path = format!("/containers/{}/json", spec.name);
    let created = create_or_adopt(client, &path, &spec.labels, async || {
        let created = client
            .bollard
            .create_container(Some(options.clone()), body.clone())
            .await;
        created.map_err(|error| client.attempt(&phrase).failed(error))
    });
    let Some(created) = created.await? else {
        return Ok(());
    };
    for warning in &created.warnings {
        report(Progress::Warning(printable(warning)));
    }
    let container = ContainerRef {
        name: spec.name.clone(),
        id: Some(created.id),
    };
    if let Some((socket, access)) = &socket {
        warn_of_refusal(client, &container, (socket, access), report).await;
    }
    for (network, aliases) in networks.into_iter().skip(at_once) {
        let aliases: Vec<_> = aliases.iter().cloned().collect();
        let endpoint = spec.live.endpoints.get(network);
        connect(client, &container, network, (&aliases, endpoint)).await?;
    }
    Ok(())
}

fn environment(fixed: &FixedSettings) -> Vec<String> {
    let variables = fixed.environment.iter();
    variables
        .map(|(name, value)| format!("{name}={value}"))
        .collect()
}

fn host_config(client: &Client, spec: &ContainerSpec, group: Option<String>) -> HostConfig {
    let can_create = client.speaks(CREATE_MOUNTPOINT);
    let (mounts, binds): (Vec<_>, Vec<_>) = spec
        .fixed
        .mounts
        .iter()
        .partition(|mount| can_create || !creates_source(mount));
    let surroundings = &spec.fixed.surroundings;
    // Podman takes what its own configuration says where nothing is said, and that may be the host's network.
    let is_on_some = client.is_podman() && !spec.live.networks.is_empty();
    let bridge = is_on_some.then(|| "bridge".to_owned());
    let mut config = HostConfig {
        mounts: Some(mounts.into_iter().map(as_mount).collect()),
        binds: Some(binds.into_iter().filter_map(as_bind).collect::<Vec<_>>())
            .filter(|binds| !binds.is_empty()),
        // It is on the networks that it is given. One that is named here it could not be started without, also when it
        // is on others by then.
        network_mode: given(&surroundings.network_mode).or(bridge),
        port_bindings: Some(port_bindings(&spec.fixed)),
        restart_policy: Some(restart_policy(&spec.live.restart)),
        nano_cpus: spec.live.nano_cpus,
        memory: spec.live.memory,
        pids_limit: spec
            .live
            .pids
            .or(client.is_podman().then_some(podman::NO_LIMIT)),
        init: Some(spec.fixed.init),
        privileged: Some(spec.fixed.privileged),
        ..process::host_config(&spec.fixed.process)
    };
    surroundings::apply(&mut config, surroundings);
    if client.is_podman() {
        podman::unmask(&mut config);
    }
    if let Some(group) = group {
        let groups = config.group_add.get_or_insert_default();
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    config
}

/// A text that is declared.
fn given(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn port_bindings(fixed: &FixedSettings) -> PortMap {
    let mut bindings = PortMap::new();
    for port in &fixed.ports {
        let binding = PortBinding {
            host_ip: Some(port.host_ip.clone()),
            host_port: port.host_port.as_ref().map(ToString::to_string),
        };
        let of_port = bindings.entry(port.container.clone()).or_default();
        of_port.get_or_insert_default().push(binding);
    }
    bindings
}

fn creates_source(mount: &ContainerMount) -> bool {
    matches!(
        mount.source,
        ContainerMountSource::Bind { create: true, .. }
    )
}

fn as_mount(mount: &ContainerMount) -> Mount {
    let (kind, source) = match &mount.source {
        ContainerMountSource::Volume(name) => (MountType::VOLUME, Some(name.clone())),
        ContainerMountSource::Bind { path, .. } => (MountType::BIND, Some(path.clone())),
        ContainerMountSource::Tmpfs => (MountType::TMPFS, None),
        ContainerMountSource::Anonymous => (MountType::VOLUME, None),
    };
    let options = &mount.options;
    let memory = (options.size, options.mode.map(i64::from));
    let creates = creates_source(mount);
    Mount {
        target: Some(mount.target.clone()),
        source,
        typ: Some(kind),
        read_only: Some(mount.read_only),
        bind_options: (creates || options.propagation.is_some()).then(|| MountBindOptions {
            create_mountpoint: creates.then_some(true),
            propagation: options.propagation.map(propagation),
            ..MountBindOptions::default()
        }),
        volume_options: (options.nocopy || options.subpath.is_some()).then(|| MountVolumeOptions {
            no_copy: Some(options.nocopy),
            subpath: options.subpath.clone(),
            ..MountVolumeOptions::default()
        }),
        tmpfs_options: (memory != (None, None)).then(|| MountTmpfsOptions {
            size_bytes: memory.0,
            mode: memory.1,
            ..MountTmpfsOptions::default()
        }),
        consistency: word(options.consistency),
        ..Mount::default()
    }
}

/// An old engine creates a missing source only for what is written in this way.
fn as_bind(mount: &ContainerMount) -> Option<String> {
    let ContainerMountSource::Bind { path, .. } = &mount.source else {
        return None;
    };
    let options = &mount.options;
    let mut words = vec![if mount.read_only { "ro" } else { "rw" }.to_owned()];
    words.extend(word(options.propagation));
    words.extend(word(options.consistency));
    Some(format!("{path}:{}:{}", mount.target, words.join(",")))
}

/// A word as the file has it, which is the engine's own.
fn word(value: Option<impl Serialize>) -> Option<String> {
    let value = serde_json::to_value(value?).ok()?;
    value.as_str().map(str::to_owned)
}

fn propagation(propagation: Propagation) -> MountBindOptionsPropagationEnum {
    match propagation {
        Propagation::Private => MountBindOptionsPropagationEnum::PRIVATE,
        Propagation::Rprivate => MountBindOptionsPropagationEnum::RPRIVATE,
        Propagation::Shared => MountBindOptionsPropagationEnum::SHARED,
        Propagation::Rshared => MountBindOptionsPropagationEnum::RSHARED,
        Propagation::Slave => MountBindOptionsPropagationEnum::SLAVE,
        Propagation::Rslave => MountBindOptionsPropagationEnum::RSLAVE,
    }
}
