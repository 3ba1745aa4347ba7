//! Services without a restart policy that end well when they are stopped, as servers do: that is not their work done.

use crate::real::sandbox::{Sandbox, eventually};

const SERVER: &str = "{ image: \"alpine:3.20\", command: [sh, -c, \"trap 'exit 0' TERM; while :; do sleep 0.1; done\"] }";

fn file() -> String {
    format!(
        "services: {{ web: {SERVER}, job: {{ image: \"alpine:3.20\", command: \"true\", cpus: 0.333333 }}, \
         other: {{ image: \"alpine:3.20\", command: \"true\", restart: on-failure }} }}\n\
         environments: {{ box: {{ outer: dind, inner: {{ services: {{ deep: {SERVER} }} }} }} }}\n"
    )
}

/// The states of the two servers, by `nest status`.
fn states(sandbox: &Sandbox) -> [bool; 2] {
    let status = sandbox.succeed(&["status"]).stdout;
    ["-web-1", "deep-1"].map(|name| {
        let mut lines = status.lines();
        let line = lines.find(|line| line.contains("service") && line.contains(name));
        let line = line.unwrap_or_else(|| panic!("no {name} in {status}"));
        assert!(
            line.contains("running") || line.contains("exited (0)"),
            "{line}"
        );
        line.contains("running")
    })
}

fn settled(sandbox: &Sandbox) {
    let plan = sandbox.nest(&["plan", "--detailed-exitcode"]);
    assert_eq!(plan.code, 0, "{}", plan.stdout);
}

#[test]
fn servers_that_were_stopped_run_again() {
    let sandbox = Sandbox::new(&file());
    sandbox.succeed(&["up", "--yes"]);
    assert_eq!(states(&sandbox), [true, true]);
    let up: &[&str] = &["up", "--yes"];
    let down: &[&str] = &["down", "--yes"];
    let stop_one: &[&str] = &["stop", "web", "box/deep"];
    for commands in [
        [["restart"].as_slice()].as_slice(),
        &[&["restart", "web", "box"]],
        &[&["stop"], &["start"]],
        &[&["stop"], up],
        &[stop_one, up],
        &[stop_one, &["start"]],
        &[down, up],
        &[stop_one, &["stop"], up],
    ] {
        for command in commands {
            sandbox.succeed(command);
        }
        assert_eq!(states(&sandbox), [true, true], "after {commands:?}");
        settled(&sandbox);
    }
}

#[test]
fn a_job_that_is_done_does_its_work_again_where_it_is_named() {
    let sandbox = Sandbox::new(&file());
    sandbox.succeed(&["up", "--yes"]);
    let job = format!("{}-job-1", sandbox.name);
    let started = || {
        sandbox
            .inspect(&job)
            .state
            .and_then(|state| state.started_at)
    };
    let first = started();
    sandbox.succeed(&["start"]);
    sandbox.succeed(&["restart"]);
    assert_eq!(started(), first);
    sandbox.succeed(&["start", "job"]);
    let second = started();
    assert_ne!(second, first);
    sandbox.succeed(&["restart", "job"]);
    assert_ne!(started(), second);
    settled(&sandbox);
}

#[test]
fn what_is_done_is_started_for_those_in_its_namespaces() {
    let sandbox = Sandbox::new(
        "services: { main: { image: \"alpine:3.20\", command: [sleep, \"3\"] }, \
         side: { image: \"alpine:3.20\", command: [sleep, infinity], stop_grace_period: 0s, \
         network_mode: \"service:main\" } }\n",
    );
    let name = format!("{}-main-1", sandbox.name);
    let is_done = || {
        let state = sandbox.inspect(&name).state;
        state.and_then(|state| state.running) == Some(false)
    };
    for commands in [
        [["up", "--yes"].as_slice()].as_slice(),
        &[&["restart"]],
        &[&["restart", "side"]],
        &[&["stop", "side"], &["start"]],
        &[&["stop", "side"], &["start", "side"]],
        &[&["stop"], &["up", "--yes"]],
    ] {
        for command in commands {
            sandbox.succeed(command);
        }
        eventually("it has done its work", is_done);
        settled(&sandbox);
    }
    let left = sandbox.succeed(&["start"]);
    assert!(left.stderr.contains("No changes."), "{}", left.stderr);
}
