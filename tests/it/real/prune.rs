//! What goes across projects, on an engine of its own: nobody else's is to go.

use std::process::{Child, Stdio};

use serde_json::Value;

use crate::real::sandbox::{Ran, Sandbox, eventually};

/// An engine that only this test uses: one inside, served here.
struct Own {
    outer: Sandbox,
    serving: Child,
    address: String,
}

impl Own {
    fn start() -> Self {
        let outer = Sandbox::new(
            "
environments:
  own: { outer: dind, inner: { images: ['docker:dind', 'docker:cli', 'alpine:3.20', 'busybox:1.36'] } }
",
        );
        outer.succeed(&["up"]);
        let socket = outer.folder.path().join("own.sock");
        let path = socket.display().to_string();
        let mut serving = outer.command(&["connect", "own", "--socket", &path]);
        let serving = serving.stdout(Stdio::null()).spawn().expect("nest starts");
        eventually("the engine is served", || socket.exists());
        Self {
            outer,
            serving,
            address: format!("unix://{path}"),
        }
    }

    fn nest(&self, arguments: &[&str]) -> Ran {
        let mut command = self.outer.command_to(&self.address, arguments);
        Ran::from(command.output().expect("nest starts"))
    }

    fn succeed(&self, arguments: &[&str]) -> Ran {
        let ran = self.nest(arguments);
        assert_eq!(ran.code, 0, "{arguments:?}: {}{}", ran.stdout, ran.stderr);
        ran
    }

    /// Writes a file, and brings a project of that file up.
    fn up(&self, name: &str, yaml: &str, arguments: &[&str]) {
        let path = self.outer.folder.path().join(format!("{name}.yaml"));
        std::fs::write(&path, format!("name: {name}\n{yaml}")).expect("there is room");
        let path = path.display().to_string();
        self.succeed(&[&["up", "-f", &path], arguments].concat());
    }

    /// What the docker CLI on the engine lists, one a line.
    fn docker(&self, arguments: &[&str]) -> Vec<String> {
        let all = [&["docker"], arguments].concat();
        let said = self.outer.inside("own", &all);
        said.lines().map(str::to_owned).collect()
    }

    fn volumes(&self) -> Vec<String> {
        self.docker(&["volume", "ls", "-q"])
    }

    /// What the project that the engine is in remembers of it.
    fn record(&self) -> String {
        format!("nest-{}-record-2", self.outer.name)
    }

    fn projects(&self) -> Vec<String> {
        let listed = self.succeed(&["ls", "-q"]).stdout;
        listed.lines().map(str::to_owned).collect()
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        let _gone = self.serving.kill();
        let _ended = self.serving.wait();
        let _down = self.outer.nest(&["down", "--volumes", "--yes"]);
    }
}

const SERVICE: &str = "
volumes: { data: {} }
services: { web: { image: 'alpine:3.20', command: [sleep, infinity], stop_grace_period: 0s, volumes: ['data:/data'] } }
";

const SEEDED: &str = "
environments:
  box: { outer: { mode: dind, data: { keep: false, seed: copy } }, inner: { images: ['busybox:1.36'] } }
";

