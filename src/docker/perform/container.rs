//! Containers that exist.

use std::future::pending;
use std::time::Duration;

use bollard::models::{
    ContainerUpdateBody, EndpointIpamConfig, EndpointSettings, NetworkConnectRequest,
    NetworkDisconnectRequest, RestartPolicy as ApiRestartPolicy, RestartPolicyNameEnum,
};
use bollard::query_parameters::{
    RemoveContainerOptionsBuilder, StartContainerOptions, StopContainerOptions, TopOptions,
    WaitContainerOptionsBuilder,
};
use futures_util::TryStreamExt as _;
use tokio::time::{sleep, timeout};

use crate::docker::answer::ContainerInspected;
use crate::docker::client::Client;
use crate::docker::convert;
use crate::docker::error::printable;
use crate::docker::log::{LogLines, log_options, log_tail};
use crate::docker::lost_setup::{BETWEEN_STARTS, STARTS, is_lost_setup};
use crate::docker::podman;
use crate::engine::{EngineError, Progress};
use crate::observed::ContainerState;
use crate::plan::step::ContainerUpdate;
use crate::resource::container::{ContainerRef, Endpoint, RestartPolicy};

/// How long a container must stay up to count as running.
pub(crate) const MOMENT: Duration = Duration::from_millis(400);
/// How long a container may take to say that it is ready before that is told.
const SAYING: Duration = Duration::from_secs(15);
/// The pause after the first look at what runs in a container; it doubles.
const FIRST_LOOK: Duration = Duration::from_millis(10);
/// How many log lines tell why a container ended.
pub(crate) const TOLD_LINES: usize = 3;

/// Starts a container. The runtime's own process is at times lost before the container is set up; nothing of the
/// container has run then, and it is started again.
pub(crate) async fn start(client: &Client, container: &ContainerRef) -> Result<(), EngineError> {
    let phrase = format!("start container `{}`", container.name);
    let mut tries = 1;
    loop {
        let started = client
            .patient()
            .start_container(container.handle(), None::<StartContainerOptions>)
            .await
            .map_err(|error| client.attempt(&phrase).failed(error));
        match started {
            Err(EngineError::Refused { message, .. })
                if is_lost_setup(&message) && tries < STARTS =>
            {
                tries += 1;
                sleep(BETWEEN_STARTS).await;
            }
            other => return other,
        }
    }
}

/// Stops a container, in the time that it was made with.
pub(crate) async fn stop(client: &Client, container: &ContainerRef) -> Result<(), EngineError> {
    let phrase = format!("stop container `{}`", container.name);
    client
        .patient()
        .stop_container(container.handle(), None::<StopContainerOptions>)
        .await
        .map_err(|error| client.attempt(&phrase).failed(error))
}

/// Removes a container. One that is being removed, as by a nest that was killed, is waited for.
pub(crate) async fn remove(
    client: &Client,
    container: &ContainerRef,
    anonymous_volumes: bool,
) -> Result<(), EngineError> {
    let phrase = format!("remove container `{}`", container.name);
    let options = RemoveContainerOptionsBuilder::default()
        .v(anonymous_volumes)
        .build();
    let removed = client
        .patient()
        .remove_container(container.handle(), Some(options))
        .await
        .map_err(|error| client.attempt(&phrase).failed(error));
    match removed {
        Err(EngineError::Refused { status: 404, .. }) => Ok(()),
        Err(EngineError::Refused {
            status: 409,
            message,
            ..
        }) if message.contains("already in progress") => {
            match ended(client, container, "removed").await {
                Err(EngineError::Refused { status: 404, .. }) => Ok(()),
                other => other.map(drop),
            }
        }
        other => other,
    }
}

