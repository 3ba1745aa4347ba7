//! Checks of a container's health where podman makes none: it leaves their times to systemd, which need not be there.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::docker::answer::ContainerInspected;
use crate::docker::client::Client;
use crate::engine::EngineError;

/// The time between two checks where the container says nothing.
const USUAL_INTERVAL: Duration = Duration::from_secs(30);

/// The checks of one container, while somebody waits for its health.
#[derive(Debug, Default)]
pub(crate) struct Checks {
    /// When the next one is due.
    due: Option<Instant>,
    /// The beginning of the last check before that; empty if there was none.
    last: String,
    /// Whether nobody else makes them.
    are_own: bool,
}

impl Checks {
    /// Checks the container's health if that is due and nobody else does.
    pub(crate) async fn run_due(
        &mut self,
        client: &Client,
        found: &ContainerInspected,
        phrase: &str,
    ) -> Result<(), EngineError> {
        let interval = interval(found);
        let last = last_check(found);
        let now = Instant::now();
        let Some(due) = self.due else {
            // systemd makes the first one at once, and each further one an interval after the end of that before.
            let patience = if last.is_empty() {
                interval
            } else {
                interval * 2 + Duration::from_secs(1)
            };
            self.due = Some(now + patience);
            last.clone_into(&mut self.last);
            return Ok(());
        };
        if now < due {
            return Ok(());
        }
        self.are_own |= last == self.last;
        if self.are_own {
            let path = format!("/libpod/containers/{}/healthcheck", found.id);
            match client.get::<Value>(&path, phrase).await {
                // It has ended meanwhile, as the next look tells.
                Ok(_) | Err(EngineError::Refused { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        last.clone_into(&mut self.last);
        self.due = Some(Instant::now() + interval);
        Ok(())
    }
}

fn interval(found: &ContainerInspected) -> Duration {
    let told = found.config.health_check.as_ref();
    let told = told.map(|check| Duration::from_nanos(check.interval));
    told.filter(|interval| !interval.is_zero())
        .unwrap_or(USUAL_INTERVAL)
}

fn last_check(found: &ContainerInspected) -> &str {
    let health = found.state.health.as_ref();
    let checks = health.and_then(|health| health.log.as_ref());
    let last = checks.and_then(|checks| checks.last());
    last.map_or("", |check| check.start.as_str())
}
