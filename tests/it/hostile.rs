//! The program itself on files that want to hang it, to flood it or to take all memory. The kernel holds it to its
//! memory.

mod files;

use std::ffi::OsString;
use std::io::Read as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::hostile::files::{CASES, Case};
use crate::processor::time_of_ended;

/// Names the program as users have it. Without it these tests take the one that is built for tests.
const RELEASE: &str = "NEST_TEST_RELEASE";

/// After how long the program is taken to hang, whatever else the machine does.
const PATIENCE: Duration = Duration::from_mins(2);

/// What is tested, how long a processor may work for it, and how much memory it may ask for, in KiB.
struct Contender {
    program: OsString,
    time: Duration,
    memory: u32,
}

impl Contender {
    fn new() -> Self {
        match std::env::var_os(RELEASE) {
            Some(program) => Self {
                program,
                time: Duration::from_secs(1),
                memory: 256 * 1024,
            },
            // It is many times slower and larger.
            None => Self {
                program: env!("CARGO_BIN_EXE_nest").into(),
                time: Duration::from_secs(90),
                memory: 700_000,
            },
        }
    }
}

/// How the program ended, what it said, and how long processors worked for it; none if it did not end in time.
fn run(folder: &Path, arguments: &[&str], stdin: Stdio) -> Option<(ExitStatus, String, Duration)> {
    let Contender {
        program, memory, ..
    } = Contender::new();
    let start = Instant::now();
    let mut child = Command::new("sh")
        .args([
            "-c",
            &format!("ulimit -v {memory}; exec \"$@\"; exit 99"),
            "sh",
        ])
        .arg(program)
        .args(arguments)
        .current_dir(folder)
        .stdin(stdin)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .expect("there is a shell");
    let mut pipe = child.stderr.take().expect("it is piped");
    let said = std::thread::spawn(move || {
        let mut said = Vec::new();
        let _ = pipe.read_to_end(&mut said);
        String::from_utf8_lossy(&said).into_owned()
    });
    let took = loop {
        if let Some(took) = time_of_ended(child.id()) {
            break took;
        }
        if start.elapsed() > PATIENCE {
            let id = Pid::from_child(&child);
            let _ = kill_process_group(id, Signal::KILL);
            let _ = child.wait();
            return None;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let status = child.wait().expect("it is a child");
    let said = said.join().expect("it reads to the end");
    Some((status, said, took))
}

/// What is wrong with how a case went.
fn fault(case: &Case) -> Option<String> {
    let folder = tempfile::tempdir().expect("there is room");
    (case.write)(folder.path());
    let name = case.name;
    let Some((status, said, took)) = run(folder.path(), &["validate"], Stdio::null()) else {
        return Some(format!("{name}: it does not end"));
    };
    let end: String = said.chars().rev().take(300).collect();
    let end: String = end.chars().rev().collect();
    if !matches!(status.code(), Some(0 | 3)) {
        return Some(format!("{name}: it ended with {status}: {end}"));
    }
    if !said.contains(case.code) {
        return Some(format!("{name}: no {} in: {end}", case.code));
    }
    (took > Contender::new().time).then(|| format!("{name}: it took {took:?}"))
}

#[test]
fn nothing_takes_long_or_much_memory() {
    let faults: Vec<String> = CASES.iter().filter_map(fault).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn what_a_file_names_is_never_waited_for() {
    let folder = tempfile::tempdir().expect("there is room");
    let folder = folder.path();
    std::fs::create_dir(folder.join("folder")).expect("there is room");
    let made = Command::new("mkfifo").arg(folder.join("pipe")).status();
    assert!(made.expect("there is `mkfifo`").success());
    for path in [
        "/dev/zero",
        "/dev/stdin",
        "/dev/tty",
        "./pipe",
        "./folder",
        "/proc/kmsg",
    ] {
        for file in [
            format!("include: [{path}]\nenvironments: {{ builder: {{ outer: dind }} }}\n"),
            format!("include: [{{ path: other.yaml, env_file: {path} }}]\n"),
        ] {
            std::fs::write(folder.join("nest.yaml"), file).expect("there is room");
            std::fs::write(folder.join("other.yaml"), "volumes: {}\n").expect("there is room");
            // A pipe that nobody writes to and nobody closes.
            let (reader, _writer) = std::io::pipe().expect("there are pipes");
            let ended = run(folder, &["validate"], reader.into());
            let (status, said, _) = ended.unwrap_or_else(|| panic!("`{path}` is waited for"));
            assert_eq!(status.code(), Some(3), "{path}: {said}");
            assert!(said.contains("cannot read `"), "{path}: {said}");
        }
    }
}

#[test]
fn what_the_user_names_may_be_a_pipe_but_has_an_end() {
    let folder = tempfile::tempdir().expect("there is room");
    let folder = folder.path();
    let file = "environments: { builder: { outer: dind } }\n";
    std::fs::write(folder.join("nest.yaml"), file).expect("there is room");
    let (reader, mut writer) = std::io::pipe().expect("there are pipes");
    std::io::Write::write_all(&mut writer, file.as_bytes()).expect("there is room");
    drop(writer);
    let arguments = ["--file", "/dev/stdin", "--project-name", "ci", "validate"];
    let (status, said, _) = run(folder, &arguments, reader.into()).expect("it ends");
    assert_eq!(status.code(), Some(0), "{said}");
    for arguments in [
        ["--file", "/dev/zero", "validate"],
        ["--env-file", "/dev/zero", "validate"],
    ] {
        let (status, said, _) = run(folder, &arguments, Stdio::null()).expect("it ends");
        assert_eq!(status.code(), Some(3), "{said}");
        assert!(said.contains("is too large"), "{said}");
    }
    let arguments = ["--env-file", "/dev/null", "validate"];
    let (status, said, _) = run(folder, &arguments, Stdio::null()).expect("it ends");
    assert_eq!(status.code(), Some(0), "{said}");
}
