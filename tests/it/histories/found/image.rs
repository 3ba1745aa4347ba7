//! What histories have found of images that come and go while others follow them.

use nest::model::image::ImageReference;
use nest::observed::ContainerState;
use nest::resource::engine_path::EnginePath;
use nest::up::Outcome;

use crate::apply::{bring_up, run};
use crate::histories::found::settled;
use crate::memory::MemoryEngine;
use crate::plan::{UP, engine, plan_now};

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
