//! Containers from their making to their end.

use nest::engine::Engine;
use nest::model::image::ImageReference;
use nest::observed::ContainerState;
use nest::plan::step::{ContainerUpdate, Operation};
use nest::resource::container::ContainerRef;

use crate::docker::sandbox::by_name;
use crate::laws::subject::{Says, Subject, create, remove, restart, start, stop};

pub(super) async fn check<E: Engine>(subject: &Subject<'_, E>) {
    let spec = subject.sleeper(&subject.name("box"));
    let container = by_name(&spec.name);
    assert_eq!(
        subject.ask(start(&container)).await,
        Says::No(404),
        "none is there"
    );
    assert_eq!(
        subject.ask(stop(&container)).await,
        Says::No(404),
        "none is there"
    );
    assert_eq!(
        subject.ask(remove(&container)).await,
        Says::Done,
        "none is there"
    );
    let mut without_image = spec.clone();
    without_image.fixed.image = ImageReference::new("nowhere:1");
    assert_eq!(subject.ask(create(&without_image)).await, Says::No(404));

    subject.must(create(&spec)).await;
    let found = subject.look().await;
    let made = &found.containers[&spec.name];
    let id = made.id.clone();
    assert_eq!(made.state, ContainerState::Created);
    let kept = |(key, value): (&String, &String)| made.labels.get(key) == Some(value);
    assert!(spec.labels.iter().all(kept), "{:?}", made.labels);
    let image = &found.images[&spec.fixed.image];
    assert_eq!(made.image_id, image.id);
    assert_eq!(
        subject.ask(create(&spec)).await,
        Says::Done,
        "the same again"
    );
    assert_eq!(subject.look().await.containers[&spec.name].id, id);
    let mut other = spec.clone();
    other.labels.insert("whose".to_owned(), "theirs".to_owned());
    assert_eq!(
        subject.ask(create(&other)).await,
        Says::No(409),
        "the name is taken"
    );

    assert_eq!(subject.ask(start(&container)).await, Says::Done);
    assert_eq!(
        subject.ask(start(&container)).await,
        Says::Done,
        "it runs already"
    );
    assert_eq!(
        subject.ask(remove(&container)).await,
        Says::No(409),
        "it runs"
    );
    limits(subject, &container).await;
    assert_eq!(subject.ask(stop(&container)).await, Says::Done);
    assert_eq!(
        subject.ask(stop(&container)).await,
        Says::Done,
        "it does not run already"
    );
    let exited = |state| matches!(state, ContainerState::Exited(_));
    let found = subject.look_until(|it| exited(it.containers[&spec.name].state));
    let state = found.await.containers[&spec.name].state;
    assert!(exited(state), "{state:?}");

    // Another of the same name is not meant by the id of the one before.
    subject.must(remove(&container)).await;
    assert_eq!(
        subject.ask(remove(&container)).await,
        Says::Done,
        "it is gone already"
    );
    subject.must(create(&spec)).await;
    let found = subject.look().await;
    assert_ne!(found.containers[&spec.name].id, id);
    let before = ContainerRef {
        name: spec.name.clone(),
        id: Some(id),
    };
    assert_eq!(subject.ask(start(&before)).await, Says::No(404));
    assert_eq!(subject.ask(remove(&before)).await, Says::Done);
    assert_eq!(subject.look().await.containers, found.containers);
    subject.must(remove(&container)).await;
    assert!(subject.look().await.containers.is_empty());
}

/// What changes in place, while it runs.
async fn limits<E: Engine>(subject: &Subject<'_, E>, container: &ContainerRef) {
    let update = |nano_cpus, memory, policy: Option<&str>| Operation::UpdateContainer {
        container: container.clone(),
        update: ContainerUpdate {
            nano_cpus,
            memory,
            restart: policy.map(restart),
            ..ContainerUpdate::default()
        },
    };
    subject
        .must(update(Some(500_000_000), Some(64 << 20), None))
        .await;
    let found = subject.look().await;
    let before = &found.containers[&container.name];
    assert_eq!(before.live.nano_cpus, Some(500_000_000));
    assert_eq!(before.live.memory, Some(64 << 20));
    subject
        .must(update(None, Some(512 << 20), Some("unless-stopped")))
        .await;
    let found = subject.look().await;
    let after = &found.containers[&container.name];
    assert_eq!(after.id, before.id, "it is the same");
    assert_eq!(
        after.live.nano_cpus,
        Some(500_000_000),
        "what is not named stays"
    );
    assert_eq!(after.live.memory, Some(512 << 20));
    assert_eq!(after.live.restart, restart("unless-stopped"));
    let absent = Operation::UpdateContainer {
        container: by_name("nowhere"),
        update: ContainerUpdate {
            memory: Some(64 << 20),
            ..ContainerUpdate::default()
        },
    };
    assert_eq!(subject.ask(absent).await, Says::No(404));
}
