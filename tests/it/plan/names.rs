//! The names that images have besides their own.

use expect_test::expect;
use nest::model::image::ImageReference;
use nest::plan::PlanOptions;
use nest::plan::change::Action;

use crate::apply::{bring_up, run};
use crate::memory::{EngineState, MemoryEngine};
use crate::plan::{DOWN, UP, engine, plan_now, rendered};

/// A file whose environment has these images.
fn images(images: &str) -> String {
    format!(
        "name: test\nenvironments: {{ box: {{ outer: dind, inner: {{ images: [{images}] }} }} }}\n"
    )
}

const NAMED: &str = "{ image: 'alpine:3.20', as: ['base:1', tool] }";

/// What the engine inside holds.
fn inside<T>(engine: &MemoryEngine, act: impl FnOnce(&mut EngineState) -> T) -> T {
    engine.with(|state| {
        let volume = state.volumes.get_mut("test_box-1-data");
        let data = volume.and_then(|volume| volume.data.as_mut());
        act(data.expect("an engine"))
    })
}

/// What a name stands for inside.
fn content(engine: &MemoryEngine, name: &str) -> Option<String> {
    inside(engine, |it| {
        it.images.get(&ImageReference::new(name)).cloned()
    })
}

fn name(engine: &MemoryEngine, name: &str, content: &str) {
    let name = ImageReference::new(name);
    inside(engine, |it| it.images.insert(name, content.to_owned()));
}

/// Nothing is left to do, and nothing has changed outside.
fn settled(engine: &MemoryEngine, yaml: &str) {
    let plan = plan_now(engine, yaml, UP);
    let is_empty = plan.steps.is_empty() && plan.drift.is_empty() && !plan.has_changes();
    assert!(is_empty, "{}\n{:?}", rendered(&plan), plan.steps);
}