/// Changes limits and restart policy. The stored limit of swap is twice that of memory, as the engine sets it, and one
/// that is below the new limit of memory is refused: so both are sent.
pub(crate) async fn update(
    client: &Client,
    container: &ContainerRef,
    update: &ContainerUpdate,
) -> Result<(), EngineError> {
    let phrase = format!("change the limits of container `{}`", container.name);
    let body = ContainerUpdateBody {
        nano_cpus: update.nano_cpus,
        memory: update.memory,
        memory_swap: update.memory.map(|memory| memory.saturating_mul(2)),
        pids_limit: update.pids,
        restart_policy: update.restart.as_ref().map(restart_policy),
        ..ContainerUpdateBody::default()
    };
    let body = if client.is_podman() {
        podman::update(client, container, body).await?
    } else {
        body
    };
    client
        .bollard
        .update_container(container.handle(), body)
        .await
        .map_err(|error| client.attempt(&phrase).failed(error))
}

pub(crate) fn restart_policy(policy: &RestartPolicy) -> ApiRestartPolicy {
    ApiRestartPolicy {
        name: Some(match policy.name.as_str() {
            "always" => RestartPolicyNameEnum::ALWAYS,
            "unless-stopped" => RestartPolicyNameEnum::UNLESS_STOPPED,
            "on-failure" => RestartPolicyNameEnum::ON_FAILURE,
            _ => RestartPolicyNameEnum::NO,
        }),
        maximum_retry_count: Some(i64::from(policy.retries)),
    }
}

pub(crate) async fn connect(
    client: &Client,
    container: &ContainerRef,
    network: &str,
    (aliases, endpoint): (&[String], Option<&Endpoint>),
) -> Result<(), EngineError> {
    let phrase = format!(
        "connect container `{}` to network `{network}`",
        container.name
    );
    let mut is_on = client.is_podman() && podman::is_on(client, container, network).await?;
    if is_on && !podman::runs(client, container).await? {
        disconnect(client, container, network).await?;
        is_on = false;
    }
    let request = NetworkConnectRequest {
        container: container.handle().to_owned(),
        endpoint_config: Some(endpoint_settings(aliases.to_vec(), endpoint)),
    };
    let connected = client.bollard.connect_network(network, request).await;
    if connected.is_err() && client.is_podman() && !is_on {
        // It has the container on its list by then, and can list nothing more until that is off it. It fails to take off
        // what is not on the network, and does.
        let _ = disconnect(client, container, network).await;
    }
    connected.map_err(|error| client.attempt(&phrase).failed(error))
}

/// The place of a container on a network.
pub(crate) fn endpoint_settings(
    aliases: Vec<String>,
    endpoint: Option<&Endpoint>,
) -> EndpointSettings {
    let plain = EndpointSettings {
        aliases: Some(aliases),
        ..EndpointSettings::default()
    };
    let Some(endpoint) = endpoint else {
        return plain;
    };
    let text = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    let addresses = EndpointIpamConfig {
        ipv4_address: text(&endpoint.ipv4),
        ipv6_address: text(&endpoint.ipv6),
        link_local_ips: Some(endpoint.link_local.clone()).filter(|list| !list.is_empty()),
    };
    let options = &endpoint.driver_opts;
    EndpointSettings {
        ipam_config: (addresses != EndpointIpamConfig::default()).then_some(addresses),
        mac_address: text(&endpoint.mac),
        gw_priority: (endpoint.gateway_priority != 0).then(|| i64::from(endpoint.gateway_priority)),
        driver_opts: (!options.is_empty()).then(|| options.clone().into_iter().collect()),
        ..plain
    }
}

pub(crate) async fn disconnect(
    client: &Client,
    container: &ContainerRef,
    network: &str,
) -> Result<(), EngineError> {
    let phrase = format!(
        "disconnect container `{}` from network `{network}`",
        container.name
    );
    let request = NetworkDisconnectRequest {
        container: container.handle().to_owned(),
        force: Some(false),
    };
    client
        .bollard
        .disconnect_network(network, request)
        .await
        .map_err(|error| client.attempt(&phrase).failed(error))
}

