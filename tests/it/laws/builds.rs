//! Images that an engine builds, and those that it pushes.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use nest::engine::{Engine, Progress};
use nest::images::context::Context;
use nest::model::image::ImageReference;
use nest::observed::{EngineMake, ObservedEngine, Question};
use nest::plan::step::Operation;
use nest::resource::build::{BuildFile, BuildHow, BuildSettings, BuildSource, ImageBuild};
use nest::resource::container::PortBinding;
use nest::resource::digest::Digest;
use nest::resource::engine_path::EnginePath;
use nest::resource::label;
use nest::resource::push::{PushPlace, PushRegistry};
use nest::resource::{Address, Kind};
use tempfile::TempDir;

use crate::docker::sandbox::by_name;
use crate::laws::subject::{Says, Subject, create, remove, start, stop};

/// A folder that images are built from.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("there is room");
    let text = "FROM alpine:3.20\nARG CONTENT\nRUN echo \"$CONTENT\" > /content\n";
    std::fs::write(folder.path().join("Dockerfile"), text).expect("there is room");
    folder
}

/// Builds an image of this name with something in it.
fn build<E: Engine>(
    subject: &Subject<'_, E>,
    folder: &TempDir,
    name: &str,
    text: &str,
) -> ImageBuild {
    let path = folder.path().to_owned();
    let dockerfile = BuildFile::File("Dockerfile".into());
    let context = Context::read(&path, &dockerfile).expect("it can be read");
    let settings = BuildSettings {
        context: context.digest().expect("it can be read").to_string(),
        args: BTreeMap::from([("CONTENT".to_owned(), text.to_owned())]),
        ..BuildSettings::default()
    };
    let mut labels = subject.labels(name);
    let text = serde_json::to_string(&settings).expect("settings are JSON");
    labels.insert(label::SETTINGS.to_owned(), text);
    let digest = Digest::of(&settings);
    labels.insert(label::DIGEST.to_owned(), digest.as_str().to_owned());
    ImageBuild {
        reference: ImageReference::new(name),
        source: BuildSource::Folder { path, dockerfile },
        settings,
        labels,
        how: BuildHow::default(),
    }
}

fn built(build: &ImageBuild) -> Operation {
    Operation::BuildImage(Box::new(build.clone()))
}

/// The images of these names, and whether the registry has what is pushed to it.
pub(super) async fn look<E: Engine>(
    subject: &Subject<'_, E>,
    names: &[&ImageReference],
    pushes: &[&PushPlace],
) -> ObservedEngine {
    let pushes = pushes.iter().map(|place| (address(), (*place).clone()));
    let question = Question {
        project: subject.project.clone(),
        platforms: BTreeMap::new(),
        pushes: pushes.collect(),
        published: BTreeSet::new(),
        images: names.iter().map(|name| (*name).clone()).collect(),
        inner: BTreeMap::new(),
        others: BTreeMap::new(),
    };
    let found = subject.engine.observe(&question).await;
    found.expect("the engine is observed")
}

fn address() -> Address {
    Address::new(None, Kind::Image, "pushed")
}

pub(super) async fn check<E: Engine>(subject: &Subject<'_, E>) {
    let folder = folder();
    let name = format!("{}:1", subject.name("built"));
    let first = build(subject, &folder, &name, "first");
    subject.must(built(&first)).await;
    let found = look(subject, &[&first.reference], &[]).await;
    let image = found.images[&first.reference].clone();
    assert_eq!(image.labels[label::DIGEST], first.labels[label::DIGEST]);
    assert_eq!(image.labels[label::NAME], name);

    // The same once more has the same in it, whether or not its configuration tells another time.
    subject.must(built(&first)).await;
    let again = look(subject, &[&first.reference], &[]).await;
    let again = again.images[&first.reference].clone();
    assert_eq!(again.content, image.content);

    // Another one takes the name, and the first goes by its id.
    let second = build(subject, &folder, &name, "second");
    subject.must(built(&second)).await;
    let found = look(subject, &[&first.reference], &[]).await;
    let other = &found.images[&first.reference];
    assert_ne!((&other.id, &other.content), (&image.id, &image.content));
    for id in [image.id, again.id] {
        let old = Operation::RemoveUnnamedImage { id };
        assert_eq!(subject.ask(old.clone()).await, Says::Done);
        assert_eq!(subject.ask(old).await, Says::Done, "it is gone already");
    }
    let named = Operation::RemoveUnnamedImage {
        id: other.id.clone(),
    };
    assert_eq!(subject.ask(named).await, Says::Done);
    let found = look(subject, &[&first.reference], &[]).await;
    assert!(found.images.contains_key(&first.reference), "it has a name");

    pushed(subject, &first.reference).await;
    let untag = Operation::RemoveImage {
        reference: first.reference.clone(),
    };
    subject.must(untag).await;
    let found = look(subject, &[&first.reference], &[]).await;
    assert!(found.images.is_empty());
    subject.clean().await;
}

