//! The socket that `nest connect` serves on is for its user only, from its first moment.

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt as _;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::scope;

use crate::real::sandbox::Sandbox;

#[test]
fn nobody_else_can_connect_at_any_time_and_commands_keep_their_umask() {
    let sandbox = Sandbox::new("environments: { tools: { outer: socket } }\n");
    sandbox.succeed(&["up", "--yes"]);
    let socket = sandbox.folder.path().join("own.sock");
    let path = socket.to_str().expect("text");
    let has_ended = AtomicBool::new(false);
    let (modes, said) = scope(|threads| {
        let watched = threads.spawn(|| {
            let mut modes = BTreeSet::new();
            while !has_ended.load(Ordering::Relaxed) {
                modes.extend(std::fs::metadata(&socket).map(|it| it.mode() & 0o777));
            }
            modes
        });
        let nest = sandbox.command(&[
            "connect",
            "tools",
            "--socket",
            path,
            "--",
            "sh",
            "-c",
            // It lasts a while, so that it is seen on a busy machine too.
            "umask; stat -c %a \"$0\"; sleep 0.5",
            path,
        ]);
        // As careless as can be.
        let mut careless = Command::new("sh");
        careless.args(["-c", "umask 0; exec \"$@\"", "sh"]);
        careless.arg(nest.get_program()).args(nest.get_args());
        careless.envs(
            nest.get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        );
        let ended = careless.current_dir(sandbox.folder.path()).output();
        has_ended.store(true, Ordering::Relaxed);
        let ended = ended.expect("it starts");
        let said = String::from_utf8_lossy(&ended.stdout).into_owned();
        (watched.join().expect("it watches"), said)
    });
    assert_eq!(said, "0000\n600\n");
    assert_eq!(modes.into_iter().collect::<Vec<_>>(), [0o600]);
    assert!(!socket.exists());
    sandbox.succeed(&["down", "--volumes", "--yes"]);
}
