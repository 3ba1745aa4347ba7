//! Plans as JSON.

use std::path::Path;

use expect_test::{expect, expect_file};
use jsonschema::Validator;
use nest::report::json;
use serde_json::Value;

use crate::apply::bring_up;
use crate::plan::{BUILDER, DOWN_WITH_VOLUMES, UP, engine, plan_now};

fn validator() -> Validator {
    jsonschema::draft202012::new(&json::schema()).expect("the schema is one")
}

#[test]
fn the_committed_schema_of_plans_is_the_generated_one() {
    let text = format!("{:#}\n", json::schema());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/nest-plan.schema.json");
    expect_file![path].assert_eq(&text);
    jsonschema::draft202012::meta::validate(&json::schema()).expect("the schema is one");
}

const EDITED: &str = "
name: test
volumes: { cache: {} }
environments:
  builder:
    outer: { mode: dind, image: docker:28-dind, memory: 4g, environment: { API_TOKEN: '${TOKEN:-hidden}' } }
    inner: { images: [busybox:1.36] }
";

fn edited() -> Value {
    let engine = engine();
    bring_up(&engine, BUILDER);
    let plan = json::plan(&plan_now(&engine, EDITED, UP));
    validator().validate(&plan).expect("the schema says so");
    plan
}

#[test]
fn a_change_is_shown_whole_and_without_secrets() {
    let plan = edited();
    assert!(!plan.to_string().contains("hidden"));
    let changes = plan["resource_changes"].as_array().expect("a list");
    let builder = changes
        .iter()
        .find(|change| change["address"] == "environment.builder");
    expect![[r#"
        {
          "address": "environment.builder",
          "type": "environment",
          "name": "test-builder-1",
          "engine": "",
          "change": {
            "actions": [
              "delete",
              "create"
            ],
            "before": {
              "mode": "dind",
              "socket": "/var/run/docker.sock",
              "command": [
                "dockerd",
                "--host=unix:///var/run/docker.sock",
                "--host=unix:///nest/docker.sock"
              ],
              "environment.NEST_REPLICA": "1",
              "mount /nest": "volume test_builder-1-socket",
              "mount /var/lib/docker": "volume test_builder-1-data",
              "privileged": true,
              "stop_timeout": 60,
              "restart": "no",
              "network test_default": [
                "builder",
                "builder-1"
              ],
              "daemon.insecure-registries": [],
              "daemon.registry-mirrors": [],
              "image": "docker:dind",
              "mount /cache": "volume test_cache",
              "memory": 2147483648
            },
            "after": {
              "mode": "dind",
              "socket": "/var/run/docker.sock",
              "command": [
                "dockerd",
                "--host=unix:///var/run/docker.sock",
                "--host=unix:///nest/docker.sock"
              ],
              "environment.NEST_REPLICA": "1",
              "mount /nest": "volume test_builder-1-socket",
              "mount /var/lib/docker": "volume test_builder-1-data",
              "privileged": true,
              "stop_timeout": 60,
              "restart": "no",
              "network test_default": [
                "builder",
                "builder-1"
              ],
              "daemon.insecure-registries": [],
              "daemon.registry-mirrors": [],
              "image": "docker:28-dind",
              "environment.API_TOKEN": null,
              "memory": 4294967296
            },
            "after_unknown": {
              "id": true
            },
            "before_sensitive": {},
            "after_sensitive": {
              "environment.API_TOKEN": true
            },
            "replace_paths": [
              [
                "image"
              ],
              [
                "environment.API_TOKEN"
              ],
              [
                "mount /cache"
              ]
            ]
          },
          "action_reason": "replace_because_cannot_update",
          "impact": "replace"
        }
    "#]]
    .assert_eq(&format!("{:#}\n", builder.expect("it changes")));
}

#[test]
fn a_plan_has_all_resources_with_their_actions() {
    let plan = edited();
    let changes = plan["resource_changes"].as_array().expect("a list");
    let actions: Vec<String> = changes
        .iter()
        .map(|change| format!("{} {}", change["address"], change["change"]["actions"]))
        .collect();
    expect![[r#"
        "network.default" ["no-op"]
        "volume.builder-1-data" ["no-op"]
        "volume.builder-1-socket" ["no-op"]
        "volume.cache" ["no-op"]
        "environment.builder" ["delete","create"]
        "environment.builder/volume.cache" ["delete"]
        "environment.builder/image[\"busybox:1.36\"]" ["create"]
        "environment.builder/image[\"alpine:3.20\"]" ["delete"]
    "#]]
    .assert_eq(&(actions.join("\n") + "\n"));
    assert_eq!(plan["applyable"], true);
}

#[test]
fn every_sort_of_plan_follows_the_schema() {
    let engine = engine();
    let mut plans = vec![plan_now(&engine, BUILDER, UP)];
    bring_up(&engine, BUILDER);
    plans.push(plan_now(&engine, BUILDER, UP));
    plans.push(plan_now(&engine, BUILDER, DOWN_WITH_VOLUMES));
    engine.with(|state| state.volumes.remove("test_cache"));
    engine.with(|state| state.containers.remove("test-builder-1"));
    plans.push(plan_now(&engine, BUILDER, UP));
    for plan in &plans {
        validator()
            .validate(&json::plan(plan))
            .expect("the schema says so");
    }
    let flags = |plan: &Value| {
        let keys = ["applyable", "complete", "errored", "destroy"];
        keys.map(|key| plan[key] == true)
    };
    let flags: Vec<[bool; 4]> = plans.iter().map(|plan| flags(&json::plan(plan))).collect();
    assert_eq!(
        flags,
        [
            [true, true, false, false],
            [false, true, false, false],
            [true, true, false, true],
            [true, false, false, false],
        ]
    );
    let drift = json::plan(&plans[3]);
    let drift = drift["resource_drift"].as_array().expect("a list").len();
    assert_eq!(drift, 2);
}
