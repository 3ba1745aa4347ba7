//! `nest run` of a service: a container of its own for one command.

use std::io::{Read as _, Write as _};
use std::process::{Child, Command, Stdio};

use crate::real::sandbox::{Sandbox, eventually};

/// `db` is what the tests need; nobody wants `tests` but who runs them.
const PROJECT: &str = "
volumes: { out: {} }
environments:
  builder: { outer: dind, inner: { images: [alpine:3.20], services: { deep: { image: alpine:3.20, command: [sleep, infinity], init: true, profiles: [deep] } } } }
  other: { outer: dind }
services:
  db: { image: docker:cli, command: [sleep, infinity], init: true, stop_grace_period: 0s }
  tests:
    image: docker:cli
    command: [sh, -c, 'echo own $$GREETING']
    environment: { GREETING: hello }
    docker_host: builder
    depends_on: [db]
    profiles: [test]
    ports: ['127.0.0.1::7000']
    restart: always
    volumes: [out:/out]
    stop_grace_period: 1s
";

/// The names of what there is of `nest run`.
fn one_offs(sandbox: &Sandbox) -> Vec<String> {
    let mut objects: Vec<String> = sandbox.objects().into_iter().collect();
    objects.retain(|name| name.contains("-run-"));
    objects
}

/// A run whose container says that it has begun.
fn begun(sandbox: &Sandbox, arguments: &[&str]) -> Child {
    let mut running = sandbox
        .command(arguments)
        .stdout(Stdio::piped())
        .spawn()
        .expect("nest starts");
    let mut said = [0; 6];
    let stdout = running.stdout.as_mut().expect("piped");
    stdout.read_exact(&mut said).expect("it begins");
    assert_eq!(&said, b"begun\n");
    running
}

fn signal(running: &Child, signal: &str) {
    let id = running.id().to_string();
    let sent = Command::new("kill").args([signal, &id]).status();
    assert!(sent.expect("kill").success());
}

