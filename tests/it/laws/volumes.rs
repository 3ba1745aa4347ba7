//! Volumes.

use nest::engine::Engine;
use nest::plan::step::Operation;
use nest::resource::container::{ContainerMount, ContainerMountSource, MountOptions};
use nest::resource::label::Labels;
use nest::resource::storage::{VolumeSettings, VolumeSpec};

use crate::docker::sandbox::by_name;
use crate::laws::subject::{Says, Subject, create, remove};

pub(super) async fn check<E: Engine>(subject: &Subject<'_, E>) {
    let name = subject.name("cache");
    let gone = || Operation::RemoveVolume { name: name.clone() };
    assert_eq!(subject.ask(gone()).await, Says::Done, "none is there");
    subject.must(subject.volume(&name)).await;
    assert_eq!(
        subject.look().await.volumes[&name].labels,
        subject.labels(&name)
    );
    assert_eq!(
        subject.ask(subject.volume(&name)).await,
        Says::Done,
        "the same again"
    );
    let other = Operation::CreateVolume(VolumeSpec {
        name: name.clone(),
        settings: VolumeSettings::default(),
        labels: Labels::from([("whose".to_owned(), "theirs".to_owned())]),
    });
    assert_eq!(
        subject.ask(other).await,
        Says::NoEffect,
        "the name is taken"
    );
    assert_eq!(
        subject.look().await.volumes[&name].labels,
        subject.labels(&name)
    );

    // A container keeps its volumes, though it never ran; one that is not there is made, and is nobody's.
    let mut spec = subject.sleeper(&subject.name("user"));
    let loose = subject.name("loose");
    spec.fixed.mounts = [("/a", &name), ("/b", &loose)]
        .map(|(target, volume)| ContainerMount {
            target: target.to_owned(),
            source: ContainerMountSource::Volume(volume.clone()),
            read_only: false,
            options: MountOptions::default(),
        })
        .to_vec();
    subject.must(create(&spec)).await;
    assert_eq!(subject.ask(gone()).await, Says::No(409), "it is in use");
    let found = subject.look().await;
    assert!(found.volumes.contains_key(&name));
    assert!(found.foreign_volumes.contains(&loose), "{found:?}");
    subject.must(remove(&by_name(&spec.name))).await;
    let found = subject.look().await;
    assert!(found.volumes.contains_key(&name), "it outlives its user");
    assert!(found.foreign_volumes.contains(&loose));
    assert_eq!(subject.ask(gone()).await, Says::Done);
    assert!(!subject.look().await.volumes.contains_key(&name));
    assert_eq!(subject.ask(gone()).await, Says::Done, "it is gone already");
    subject.must(Operation::RemoveVolume { name: loose }).await;
}
