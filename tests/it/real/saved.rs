//! Saved plans: applied as they are, or refused with what changed.

use std::os::unix::fs::PermissionsExt as _;

use crate::real::sandbox::{Ran, Sandbox};

const TOOLS: &str = "
volumes: { cache: {} }
environments:
  tools: { outer: { mode: socket, memory: 64m }, volumes: [cache:/cache] }
";

#[test]
fn a_saved_plan_is_applied_without_the_file_and_only_once() {
    let sandbox = Sandbox::new(TOOLS);
    // What a link leads to is written.
    let link = sandbox.folder.path().join("link");
    std::os::unix::fs::symlink("plan.json", &link).expect("a link can be made");
    std::fs::write(&link, "").expect("it can be written");
    sandbox.succeed(&["plan", "--out", "link"]);
    assert!(link.is_symlink());
    let plan = sandbox.folder.path().join("plan.json");
    let mode = std::fs::metadata(&plan)
        .expect("it was written")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let file = sandbox.folder.path().join("nest.yaml");
    let aside = sandbox.folder.path().join("aside");
    std::fs::rename(&file, &aside).expect("it can be renamed");
    sandbox.succeed(&["apply", "plan.json"]);
    std::fs::rename(&aside, &file).expect("it can be renamed back");
    assert_eq!(sandbox.nest(&["plan", "--detailed-exitcode"]).code, 0);
    let again = sandbox.nest(&["apply", "plan.json"]);
    assert_eq!(again.code, 1, "{}", again.stderr);
    assert!(
        again.stderr.contains("the plan is stale"),
        "{}",
        again.stderr
    );
}

