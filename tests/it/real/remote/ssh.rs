//! By ssh, with an ssh server, keys and a configuration of the engine's own.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use crate::real::remote::{access, whole_life};
use crate::real::sandbox::{Ran, Sandbox};

/// nest with an `ssh` that reads this configuration instead of the user's.
fn command(sandbox: &Sandbox, config: &Path, host: &str, arguments: &[&str]) -> Command {
    let folder = sandbox.folder.path();
    let program = folder.join("ssh");
    let inherited = std::env::var("PATH").expect("there is a PATH");
    let script = format!(
        "#!/bin/sh\nPATH='{inherited}' exec ssh -F '{}' \"$@\"\n",
        config.display()
    );
    std::fs::write(&program, script).expect("the folder can be written to");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755))
        .expect("it is made a program");
    let mut command = sandbox.command_to(host, arguments);
    command.env("PATH", format!("{}:{inherited}", folder.display()));
    command
}

#[test]
fn an_engine_is_reached_by_the_name_that_ssh_knows_it_by() {
    let config = access().join("ssh_config");
    whole_life(|sandbox, arguments| command(sandbox, &config, "ssh://engine.test", arguments));
}

#[test]
fn user_port_and_socket_are_taken_from_the_address() {
    let sandbox = Sandbox::new("environments: { builder: { outer: dind } }\n");
    // A configuration that says nothing of host, port and user.
    let access = access();
    let config = sandbox.folder.path().join("config");
    let text = format!(
        "IdentityFile {0}/user\nUserKnownHostsFile {0}/known_hosts\nBatchMode yes\nUser nobody\n",
        access.display()
    );
    std::fs::write(&config, text).expect("the folder can be written to");
    let host = "ssh://root@127.0.0.1:2222/run/docker.sock";
    let ran = Ran::from(
        command(&sandbox, &config, host, &["plan"])
            .output()
            .expect("nest starts"),
    );
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("to add"), "{}", ran.stdout);
}

#[test]
fn what_ssh_says_is_told_with_what_to_do() {
    let sandbox = Sandbox::new("environments: { builder: { outer: dind } }\n");
    let config = sandbox.folder.path().join("config");
    let text = "UserKnownHostsFile /dev/null\nStrictHostKeyChecking yes\nBatchMode yes\n";
    std::fs::write(&config, text).expect("the folder can be written to");
    let host = "ssh://root@127.0.0.1:2222";
    let ran = Ran::from(
        command(&sandbox, &config, host, &["plan"])
            .output()
            .expect("nest starts"),
    );
    assert_eq!(ran.code, 4, "{}", ran.stderr);
    for wanted in [
        host,
        "Host key verification failed",
        "ssh -p 2222 root@127.0.0.1 docker version",
    ] {
        assert!(ran.stderr.contains(wanted), "{wanted}: {}", ran.stderr);
    }
}
