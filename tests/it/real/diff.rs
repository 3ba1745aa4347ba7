//! `nest diff` and `nest graph` beside a real engine: they say what its plan says.

use serde_json::{Value, json};

use crate::real::sandbox::Sandbox;

const OLD: &str = "
volumes: { cache: {}, old: {} }
environments:
  builder:
    outer: { mode: dind, memory: 512m, environment: { STAGE: one }, daemon: { debug: false } }
    volumes: [cache:/cache]
    inner: { images: [alpine:3.20] }
  tools: { outer: socket }
";

/// What a plan says of each resource, apart from attributes that only an engine knows.
fn said(plan: &str) -> Vec<Value> {
    let plan: Value = serde_json::from_str(plan).expect("it is JSON");
    let changes = plan["resource_changes"].as_array().expect("a list");
    let said = changes.iter().map(|change| {
        json!([
            change["address"],
            change["name"],
            change["engine"],
            change["change"]["actions"],
            change["change"]["replace_paths"],
            change["change"]["before"],
            change["change"]["after"],
            change["action_reason"],
            change["impact"],
        ])
    });
    said.collect()
}

#[test]
fn a_difference_says_what_the_plan_of_an_engine_says() {
    let sandbox = Sandbox::new(OLD);
    sandbox.succeed(&["up"]);
    let name = format!("name: {}\n", sandbox.name);
    let old = sandbox.folder.path().join("old.yaml");
    std::fs::write(&old, format!("{name}{OLD}")).expect("there is room");
    for (from, to) in [
        ("alpine:3.20", "alpine:3.20"),
        ("512m", "640m"),
        ("debug: false", "debug: true"),
        ("daemon: { debug: false }", "daemon: { mtu: 1400 }"),
        ("STAGE: one", "STAGE: two"),
        ("[alpine:3.20]", "['busybox:1.36']"),
        ("cache:/cache", "cache:/other"),
        (", old: {}", ", new: {}"),
        ("  tools: { outer: socket }\n", ""),
    ] {
        sandbox.write(&OLD.replacen(from, to, 1));
        let real = sandbox.succeed(&["plan", "--format", "json"]);
        let difference = sandbox.succeed(&["diff", "old.yaml", "--format", "json"]);
        assert_eq!(said(&difference.stdout), said(&real.stdout), "{to}");
    }
    sandbox.write(&OLD.replace("alpine:3.20", "busybox:1.36"));
    sandbox.succeed(&["plan", "--out", "a.plan"]);
    let now = sandbox.succeed(&["graph", "--plan"]).stdout;
    assert_eq!(sandbox.succeed(&["graph", "a.plan"]).stdout, now);
    let arrow = "\"environment.builder/image[\\\"busybox:1.36\\\"]\" [label=\"environment.builder/image[\\\"busybox:1.36\\\"]\\nwill be created\"";
    assert!(now.contains(arrow), "{now}");
    let steps = sandbox.succeed(&["graph", "a.plan", "--steps", "--format", "mermaid"]);
    assert!(
        steps.stdout.contains("transferring busybox:1.36"),
        "{}",
        steps.stdout
    );
}
