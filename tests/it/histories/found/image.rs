//! What histories have found of images that come and go while others follow them.

use nest::model::image::ImageReference;
use nest::observed::ContainerState;
use nest::plan::{KeptBecause, PlanOptions};
use nest::resource::engine_path::EnginePath;
use nest::up::Outcome;

use crate::apply::{bring_up, run};
use crate::histories::found::settled;
use crate::histories::world::{self, facts};
use crate::memory::{EngineState, Fault, FaultKind, MemoryEngine};
use crate::plan::{DOWN, UP, engine, plan_now, rendered};
use crate::yaml::try_wanted;

const FOLLOWING: &str = "environments: { builder: { outer: dind, inner: { images: [ \
                         { image: \"alpine:3.20\", source: outer } ] } } }";

#[test]
fn an_image_follows_one_that_a_container_further_out_has_pulled() {
    let alone = format!("{{ name: test, {FOLLOWING} }}");
    let with_app =
        format!("{{ name: test, {FOLLOWING}, services: {{ app: {{ image: \"alpine:3.20\" }} }} }}");
    for target in [None, Some("environment.builder")] {
        let engine = engine();
        bring_up(&engine, &alone);
        let gone = ImageReference::new("alpine:3.20");
        engine.with(|state| state.images.remove(&gone));
        settled(&engine, &alone);
        let mut options = UP;
        options.targets = target
            .iter()
            .map(|it| it.parse().expect("an address"))
            .collect();
        let outcome = run(&engine, &with_app, options.clone());
        assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
        let plan = plan_now(&engine, &with_app, options);
        assert!(plan.steps.is_empty(), "{:?}", plan.steps);
        bring_up(&engine, &with_app);
        settled(&engine, &with_app);
    }
}

#[test]
fn an_image_that_goes_stays_until_an_engine_that_wants_it_is_read() {
    let yaml = |outside: &str, inside: &str| {
        format!(
            "{{ name: test, images: [{outside}], environments: {{ builder: {{ outer: dind, inner: {{ images: [{inside}] }} }} }} }}"
        )
    };
    let image = ImageReference::new("busybox:1.36");
    for source in ["auto", "outer"] {
        let engine = MemoryEngine::with_images(&["docker:dind"]);
        bring_up(&engine, &yaml("\"busybox:1.36\"", ""));
        engine.with(|state| {
            // What the engine outside has is not what a registry would give now.
            state
                .images
                .insert(image.clone(), "busybox of our own".to_owned());
            let builder = state.containers.get_mut("test-builder-1");
            builder.expect("it is there").state = ContainerState::Exited(0);
        });
        let after = yaml(
            "",
            &format!("{{ image: \"busybox:1.36\", source: {source} }}"),
        );
        bring_up(&engine, &after);
        settled(&engine, &after);
        let inside = EnginePath::outer().inside("test-builder-1");
        let found = engine.with(|state| state.inside(&inside).map(|it| it.images[&image].clone()));
        assert_eq!(found.as_deref(), Some("busybox of our own"), "{source}");
        assert!(!engine.with(|state| state.images.contains_key(&image)));
    }
}

#[test]
fn what_somebody_gave_the_name_of_an_image_that_goes_stays() {
    let yaml = |images: &str| {
        format!(
            "{{ name: test, environments: {{ box: {{ outer: dind, inner: {{ images: [{images}] }} }} }} }}"
        )
    };
    let image = ImageReference::new("busybox:1.36");
    let inside = EnginePath::outer().inside("test-box-1");
    let after = yaml("");
    let held = |state: &mut EngineState| {
        let inner = state.inside(&inside)?;
        inner.images.get(&image).cloned()
    };
    for is_broken in [false, true] {
        let mut engine = MemoryEngine::with_images(&["docker:dind", "busybox:1.36"]);
        bring_up(&engine, &yaml("\"busybox:1.36\""));
        if is_broken {
            // It has gone, and the record does not say so yet.
            let broken = (0..10).find_map(|at| {
                let copy = MemoryEngine::with_state(engine.with(|state| state.clone()));
                let kind = FaultKind::Breaks;
                copy.set_faults(vec![Fault { at, kind }]);
                let _broken = run(&copy, &after, UP);
                copy.with(held).is_none().then_some(copy)
            });
            engine = broken.expect("one of the steps removes it");
        }
        engine.with(|state| {
            let inner = state.inside(&inside).expect("it runs");
            inner.images.insert(image.clone(), "theirs".to_owned());
        });
        let plan = plan_now(&engine, &after, UP);
        let kept: Vec<&KeptBecause> = plan.kept.iter().map(|it| &it.because).collect();
        assert_eq!(kept, [&KeptBecause::Moved], "{is_broken}");
        bring_up(&engine, &after);
        assert_eq!(engine.with(held).as_deref(), Some("theirs"));
        settled(&engine, &after);
        assert!(plan_now(&engine, &after, UP).kept.is_empty());
    }
}

