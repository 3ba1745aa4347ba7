//! One project on two outer engines.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::real::sandbox::{Ran, Sandbox, eventually};

/// The address of another engine to use as the second one. Without it, one inside a container of the first is served
/// here.
const SECOND: &str = "NEST_TEST_SECOND_ENGINE";

/// Another engine than the one that the tests are given.
struct Second {
    address: String,
    served: Option<(Sandbox, Child)>,
}

impl Second {
    fn start() -> Self {
        if let Ok(address) = std::env::var(SECOND) {
            let served = None;
            return Self { address, served };
        }
        let sandbox = Sandbox::new(
            "
environments:
  second: { outer: dind, inner: { images: [docker:dind, alpine:3.20, busybox:1.36] } }
",
        );
        sandbox.succeed(&["up"]);
        let socket = sandbox.folder.path().join("second.sock");
        let path = socket.display().to_string();
        let mut serving = sandbox.command(&["connect", "second", "--socket", &path]);
        let child = serving.stdout(Stdio::null()).spawn().expect("nest starts");
        eventually("the second engine is served", || socket.exists());
        Self {
            address: format!("unix://{path}"),
            served: Some((sandbox, child)),
        }
    }

    /// The names of the projects that it holds something of.
    fn projects(&self, sandbox: &Sandbox) -> Vec<String> {
        let mut list = sandbox.command_to(&self.address, &["ls", "-q"]);
        let ran = Ran::from(list.output().expect("nest starts"));
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.stdout.lines().map(str::to_owned).collect()
    }
}

impl Drop for Second {
    fn drop(&mut self) {
        if let Some((sandbox, child)) = &mut self.served {
            let _gone = child.kill();
            let _ended = child.wait();
            let _down = sandbox.nest(&["down", "--volumes", "--yes"]);
        }
    }
}

