//! Both ways into containers through the command line: they see and do the same.

use crate::real::sandbox::Sandbox;

const PROJECT: &str = "
environments:
  builder: { outer: dind, inner: { images: [alpine:3.20], volumes: { cache: {} } } }
";

#[test]
fn the_way_into_containers_can_be_chosen_and_changes_nothing_else() {
    let sandbox = Sandbox::new(PROJECT);
    sandbox.succeed(&["up", "--tunnel", "exec"]);
    let by_exec = sandbox.succeed(&["status", "--tunnel", "exec"]);
    let by_socket = sandbox.succeed(&["status"]);
    assert_eq!(by_exec.stdout, by_socket.stdout);
    assert_eq!(
        sandbox.nest(&["plan", "--detailed-exitcode"]).code,
        0,
        "both ways find the same"
    );

    // What a plan relied on does not depend on the way.
    sandbox.write(&PROJECT.replace("alpine:3.20", "busybox:1.36"));
    sandbox.succeed(&["plan", "--out", "saved.plan"]);
    sandbox.succeed(&["apply", "--yes", "--tunnel", "exec", "saved.plan"]);
    let images = sandbox.inside(
        "builder",
        &["docker", "images", "--format", "{{.Repository}}"],
    );
    assert_eq!(images, "busybox");

    let mut command = sandbox.command(&["status"]);
    let output = command.env("NEST_TUNNEL", "nonsense").output();
    let output = output.expect("nest starts");
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("nonsense"));
}
