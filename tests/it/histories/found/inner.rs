//! What histories have found of engines inside engines.

use nest::model::image::ImageReference;
use nest::plan::PlanOptions;
use nest::up::Outcome;

use crate::apply::{bring_up, run};
use crate::histories::found::settled;
use crate::plan::{UP, engine};

#[test]
fn an_engine_that_did_not_answer_is_started_again_with_the_one_around_it() {
    let yaml = "{ name: test, environments: { builder: { outer: dind, inner: { environments: { deep: { outer: dind } } } } } }";
    let engine = engine();
    bring_up(&engine, yaml);
    engine.with(|state| {
        let inner = state.data_of_mut("test-builder-1").expect("it runs");
        let deep = inner.containers.get_mut("deep-1").expect("it is there");
        deep.ready = false;
    });
    let options = PlanOptions {
        replace: vec!["environment.builder".parse().expect("an address")],
        ..UP
    };
    let outcome = run(&engine, yaml, options);
    assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
    settled(&engine, yaml);
}

#[test]
fn an_image_follows_an_engine_that_keeps_it_not_one_from_which_it_goes() {
    let deep = "environments: { deep: { outer: dind, inner: { images: [{ image: \"app:1\", source: outer }] } } }";
    let yaml = |images: &str| {
        format!(
            "{{ name: test, images: [\"app:1\"], environments: {{ builder: {{ outer: dind, \
             inner: {{ images: [{images}], {deep} }} }} }} }}"
        )
    };
    let (engine, app) = (engine(), ImageReference::new("app:1"));
    engine.with(|state| state.images.insert(app.clone(), "first".to_owned()));
    bring_up(&engine, &yaml("\"app:1\""));
    engine.with(|state| {
        let inner = state.data_of_mut("test-builder-1").expect("it runs");
        inner.images.insert(app.clone(), "second".to_owned());
    });
    bring_up(&engine, &yaml("\"app:1\""));
    let content = || {
        engine.with(|state| {
            let inner = state.data_of_mut("test-builder-1").expect("it runs");
            let deep = inner.data_of_mut("deep-1").expect("it runs");
            deep.images[&app].clone()
        })
    };
    assert_eq!(content(), "second");
    bring_up(&engine, &yaml(""));
    assert_eq!(content(), "first");
    settled(&engine, &yaml(""));
}

#[test]
fn without_a_record_the_configuration_of_an_engine_is_what_its_file_says() {
    let yaml = |more: &str| {
        format!(
            "{{ name: test, environments: {{ builder: {{ outer: {{ mode: dind, daemon: {{ mtu: 1300{more} }} }} }} }} }}"
        )
    };
    let engine = engine();
    let loses_record = || {
        engine.with(|state| {
            let is_record = |name: &String| name.starts_with("nest-test-record-");
            state.volumes.retain(|name, _| !is_record(name));
        });
    };
    bring_up(&engine, &yaml(""));
    loses_record();
    bring_up(&engine, &yaml(", debug: false"));
    settled(&engine, &yaml(", debug: false"));
    loses_record();
    bring_up(&engine, &yaml(""));
    settled(&engine, &yaml(""));
    let file = engine.with(|state| state.containers["test-builder-1"].daemon_file.clone());
    assert!(
        !file.contains_key("debug") && file.contains_key("mtu"),
        "{file:?}"
    );
}

#[test]
fn an_engine_that_is_restarted_with_another_one_does_not_only_reload() {
    let yaml = |more: &str, keys: &str| {
        format!(
            "{{ name: test, environments: {{ {more} builder: {{ outer: {{ mode: dind, data: {{ tmpfs: true, keep: false }}, daemon: {{ debug: {keys}, \
             inner: {{ images: [\"alpine:3.20\"] }} }} }} }}"
        )
    };
    let engine = engine();
    bring_up(&engine, &yaml("", "false } }"));
    let waits = "true } }, depends_on: { first: { condition: service_healthy, restart: true } }";
    let with = yaml("first: { outer: socket },", waits);
    drop(engine.take_log());
    bring_up(&engine, &with);
    let log = engine.take_log();
    assert!(log.contains(&"StopContainer".to_owned()), "{log:?}");
    assert!(!log.contains(&"ReloadEngine".to_owned()), "{log:?}");
    settled(&engine, &with);
}
