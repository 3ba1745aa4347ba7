//! Environments inside environments, to the third engine.

use crate::real::sandbox::Sandbox;

/// Three engines, a registry that all of them reach, a folder that is handed down, and a container beside the innermost.
fn file(images: &str, memory: &str) -> String {
    format!(
        "
volumes: {{ cache: {{}} }}
registries: {{ local: {{}} }}
environments:
  one:
    outer: dind
    volumes: [cache:/cache]
    registries: [local]
    inner:
      environments:
        two:
          outer: {{ mode: dind, memory: {memory} }}
          volumes: [cache:/cache]
          registries: [local]
          replicas: 2
          inner:
            images: [{images}]
            environments:
              three: {{ outer: dind, inner: {{ images: [busybox:1.36] }} }}
              tools: {{ outer: socket, volumes: [cache:/cache] }}
"
    )
}

#[test]
fn three_engines_come_up_share_change_in_place_and_go() {
    let sandbox = Sandbox::new(&file("alpine:3.20", "1g"));
    sandbox.succeed(&["up"]);
    let empty = sandbox.nest(&["plan", "--detailed-exitcode"]);
    assert_eq!(empty.code, 0, "{}{}", empty.stdout, empty.stderr);

    // Each engine holds its own, and what is further in does not appear further out.
    let names = |environment: &str| {
        let listed = sandbox.inside(environment, &["docker", "ps", "--format", "{{.Names}}"]);
        let mut names: Vec<String> = listed.lines().map(str::to_owned).collect();
        names.sort();
        names
    };
    assert_eq!(names("one"), ["two-1", "two-2"]);
    assert_eq!(names("one/two"), ["three-1", "tools-1"]);
    assert_eq!(names("one/two[2]/tools"), ["three-1", "tools-1"]);
    assert!(names("one/two/three").is_empty());
    let said = sandbox.inside(
        "one/two[2]/three",
        &["docker", "run", "--rm", "busybox:1.36", "echo", "deep"],
    );
    assert_eq!(said, "deep");

    // The volume of the top is one and the same all the way down.
    sandbox.inside("one", &["sh", "-c", "echo shared > /cache/file"]);
    assert_eq!(
        sandbox.inside("one/two/tools", &["cat", "/cache/file"]),
        "shared"
    );

    // A registry outside is reached from every engine.
    let image = "local.nest:5000/deep:1";
    sandbox.inside("one/two", &["docker", "tag", "alpine:3.20", image]);
    sandbox.inside("one/two", &["docker", "push", "-q", image]);
    for environment in ["one", "one/two[2]"] {
        sandbox.inside(environment, &["docker", "pull", "-q", image]);
    }

    // What changes in place at depth changes in place at depth.
    let id = sandbox.inside("one", &["docker", "inspect", "-f", "{{.Id}}", "two-1"]);
    sandbox.write(&file("alpine:3.20, busybox:1.36", "2g"));
    let plan = sandbox.succeed(&["plan"]).stdout;
    assert!(
        plan.contains("Plan: 2 to add, 2 to change, 0 to destroy."),
        "{plan}"
    );
    sandbox.succeed(&["up"]);
    assert_eq!(
        sandbox.inside("one", &["docker", "inspect", "-f", "{{.Id}}", "two-1"]),
        id
    );

    // An engine at depth that was stopped is started, read and brought to what it should hold.
    sandbox.inside("one", &["docker", "stop", "-t", "60", "two-2"]);
    sandbox.succeed(&["up"]);
    assert_eq!(names("one/two[2]"), ["three-1", "tools-1"]);
    let empty = sandbox.nest(&["plan", "--detailed-exitcode"]);
    assert_eq!(empty.code, 0, "{}{}", empty.stdout, empty.stderr);

    sandbox.succeed(&["down", "--volumes", "--yes"]);
    assert!(sandbox.objects().is_empty(), "{:?}", sandbox.objects());
}

#[test]
fn a_name_at_depth_that_is_not_declared_says_which_are() {
    let sandbox = Sandbox::new(&file("alpine:3.20", "1g"));
    let ran = sandbox.nest(&["exec", "one/tow", "true"]);
    assert_eq!(ran.code, 125, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("did you mean `one/two`?"),
        "{}",
        ran.stderr
    );
}