/// Pushes, and tells by which digest the registry has it.
async fn pushed_as<E: Engine>(subject: &Subject<'_, E>, push: Operation) -> Option<String> {
    let told = RefCell::new(None);
    let report = |progress: Progress| {
        if let Progress::Pushed(digest) = progress {
            told.replace(Some(digest));
        }
    };
    let outer = EnginePath::outer();
    let done = subject.engine.perform(&outer, &push, &report).await;
    done.unwrap_or_else(|error| panic!("{push:?}: {error}"));
    told.take()
}

async fn pushed<E: Engine>(subject: &Subject<'_, E>, image: &ImageReference) {
    let registry = subject.name("registry");
    let mut spec = subject.sleeper(&registry);
    spec.fixed.image = ImageReference::new("registry:2");
    spec.fixed.command.clear();
    spec.fixed.ports = vec![PortBinding {
        container: "5000/tcp".to_owned(),
        host_ip: "127.0.0.1".to_owned(),
        host_port: None,
    }];
    let place = PushPlace {
        registry: PushRegistry::Container(registry.clone()),
        repository: "laws/built".to_owned(),
        tag: "1".to_owned(),
        login: None,
    };
    let push = |reference: &ImageReference| Operation::PushImage {
        project: subject.project.clone(),
        reference: reference.clone(),
        place: place.clone(),
        login: None,
    };
    let container = by_name(&registry);
    subject.must(create(&spec)).await;
    assert_ne!(
        subject.ask(push(image)).await,
        Says::Done,
        "it does not run"
    );
    subject.must(start(&container)).await;
    subject
        .must(Operation::WaitForContainer {
            container: container.clone(),
            log_line: Some("listening on".to_owned()),
            lasting: None,
        })
        .await;
    let has = async || {
        look(subject, &[image], &[&place])
            .await
            .pushed
            .get(&address())
            .cloned()
    };
    // Podman does not ask registries.
    let make = subject.look().await.identity.make;
    let asks = make != EngineMake::Podman;
    let told = |has: Option<String>| asks.then_some(has);
    assert_eq!(has().await, told(None));
    let absent = ImageReference::new("nowhere:1");
    assert_eq!(subject.ask(push(&absent)).await, Says::No(404));
    assert_eq!(has().await, told(None));
    let first = pushed_as(subject, push(image)).await;
    assert_eq!(
        first.is_some(),
        asks,
        "it tells by which digest it is there"
    );
    assert_eq!(has().await, told(first.clone()));
    let other = ImageReference::new("alpine:3.20");
    let second = pushed_as(subject, push(&other)).await;
    assert_eq!(has().await, told(second.clone()));
    assert_eq!(first != second, asks, "another image has another one");
    assert_eq!(pushed_as(subject, push(image)).await, first);
    let found = look(subject, &[image], &[&place]).await;
    assert!(found.images.contains_key(image), "it keeps its own name");
    subject
        .must_at(&EnginePath::outer(), stop(&container))
        .await;
    assert_eq!(
        has().await,
        None,
        "a registry that does not run is not asked"
    );
    subject.must(remove(&container)).await;
}