fn file(address: &str, cpus: u32) -> String {
    format!(
        "
engines: {{ far: {{ host: \"{address}\" }} }}
volumes: {{ cache: {{}} }}
environments:
  here: {{ outer: dind, inner: {{ images: [alpine:3.20] }} }}
  there:
    outer: {{ mode: dind, cpus: {cpus} }}
    engine: far
    volumes: [cache:/cache]
    inner: {{ images: [busybox:1.36] }}
services:
  job: {{ image: alpine:3.20, docker_host: there, command: \"sh -c 'echo begun; exec sleep 1d'\" }}
"
    )
}

/// nest where no file is.
fn elsewhere(sandbox: &Sandbox, folder: &Path, arguments: &[&str]) -> Ran {
    let mut command: Command = sandbox.command(&["-p", &sandbox.name]);
    command.args(arguments).current_dir(folder);
    Ran::from(command.output().expect("nest starts"))
}

fn planned(sandbox: &Sandbox) -> Value {
    let plan = sandbox.succeed(&["plan", "--format", "json"]).stdout;
    serde_json::from_str(&plan).expect("it is JSON")
}

#[test]
fn a_project_lives_on_two_engines() {
    let second = Second::start();
    let sandbox = Sandbox::new(&file(&second.address, 1));
    sandbox.succeed(&["up"]);
    let empty = sandbox.nest(&["plan", "--detailed-exitcode"]);
    assert_eq!(empty.code, 0, "{}{}", empty.stdout, empty.stderr);

    // Each engine has its own, and each environment the images of its own.
    let on_first = sandbox.objects();
    let has = |name: &str| on_first.iter().any(|one| one.contains(name));
    assert!(
        has("-here-1") && !has("-there-1") && !has("-job-1"),
        "{on_first:?}"
    );
    assert!(second.projects(&sandbox).contains(&sandbox.name));
    let list = ["docker", "images", "--format", "{{.Repository}}:{{.Tag}}"];
    assert_eq!(sandbox.inside("here", &list), "alpine:3.20");
    assert_eq!(sandbox.inside("there", &list), "busybox:1.36");
    let status = sandbox.succeed(&["status"]).stdout;
    assert!(status.contains("engine far"), "{status}");
    let address = sandbox.inside("job", &["sh", "-c", "echo $DOCKER_HOST"]);
    assert!(!address.is_empty());
    let logs = sandbox.succeed(&["logs", "job"]).stdout;
    assert!(logs.contains("begun"), "{logs}");
    let connected = sandbox.succeed(&["connect", "there", "--", "sh", "-c", "echo $DOCKER_HOST"]);
    assert!(connected.stdout.contains("unix://"), "{}", connected.stdout);
    let doctor = sandbox.succeed(&["doctor", "--format", "json"]).stdout;
    let doctor: Value = serde_json::from_str(&doctor).expect("it is JSON");
    assert!(doctor["engines"]["far"].is_object(), "{doctor}");
    sandbox.succeed(&["doctor", "there"]);

    // A change by a saved plan, in place.
    let id = sandbox.inside("there", &["hostname"]);
    sandbox.write(&file(&second.address, 2));
    let changes = planned(&sandbox)["resource_changes"].clone();
    let changes = changes.as_array().expect("a list");
    let change = changes
        .iter()
        .find(|it| it["address"] == "environment.there");
    let change = change.expect("it is planned");
    assert_eq!(change["engine"], "engine:far");
    assert_eq!(change["change"]["actions"][0], "update");
    sandbox.succeed(&["plan", "--out", "plan"]);
    sandbox.succeed(&["apply", "plan"]);
    assert_eq!(sandbox.inside("there", &["hostname"]), id);
    sandbox.succeed(&["stop", "there"]);
    sandbox.succeed(&["up"]);
    let empty = sandbox.nest(&["plan", "--detailed-exitcode"]);
    assert_eq!(empty.code, 0, "{}{}", empty.stdout, empty.stderr);

    // A plan that was saved before is stale on both.
    let stale = sandbox.nest(&["apply", "plan"]);
    assert_eq!(stale.code, 1, "{}{}", stale.stdout, stale.stderr);

    // What does not answer is not taken for empty, and one engine not for two.
    sandbox.write(&file("unix:///run/nobody.sock", 2));
    let refused = sandbox.nest(&["plan"]);
    assert_eq!(refused.code, 1, "{}", refused.stdout);
    assert!(
        refused
            .stdout
            .contains("engine.far: the engine cannot be read"),
        "{}",
        refused.stdout
    );
    sandbox.succeed(&["plan", "--target", "environment.here"]);
    sandbox.inside("here", &["hostname"]);
    sandbox.write(&file(sandbox.endpoint(), 2));
    let refused = sandbox.nest(&["up"]);
    assert_eq!(refused.code, 1, "{}", refused.stdout);
    assert!(
        refused.stderr.contains("one engine cannot be two"),
        "{}",
        refused.stderr
    );

    // An engine that left the file is cleared; its data stays, and is found without a file.
    sandbox.write("environments: { here: { outer: dind, inner: { images: [alpine:3.20] } } }\n");
    sandbox.succeed(&["up", "--yes"]);
    let kept = planned(&sandbox)["kept"].clone();
    let kept = kept.as_array().expect("a list");
    assert!(
        kept.iter()
            .any(|it| it["address"] == "engine.far/volume.cache"),
        "{kept:?}"
    );
    let folder = tempfile::tempdir().expect("a folder");
    let down = elsewhere(&sandbox, folder.path(), &["down", "--volumes", "--yes"]);
    assert_eq!(down.code, 0, "{}{}", down.stdout, down.stderr);
    assert!(sandbox.objects().is_empty(), "{:?}", sandbox.objects());
    assert!(!second.projects(&sandbox).contains(&sandbox.name));
    drop(second);
}

#[test]
fn a_project_goes_down_on_two_engines() {
    let second = Second::start();
    let sandbox = Sandbox::new(&file(&second.address, 1));
    sandbox.succeed(&["up"]);
    sandbox.succeed(&["down", "--yes"]);
    let left = sandbox.objects();
    assert!(
        left.iter().all(|one| one.starts_with("volume ")),
        "{left:?}"
    );
    assert!(second.projects(&sandbox).contains(&sandbox.name));
    sandbox.succeed(&["down", "--volumes", "--yes"]);
    assert!(sandbox.objects().is_empty(), "{:?}", sandbox.objects());
    assert!(!second.projects(&sandbox).contains(&sandbox.name));
}
