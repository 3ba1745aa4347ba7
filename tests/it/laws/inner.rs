//! Engines inside containers: what they keep when they end and begin again, or are replaced.

use nest::engine::Engine;
use nest::observed::{ContainerState, ObservedInner};
use nest::resource::engine_path::EnginePath;

use crate::docker::sandbox::{by_name, eventually};
use crate::laws::images::transfer;
use crate::laws::subject::{
    ENGINE, Says, Subject, awake, create, remove, restart, start, stop, wait,
};

/// Makes an environment and waits for its engine.
pub(super) async fn start_dind<E: Engine>(subject: &Subject<'_, E>, name: &str) -> EnginePath {
    for volume in ["data", "socket"] {
        subject
            .must(subject.volume(&format!("{name}-{volume}")))
            .await;
    }
    subject
        .run_at(&EnginePath::outer(), subject.dind(name))
        .await;
    subject.must(wait(&by_name(name))).await;
    EnginePath::outer().inside(name)
}

pub(super) async fn check<E: Engine>(subject: &Subject<'_, E>) {
    let name = subject.name(ENGINE);
    let container = by_name(&name);
    let inside = start_dind(subject, &name).await;
    subject.must_at(&inside, transfer(&["alpine:3.20"])).await;
    subject.must_at(&inside, subject.volume("kept")).await;
    subject.must_at(&inside, subject.network("net")).await;
    for policy in ["no", "always", "unless-stopped"] {
        let mut spec = subject.sleeper(policy);
        spec.live.restart = restart(policy);
        subject.run_at(&inside, spec).await;
    }
    let mut stopped = subject.sleeper("stopped");
    stopped.live.restart = restart("unless-stopped");
    subject.run_at(&inside, stopped).await;
    subject.must_at(&inside, stop(&by_name("stopped"))).await;
    // An engine may list a container as running a moment after it has said that it stopped it.
    eventually("three of them run", async || {
        awake(&subject.look().await.containers[&name]).running_containers == 3
    })
    .await;
    let before = subject.look().await;
    let before = awake(&before.containers[&name]).clone();

    subject.must(stop(&container)).await;
    assert_eq!(
        subject.look().await.containers[&name].engine,
        ObservedInner::Asleep
    );
    let asleep = subject.ask_at(&inside, subject.volume("other")).await;
    assert_ne!(asleep, Says::Done, "it does not run");
    subject.must(start(&container)).await;
    subject.must(wait(&container)).await;
    check_kept(subject, &name, &before).await;

    // Another container on the same data: what is inside stays.
    subject.must(stop(&container)).await;
    subject.must(remove(&container)).await;
    subject.must(create(&subject.dind(&name))).await;
    subject.must(start(&container)).await;
    subject.must(wait(&container)).await;
    check_kept(subject, &name, &before).await;
    subject.clean().await;
}

/// The engine holds what it held, and what its restart policy says runs again.
async fn check_kept<E: Engine>(
    subject: &Subject<'_, E>,
    name: &str,
    before: &nest::observed::ObservedEngine,
) {
    let found = subject.look().await;
    let after = awake(&found.containers[name]);
    assert_eq!(after.images, before.images);
    assert_eq!(after.volumes, before.volumes);
    assert_eq!(after.networks, before.networks);
    assert_eq!(after.identity.id, before.identity.id);
    for (name, container) in &before.containers {
        assert_eq!(after.containers[name].id, container.id, "{name}");
        assert_eq!(after.containers[name].labels, container.labels, "{name}");
        let runs = after.containers[name].state == ContainerState::Running;
        let policy = &container.live.restart.name;
        let should = policy == "always" || policy == "unless-stopped" && name != "stopped";
        assert_eq!(runs, should, "{name}: {:?}", after.containers[name].state);
    }
}
