//! When images are pulled, and for which platform.

use expect_test::expect;
use nest::engine::Engine as _;
use nest::model::image::ImageReference;
use nest::observed::ObservedInner;
use nest::plan::change::Action;
use nest::plan::{PlanOptions, plan};
use nest::resource::Kind;
use nest::up::question_with;

use crate::apply::{bring_up, run};
use crate::memory::MemoryEngine;
use crate::plan::{UP, check, engine, futures, plan_now, rendered};
use crate::yaml::wanted;

fn publish(engine: &MemoryEngine, image: &str) {
    engine.with(|state| {
        let name = ImageReference::new(image);
        state.published.insert(name, "a newer one".to_owned());
    });
}

fn service(more: &str) -> String {
    format!("name: test\nservices: {{ app: {{ image: 'app:1', {more} }} }}\n")
}

#[test]
fn what_is_always_pulled_follows_the_registry() {
    let file = service("pull_policy: always");
    let engine = engine();
    bring_up(&engine, &file);
    assert!(plan_now(&engine, &file, UP).steps.is_empty());
    publish(&engine, "app:1");
    expect![[r#"
        nest will perform these actions:

          # service.app must be replaced (its image name stands for another image now)
        -/+ container "test-app-1"
              ~ image content : app:1 as published -> as it is published   # forces replacement
                (4 unchanged attributes hidden)

        Plan: 1 to add, 0 to change, 1 to destroy.
    "#]]
    .assert_eq(&rendered(&plan_now(&engine, &file, UP)));
    bring_up(&engine, &file);
    assert!(plan_now(&engine, &file, UP).steps.is_empty());
}

#[test]
fn what_is_there_is_not_pulled_again_unless_the_file_says_so() {
    for policy in ["missing", "if_not_present", "never"] {
        let file = service(&format!("pull_policy: {policy}"));
        let engine = MemoryEngine::with_images(&["app:1"]);
        bring_up(&engine, &file);
        publish(&engine, "app:1");
        let plan = plan_now(&engine, &file, UP);
        assert!(plan.steps.is_empty(), "{policy}");
    }
}

#[test]
fn what_is_never_pulled_and_not_there_is_refused() {
    check(
        "name: test",
        |_| {},
        &service("pull_policy: never"),
        &expect![[r#"
            nest will perform these actions:

              # network.default will be created
              + network "test_default"
                  + driver : bridge

              # service.app will be created
              + container "test-app-1"
                  + image                    : app:1
                  + environment.NEST_REPLICA : 1
                  + restart                  : no

            error: service.app: the engine has no image `app:1`, which is never pulled
              --> /project/test/nest.yaml:2:36
              hint: build or load it on the outer engine, pull it there yourself (`docker pull app:1`), or remove `never`

            Plan: 2 to add, 0 to change, 0 to destroy.
        "#]],
    );
}

const INSIDE: &str = "
name: test
environments:
  box:
    outer: dind
    inner:
      services:
        app: { image: 'app:1', pull_policy: always }
        own: { image: 'own:1', pull_policy: never }
";

#[test]
fn inside_an_image_is_pulled_by_the_engine_there_and_what_is_outside_is_not_pulled() {
    let engine = engine();
    engine.with(|state| {
        let name = ImageReference::new("own:1");
        state.images.insert(name, "by hand".to_owned());
    });
    bring_up(&engine, INSIDE);
    assert!(plan_now(&engine, INSIDE, UP).steps.is_empty());
    engine.with(|state| {
        let container = state.volumes.get_mut("test_box-1-data");
        let data = container
            .and_then(|volume| volume.data.as_mut())
            .expect("an engine");
        let name = ImageReference::new("app:1");
        data.published.insert(name, "a newer one".to_owned());
    });
    expect![[r#"
        nest will perform these actions:

          # environment.box/image["app:1"] will be updated in place (the image that it follows has changed)
          ~ image "app:1"
              ~ content : app:1 as published -> as it is published

          # environment.box/service.app must be replaced (its image name stands for another image now)
        -/+ container "app-1"
              ~ image content : app:1 as published -> as it is published   # forces replacement
                (4 unchanged attributes hidden)

        Plan: 1 to add, 1 to change, 1 to destroy.
    "#]].assert_eq(&rendered(&plan_now(&engine, INSIDE, UP)));
    bring_up(&engine, INSIDE);
    assert!(plan_now(&engine, INSIDE, UP).steps.is_empty());
}

#[test]
fn an_image_for_another_platform_is_pulled() {
    let engine = MemoryEngine::with_images(&["app:1"]);
    let file = service("");
    bring_up(&engine, &file);
    let other = service("platform: linux/arm64");
    expect![[r#"
        nest will perform these actions:

          # service.app must be replaced (its image name stands for another image now)
        -/+ container "test-app-1"
              + platform      : linux/arm64   # forces replacement
              ~ image content : app:1 as built -> as it is published   # forces replacement
                (4 unchanged attributes hidden)

        Plan: 1 to add, 0 to change, 1 to destroy.
    "#]]
    .assert_eq(&rendered(&plan_now(&engine, &other, UP)));
    bring_up(&engine, &other);
    assert!(plan_now(&engine, &other, UP).steps.is_empty());
}

/// A file whose environment has these images.
fn images(images: &str) -> String {
    format!(
        "name: test\nenvironments: {{ box: {{ outer: dind, inner: {{ images: [{images}] }} }} }}\n"
    )
}

/// What a registry tells the engine inside.
fn publish_inside(engine: &MemoryEngine, image: &str) {
    engine.with(|state| {
        let volume = state.volumes.get_mut("test_box-1-data");
        let data = volume
            .and_then(|volume| volume.data.as_mut())
            .expect("an engine");
        let name = ImageReference::new(image);
        data.published.insert(name, "a newer one".to_owned());
    });
}

#[test]
fn a_listed_image_that_is_always_pulled_follows_the_registry() {
    for source in ["auto", "registry"] {
        let file = images(&format!(
            "{{ image: 'alpine:3.20', source: {source}, pull: always }}"
        ));
        // The engine outside has another one, which is not taken.
        let engine = engine();
        bring_up(&engine, &file);
        let plan = plan_now(&engine, &file, UP);
        assert!(plan.steps.is_empty(), "{}", rendered(&plan));
        publish_inside(&engine, "alpine:3.20");
        let plan = plan_now(&engine, &file, UP);
        expect![[r#"
            nest will perform these actions:

              # environment.box/image["alpine:3.20"] will be updated in place (the image that it follows has changed)
              ~ image "alpine:3.20"
                  ~ content : alpine:3.20 as published -> as it is published

            Plan: 0 to add, 1 to change, 0 to destroy.
        "#]]
        .assert_eq(&rendered(&plan));
        bring_up(&engine, &file);
        assert!(plan_now(&engine, &file, UP).steps.is_empty());
    }
}

#[test]
fn a_listed_image_that_is_there_stays_unless_a_pull_is_asked_for() {
    let anew = PlanOptions { pull: true, ..UP };
    for (image, follows) in [
        ("'alpine:3.20'", true),
        ("{ image: 'alpine:3.20', source: registry }", true),
        ("{ image: 'alpine:3.20', pull: never }", false),
        ("{ image: 'alpine:3.20', source: outer }", false),
    ] {
        let file = images(image);
        let engine = engine();
        bring_up(&engine, &file);
        publish_inside(&engine, "alpine:3.20");
        assert!(plan_now(&engine, &file, UP).steps.is_empty(), "{image}");
        let plan = plan_now(&engine, &file, anew.clone());
        let inside = |address: &&str| address.starts_with("environment.box/image");
        let changes = plan.changes.iter().filter(|it| it.action != Action::NoOp);
        let addresses: Vec<&str> = changes.map(|it| it.address.as_str()).collect();
        assert_eq!(
            addresses.iter().any(inside),
            follows,
            "{image}: {addresses:?}"
        );
        run(&engine, &file, anew.clone());
        let plan = plan_now(&engine, &file, anew.clone());
        assert!(plan.steps.is_empty(), "{}", rendered(&plan));
    }
}

#[test]
fn what_came_from_further_out_is_as_published_if_it_is_that_there() {
    let file = images("'alpine:3.20'");
    let engine = MemoryEngine::with_images(&["docker:dind"]);
    let name = ImageReference::new("alpine:3.20");
    engine.with(|state| {
        let published = "alpine:3.20 as published".to_owned();
        state.images.insert(name.clone(), published);
    });
    bring_up(&engine, &file);
    let wanted = wanted(&file);
    let options = PlanOptions { pull: true, ..UP };
    let observed = futures(engine.observe(&question_with(&wanted, &options)));
    let mut observed = observed.expect("an engine in memory always answers");
    let container = observed.containers.get_mut("test-box-1");
    if let Some(ObservedInner::Awake(inner)) = container.map(|it| &mut it.engine) {
        // As engines do that keep images by a storage driver.
        inner
            .images
            .get_mut(&name)
            .expect("it is there")
            .digests
            .clear();
    }
    let plan = plan(&wanted, &observed, &options);
    let changes = plan.changes.iter().filter(|it| it.kind == Kind::Image);
    let actions: Vec<Action> = changes.map(|it| it.action).collect();
    assert_eq!(actions, [Action::NoOp], "{}", rendered(&plan));
}

#[test]
fn a_listed_image_that_is_never_pulled_comes_from_further_out_or_is_refused_where_the_file_says_so()
{
    let engine = engine();
    let there = images("{ image: 'alpine:3.20', pull: never }");
    bring_up(&engine, &there);
    assert!(plan_now(&engine, &there, UP).steps.is_empty());
    let absent = images("{ image: 'nowhere:1', pull: never }");
    let plan = plan_now(&engine, &absent, UP);
    let text = rendered(&plan);
    let refused = text.find("error:").expect("it is refused");
    expect![[r#"
        error: environment.box/image["nowhere:1"]: the engine has no image `nowhere:1`, which is never pulled
          --> /project/test/nest.yaml:2:77
          hint: build or load it on the outer engine, pull it there yourself (`docker pull nowhere:1`), or remove `never`

        Plan: 0 to add, 0 to change, 1 to destroy.
    "#]]
    .assert_eq(&text[refused..]);
    let file = "name: test\nimages: [{ image: nowhere, pull: never }]\n";
    let text = rendered(&plan_now(&engine, file, UP));
    let refused = text.find("error:").expect("it is refused");
    expect![[r#"
        error: image["nowhere:latest"]: the engine has no image `nowhere:latest`, which is never pulled
          --> /project/test/nest.yaml:2:28
          hint: build or load it on the outer engine, pull it there yourself (`docker pull nowhere:latest`), or remove `never`

        Plan: 0 to add, 0 to change, 3 to destroy.
        Impact: 1 engine stops: nothing runs inside; data kept.
    "#]]
    .assert_eq(&text[refused..]);
}