#[test]
fn what_stopped_with_an_engine_that_went_down_is_no_drift_once_a_saved_plan_brought_it_up() {
    let sandbox = Sandbox::new(
        "environments: { box: { outer: dind, inner: { images: [alpine:3.20], services: { app: \
         { image: alpine:3.20, command: sleep 1d, init: true } } } } }\n",
    );
    sandbox.succeed(&["up", "--yes"]);
    sandbox.succeed(&["down", "--yes"]);
    sandbox.succeed(&["plan", "--out", "plan.json"]);
    sandbox.succeed(&["apply", "--yes", "plan.json"]);
    let drift = ["plan", "--refresh-only", "--detailed-exitcode"];
    let found = sandbox.nest(&drift);
    assert_eq!(found.code, 0, "{}", found.stdout);
    let json = sandbox.nest(&["plan", "--refresh-only", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json.stdout).expect("it is JSON");
    assert_eq!(json["resource_changes"], serde_json::json!([]));
    sandbox.succeed(&["up", "--yes"]);
    sandbox.succeed(&["exec", "-T", "box", "docker", "kill", "app-1"]);
    let found = sandbox.nest(&drift);
    assert_eq!(found.code, 2, "{}", found.stdout);
    assert!(found.stdout.contains("does not run"), "{}", found.stdout);
}

#[test]
fn a_saved_plan_holds_no_secret_and_is_applied_with_the_same() {
    let sandbox = Sandbox::new(
        "environments: { tools: { outer: { mode: socket, environment: { API_TOKEN: { env: TOKEN } } } } }\n",
    );
    let run = |token: &str, arguments: &[&str]| {
        let mut command = sandbox.command(arguments);
        Ran::from(command.env("TOKEN", token).output().expect("nest starts"))
    };
    let planned = run("hunter2", &["plan", "--out", "plan.json"]);
    assert_eq!(planned.code, 0, "{}", planned.stderr);
    let plan = sandbox.folder.path().join("plan.json");
    let text = std::fs::read_to_string(&plan).expect("it was written");
    assert!(!text.contains("hunter2"), "{text}");
    let shown = run("", &["show", "plan.json"]).stdout;
    assert!(shown.contains("environment.API_TOKEN"), "{shown}");

    let other = run("hunter3", &["apply", "plan.json"]);
    assert_eq!(other.code, 1, "{}", other.stderr);
    assert!(other.stderr.contains("other secrets"), "{}", other.stderr);
    assert!(sandbox.objects().is_empty());

    let applied = run("hunter2", &["apply", "plan.json"]);
    assert_eq!(applied.code, 0, "{}", applied.stderr);
    assert_eq!(sandbox_token(&sandbox, &run), "hunter2");
    assert_eq!(run("hunter2", &["plan", "--detailed-exitcode"]).code, 0);
    assert_eq!(run("hunter3", &["plan", "--detailed-exitcode"]).code, 2);

    // What takes away needs none.
    run("hunter3", &["plan", "--destroy", "--out", "plan.json"]);
    let text = std::fs::read_to_string(&plan).expect("it was written");
    assert!(text.contains("dev.nest.record"), "{text}");
    assert!(!text.contains("\\\"key\\\""), "{text}");
    std::fs::remove_file(sandbox.folder.path().join("nest.yaml")).expect("it can be removed");
    let gone = run("", &["apply", "--yes", "plan.json"]);
    assert_eq!(gone.code, 0, "{}", gone.stderr);
}

/// What the container was given.
fn sandbox_token(sandbox: &Sandbox, run: &dyn Fn(&str, &[&str]) -> Ran) -> String {
    let inside = ["exec", "-T", "tools", "sh", "-c", "echo $API_TOKEN"];
    let said = run("hunter2", &inside);
    assert_eq!(said.code, 0, "{}: {}", sandbox.name, said.stderr);
    said.stdout.trim().to_owned()
}

#[test]
fn a_stale_plan_says_what_changed_and_does_nothing() {
    let sandbox = Sandbox::new(TOOLS);
    sandbox.succeed(&["up"]);
    sandbox.write(&TOOLS.replace("64m", "128m"));
    sandbox.succeed(&["plan", "--out", "plan.json"]);
    let container = format!("{}-tools-1", sandbox.name);
    sandbox
        .runtime
        .block_on(sandbox.docker.stop_container(&container, None))
        .expect("it stops");
    let stale = sandbox.nest(&["apply", "plan.json"]);
    assert_eq!(stale.code, 1, "{}", stale.stderr);
    assert!(
        stale.stderr.contains(&format!(
            "container `{container}` on the outer engine has changed"
        )),
        "{}",
        stale.stderr
    );
    let memory = sandbox
        .inspect(&container)
        .host_config
        .and_then(|limits| limits.memory);
    assert_eq!(memory, Some(64 << 20));
    sandbox.write(TOOLS);
    sandbox.succeed(&["up"]);
    sandbox.write(&TOOLS.replace("64m", "128m"));
    sandbox.succeed(&["plan", "--out", "plan.json"]);
    sandbox.write(&TOOLS.replace("64m", "256m"));
    let edited = sandbox.nest(&["apply", "plan.json"]);
    assert!(
        edited.code == 1 && edited.stderr.contains("nest.yaml` has changed"),
        "{}",
        edited.stderr
    );
}

#[test]
fn a_file_that_is_no_plan_is_named() {
    let sandbox = Sandbox::new(TOOLS);
    let ran = sandbox.nest(&["apply", "nest.yaml"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.stderr
            .contains("is not a plan saved by this version of nest"),
        "{}",
        ran.stderr
    );
}

#[test]
fn what_a_container_says_of_its_secrets_is_hidden_when_a_saved_plan_starts_it_too() {
    let sandbox = Sandbox::new(
        "services:\n  app: { image: alpine:3.20, environment: [MY_TOKEN], command: [sh, -c, 'echo bad $$MY_TOKEN; exit 3'] }\n",
    );
    let run = |arguments: &[&str]| {
        let mut command = sandbox.command(arguments);
        Ran::from(command.env("MY_TOKEN", "hunter2").output().expect("nest"))
    };
    for _ in 0..2 {
        let planned = run(&["plan", "--out", "plan.json"]);
        assert_eq!(planned.code, 0, "{}", planned.stderr);
        for format in ["text", "json"] {
            let applied = run(&["apply", "--format", format, "plan.json"]);
            assert_eq!(applied.code, 1, "{}", applied.stderr);
            let told = applied.stdout + &applied.stderr;
            assert!(!told.contains("hunter2"), "{told}");
        }
    }
}