#[test]
fn a_service_runs_once_beside_what_it_needs() {
    let sandbox = Sandbox::new(PROJECT);
    let here = sandbox.folder.path();
    let ran = sandbox.succeed(&["run", "tests"]);
    assert_eq!(ran.stdout, "own hello\n", "{}", ran.stderr);
    assert_eq!(one_offs(&sandbox), Vec::<String>::new(), "it is removed");
    let objects = sandbox.objects();
    let has = |name: &str| objects.iter().any(|it| it.ends_with(name));
    assert!(has("-builder-1") && has("-db-1"), "{objects:?}");
    assert!(!has("-other-1") && !has("-tests-1"), "{objects:?}");

    // The whole wiring, other words, an input that ends, two outputs, a code.
    let script = "docker ps -q | wc -l; docker images -q alpine:3.20 | wc -l; cat; echo $GREETING $(pwd) $(id -u); \
                  echo aside >&2; echo result > /tmp/result; exit 7";
    let arguments = [
        "run",
        "--copy",
        "tests:/tmp/result=result",
        "-e",
        "GREETING=changed",
        "-w",
        "/tmp",
        "-u",
        "0",
        "tests",
        "sh",
        "-c",
        script,
    ];
    let mut running = sandbox
        .command(&arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("nest starts");
    let mut stdin = running.stdin.take().expect("piped");
    stdin.write_all(b"read\n").expect("it is taken");
    drop(stdin);
    let ran = crate::real::sandbox::Ran::from(running.wait_with_output().expect("it ends"));
    assert_eq!(ran.code, 7, "{}", ran.stderr);
    assert_eq!(ran.stdout, "0\n1\nread\nchanged /tmp 0\n");
    assert!(ran.stderr.contains("aside"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("GREETING=changed"), "{}", ran.stderr);
    let fetched = std::fs::read_to_string(here.join("result"));
    assert_eq!(fetched.expect("it is fetched"), "result\n");

    let ran = sandbox.nest(&["run", "tests", "no-such-program"]);
    assert_eq!(ran.code, 127, "{}", ran.stderr);
    assert!(ran.stderr.contains("no-such-program"), "{}", ran.stderr);
    let ran = sandbox.nest(&["run", "builder"]);
    assert_eq!(ran.code, 125, "an environment has no command of its own");
    assert_eq!(one_offs(&sandbox), Vec::<String>::new());
    let plan = sandbox.nest(&["plan", "--detailed-exitcode"]);
    assert!(!plan.stdout.contains("-run-"), "{}", plan.stdout);

    // Of an engine inside, too.
    let ran = sandbox.succeed(&["run", "builder/deep", "echo", "inside"]);
    assert_eq!(ran.stdout, "inside\n", "{}", ran.stderr);
    let left = sandbox.inside("builder", &["docker", "ps", "-aq"]);
    assert_eq!(left, "");

    let ran = sandbox.succeed(&["run", "--yes", "--down", "--volumes", "tests", "true"]);
    assert!(
        sandbox.objects().is_empty(),
        "{:?}{}",
        sandbox.objects(),
        ran.stderr
    );
}

#[test]
fn ports_of_a_service_are_its_own_unless_they_are_asked_for() {
    let sandbox = Sandbox::new(&PROJECT.replace("docker_host: builder", ""));
    for (option, published) in [("--service-ports", true), ("--yes", false)] {
        let script = "echo begun; sleep 100";
        let mut running = begun(&sandbox, &["run", option, "tests", "sh", "-c", script]);
        let name = one_offs(&sandbox).pop().expect("it is there");
        let name = name.trim_start_matches("container /");
        let ports = sandbox
            .inspect(name)
            .network_settings
            .and_then(|it| it.ports);
        let bound = ports.is_some_and(|ports| ports.values().any(Option::is_some));
        assert_eq!(bound, published);
        // A shell that sleeps as the first process does not hear of it, and is ended after its time.
        signal(&running, "-TERM");
        assert_eq!(running.wait().expect("it ends").code(), Some(130));
        assert_eq!(one_offs(&sandbox), Vec::<String>::new());
    }
}

#[test]
fn a_run_that_is_interrupted_leaves_nothing_and_one_that_is_killed_what_down_takes() {
    let sandbox = Sandbox::new(PROJECT);
    let here = sandbox.folder.path();
    // What hears the signal ends by itself, and what it made is fetched.
    let script =
        "trap 'echo heard > /out/end; exit 9' INT TERM; echo begun; while :; do sleep 0.1; done";
    let copy = "tests:/out/end=end";
    let mut running = begun(
        &sandbox,
        &[
            "run",
            "--copy",
            copy,
            "--down",
            "--volumes",
            "tests",
            "sh",
            "-c",
            script,
        ],
    );
    signal(&running, "-INT");
    assert_eq!(running.wait().expect("it ends").code(), Some(130));
    let fetched = std::fs::read_to_string(here.join("end"));
    assert_eq!(fetched.expect("it is fetched"), "heard\n");
    assert!(sandbox.objects().is_empty(), "{:?}", sandbox.objects());

    let mut running = begun(
        &sandbox,
        &["run", "tests", "sh", "-c", "echo begun; sleep 1000"],
    );
    running.kill().expect("it is killed");
    running.wait().expect("it ends");
    assert_eq!(one_offs(&sandbox).len(), 1);
    // It is somebody's, as far as anybody knows: `up` leaves it.
    sandbox.succeed(&["up"]);
    assert_eq!(one_offs(&sandbox).len(), 1);
    let plan = sandbox.nest(&["plan", "--detailed-exitcode"]);
    assert_eq!(plan.code, 0, "{}", plan.stdout);
    sandbox.succeed(&["down", "--volumes", "--yes"]);
    assert!(sandbox.objects().is_empty(), "{:?}", sandbox.objects());
}

#[test]
fn a_run_has_the_terminal_that_nest_has() {
    let sandbox = Sandbox::new(&PROJECT.replace("docker_host: builder", ""));
    let nest = sandbox.command(&[]);
    let line = format!(
        "{} run tests sh -c 'test -t 0 && test -t 1 && echo it is one'",
        nest.get_program().to_str().expect("text")
    );
    let mut script = Command::new("script");
    script.args(["-qec", &line, "/dev/null"]);
    script.current_dir(sandbox.folder.path());
    let ran = script.stdin(Stdio::null()).output().expect("script");
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(said.contains("it is one"), "{said}");
    eventually("it is removed", || one_offs(&sandbox).is_empty());
}
