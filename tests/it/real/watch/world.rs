//! What others do to the engines: seen within a second, and put back once.

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use bollard::models::ContainerUpdateBody;
use bollard::query_parameters::{RemoveContainerOptionsBuilder, StopContainerOptions};

use crate::real::sandbox::{Sandbox, eventually};
use crate::real::watch::{PATIENCE, SMALL, Watching, is, round};

const PROJECT: &str = "
environments:
  builder: { outer: { mode: dind, memory: 512m }, inner: { images: [alpine:3.20] } }
  tools: { outer: socket }
";

/// How soon what others do has to be told.
const SOON: Duration = Duration::from_secs(1);

/// Something that others do to a project.
struct Doing {
    what: &'static str,
    act: fn(&Sandbox),
}

const DOINGS: [Doing; 5] = [
    Doing {
        what: "rm -f",
        act: |sandbox| {
            let force = RemoveContainerOptionsBuilder::default().force(true).build();
            let name = format!("{}-tools-1", sandbox.name);
            let removed = sandbox.docker.remove_container(&name, Some(force));
            sandbox.runtime.block_on(removed).expect("it is there");
        },
    },
    Doing {
        what: "stop",
        act: |sandbox| {
            let now = StopContainerOptions {
                t: Some(0),
                ..StopContainerOptions::default()
            };
            let name = format!("{}-tools-1", sandbox.name);
            let stopped = sandbox.docker.stop_container(&name, Some(now));
            sandbox.runtime.block_on(stopped).expect("it runs");
        },
    },
    Doing {
        what: "update",
        act: |sandbox| {
            let update = ContainerUpdateBody {
                memory: Some(768 << 20),
                memory_swap: Some(-1),
                ..ContainerUpdateBody::default()
            };
            let name = format!("{}-builder-1", sandbox.name);
            let updated = sandbox.docker.update_container(&name, update);
            sandbox.runtime.block_on(updated).expect("it is there");
        },
    },
    Doing {
        what: "rmi inside",
        act: |sandbox| {
            sandbox.inside("builder", &["docker", "rmi", "alpine:3.20"]);
        },
    },
    Doing {
        what: "kill -9 of the inner dockerd",
        act: |sandbox| {
            // It is below an init, so that a command in the container may kill it; which ends the container.
            let kill = r#"for p in /proc/[0-9]*; do [ "$(cat $p/comm)" = dockerd ] && kill -9 ${p##*/}; done; sleep 60"#;
            sandbox.nest(&["exec", "-T", "builder", "sh", "-c", kill]);
        },
    },
];

#[test]
fn what_others_do_is_seen_within_a_second_and_put_back_once() {
    let sandbox = Sandbox::new(PROJECT);
    let watching = Watching::start(&sandbox, &["--heal"]);
    for Doing { what, act } in DOINGS {
        act(&sandbox);
        let done = Instant::now();
        let (seen, _) = watching.until(is("planned_change"));
        let after = seen.saturating_duration_since(done);
        assert!(after < SOON, "{what}: seen {after:?} after it was done");
        watching.until(round("applied"));
        let more = watching.calm();
        let again = more.iter().filter(|line| line["type"] == "apply_start");
        assert_eq!(again.count(), 0, "{what}: {more:#?}");
        sandbox.succeed(&["plan", "--detailed-exitcode"]);
    }
}

#[test]
fn without_healing_it_is_told_and_left() {
    let sandbox = Sandbox::new(SMALL);
    let watching = Watching::start(&sandbox, &[]);
    (DOINGS[1].act)(&sandbox);
    let (_, drift) = watching.until(is("resource_drift"));
    assert_eq!(drift["change"]["resource"]["addr"], "environment.tools");
    assert_eq!(watching.rounds(), ["needs_heal"]);
    let state = sandbox.inspect(&format!("{}-tools-1", sandbox.name)).state;
    assert_eq!(state.and_then(|state| state.running), Some(false));
}

