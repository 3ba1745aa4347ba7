//! Waiting until the container of a service is as far as it must be.

use std::time::Duration;

use tokio::time::{sleep, timeout};

use crate::docker::answer::{ContainerInspected, StateAnswer};
use crate::docker::client::Client;
use crate::docker::convert;
use crate::docker::error::printable;
use crate::docker::log::log_tail;
use crate::docker::perform::container::{MOMENT, TOLD_LINES, ended};
use crate::docker::podman_health::Checks;
use crate::engine::{EngineError, Progress};
use crate::observed::ContainerState;
use crate::plan::step::ServiceWait;
use crate::resource::container::ContainerRef;

/// How often it is looked whether a container is healthy. The engine itself says when it gives up.
const BETWEEN_LOOKS: Duration = Duration::from_millis(150);

/// How far a container is.
enum Stage {
    /// As far as it must be.
    There,
    /// It runs, and it is not known yet whether it stays up.
    Running,
    /// It is still on its way.
    Coming,
    /// It ends and is started again: the reason.
    Falling(String),
    /// It will not come: the reason.
    Lost(String),
}

/// Waits until a container is healthy, or has ended well, or stays up for a moment where nothing tells how it is.
pub(crate) async fn wait(
    client: &Client,
    container: &ContainerRef,
    until: ServiceWait,
    report: &dyn Fn(Progress),
) -> Result<(), EngineError> {
    let phrase = format!("wait for container `{}`", container.name);
    let path = format!("/containers/{}/json", container.handle());
    let mut has_stayed = false;
    let mut checks = Checks::default();
    loop {
        let Some(found) = client.get::<ContainerInspected>(&path, &phrase).await? else {
            return Err(client.attempt(&phrase).refused(404, "it is gone"));
        };
        match stage(&found, until) {
            Stage::There => return Ok(()),
            Stage::Running if until == ServiceWait::Done => {
                ended(client, container, "not-running").await?;
            }
            Stage::Running if has_stayed => return Ok(()),
            Stage::Running => {
                let end = timeout(MOMENT, ended(client, container, "not-running")).await;
                has_stayed = end.is_err();
                if let Ok(end) = end {
                    end?;
                }
            }
            Stage::Coming => {
                if client.is_podman() {
                    checks.run_due(client, &found, &phrase).await?;
                }
                sleep(BETWEEN_LOOKS).await;
            }
            Stage::Falling(reason) => {
                let reason = with_last_words(client, &found, reason).await;
                report(Progress::Warning(format!(
                    "container `{}` does not stay up: {reason}",
                    container.name
                )));
                return Ok(());
            }
            Stage::Lost(reason) => {
                let reason = with_last_words(client, &found, reason).await;
                return Err(client.attempt(&phrase).without_effect(reason));
            }
        }
    }
}

fn stage(found: &ContainerInspected, until: ServiceWait) -> Stage {
    let state = &found.state;
    match convert::container_state(state) {
        ContainerState::Exited(0) if until != ServiceWait::Running => Stage::There,
        ContainerState::Running if until == ServiceWait::Done => Stage::Running,
        ContainerState::Running => running(state, found.restart_count),
        ContainerState::Paused => Stage::Lost("it is paused".to_owned()),
        ContainerState::Restarting => Stage::Falling(end(state)),
        ContainerState::Created | ContainerState::Exited(_) | ContainerState::Dead => {
            Stage::Lost(end(state))
        }
    }
}

fn running(state: &StateAnswer, restarts: i64) -> Stage {
    let health = state.health.as_ref();
    match health.map(|health| health.status.as_str()) {
        Some("healthy") => Stage::There,
        Some("starting") => Stage::Coming,
        Some("unhealthy") => {
            let checks = health.and_then(|health| health.log.as_ref());
            let said = checks.and_then(|checks| checks.last());
            let said = said.map(|check| printable(check.output.trim()));
            let said = said.filter(|said| !said.is_empty());
            let said = said.map(|said| format!(": {said}")).unwrap_or_default();
            Stage::Lost(format!("it is unhealthy{said}"))
        }
        _ if restarts > 0 => Stage::Falling(end(state)),
        _ => Stage::Running,
    }
}

fn end(state: &StateAnswer) -> String {
    match state.error.as_deref() {
        Some(error) if !error.is_empty() => printable(error),
        _ => format!("it ended with code {}", state.exit_code),
    }
}

async fn with_last_words(client: &Client, found: &ContainerInspected, reason: String) -> String {
    let said = log_tail(client, &found.id, TOLD_LINES).await;
    if said.is_empty() {
        return reason;
    }
    format!("{reason}; its last words: {}", said.join(" | "))
}