/// Waits until a container says that it is ready, or runs a command that lasts, or stays up for a moment where it is not
/// known what it would say or run. One that ends is told of, with what it said.
pub(crate) async fn wait(
    client: &Client,
    container: &ContainerRef,
    (log_line, lasting): (Option<&str>, Option<&str>),
    report: &dyn Fn(Progress),
) -> Result<(), EngineError> {
    if let Some(log_line) = log_line {
        match timeout(SAYING, says(client, container, log_line)).await {
            Ok(true) => return Ok(()),
            Ok(false) => {}
            Err(_) => report(Progress::Warning(format!(
                "container `{}` runs and has not said `{log_line}` after {} seconds",
                container.name,
                SAYING.as_secs()
            ))),
        }
    } else {
        tokio::select! {
            end = timeout(MOMENT, ended(client, container, "next-exit")) => {
                if let Ok(end) = end {
                    end?;
                }
            }
            () = runs(client, container, lasting) => return Ok(()),
        }
    }
    let phrase = format!("look at container `{}`", container.name);
    let path = format!("/containers/{}/json", container.handle());
    let Some(found) = client.get::<ContainerInspected>(&path, &phrase).await? else {
        return Err(client.attempt(&phrase).refused(404, "it is gone"));
    };
    let state = convert::container_state(&found.state);
    if state == ContainerState::Running && found.restart_count == 0 {
        return Ok(());
    }
    let said = log_tail(client, &found.id, TOLD_LINES).await;
    let mut warning = match found.state.error.as_deref() {
        Some(error) if !error.is_empty() => {
            format!(
                "container `{}` does not run: {}",
                container.name,
                printable(error)
            )
        }
        // Its code is that of the run that it is in.
        _ if state == ContainerState::Running => format!(
            "container `{}` does not stay up: it ends and is started again",
            container.name
        ),
        _ => format!(
            "container `{}` does not stay up: it ended with code {}",
            container.name, found.state.exit_code
        ),
    };
    if !said.is_empty() {
        warning.push_str("; its last words: ");
        warning.push_str(&said.join(" | "));
    }
    report(Progress::Warning(warning));
    Ok(())
}

/// Waits until a container runs a command; for ever where that cannot be told. What only hands the command on, as the
/// init process and scripts do, has other arguments.
async fn runs(client: &Client, container: &ContainerRef, command: Option<&str>) {
    let Some(command) = command else {
        return pending().await;
    };
    let mut pause = FIRST_LOOK;
    loop {
        let Ok(processes) = client
            .bollard
            .top_processes(container.handle(), None::<TopOptions>)
            .await
        else {
            return pending().await;
        };
        let titles = processes.titles.unwrap_or_default();
        let mut titles = titles.iter();
        if let Some(column) = titles.position(|title| title == "CMD" || title == "COMMAND") {
            let mut processes = processes.processes.iter().flatten();
            if processes.any(|process| process.get(column).is_some_and(|it| it == command)) {
                return;
            }
        }
        sleep(pause).await;
        pause *= 2;
    }
}

/// Follows the container's log until it says `wanted`; false when the log ends, which it does with the container.
async fn says(client: &Client, container: &ContainerRef, wanted: &str) -> bool {
    let path = format!("/containers/{}/json", container.handle());
    let found = client
        .get::<ContainerInspected>(&path, "look at a container")
        .await;
    let speaks_since = match found {
        Ok(Some(found)) => found.state.speaks_since(),
        Ok(None) | Err(_) => return false,
    };
    let mut lines = LogLines::since(speaks_since);
    let mut said = false;
    let patient = client.patient();
    let mut log = patient.logs(container.handle(), Some(log_options(speaks_since, true)));
    while let Ok(Some(piece)) = log.try_next().await {
        lines.push(piece.as_ref(), |line| said |= line.contains(wanted));
        if said {
            return true;
        }
    }
    false
}

/// Waits for the condition of the engine's `wait`, whatever code the container ends with.
pub(crate) async fn ended(
    client: &Client,
    container: &ContainerRef,
    condition: &str,
) -> Result<(), EngineError> {
    let phrase = format!("wait for container `{}`", container.name);
    let options = WaitContainerOptionsBuilder::default()
        .condition(condition)
        .build();
    let patient = client.patient();
    let mut waiting = patient.wait_container(container.handle(), Some(options));
    match waiting.try_next().await {
        Ok(_) | Err(bollard::errors::Error::DockerContainerWaitError { .. }) => Ok(()),
        Err(error) => Err(client.attempt(&phrase).failed(error)),
    }
}
