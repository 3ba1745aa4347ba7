//! Saved plans: applied as they are, or refused with what changed.

use std::os::unix::fs::PermissionsExt as _;

use crate::real::sandbox::Sandbox;

const TOOLS: &str = "
volumes: { cache: {} }
environments:
  tools: { outer: { mode: socket, memory: 64m }, volumes: [cache:/cache] }
";

#[test]
fn a_saved_plan_is_applied_without_the_file_and_only_once() {
    let sandbox = Sandbox::new(TOOLS);
    sandbox.succeed(&["plan", "--out", "plan.json"]);
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