#[test]
fn a_replica_follows_the_image_that_another_one_pulls_anew() {
    let yaml = "{ name: test, services: { app: { image: \"alpine:3.20\", replicas: 2 } } }";
    for published in [None, Some("another alpine")] {
        let engine = engine();
        bring_up(&engine, yaml);
        engine.with(|state| {
            state.images.remove(&ImageReference::new("alpine:3.20"));
            state.containers.remove("test-app-1");
            state.containers.remove("test-app-2");
        });
        bring_up(&engine, yaml);
        let kept = engine.with(|state| state.containers["test-app-1"].id.clone());
        engine.with(|state| {
            state.images.remove(&ImageReference::new("alpine:3.20"));
            state.containers.remove("test-app-2");
            let content = published.map(str::to_owned);
            state
                .published
                .extend(content.map(|it| (ImageReference::new("alpine:3.20"), it)));
        });
        let plan = plan_now(&engine, yaml, UP);
        let deferred: Vec<_> = plan.deferred.iter().map(|it| it.address.as_str()).collect();
        assert_eq!(deferred, ["service.app[1]"], "{}", rendered(&plan));
        let outcome = run(&engine, yaml, UP);
        assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
        settled(&engine, yaml);
        let now = engine.with(|state| state.containers["test-app-1"].id.clone());
        assert_eq!(now == kept, published.is_none());
    }
}

#[test]
fn an_image_that_another_project_runs_stays_when_its_own_goes() {
    let socket = "environments: { one: { outer: socket } }";
    let own = format!("{{ name: test, images: [\"docker:cli\"], {socket} }}");
    let other = format!("{{ name: other, {socket} }}");
    let image = ImageReference::new("docker:cli");
    for (comes, keeps) in [(true, true), (false, false)] {
        let engine = MemoryEngine::with_images(&[]);
        bring_up(&engine, &own);
        let alone = plan_now(&engine, &own, DOWN);
        if comes {
            bring_up(&engine, &other);
        }
        let plan = plan_now(&engine, &own, DOWN);
        assert_eq!(alone.fingerprint != plan.fingerprint, comes);
        let kept = plan.kept.iter().map(|kept| kept.object.as_str());
        assert_eq!(kept.eq(["docker:cli"]), keeps, "{}", rendered(&plan));
        let outcome = run(&engine, &own, DOWN);
        assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
        assert_eq!(
            engine.with(|state| state.images.contains_key(&image)),
            keeps
        );
    }
}

#[test]
fn what_another_project_has_loaded_as_it_is_declared_here_is_no_drift_for_long() {
    let yaml = |build: u8| {
        let image = "{ image: \"app:1\", source: { archive: ./app.tar } }";
        let file = format!("{{ name: test, images: [{image}] }}");
        try_wanted(&file, &facts(build)).expect("it is right")
    };
    let up = |state: &EngineState, build: u8| world::run(state, &yaml(build), &UP, (&[], 1)).state;
    let empty = MemoryEngine::with_images(&[]).with(|state| state.clone());
    let (mut state, other) = (up(&empty, 1), up(&empty, 2));
    state.images = other.images;
    let planned = |state: &EngineState| world::planned(state, &yaml(2), &UP);
    assert_eq!(planned(&state).drift.len(), 1);
    let after = planned(&up(&state, 2));
    assert!(
        after.drift.is_empty() && after.steps.is_empty(),
        "{after:?}"
    );
}

