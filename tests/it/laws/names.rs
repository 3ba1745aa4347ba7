//! Names that images are given, and those that a push which was killed has left.

use nest::engine::Engine;
use nest::model::image::ImageReference;
use nest::plan::step::Operation;
use nest::resource::digest::Digest;
use nest::resource::push::{Found, LeftPush};

use crate::laws::builds::look;
use crate::laws::subject::{Says, Subject};

/// The name that a push takes.
const TAKEN: &str = "registry.example.com/laws/names:1";

fn name(reference: &str, name: &str) -> Operation {
    Operation::NameImage {
        reference: ImageReference::new(reference),
        name: ImageReference::new(name),
    }
}

fn untag(name: &str) -> Operation {
    Operation::RemoveImage {
        reference: ImageReference::new(name),
    }
}

fn end(kept: &str, found: Found, taken: Option<&str>) -> Operation {
    Operation::EndPush(LeftPush {
        kept: kept.to_owned(),
        found,
        taken: taken.map(str::to_owned),
    })
}

/// What is in the image of a name, if there is one.
async fn content<E: Engine>(subject: &Subject<'_, E>, name: &str) -> Option<Digest> {
    let name = ImageReference::new(name);
    let mut found = look(subject, &[&name], &[]).await;
    found.images.remove(&name).map(|image| image.content)
}

pub(super) async fn check<E: Engine>(subject: &Subject<'_, E>) {
    let [first, second] = ["first", "second"].map(|it| format!("{}:1", subject.name(it)));
    let kept = |found: Found| {
        let (repository, tag) = found.kept_as(&subject.project, TAKEN);
        format!("{repository}:{tag}")
    };
    let (image, nothing) = (kept(Found::Image), kept(Found::Nothing));
    for name in [&first, &second, TAKEN, &image, &nothing] {
        assert_eq!(subject.ask(untag(name)).await, Says::Done);
    }
    let [alpine, busybox] = ["alpine:3.20", "busybox:1.36"];
    let of_alpine = content(subject, alpine).await;
    let of_busybox = content(subject, busybox).await;
    assert!(of_alpine.is_some() && of_busybox.is_some() && of_alpine != of_busybox);

    let absent = name("nowhere:1", &first);
    assert_eq!(subject.ask(absent).await, Says::No(404));
    assert_eq!(content(subject, &first).await, None);
    subject.must(name(alpine, &first)).await;
    assert_eq!(content(subject, &first).await, of_alpine);
    assert_eq!(subject.ask(name(alpine, &first)).await, Says::Done);
    assert_eq!(content(subject, &first).await, of_alpine);
    // Whatever had the name loses it, and stays by its others.
    subject.must(name(busybox, &first)).await;
    assert_eq!(content(subject, &first).await, of_busybox);
    assert_eq!(content(subject, alpine).await, of_alpine);
    // A name is of the image, not of the name that it was given by.
    subject.must(name(&first, &second)).await;
    subject.must(untag(&first)).await;
    assert_eq!(content(subject, &first).await, None);
    assert_eq!(content(subject, &second).await, of_busybox);
    subject.must(untag(&second)).await;

    pushes(subject, (&image, &nothing), [&of_alpine, &of_busybox]).await;
    assert_eq!(content(subject, alpine).await, of_alpine);
    assert_eq!(content(subject, busybox).await, of_busybox);
    subject.clean().await;
}

async fn pushes<E: Engine>(
    subject: &Subject<'_, E>,
    (image, nothing): (&str, &str),
    [of_alpine, of_busybox]: [&Option<Digest>; 2],
) {
    // What it found gets the name back.
    subject.must(name("busybox:1.36", image)).await;
    subject.must(name("alpine:3.20", TAKEN)).await;
    let again = end(image, Found::Image, Some(TAKEN));
    subject.must(again.clone()).await;
    assert_eq!(content(subject, TAKEN).await, *of_busybox);
    assert_eq!(content(subject, image).await, None);
    assert_eq!(subject.ask(again).await, Says::No(404), "nothing is kept");
    assert_eq!(content(subject, TAKEN).await, *of_busybox);

    // Where it found nothing the name goes.
    subject.must(name("alpine:3.20", TAKEN)).await;
    subject.must(name("alpine:3.20", nothing)).await;
    let again = end(nothing, Found::Nothing, Some(TAKEN));
    subject.must(again.clone()).await;
    assert_eq!(content(subject, TAKEN).await, None);
    assert_eq!(content(subject, nothing).await, None);
    assert_eq!(subject.ask(again).await, Says::Done, "both are gone");

    // A name that somebody has taken meanwhile stays his.
    subject.must(name("alpine:3.20", TAKEN)).await;
    subject.must(name("busybox:1.36", nothing)).await;
    subject.must(end(nothing, Found::Nothing, None)).await;
    assert_eq!(content(subject, nothing).await, None);
    assert_eq!(content(subject, TAKEN).await, *of_alpine);
    subject.must(untag(TAKEN)).await;
}