#[test]
fn expired_projects_and_what_nobody_uses_go_and_nothing_else() {
    let own = Own::start();
    assert!(own.succeed(&["prune"]).stderr.contains("Nothing to prune."));
    own.docker(&["volume", "create", "precious"]);
    own.docker(&[
        "run",
        "-d",
        "--name",
        "mine",
        "-v",
        "precious:/p",
        "alpine:3.20",
        "sleep",
        "600",
    ]);
    own.up("short", SERVICE, &["--expires", "0s"]);
    own.up("seeded", SEEDED, &["--expires", "0s"]);
    own.up("lasting", SERVICE, &["--expires", "8h"]);
    // Somebody elsewhere changes it.
    own.up("busy", SERVICE, &["--expires", "0s"]);
    let holder = r#"dev.nest.lock={"command":"nest up","user":"ann","host":"elsewhere","machine":"another","process":7,"process_start":1,"since":0}"#;
    let label = |name: &str| format!("dev.nest.project={name}");
    own.docker(&[
        "volume",
        "create",
        "--label",
        &label("busy"),
        "--label",
        holder,
        "nest-busy-lock",
    ]);
    // An image that was committed of nest's hands its labels on.
    own.docker(&["commit", "short-web-1", "copied"]);
    own.docker(&["run", "-d", "--name", "copy", "copied", "sleep", "600"]);

    let told = own.succeed(&["prune"]);
    for text in [
        "Project `short` expired at",
        "container \"short-web-1\"",
        "volume \"short_data\" kept: `--volumes` removes it",
        "project `busy` is left as it is: `nest up` of ann@elsewhere (process 7) holds its lock",
        "holds a lock, and may be using it",
    ] {
        assert!(told.stderr.contains(text), "no {text}: {}", told.stderr);
    }
    let containers = own.docker(&["ps", "-a", "--format", "{{.Names}}"]);
    for (name, stays) in [
        ("short-web-1", false),
        ("seeded-box-1", false),
        ("lasting-web-1", true),
        ("busy-web-1", true),
        ("mine", true),
        ("copy", true),
    ] {
        assert_eq!(containers.iter().any(|it| it == name), stays, "{name}");
    }
    let has = |name: &str| own.volumes().iter().any(|it| it.starts_with(name));
    assert!(has("short_data") && has("precious") && has("lasting_data"));
    assert!(has("nest-seed-"), "somebody held a lock");

    // Its data goes only where that is said, and to a person who was asked or said so before.
    own.succeed(&["unlock", "-p", "busy", "--yes"]);
    let data = ["prune", "--older-than", "0s", "--volumes"];
    let unconfirmed = own.nest(&data);
    assert_eq!(unconfirmed.code, 5, "{}", unconfirmed.stderr);
    assert!(has("short_data") && has("nest-seed-"));
    let json = own
        .succeed(&[&data[..], &["--yes", "--format", "json"]].concat())
        .stdout;
    let lines = json
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"));
    let lines: Vec<Value> = lines.collect();
    let named: Vec<&Value> = lines
        .iter()
        .filter(|line| line["type"] == "project")
        .collect();
    let named: Vec<&str> = named
        .iter()
        .filter_map(|line| line["project"].as_str())
        .collect();
    assert_eq!(named, ["busy", "lasting", "short"], "{json}");
    let last = lines.last().expect("there are lines");
    assert_eq!(
        (&last["result"], &last["exit_code"]),
        (&"done".into(), &0.into())
    );
    // What is here of the environment that this engine is in is that project's.
    assert_eq!(own.projects(), [own.outer.name.as_str()]);
    assert_eq!(own.volumes(), [own.record(), "precious".to_owned()]);
    let containers = own.docker(&["ps", "--format", "{{.Names}}"]);
    assert_eq!(containers, ["copy", "mine"]);
    assert!(own.succeed(&["prune"]).stderr.contains("Nothing to prune."));
}

#[test]
fn what_killed_runs_left_goes_whenever_they_were_killed() {
    let own = Own::start();
    let path = own.outer.folder.path().join("killed.yaml");
    std::fs::write(&path, format!("name: killed\n{SEEDED}")).expect("there is room");
    let path = path.display().to_string();
    let start = |arguments: &[&str]| {
        let mut command = own.outer.command_to(&own.address, arguments);
        command.stderr(Stdio::null()).spawn().expect("nest starts")
    };
    let kill = |mut child: Child| {
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
    };
    // While a seed is made. Not before: the engine would make a volume that went meanwhile anew, as nobody's, for a
    // container that it was asked for.
    let child = start(&["up", "-f", &path, "--expires", "0s"]);
    eventually("a seed is made", || {
        let makers = own.docker(&["ps", "-aq", "--filter", "name=nest-seed-"]);
        !makers.is_empty()
    });
    kill(child);
    assert!(own.volumes().iter().any(|it| it == "nest-killed-lock"));
    let mut child = start(&["prune", "--yes"]);
    eventually("it is at work or done", || {
        // What the killed run had asked for comes after its end: then it is not as it was shown, and stays.
        if child.try_wait().is_ok_and(|ended| ended.is_some()) {
            child = start(&["prune", "--yes"]);
        }
        !own.volumes().iter().any(|it| it == "killed_box-1-data")
    });
    kill(child);
    own.succeed(&["prune", "--yes"]);
    assert_eq!(own.volumes(), [own.record()]);
    assert_eq!(own.docker(&["ps", "-aq"]), [""; 0]);
    assert_eq!(own.projects(), [own.outer.name.as_str()]);
}
