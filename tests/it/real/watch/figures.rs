//! How fast it is, and how quiet.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::real::proxy::Proxy;
use crate::real::sandbox::{MEASURED, Sandbox};
use crate::real::watch::{Watching, is, round};

const EIGHT: &str = "
environments:
  one: { outer: dind, inner: { images: [alpine:3.20] } }
  many: { outer: socket, replicas: 7 }
";

/// How much time a process has taken, of all processors.
fn time_of(process: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).expect("it runs");
    let (_, fields) = stat.rsplit_once(')').expect("it has a name");
    let ticks: u64 = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(|ticks| ticks.parse::<u64>().expect("a number"))
        .sum();
    Duration::from_millis(ticks * 1000 / rustix::param::clock_ticks_per_second())
}

#[test]
#[expect(
    clippy::print_stdout,
    reason = "`cargo xtask bench --watch` reads the figures"
)]
fn a_save_is_planned_at_once_and_a_quiet_project_takes_nothing() {
    let sandbox = Sandbox::new(EIGHT);
    let proxy = Proxy::start(sandbox.folder.path().join("proxy.sock"));
    let arguments = ["watch", "--format", "json"];
    let watching = Watching::of(sandbox.command_to(&proxy.endpoint(), &arguments));
    watching.until(round("applied"));
    watching.calm();

    let (before, _) = (time_of(watching.process()), proxy.take());
    let quiet = Duration::from_secs(15);
    std::thread::sleep(quiet);
    let asked = proxy.take();
    assert_eq!(asked, Vec::<String>::new(), "nothing is asked for");
    let taken = time_of(watching.process()).saturating_sub(before);

    let mut planned = Vec::new();
    for round_number in 0..21 {
        sandbox.write(&format!("# {round_number}\n{EIGHT}"));
        let begun = Instant::now();
        let (told, _) = watching.until(round("in_step"));
        let debounce = nest::watch::FILE_QUIET;
        planned.push((told - begun).saturating_sub(debounce));
    }
    planned.sort();

    sandbox.write(&EIGHT.replace("[alpine:3.20]", "[alpine:3.20, busybox:1.36]"));
    let begun = Instant::now();
    let (told, _) = watching
        .until(|line| is("apply_complete")(line) && line["hook"]["operation"] == "transfer_images");
    let usable = told - begun;
    watching.until(round("applied"));
    let images = sandbox.inside("one", &["docker", "images", "-q", "busybox:1.36"]);
    assert!(!images.is_empty());
    let figures = [
        ("from a save to its plan", planned[10], 50),
        ("the slowest of 21 saves", planned[20], u64::MAX),
        ("from a save to an image that is there inside", usable, 1000),
        ("processor time in 15 s without a change", taken, 30),
    ];
    for (what, figure, _) in figures {
        println!("figure: {what}: {} ms", figure.as_millis());
    }
    // What is promised is a release's; any other must only not be slow by far.
    let is_release = !cfg!(debug_assertions) || std::env::var_os(MEASURED).is_some();
    let slack = if is_release { 1 } else { 20 };
    for (what, figure, bound) in figures {
        let bound = Duration::from_millis(bound.saturating_mul(slack));
        assert!(figure <= bound, "{what}: {figure:?}, not {bound:?}");
    }
}

/// A way to the engine that can be shut.
pub(crate) struct Gate {
    socket: PathBuf,
    inside: Arc<Mutex<Inside>>,
}

#[derive(Default)]
struct Inside {
    is_shut: bool,
    open: Vec<UnixStream>,
}

impl Gate {
    /// Serves on `socket` what the engine at DOCKER_HOST answers, until the process ends.
    pub(crate) fn start(socket: PathBuf) -> Self {
        let endpoint = std::env::var("DOCKER_HOST").expect("DOCKER_HOST is set");
        let engine = PathBuf::from(endpoint.trim_start_matches("unix://"));
        let listener = UnixListener::bind(&socket).expect("the socket is free");
        let inside: Arc<Mutex<Inside>> = Arc::default();
        let shared = Arc::clone(&inside);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let mut gate = shared.lock().expect("no thread panicked");
                if gate.is_shut {
                    continue;
                }
                let Ok(server) = UnixStream::connect(&engine) else {
                    continue;
                };
                for (from, to) in [(&client, &server), (&server, &client)] {
                    let (from, to) = (from.try_clone(), to.try_clone());
                    let (Ok(from), Ok(to)) = (from, to) else {
                        continue;
                    };
                    std::thread::spawn(move || pump(from, to));
                }
                gate.open.extend([client, server]);
            }
        });
        Self { socket, inside }
    }

    /// The endpoint to give to nest.
    pub(crate) fn endpoint(&self) -> String {
        format!("unix://{}", self.socket.display())
    }

    /// Ends all connections, and lets no new ones in.
    pub(crate) fn shut(&self) {
        let mut inside = self.inside.lock().expect("no thread panicked");
        inside.is_shut = true;
        for stream in inside.open.drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// Lets connections in again.
    pub(crate) fn open(&self) {
        self.inside.lock().expect("no thread panicked").is_shut = false;
    }
}

fn pump(mut from: UnixStream, mut to: UnixStream) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}
