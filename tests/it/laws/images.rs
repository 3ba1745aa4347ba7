//! Images on their way into an engine and out of it.

use nest::engine::Engine;
use nest::model::image::ImageReference;
use nest::plan::step::Operation;
use nest::resource::engine_path::EnginePath;

use crate::docker::sandbox::by_name;
use crate::laws::inner::start_dind;
use crate::laws::subject::{ENGINE, Says, Subject, awake, create, remove};

pub(super) fn transfer(images: &[&str]) -> Operation {
    Operation::TransferImages {
        from: EnginePath::outer(),
        references: images
            .iter()
            .map(|image| ImageReference::new(*image))
            .collect(),
        engines: 1,
    }
}

pub(super) async fn check<E: Engine>(subject: &Subject<'_, E>) {
    let name = subject.name(ENGINE);
    let inside = start_dind(subject, &name).await;
    let alpine = ImageReference::new("alpine:3.20");
    let untag = || Operation::RemoveImage {
        reference: alpine.clone(),
    };
    assert_eq!(
        subject.ask_at(&inside, untag()).await,
        Says::Done,
        "none is there"
    );
    let absent = subject.ask_at(&inside, transfer(&["nowhere:1"])).await;
    assert_eq!(absent, Says::No(404));
    let both = transfer(&["alpine:3.20", "busybox:1.36"]);
    subject.must_at(&inside, both.clone()).await;
    subject.must_at(&inside, both).await;
    let found = subject.look().await;
    let inner = awake(&found.containers[&name]);
    for (reference, image) in &found.images {
        assert_eq!(
            inner.images[reference].content, image.content,
            "{reference}"
        );
    }

    // The last name of an image stays for as long as there is a container that was made from it.
    let spec = subject.sleeper("user");
    subject.must_at(&inside, create(&spec)).await;
    assert_eq!(
        subject.ask_at(&inside, untag()).await,
        Says::No(409),
        "it is used"
    );
    let found = subject.look().await;
    let inner = awake(&found.containers[&name]);
    assert!(inner.images.contains_key(&alpine));
    assert_eq!(inner.containers["user"].image_id, inner.images[&alpine].id);
    subject.must_at(&inside, remove(&by_name("user"))).await;
    assert_eq!(subject.ask_at(&inside, untag()).await, Says::Done);
    assert_eq!(
        subject.ask_at(&inside, untag()).await,
        Says::Done,
        "it is gone already"
    );
    let found = subject.look().await;
    let inner = awake(&found.containers[&name]);
    assert_eq!(inner.images.len(), 1, "the other is there");
    assert_eq!(found.images.len(), 2, "outside both are");
    subject.clean().await;
}
