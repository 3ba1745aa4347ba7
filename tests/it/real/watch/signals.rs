//! Those who wait for `nest watch`, and how it ends.

use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use rustix::process::Signal;

use crate::real::sandbox::{Sandbox, eventually};
use crate::real::watch::{SMALL, Watching, is, round};

#[test]
fn others_are_told_when_all_is_ready_and_after_each_apply() {
    let sandbox = Sandbox::new(SMALL);
    let folder = sandbox.folder.path();
    let manager = UnixDatagram::bind(folder.join("manager.sock")).expect("it is free");
    let wait = Some(Duration::from_mins(1));
    manager.set_read_timeout(wait).expect("it is a time");
    let mut command = std::process::Command::new("sh");
    let nest = env!("CARGO_BIN_EXE_nest");
    // Descriptor 7 is a pipe, which `read` waits for.
    command
        .args([
            "-c",
            &format!("{{ {nest} watch --format json --ready-fd 7 --ready-file ready --exec 'echo applied >> log' 7>&1 1>told & }} | {{ read line; echo \"$line\" > descriptor; cat >/dev/null; }}"),
        ])
        .current_dir(folder)
        .env("NOTIFY_SOCKET", folder.join("manager.sock"))
        .stdin(std::process::Stdio::null());
    let mut shell = command.spawn().expect("a shell");
    let mut message = [0; 100];
    let length = manager.recv(&mut message).expect("it is told");
    assert!(message[..length].starts_with(b"READY=1\n"));
    let text = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap_or_default();
    eventually("the file is there", || text("ready") == "ready\n");
    eventually("the descriptor is written to", || {
        text("descriptor") == "ready\n"
    });
    eventually("the command has run", || text("log") == "applied\n");
    sandbox.write(&format!("{SMALL}volumes: {{ more: {{}} }}\n"));
    eventually("the command has run again", || {
        text("log") == "applied\napplied\n"
    });
    let command = |line: &&str| line.contains("\"type\":\"command\"");
    eventually("that is told", || {
        text("told").lines().filter(command).count() == 2
    });
    let first = text("told");
    let process = process_of(folder);
    rustix::process::kill_process(process, Signal::INT).expect("it runs");
    shell.wait().expect("it ends");
    eventually("the file is gone", || !folder.join("ready").exists());
    assert!(first.contains("\"exit_code\":0"), "{first}");
}

/// The nest that runs in a folder.
fn process_of(folder: &std::path::Path) -> rustix::process::Pid {
    let all = std::fs::read_dir("/proc").expect("it is there").flatten();
    let is_it = |process: &std::fs::DirEntry| {
        let name = std::fs::read_to_string(process.path().join("comm")).unwrap_or_default();
        let place = std::fs::read_link(process.path().join("cwd")).ok();
        name.trim() == "nest" && place.as_deref() == Some(folder)
    };
    let number = all.filter(is_it).find_map(|process| {
        let name = process.file_name();
        name.to_string_lossy().parse().ok()
    });
    let process = number.and_then(rustix::process::Pid::from_raw);
    process.expect("it runs")
}

#[test]
fn a_command_that_fails_is_told_and_nothing_else() {
    let sandbox = Sandbox::new(SMALL);
    let watching = Watching::begin(&sandbox, &["--exec", "exit 3"]);
    let (_, line) = watching.until(is("command"));
    assert_eq!(line["exit_code"], 3);
    sandbox.write(&format!("{SMALL}volumes: {{ more: {{}} }}\n"));
    watching.until(round("applied"));
}

#[test]
fn its_end_leaves_all_as_it_is_or_takes_it_down() {
    let sandbox = Sandbox::new(SMALL);
    let watching = Watching::start(&sandbox, &[]);
    assert_eq!(watching.end(Signal::INT), 0);
    let name = format!("container /{}-tools-1", sandbox.name);
    assert!(sandbox.objects().contains(&name));
    let watching = Watching::start(&sandbox, &["--down-on-exit"]);
    // A file that is broken in the end does not keep it from that.
    sandbox.write("nonsense: [\n");
    watching.until(round("kept"));
    assert_eq!(watching.end(Signal::TERM), 0);
    assert_eq!(sandbox.objects(), std::collections::BTreeSet::new());
}