#[test]
fn names_come_after_their_image_and_go_when_they_are_no_longer_listed() {
    let engine = engine();
    expect![[r#"
        nest will perform these actions:

          # network.default will be created
          + network "test_default"
              + driver : bridge

          # volume.box-1-data will be created
          + volume "test_box-1-data"
              + driver : local

          # volume.box-1-socket will be created
          + volume "test_box-1-socket"
              + driver : local

          # environment.box will be created
          + container "test-box-1"
              + image                    : docker:dind
              + mode                     : dind
              + socket                   : /var/run/docker.sock
              + command                  : [dockerd, --host=unix:///var/run/docker.sock, --host=unix:///nest/docker.sock]
              + environment.NEST_REPLICA : 1
              + mount /nest              : volume test_box-1-socket
              + mount /var/lib/docker    : volume test_box-1-data
              + privileged               : true
              + stop_timeout             : 60
              + restart                  : no

          # environment.box/image["alpine:3.20"] will be created
          + image "alpine:3.20"

          # environment.box/image["base:1"] will be created
          + image "base:1"
              + names : alpine:3.20

          # environment.box/image["tool:latest"] will be created
          + image "tool:latest"
              + names : alpine:3.20

        Plan: 7 to add, 0 to change, 0 to destroy.
    "#]]
    .assert_eq(&rendered(&plan_now(&engine, &images(NAMED), UP)));
    bring_up(&engine, &images(NAMED));
    settled(&engine, &images(NAMED));
    let there = content(&engine, "alpine:3.20");
    assert_eq!(there.as_deref(), Some("alpine:3.20 as built"));
    for name in ["base:1", "tool:latest"] {
        assert_eq!(content(&engine, name), there, "{name}");
    }
    let fewer = images("{ image: 'alpine:3.20', as: tool }");
    expect![[r#"
        nest will perform these actions:

          # environment.box/image["base:1"] will be removed (no longer declared)
          - image "base:1"

        Plan: 0 to add, 0 to change, 1 to destroy.
    "#]]
    .assert_eq(&rendered(&plan_now(&engine, &fewer, UP)));
    bring_up(&engine, &fewer);
    settled(&engine, &fewer);
    assert_eq!(content(&engine, "base:1"), None);
    bring_up(&engine, &images(""));
    settled(&engine, &images(""));
    assert!(inside(&engine, |it| it.images.is_empty()));
}

#[test]
fn what_somebody_names_so_himself_stays_his() {
    let engine = engine();
    bring_up(&engine, &images("'alpine:3.20'"));
    // The same as nest would name it.
    name(&engine, "base:1", "alpine:3.20 as built");
    settled(&engine, &images(NAMED.replace(", tool", "").as_str()));
    bring_up(&engine, &images("'alpine:3.20'"));
    settled(&engine, &images("'alpine:3.20'"));
    assert!(content(&engine, "base:1").is_some());
}

#[test]
fn a_name_is_taken_from_another_image_only_where_the_plan_says_so() {
    let engine = engine();
    bring_up(&engine, &images("'alpine:3.20'"));
    name(&engine, "base:1", "an image of theirs");
    let file = images("{ image: 'alpine:3.20', as: 'base:1' }");
    expect![[r#"
        nest will perform these actions:

          # environment.box/image["base:1"] will be updated in place (an image that nest did not name so has the name, and loses it)
          ~ image "base:1"
              ~ content : an image of theirs -> alpine:3.20 as built

        Plan: 0 to add, 1 to change, 0 to destroy.
    "#]]
    .assert_eq(&rendered(&plan_now(&engine, &file, UP)));
    bring_up(&engine, &file);
    settled(&engine, &file);
}

#[test]
fn a_name_that_somebody_gives_to_another_image_is_drift_and_comes_back() {
    let engine = engine();
    let file = images(NAMED);
    bring_up(&engine, &file);
    name(&engine, "base:1", "something else");
    inside(&engine, |it| {
        it.images.remove(&ImageReference::new("tool:latest"))
    });
    expect![[r#"
        Changed outside nest since it was last applied:

          # environment.box/image["base:1"] has changed
          ~ image "base:1"
              ~ content : alpine:3.20 as built -> something else

          # environment.box/image["tool:latest"] is gone
          - image "tool:latest"

        nest will perform these actions:

          # environment.box/image["base:1"] will be updated in place (somebody gave its name to another image)
          ~ image "base:1"
              ~ content : something else -> alpine:3.20 as built

          # environment.box/image["tool:latest"] will be created
          + image "tool:latest"
              + names : alpine:3.20

        Plan: 1 to add, 1 to change, 0 to destroy.
    "#]]
    .assert_eq(&rendered(&plan_now(&engine, &file, UP)));
    bring_up(&engine, &file);
    settled(&engine, &file);
    assert_eq!(content(&engine, "base:1"), content(&engine, "alpine:3.20"));
}

#[test]
fn names_follow_what_their_image_follows() {
    let engine = engine();
    let file = images("{ image: 'alpine:3.20', pull: always, as: 'base:1' }");
    bring_up(&engine, &file);
    settled(&engine, &file);
    inside(&engine, |it| {
        let name = ImageReference::new("alpine:3.20");
        it.published.insert(name, "a newer one".to_owned());
    });
    let plan = plan_now(&engine, &file, UP);
    expect![[r#"
        nest will perform these actions:

          # environment.box/image["alpine:3.20"] will be updated in place (the image that it follows has changed)
          ~ image "alpine:3.20"
              ~ content : alpine:3.20 as published -> as it is published

          # environment.box/image["base:1"] will be updated in place (the image that it follows has changed)
          ~ image "base:1"
              ~ content : alpine:3.20 as published -> as it is published

        Plan: 0 to add, 2 to change, 0 to destroy.
    "#]]
    .assert_eq(&rendered(&plan));
    bring_up(&engine, &file);
    settled(&engine, &file);
    assert_eq!(content(&engine, "base:1").as_deref(), Some("a newer one"));
}

#[test]
fn a_container_inside_may_be_made_from_a_name_and_a_target_brings_the_image_too() {
    let file = "
name: test
environments:
  box:
    outer: dind
    inner:
      images: [{ image: 'alpine:3.20', as: 'base:1' }]
      services: { app: { image: 'base:1' } }
";
    for targets in [vec![], vec!["environment.box/service.app"]] {
        let engine = engine();
        let targets = targets.iter().map(|it| it.parse().expect("an address"));
        let options = PlanOptions {
            targets: targets.collect(),
            ..UP
        };
        run(&engine, file, options.clone());
        assert!(plan_now(&engine, file, options).steps.is_empty());
        settled(&engine, file);
        assert_eq!(content(&engine, "base:1"), content(&engine, "alpine:3.20"));
        let app = inside(&engine, |it| it.containers["app-1"].image.clone());
        assert_eq!(app, "alpine:3.20 as built");
    }
}

#[test]
fn the_outer_engine_names_images_too_and_takes_its_names_back() {
    let file = "name: test\nimages: [{ image: 'alpine:3.20', as: 'base:1' }]\n";
    let engine = engine();
    bring_up(&engine, file);
    settled(&engine, file);
    let base = ImageReference::new("base:1");
    assert!(engine.with(|state| state.images.contains_key(&base)));
    run(&engine, file, DOWN);
    assert!(!engine.with(|state| state.images.contains_key(&base)));
    // It was there before.
    let alpine = ImageReference::new("alpine:3.20");
    assert!(engine.with(|state| state.images.contains_key(&alpine)));
}

#[test]
fn names_that_stand_for_each_other_are_images_of_their_own() {
    let file = "
name: test
registries: { store: { images: [{ image: 'alpine:3.20', as: 'busybox:1.36' }] } }
images: [{ image: 'busybox:1.36', as: 'alpine:3.20' }]
";
    let engine = engine();
    bring_up(&engine, file);
    settled(&engine, file);
    let plan = plan_now(&engine, file, UP);
    assert!(plan.changes.iter().all(|it| it.action == Action::NoOp));
}