#[test]
fn a_name_of_an_image_that_is_pulled_is_settled_whatever_broke_off_before() {
    let yaml =
        "{ name: test, images: [{ image: 'alpine:3.20', pull: always, as: 'busybox:1.36' }] }";
    let wanted = try_wanted(yaml, &facts(1)).expect("it is right");
    let mut options = UP;
    options.targets = vec!["image[\"busybox:1.36\"]".parse().expect("an address")];
    for there in [&[][..], &["alpine:3.20"], &["busybox:1.36"]] {
        let state = MemoryEngine::with_images(there).with(|state| state.clone());
        for at in 0..4 {
            for kind in [FaultKind::KilledBefore, FaultKind::Fails] {
                let fault = Fault { at, kind };
                let left = world::run(&state, &wanted, &options, (&[fault], 1)).state;
                let end = world::run(&left, &wanted, &options, (&[], 1)).state;
                let steps = world::planned(&end, &wanted, &options).steps;
                assert!(steps.is_empty(), "{there:?}, {fault:?}: {steps:#?}");
            }
        }
    }
}

#[test]
fn what_follows_an_image_that_is_gone_may_be_named_otherwise_and_is_told_once() {
    let yaml = format!("{{ name: test, {FOLLOWING} }}");
    let engine = engine();
    bring_up(&engine, &yaml);
    let image = ImageReference::new("alpine:3.20");
    engine.with(|state| {
        state.images.remove(&image);
        let volume = state.volumes.get_mut("test_builder-1-data");
        let data = volume.and_then(|volume| volume.data.as_mut());
        let images = &mut data.expect("an engine").images;
        images.insert(image.clone(), "another".to_owned());
    });
    assert_eq!(plan_now(&engine, &yaml, UP).drift.len(), 1);
    bring_up(&engine, &yaml);
    let plan = plan_now(&engine, &yaml, UP);
    assert!(
        plan.drift.is_empty() && plan.steps.is_empty(),
        "{}",
        rendered(&plan)
    );
}

#[test]
fn drift_of_an_image_that_is_listed_no_more_and_runs_is_told_once() {
    let yaml = |images: &str| {
        let service = "{ app: { image: \"app:1\" } }";
        let file = format!("{{ name: test, images: [{images}], services: {service} }}");
        try_wanted(&file, &facts(1)).expect("it is right")
    };
    let listed = yaml("{ image: \"app:1\", source: { archive: ./app.tar } }");
    let empty = MemoryEngine::with_images(&[]).with(|state| state.clone());
    let state = world::run(&empty, &listed, &UP, (&[], 1)).state;
    let mut state = world::run(&state, &yaml(""), &UP, (&[], 1)).state;
    let image = ImageReference::new("app:1");
    state.images.insert(image, "app of our own".to_owned());
    assert_eq!(world::planned(&state, &yaml(""), &UP).drift.len(), 1);
    let state = world::run(&state, &yaml(""), &UP, (&[], 1)).state;
    let after = world::planned(&state, &yaml(""), &UP);
    assert!(
        after.drift.is_empty() && after.steps.is_empty(),
        "{after:?}"
    );
}

#[test]
fn what_follows_a_pulled_image_is_settled_for_a_part_though_a_run_broke_off() {
    let file = |pulled: &str| {
        let images = "{ images: [{ image: \"alpine:3.20\", source: outer }] }";
        format!(
            "{{ name: test, images: [{pulled}], environments: {{ env1: {{ outer: dind, replicas: 2, inner: {images} }} }} }}"
        )
    };
    let (before, after) = (file(""), file("{ image: \"alpine:3.20\", pull: always }"));
    let part = PlanOptions {
        targets: vec!["environment.env1[1]".parse().expect("an address")],
        ..UP
    };
    for at in 0..14 {
        for kind in [FaultKind::Fails, FaultKind::FailsFromHere] {
            let engine = engine();
            bring_up(&engine, &before);
            engine.set_faults(vec![Fault { at, kind }]);
            run(&engine, &after, part.clone());
            engine.set_faults(Vec::new());
            run(&engine, &after, part.clone());
            let plan = plan_now(&engine, &after, part.clone());
            assert!(plan.steps.is_empty(), "{kind:?} at {at}: {:#?}", plan.steps);
            bring_up(&engine, &after);
            settled(&engine, &after);
        }
    }
}

