//! Commands for a project that is up: in containers, with their engines, and on them as they are.

mod engine;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use crate::real::sandbox::{Ran, Sandbox, eventually};

pub(crate) const PROJECT: &str = "
environments:
  builder:
    outer: dind
    replicas: 2
    inner: { images: [alpine:3.20] }
";

/// One environment with another inside, and one that needs it.
const CHAIN: &str = "
environments:
  builder:
    outer: dind
    inner:
      environments: { deeper: { outer: dind, inner: { images: [alpine:3.20] } } }
  tools: { outer: socket, depends_on: [builder] }
";

#[test]
fn files_go_in_and_out_at_any_depth() {
    let sandbox = Sandbox::new(CHAIN);
    sandbox.succeed(&["up", "--yes"]);
    let here = sandbox.folder.path();
    std::fs::create_dir_all(here.join("tree/sub")).expect("folders");
    std::fs::write(here.join("tree/sub/file"), "text").expect("a file");
    std::fs::write(here.join("alone"), "alone").expect("a file");
    let read = |name: &str, path: &str| sandbox.inside(name, &["cat", path]);
    for name in ["builder", "builder/deeper", "tools"] {
        let to = |path: &str| format!("{name}:{path}");
        sandbox.succeed(&["cp", "tree", &to("/copied")]);
        assert_eq!(
            read(name, "/copied/sub/file"),
            "text",
            "a folder to a new name"
        );
        sandbox.succeed(&["cp", "tree", &to("/copied")]);
        assert_eq!(
            read(name, "/copied/tree/sub/file"),
            "text",
            "a folder into a folder"
        );
        sandbox.succeed(&["cp", "tree/.", &to("/etc")]);
        assert_eq!(read(name, "/etc/sub/file"), "text", "what is in a folder");
        sandbox.succeed(&["cp", "alone", &to("/etc/renamed")]);
        assert_eq!(read(name, "/etc/renamed"), "alone");

        sandbox.succeed(&["cp", &to("/copied"), "back"]);
        let back = std::fs::read_to_string(here.join("back/tree/sub/file"));
        assert_eq!(back.expect("it is there"), "text");
        sandbox.succeed(&["cp", &to("/etc/renamed"), "."]);
        assert_eq!(
            std::fs::read_to_string(here.join("renamed")).expect("read"),
            "alone"
        );
        std::fs::remove_dir_all(here.join("back")).expect("it is removed");

        let stream = sandbox.command(&["cp", &to("/copied/sub"), "-"]).output();
        let stream = stream.expect("nest starts").stdout;
        let mut again = sandbox
            .command(&["cp", "-", &to("/home")])
            .stdin(Stdio::piped())
            .spawn()
            .expect("nest starts");
        let mut stdin = again.stdin.take().expect("piped");
        stdin.write_all(&stream).expect("it is read");
        drop(stdin);
        assert!(again.wait().expect("it ends").success());
        assert_eq!(read(name, "/home/sub/file"), "text");
    }
    for (from, to, said) in [
        ("builder:/nope", ".", "has no `/nope`"),
        ("builder:/nope", "-", "has no `/nope`"),
        ("nope", "builder:/etc", "nope"),
        ("tree", "builder:/etc/renamed", "is no folder"),
        ("builder:/copied", "alone", "is no folder"),
        ("alone", "builder:/new/", "has no folder"),
        ("alone", "builder:/tmp/x", "is memory"),
        ("alone", "tree", "one side"),
        (
            "alone",
            "nobody:/x",
            "no environment, service or registry `nobody`",
        ),
    ] {
        let ran = sandbox.nest(&["cp", from, to]);
        assert_eq!(ran.code, 1, "{from} {to}");
        assert!(ran.stderr.contains(said), "{from} {to}: {}", ran.stderr);
    }
    // An engine either shows what the kernel does, or nest says what does.
    let ran = sandbox.nest(&["cp", "builder:/proc/1/status", "-"]);
    let said = "nest exec builder cat /proc/1/status";
    assert!(ran.code == 0 || ran.stderr.contains(said), "{ran:?}");
}

