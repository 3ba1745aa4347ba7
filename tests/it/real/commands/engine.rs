//! Commands that lead to the engine of an environment.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::Command;

use crate::real::commands::PROJECT;
use crate::real::sandbox::{Ran, Sandbox, eventually};

/// What an HTTP client gets from the engine at a `DOCKER_HOST`.
fn ask(endpoint: &str, path: &str) -> String {
    let socket = endpoint.strip_prefix("unix://").expect("a socket");
    let mut stream = std::os::unix::net::UnixStream::connect(socket).expect("it is served");
    let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("it is asked");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    answer
}

#[test]
fn an_engine_is_served_here() {
    let sandbox = Sandbox::new(
        &PROJECT
            .replace("replicas: 2", "")
            .replace("dind, ", "dind "),
    );
    sandbox.succeed(&["up", "--yes"]);
    let id = sandbox.inside("builder", &["docker", "info", "--format", "{{.ID}}"]);

    // Around a command, which ends with its own code.
    let script = "echo $DOCKER_HOST $DOCKER_CONTEXT; test -S ${DOCKER_HOST#unix://}; exit 7";
    let mut command = sandbox.command(&["connect", "builder", "--", "sh", "-c", script]);
    let ran = Ran::from(command.env("DOCKER_CONTEXT", "odd").output().expect("nest"));
    assert_eq!(ran.code, 7, "{}", ran.stderr);
    assert!(ran.stdout.starts_with("unix:///"), "{}", ran.stdout);
    assert!(ran.stdout.ends_with("docker.sock\n"), "{}", ran.stdout);
    let gone = ran.stdout.trim().trim_start_matches("unix://").to_owned();
    assert!(
        !Path::new(&gone).exists(),
        "the socket goes with the command"
    );

    let ran = sandbox.nest(&["connect", "builder", "--", "no-such-program"]);
    assert_eq!(ran.code, 125);
    assert!(ran.stderr.contains("no-such-program"), "{}", ran.stderr);
    let ran = sandbox.nest(&["connect", "nobody", "--", "true"]);
    assert_eq!(ran.code, 125);
    assert!(
        ran.stderr.contains("no environment `nobody`"),
        "{}",
        ran.stderr
    );

    // In the background, at a path, for this user only.
    let socket = sandbox.folder.path().join("own.sock");
    let socket = socket.to_str().expect("text");
    let ran = sandbox.succeed(&["connect", "builder", "--socket", socket, "--detach"]);
    let endpoint = format!("unix://{socket}");
    assert_eq!(ran.stdout, format!("export DOCKER_HOST={endpoint}\n"));
    let mode = std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(socket).expect("there"));
    assert_eq!(mode & 0o777, 0o600);
    assert!(ask(&endpoint, "/info").contains(&id));
    // The engine begins anew, and answers at the same place.
    sandbox.succeed(&["restart", "builder"]);
    assert!(ask(&endpoint, "/info").contains(&id));
    let process = ran
        .stderr
        .split("kill ")
        .nth(1)
        .expect("it says how to end it");
    let process: String = process.chars().take_while(char::is_ascii_digit).collect();
    let killed = Command::new("kill").arg(&process).status().expect("kill");
    assert!(killed.success());
    eventually("the socket goes", || !Path::new(socket).exists());

    // By the tunnel too.
    let script = "test -S ${DOCKER_HOST#unix://} && exit 3";
    let ran = sandbox.nest(&[
        "connect", "builder", "--tunnel", "exec", "--", "sh", "-c", script,
    ]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
}

#[test]
fn the_docker_cli_talks_to_an_environment() {
    let sandbox = Sandbox::new(PROJECT);
    sandbox.succeed(&["up", "--yes"]);
    // Without one on the path it is the one inside.
    for path in [
        std::env::var("PATH").unwrap_or_default(),
        "/nowhere".to_owned(),
    ] {
        let docker = |arguments: &[&str]| {
            let arguments: Vec<&str> = ["docker"].iter().chain(arguments).copied().collect();
            let mut command = sandbox.command(&arguments);
            Ran::from(command.env("PATH", &path).output().expect("nest starts"))
        };
        let one = docker(&[
            "builder",
            "run",
            "--rm",
            "alpine:3.20",
            "sh",
            "-c",
            "echo hi; exit 9",
        ]);
        assert_eq!(
            (one.code, one.stdout.as_str()),
            (9, "hi\n"),
            "{}",
            one.stderr
        );
        let ids = ["builder-1", "builder-2"]
            .map(|name| docker(&[name, "info", "--format", "{{.ID}}"]).stdout);
        assert_ne!(ids[0], ids[1]);
        let by_index = docker(&["--index", "2", "builder", "info", "--format", "{{.ID}}"]);
        assert_eq!(by_index.stdout, ids[1]);
    }
}