#[test]
fn a_name_that_somebody_moved_with_its_image_is_what_is_applied_from_then_on() {
    let image = "{ image: \"docker:cli\", source: outer, as: \"alpine:3.20\" }";
    let file = format!(
        "{{ name: test, environments: {{ env0: {{ outer: socket, inner: {{ images: [{image}] }} }} }} }}"
    );
    let engine = engine();
    bring_up(&engine, &file);
    engine.with(|state| {
        for name in ["docker:cli", "alpine:3.20"] {
            let reference = ImageReference::new(name);
            state.images.insert(reference, "another".to_owned());
        }
    });
    bring_up(&engine, &file);
    let plan = plan_now(&engine, &file, UP);
    assert_eq!(plan.drift, [], "{}", rendered(&plan));
    settled(&engine, &file);
}

#[test]
fn what_is_listed_and_cannot_come_is_not_waited_for_further_in() {
    let file = "{ name: test, services: { app: { image: \"alpine:3.20\" } }, \
                images: [{ image: \"alpine:3.20\", source: outer }], environments: { \
                box: { outer: dind, inner: { images: [\"alpine:3.20\"] } } } }";
    let engine = engine();
    engine.with(|state| state.images.remove(&ImageReference::new("alpine:3.20")));
    assert!(!plan_now(&engine, file, UP).is_applicable());
    let part = PlanOptions {
        targets: vec!["environment.box".parse().expect("an address")],
        ..UP
    };
    let outcome = run(&engine, file, part);
    assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
}

#[test]
fn the_last_name_of_what_a_container_was_made_from_stays_as_long_as_that() {
    let yaml = |images: &str, service: &str| {
        format!("{{ name: test, images: [{images}], services: {{ {service} }} }}")
    };
    let service = "app: { image: \"alpine:3.20\" }";
    let named = "{ image: \"alpine:3.20\", as: [\"mine:1\", \"mine:2\"] }";
    let engine = engine();
    bring_up(&engine, &yaml(named, service));
    engine.with(|state| state.images.remove(&ImageReference::new("alpine:3.20")));
    let after = yaml("", service);
    let plan = rendered(&plan_now(&engine, &after, UP));
    let kept =
        "image \"mine:2\" kept: container `test-app-1` was made from it, and it has no other name";
    assert!(plan.contains(kept), "{plan}");
    bring_up(&engine, &after);
    let has = |name: &str| {
        let name = ImageReference::new(name);
        engine.with(|state| state.images.contains_key(&name))
    };
    assert_eq!(["mine:1", "mine:2"].map(has), [false, true]);
    settled(&engine, &after);
    bring_up(&engine, &yaml("", ""));
    assert_eq!(["mine:1", "mine:2"].map(has), [false, false]);
    settled(&engine, &yaml("", ""));
}

#[test]
fn what_is_pulled_over_what_somebody_gave_the_name_to_is_no_drift() {
    let yaml = |how: &str| {
        let image = format!("{{ image: \"busybox:1.36\", {how} }}");
        format!(
            "{{ name: test, environments: {{ box: {{ outer: dind, inner: {{ images: [{image}] }} }} }} }}"
        )
    };
    let engine = MemoryEngine::with_images(&["docker:dind", "busybox:1.36"]);
    bring_up(&engine, &yaml("source: outer"));
    let inside = EnginePath::outer().inside("test-box-1");
    engine.with(|state| {
        let inner = state.inside(&inside).expect("it runs");
        let image = ImageReference::new("busybox:1.36");
        inner.images.insert(image, "theirs".to_owned());
    });
    let pulled = yaml("pull: always");
    bring_up(&engine, &pulled);
    settled(&engine, &pulled);
}
