//! How long `up` waits, whether it does, and when projects expire.

use serde_json::Value;

use crate::real::sandbox::Sandbox;

/// A service that is never healthy, one that needs nothing, and an engine.
const PROJECT: &str = "
services:
  sick:
    image: docker:cli
    command: [sleep, infinity]
    stop_grace_period: 1s
    healthcheck: { test: [CMD, 'false'], interval: 1s, retries: 1000 }
  well: { image: docker:cli, command: [sleep, infinity], stop_grace_period: 1s }
environments:
  builder: { outer: dind, inner: { images: ['alpine:3.20'] } }
";

#[test]
fn what_does_not_come_in_time_is_named_and_what_can_be_done_without_it_is_done() {
    let sandbox = Sandbox::new(PROJECT);
    // It is made first, so that the time is not too short for the engine.
    sandbox.succeed(&["up", "builder", "well"]);
    let late = sandbox.nest(&["up", "--timeout", "3s"]);
    assert_eq!(late.code, 1, "{}", late.stderr);
    let sick = format!("still waiting for `{}-sick-1`", sandbox.name);
    for told in ["service.sick", "the time for waiting, 3.0s, is over", &sick] {
        assert!(late.stderr.contains(told), "no {told}: {}", late.stderr);
    }
    let state = sandbox.inspect(&format!("{}-sick-1", sandbox.name)).state;
    assert_eq!(state.and_then(|state| state.running), Some(true));
    sandbox.succeed(&["down", "--volumes", "--yes"]);
    assert!(sandbox.objects().is_empty());
}

#[test]
fn without_waiting_all_is_started_and_what_is_inside_is_there() {
    let sandbox = Sandbox::new(PROJECT);
    let ran = sandbox.succeed(&["up", "--no-wait"]);
    assert!(ran.stderr.contains("Not waited for"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("waiting for"), "{}", ran.stderr);
    for name in ["sick", "well"] {
        let state = sandbox.inspect(&format!("{}-{name}-1", sandbox.name)).state;
        assert_eq!(state.and_then(|state| state.running), Some(true), "{name}");
    }
    let images = sandbox.inside("builder", &["docker", "images", "-q", "alpine:3.20"]);
    assert!(!images.is_empty());
    // A stopped engine is read in a second wave.
    sandbox.succeed(&["stop", "builder"]);
    sandbox.succeed(&["up", "--no-wait"]);
    assert_eq!(sandbox.nest(&["plan", "--detailed-exitcode"]).code, 0);
    sandbox.succeed(&["down", "--volumes", "--yes"]);
}

#[test]
fn projects_expire_when_it_was_said() {
    let sandbox = Sandbox::new("environments: { tools: { outer: socket } }\n");
    let own = |arguments: &[&str]| -> Option<Value> {
        let arguments = [&["ls", "--format", "json"], arguments].concat();
        let listed = sandbox.succeed(&arguments).stdout;
        let listed: Vec<Value> = serde_json::from_str(&listed).expect("JSON");
        let mut listed = listed.into_iter();
        listed.find(|one| one["name"] == sandbox.name.as_str())
    };
    let expires = || own(&[]).expect("it is listed")["expires_at"].clone();
    sandbox.succeed(&["up"]);
    assert_eq!(expires(), Value::Null);
    let said = sandbox.succeed(&["up", "--expires", "8h"]).stderr;
    let time = expires();
    let time = time.as_str().expect("it is a time");
    assert!(said.contains(time), "{said}");
    sandbox.succeed(&["up"]);
    assert_eq!(expires(), time);
    let table = sandbox.succeed(&["ls"]).stdout;
    let row = table.lines().find(|row| row.starts_with(&sandbox.name));
    assert!(row.is_some_and(|row| row.contains("in 7 hours")), "{table}");
    assert_eq!(own(&["--expired"]), None);
    sandbox.succeed(&["up", "--expires", "0s"]);
    assert_eq!(own(&["--expired"]).expect("it has")["expired"], true);
    sandbox.succeed(&["up", "--expires", "never"]);
    assert_eq!(expires(), Value::Null);
    assert_eq!(own(&["--expired"]), None);
    sandbox.succeed(&["down", "--volumes", "--yes"]);
}
