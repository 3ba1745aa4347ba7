//! Engines inside containers: what they keep when they end and begin again, or are replaced.

use nest::engine::Engine;
use nest::observed::{ContainerState, ObservedEngine, ObservedInner};
use nest::resource::container::ContainerMountSource;
use nest::resource::engine_path::EnginePath;
use nest::resource::label;

use crate::docker::sandbox::by_name;
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

/// The same on a volume that is there.
pub(super) async fn start_on<E: Engine>(subject: &Subject<'_, E>, name: &str, data: &str) {
    let socket = subject.volume(&format!("{name}-socket"));
    subject.must(socket).await;
    let mut spec = subject.dind(name);
    spec.fixed.mounts[0].source = ContainerMountSource::Volume(data.to_owned());
    let settings = serde_json::to_string(&spec.fixed).expect("settings are JSON");
    spec.labels.insert(label::SETTINGS.to_owned(), settings);
    subject.run_at(&EnginePath::outer(), spec).await;
    subject.must(wait(&by_name(name))).await;
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
    let before = subject.look_until(|it| running(awake(&it.containers[&name])).len() == 3);
    let before = awake(&before.await.containers[&name]).clone();
    assert_eq!(running(&before), ["always", "no", "unless-stopped"]);

    subject.must(stop(&container)).await;
    let asleep = |it: &ObservedEngine| it.containers[&name].engine == ObservedInner::Asleep;
    assert!(asleep(&subject.look_until(asleep).await), "it does not run");
    let answer = subject.ask_at(&inside, subject.volume("other")).await;
    assert_ne!(answer, Says::Done, "it does not run");
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

/// The names of the containers that run.
fn running(engine: &ObservedEngine) -> Vec<&str> {
    let containers = engine.containers.iter();
    let runs = containers.filter(|(_, it)| it.state == ContainerState::Running);
    runs.map(|(name, _)| name.as_str()).collect()
}

/// The engine holds what it held, and what its restart policy says runs again.
async fn check_kept<E: Engine>(subject: &Subject<'_, E>, name: &str, before: &ObservedEngine) {
    let same =
        |it: &ObservedEngine| running(awake(&it.containers[name])) == ["always", "unless-stopped"];
    let found = subject.look_until(same).await;
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