#[test]
fn a_port_is_reached_through_the_container() {
    let sandbox = Sandbox::new(&PROJECT.replace("    replicas: 2\n", ""));
    sandbox.succeed(&["up", "--yes"]);
    let serve = "while true; do echo served | nc -l -p 9000; done";
    let run = [
        "docker",
        "run",
        "-d",
        "-p",
        "9000:9000",
        "alpine:3.20",
        "sh",
        "-c",
        serve,
    ];
    sandbox.inside("builder", &run);
    let mut forward = sandbox
        .command(&["forward", "builder", "0:9000"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("nest starts");
    let mut said = [0; 256];
    let count = forward.stdout.as_mut().expect("piped").read(&mut said);
    let said = String::from_utf8_lossy(&said[..count.expect("it says where")]).into_owned();
    let address = said.split(" -> ").next().expect("an address").to_owned();
    assert!(said.ends_with(" -> builder:9000\n"), "{said}");
    eventually("the port answers", || {
        let mut answer = String::new();
        let stream = TcpStream::connect(&address);
        let read = stream.and_then(|mut stream| stream.read_to_string(&mut answer));
        read.is_ok() && answer == "served\n"
    });
    forward.kill().expect("it is ended");
    forward.wait().expect("it ends");

    let ran = sandbox.succeed(&["port", "builder"]);
    assert_eq!(ran.stdout, "");
    let ran = sandbox.nest(&["port", "builder", "9000"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.stderr.contains("nest forward builder 9000"),
        "{}",
        ran.stderr
    );
}

#[test]
fn containers_are_stopped_and_started_in_order() {
    let sandbox = Sandbox::new(CHAIN);
    sandbox.succeed(&["up", "--yes"]);
    let names = ["builder", "tools"].map(|name| format!("{}-{name}-1", sandbox.name));
    let ids = || names.each_ref().map(|name| sandbox.id(name));
    let runs = || {
        let state = |name: &String| sandbox.inspect(name).state.and_then(|state| state.running);
        names.each_ref().map(|name| state(name) == Some(true))
    };
    let before = ids();
    let deeper = sandbox.inside("builder/deeper", &["docker", "info", "--format", "{{.ID}}"]);
    let order = |ran: &Ran, word: &str| -> Vec<String> {
        let lines = ran.stderr.lines().filter(|line| line.contains(word));
        let name = |line: &str| {
            line.split("environment.")
                .last()
                .unwrap_or_default()
                .to_owned()
        };
        let first = |name: String| name.split([':', ' ']).next().unwrap_or_default().to_owned();
        lines.map(|line| first(name(line))).collect()
    };

    let ran = sandbox.succeed(&["stop", "builder"]);
    assert_eq!(runs(), [false, false], "what needs it stops too");
    let stopped = order(&ran, "stopped");
    let place = |name: &str| stopped.iter().position(|one| one == name);
    assert_eq!(stopped.len(), 3, "{stopped:?} {}", ran.stderr);
    assert!(place("tools") < place("builder"), "{stopped:?}");
    assert!(place("deeper") < place("builder"), "{stopped:?}");
    let ran = sandbox.succeed(&["stop"]);
    assert!(ran.stderr.contains("No changes."), "{}", ran.stderr);
    let ran = sandbox.nest(&["exec", "builder", "true"]);
    assert_eq!(ran.code, 125);
    assert!(ran.stderr.contains("does not run"), "{}", ran.stderr);

    let plan = sandbox.succeed(&["plan"]).stdout;
    assert!(!plan.contains("outside nest"), "{plan}");
    assert!(plan.contains("(it does not run)"), "{plan}");

    // What it needs is started first, and what is inside with it.
    sandbox.succeed(&["start", "tools"]);
    assert_eq!(runs(), [true, true]);
    sandbox.succeed(&["start"]);
    let again = sandbox.inside("builder/deeper", &["docker", "info", "--format", "{{.ID}}"]);
    assert_eq!(again, deeper, "the same engine, with its data");
    sandbox.succeed(&["restart", "builder"]);
    assert_eq!(ids(), before, "the containers are kept");
    // And what needs it, where that was stopped with it.
    sandbox.succeed(&["stop", "builder"]);
    sandbox.succeed(&["start", "builder"]);
    assert_eq!(runs(), [true, true]);
    let plan = sandbox.succeed(&["plan", "--detailed-exitcode"]);
    assert!(plan.stdout.contains("No changes."), "{}", plan.stdout);

    let ran = sandbox.nest(&["stop", "nobody"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("`nobody`"), "{}", ran.stderr);
}

#[test]
fn what_containers_said_is_shown() {
    let sandbox = Sandbox::new(&PROJECT.replace("inner: { images: [alpine:3.20] }", ""));
    let ran = sandbox.nest(&["logs", "builder-1"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("nest up"), "{}", ran.stderr);
    sandbox.succeed(&["up", "--yes"]);
    let one = sandbox.succeed(&["logs", "builder-2"]);
    assert!(one.stderr.contains("API listen on"), "{}", one.stderr);
    let last = sandbox.succeed(&["logs", "builder-2", "--tail", "1"]);
    assert_eq!(last.stderr.lines().count(), 1, "{}", last.stderr);
    let none = sandbox.succeed(&["logs", "builder-2", "--until", "24h"]);
    assert_eq!(none.stderr, "");

    let both = sandbox.succeed(&["logs", "builder", "--timestamps"]);
    let times = both.stdout.lines().map(|line| {
        let (name, said) = line.split_once(" | ").expect("a name");
        assert!(matches!(name, "builder[1]" | "builder[2]"), "{line}");
        said.split(' ').next().expect("a time")
    });
    let times: Vec<&str> = times.collect();
    assert!(times.len() > 10 && times.is_sorted(), "{times:?}");

    let mut follow = sandbox
        .command(&["logs", "-f", "--tail", "0"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("nest starts");
    sandbox.succeed(&["stop", "builder-1"]);
    let mut said = String::new();
    let mut stdout = follow.stdout.take().expect("piped");
    let mut piece = [0; 4096];
    while !said.contains("builder[1] | ") {
        let count = stdout.read(&mut piece).expect("it says more");
        assert!(count > 0, "it ended: {said}");
        said.push_str(&String::from_utf8_lossy(&piece[..count]));
    }
    follow.kill().expect("it is ended");
    follow.wait().expect("it ends");
}

#[test]
fn a_command_runs_and_leaves_what_it_is_told_to() {
    let sandbox = Sandbox::new(&format!("{PROJECT}  other: {{ outer: dind }}\n"));
    let here = sandbox.folder.path();
    let run = ["run", "--copy", "builder:/made=made", "--down", "--volumes"];
    let script = "echo made > /made; docker images -q alpine:3.20; exit 4";
    let tail = ["--yes", "builder-1", "sh", "-c", script];
    let ran = sandbox.nest(&[&run[..], &tail[..]].concat());
    assert_eq!(ran.code, 4, "{}", ran.stderr);
    assert_eq!(
        ran.stdout.lines().count(),
        1,
        "the image is there: {}",
        ran.stdout
    );
    assert_eq!(
        std::fs::read_to_string(here.join("made")).expect("it is fetched"),
        "made\n"
    );
    assert!(!ran.stderr.contains("environment.other"), "{}", ran.stderr);
    assert_eq!(
        sandbox.objects().into_iter().collect::<Vec<_>>(),
        Vec::<String>::new()
    );

    // Interrupted, it fetches and takes down too.
    let script = "echo half > /made; echo begun; sleep 100";
    let tail = ["--yes", "builder-1", "sh", "-c", script];
    let mut running = sandbox
        .command(&[&run[..], &tail[..]].concat())
        .stdout(Stdio::piped())
        .spawn()
        .expect("nest starts");
    let mut begun = [0; 6];
    let stdout = running.stdout.as_mut().expect("piped");
    stdout.read_exact(&mut begun).expect("it begins");
    let id = running.id().to_string();
    assert!(
        Command::new("kill")
            .arg(&id)
            .status()
            .expect("kill")
            .success()
    );
    let status = running.wait().expect("it ends");
    assert_eq!(status.code(), Some(130));
    assert_eq!(
        std::fs::read_to_string(here.join("made")).expect("it is fetched"),
        "half\n"
    );
    assert!(sandbox.objects().is_empty(), "{:?}", sandbox.objects());

    // nest's own failures are 125.
    for arguments in [
        &["run", "nobody", "true"][..],
        &[
            "run",
            "--yes",
            "--copy",
            "builder:/nowhere=x",
            "builder-1",
            "true",
        ],
    ] {
        assert_eq!(sandbox.nest(arguments).code, 125, "{arguments:?}");
    }
    sandbox.succeed(&["down", "--yes", "--volumes"]);
}

#[test]
fn projects_and_their_resources_are_listed() {
    let sandbox = Sandbox::new(&PROJECT.replace("inner: { images: [alpine:3.20] }", ""));
    let projects = || {
        let ran = sandbox.succeed(&["ls", "--quiet"]);
        ran.stdout.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    assert!(!projects().contains(&sandbox.name));
    sandbox.succeed(&["up", "--yes"]);
    assert!(projects().contains(&sandbox.name));
    let table = sandbox.succeed(&["ls"]).stdout;
    let row = table.lines().find(|row| row.starts_with(&sandbox.name));
    let row = row.expect("the project is listed");
    assert!(
        row.contains("running (2)") && row.ends_with("nest.yaml"),
        "{row}"
    );
    sandbox.succeed(&["stop", "builder-1"]);
    let listed = sandbox.succeed(&["ls", "--format", "json"]).stdout;
    let listed: serde_json::Value = serde_json::from_str(&listed).expect("JSON");
    let is_own = |one: &&serde_json::Value| one["name"] == sandbox.name.as_str();
    let own = listed
        .as_array()
        .expect("a list")
        .iter()
        .find(is_own)
        .expect("it is there");
    assert_eq!(
        (&own["containers"], &own["running"]),
        (&2.into(), &1.into())
    );
    assert!(own["disk_bytes"].as_u64() > Some(0), "{own}");
    let old = sandbox
        .succeed(&["ls", "--quiet", "--older-than", "24h"])
        .stdout;
    assert!(!old.contains(&sandbox.name), "{old}");

    let status = sandbox.succeed(&["status", "--format", "json"]).stdout;
    let status: serde_json::Value = serde_json::from_str(&status).expect("JSON");
    let resources = status["resources"].as_array().expect("a list");
    let of = |address: &str| {
        let found = resources.iter().find(|one| one["address"] == address);
        found.unwrap_or_else(|| panic!("{address}: {status:#}"))
    };
    let (stopped, running) = (of("environment.builder[1]"), of("environment.builder[2]"));
    assert_eq!(stopped["as_declared"], false);
    assert_eq!(running["state"], "running");
    assert!(running["engine_inside"]["version"].is_string(), "{running}");
}
