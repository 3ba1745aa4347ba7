//! When images are pulled, and for which platform.

use expect_test::expect;
use nest::model::image::ImageReference;

use crate::apply::bring_up;
use crate::memory::MemoryEngine;
use crate::plan::{UP, check, engine, plan_now, rendered};

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
              --> /project/test/nest.yaml:2:13
              hint: build or load it there, pull it yourself (`docker pull app:1`), or remove `pull_policy: never`

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