#[test]
fn what_ends_again_and_again_is_put_back_ever_more_rarely() {
    let sandbox = Sandbox::new(SMALL);
    let name = format!("{}-tools-1", sandbox.name);
    let watching = Watching::start(&sandbox, &["--heal"]);
    let end = Instant::now() + Duration::from_secs(12);
    let mut ended = 0;
    while Instant::now() < end {
        let state = sandbox.inspect(&name).state;
        if state.and_then(|state| state.running) == Some(true) {
            (DOINGS[1].act)(&sandbox);
            ended += 1;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    // At once, and after pauses of 1, 2, 4 and 8 seconds.
    assert!((3..=5).contains(&ended), "it was started {ended} times");
    watching.until(|line| line["result"] == "waits");
}

#[test]
fn an_engine_that_goes_away_and_comes_back_is_looked_at_anew() {
    let sandbox = Sandbox::new(SMALL);
    let gate = crate::real::watch::figures::Gate::start(sandbox.folder.path().join("gate.sock"));
    let arguments = ["watch", "--format", "json", "--heal"];
    let watching = Watching::of(sandbox.command_to(&gate.endpoint(), &arguments));
    watching.until(round("applied"));
    watching.calm();
    gate.shut();
    watching.until(is("engine_lost"));
    // What happens meanwhile is told to nobody.
    (DOINGS[0].act)(&sandbox);
    gate.open();
    watching.until(is("engine_back"));
    watching.until(round("applied"));
    let name = format!("{}-tools-1", sandbox.name);
    eventually("it runs again", || {
        let state = sandbox.inspect(&name).state;
        state.and_then(|state| state.running) == Some(true)
    });
}

/// An engine that can be restarted, and that listens in a folder which is outside too.
const ENGINE: &str = "
environments:
  engine:
    outer:
      mode: dind
      command: [dockerd, '--host=unix:///var/run/docker.sock', '--host=unix:///nest/docker.sock', '--host=unix:///outside/docker.sock']
    volumes: ['./outside:/outside']
    inner: { images: ['docker:cli'] }
";

#[test]
fn an_outer_engine_that_is_restarted_is_waited_for_and_all_runs_again() {
    let around = Sandbox::new(ENGINE);
    std::fs::create_dir(around.folder.path().join("outside")).expect("there is room");
    around.succeed(&["up"]);
    let socket = around.folder.path().join("outside/docker.sock");
    let endpoint = format!("unix://{}", socket.display());
    let sandbox = Sandbox::new(SMALL);
    let arguments = ["watch", "--format", "json", "--heal"];
    let watching = Watching::of(sandbox.command_to(&endpoint, &arguments));
    watching.until(round("applied"));
    watching.calm();
    let name = format!("{}-engine-1", around.name);
    let mut events = UnixStream::connect(&socket).expect("it answers");
    let asked = events.write_all(b"GET /events HTTP/1.0\r\n\r\n");
    asked.expect("it listens");
    let restart = std::thread::spawn(move || ends_and_returns(&mut events, &socket));
    let restarted = around.docker.restart_container(&name, None);
    around.runtime.block_on(restarted).expect("it runs");
    let (gone, back) = restart.join().expect("it was restarted");
    let (lost, _) = watching.until(is("engine_lost"));
    // It may be told while the engine still ends.
    let after = lost.saturating_duration_since(gone);
    assert!(after < SOON, "seen {after:?} after it had gone");
    let (seen, _) = watching.until(is("engine_back"));
    let after = seen.saturating_duration_since(back);
    assert!(after < SOON, "seen {after:?} after it was back");
    let (_, drift) = watching.until(is("resource_drift"));
    assert_eq!(drift["change"]["resource"]["addr"], "environment.tools");
    watching.until(round("applied"));
    let more = watching.calm();
    let again = more.iter().filter(|line| line["type"] == "apply_start");
    assert_eq!(again.count(), 0, "{more:#?}");
}

/// Waits until an engine ends its stream of events, and until one answers at the socket again. It tells of what ends in it
/// until it has ended itself.
fn ends_and_returns(events: &mut UnixStream, socket: &Path) -> (Instant, Instant) {
    let told = events.read_to_end(&mut Vec::new());
    let gone = Instant::now();
    assert!(told.is_ok(), "{told:?}");
    let answers = || {
        let mut answer = [0; 15];
        let asked = UnixStream::connect(socket).and_then(|mut stream| {
            stream.set_read_timeout(Some(PATIENCE))?;
            stream.write_all(b"GET /_ping HTTP/1.0\r\n\r\n")?;
            stream.read_exact(&mut answer)
        });
        asked.is_ok() && answer.ends_with(b" 200 OK")
    };
    while !answers() {
        assert!(gone.elapsed() < PATIENCE, "the engine is not restarted");
        std::thread::sleep(Duration::from_millis(5));
    }
    (gone, Instant::now())
}
