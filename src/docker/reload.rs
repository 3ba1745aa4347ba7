//! Reload: an engine reads its configuration file again.

use std::collections::HashMap;
use std::time::UNIX_EPOCH;

use bollard::query_parameters::{EventsOptionsBuilder, KillContainerOptionsBuilder};
use futures_util::TryStreamExt as _;
use tokio::time::timeout;

use crate::docker::Docker;
use crate::docker::client::Client;
use crate::docker::error::with_sources;
use crate::docker::ready::{Fall, Ladder, Pause, as_declared};
use crate::engine::{EngineError, Progress, Rung};
use crate::plan::step::Readiness;
use crate::resource::container::ContainerRef;

/// Signals the engine in a container and waits until it says that it has reloaded and shows the declared settings.
///
/// An engine that cannot read its file says so in its log only, and goes on: there is no event then.
pub(crate) async fn reload(
    docker: &Docker,
    outer: &Client,
    container: &ContainerRef,
    readiness: &Readiness,
    report: &dyn Fn(Progress),
) -> Result<(), EngineError> {
    let ladder = Ladder::new(outer, container, report);
    let reloaded = timeout(readiness.timeout, signal(&ladder, docker, readiness)).await;
    ladder.outcome(reloaded.ok()).await
}

async fn signal(ladder: &Ladder<'_>, docker: &Docker, readiness: &Readiness) -> Result<(), Fall> {
    ladder.step(Rung::Running);
    let run = ladder.find_run().await?;
    ladder.step(Rung::Transport);
    let client = docker
        .enter(
            ladder.outer,
            &ladder.container.name,
            run.container.clone(),
            &run.engine,
        )
        .map_err(Fall::Error)?;
    let before = ladder.open(&run, &client).await?;
    ladder.step(Rung::Info);
    let fall = |error: &dyn std::error::Error| Fall::Reason(with_sources(error));
    // From before the signal: the engine may be done before the answer to it is here, and tells past events too.
    let since = before.now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let since = format!("{}.{:09}", since.as_secs(), since.subsec_nanos());
    ladder.note(
        "the engine does not say that it has read its configuration file again; its log may say why"
            .to_owned(),
    );
    let options = KillContainerOptionsBuilder::default()
        .signal("SIGHUP")
        .build();
    ladder
        .outer
        .bollard
        .kill_container(&run.container.id, Some(options))
        .await
        .map_err(|error| fall(&error))?;
    let filters = HashMap::from([("type", vec!["daemon"]), ("event", vec!["reload"])]);
    let options = EventsOptionsBuilder::default()
        .since(&since)
        .filters(&filters)
        .build();
    let patient = client.patient();
    let mut events = patient.events(Some(options));
    if events
        .try_next()
        .await
        .map_err(|error| fall(&error))?
        .is_none()
    {
        return Err(Fall::Reason("the engine ended".to_owned()));
    }
    let mut pause = Pause::new();
    loop {
        let info = client
            .transport
            .fresh_info()
            .await
            .map_err(|error| fall(&error))?;
        match as_declared(&info, readiness) {
            Ok(()) => return Ok(()),
            Err(reason) => ladder.note(reason),
        }
        pause.take().await;
    }
}
