//! Engines that do not come up: each says why and what to do, and nothing is left half-made.

use bollard::query_parameters::RenameContainerOptionsBuilder;
use nest::mode::Mode;

use crate::real::modes::{has_runtime, refused};
use crate::real::sandbox::{Ran, Sandbox};

/// What `up` says, which must fail with a hint.
fn fails(sandbox: &Sandbox) -> Ran {
    let ran = sandbox.nest(&["up"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("hint: "), "{}", ran.stderr);
    ran
}

/// Whether all of these were said.
fn said(ran: &Ran, words: &[&str]) {
    for words in words {
        assert!(
            ran.stderr.contains(words),
            "no `{words}` in: {}",
            ran.stderr
        );
    }
}

/// With the fault mended the next `up` goes on, and `down` leaves nothing.
fn mended(sandbox: &Sandbox, file: &str) {
    sandbox.write(file);
    sandbox.succeed(&["up", "--yes"]);
    sandbox.succeed(&["plan", "--detailed-exitcode"]);
    gone(sandbox);
}

fn gone(sandbox: &Sandbox) {
    sandbox.succeed(&["down", "--volumes", "--yes"]);
    assert!(sandbox.objects().is_empty(), "{:?}", sandbox.objects());
}

#[test]
fn a_daemon_key_that_the_engine_does_not_know() {
    let file = |keys: &str| {
        format!("environments:\n  box: {{ outer: {{ mode: dind, daemon: {{ {keys} }} }} }}\n")
    };
    let sandbox = Sandbox::new(&file("no-such-key: 1"));
    let ran = fails(&sandbox);
    // It may end before it is looked at for the first time.
    said(&ran, &["does not know `no-such-key`", "failed at “the "]);
    mended(&sandbox, &file("debug: true"));
}

#[test]
fn an_engine_is_not_stopped_for_what_it_cannot_start_with() {
    for mode in ["dind", "rootless"] {
        let file = |keys: &str| {
            format!("environments:\n  box: {{ outer: {{ mode: {mode}, daemon: {{ {keys} }} }} }}\n")
        };
        let sandbox = Sandbox::new(&file("debug: true"));
        sandbox.succeed(&["up"]);
        let started = || {
            let state = sandbox.inspect(&format!("{}-box-1", sandbox.name)).state;
            let state = state.expect("it has one");
            assert_eq!(state.running, Some(true));
            state.started_at
        };
        let before = started();
        sandbox.write(&file("debug: true, no-such-key: 1"));
        let ran = fails(&sandbox);
        let words = "refused to start with its new configuration";
        said(&ran, &[words, "does not know `no-such-key`"]);
        assert_eq!(started(), before);
        sandbox.succeed(&["exec", "box", "docker", "info"]);
        mended(&sandbox, &file("debug: true, max-concurrent-downloads: 2"));
    }
}

#[test]
fn secrets_stay_secret_in_what_an_engine_says_of_them() {
    let file = |more: &str| {
        format!(
            "environments:\n  box: {{ outer: {{ mode: dind, daemon: {{ debug: true, labels: [{{ file: ./label }}]{more} }} }} }}\n"
        )
    };
    let sandbox = Sandbox::new(&file(""));
    let label = |text: &str| {
        std::fs::write(sandbox.folder.path().join("label"), text).expect("it can be written");
    };
    let hidden = |ran: &Ran| {
        let all = format!("{}{}", ran.stdout, ran.stderr);
        assert!(!all.contains("hunter2"), "{all}");
        assert!(all.contains("(sensitive value)"), "{all}");
    };
    // A new engine complains of it in its log.
    label("hunter2 \"quoted\"");
    let ran = fails(&sandbox);
    hidden(&ran);
    said(&ran, &["bad attribute format: (sensitive value)"]);
    hidden(&sandbox.nest(&["up", "--yes", "--format", "json"]));
    // One that runs is asked before.
    label("stage=hunter2");
    sandbox.succeed(&["up", "--yes"]);
    label("hunter2 \"quoted\"");
    let ran = sandbox.nest(&["up", "--yes"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    hidden(&ran);
    said(&ran, &["refused to start with its new configuration"]);
    gone(&sandbox);
}

#[test]
fn an_engine_that_logs_too_little_is_asked_instead() {
    let file =
        |keys: &str| format!("environments:\n  box: {{ outer: {{ mode: dind, {keys} }} }}\n");
    let sandbox = Sandbox::new(&file("daemon: { log-level: warn }"));
    for keys in [
        "daemon: { log-level: warn }",
        "command: [--log-level=error]",
    ] {
        sandbox.write(&file(keys));
        sandbox.succeed(&["up", "--yes"]);
        // It is young, and its log says nothing yet.
        for tunnel in ["auto", "exec"] {
            sandbox.succeed(&["--tunnel", tunnel, "plan", "--detailed-exitcode"]);
        }
    }
    gone(&sandbox);
}

#[test]
fn a_port_that_is_taken() {
    let file = |port: u16| {
        format!(
            "environments:\n  box: {{ outer: {{ mode: dind, ports: ['127.0.0.1:{port}:80'] }} }}\n"
        )
    };
    let taken =
        Sandbox::new("environments:\n  box: { outer: { mode: dind, ports: ['127.0.0.1::80'] } }\n");
    taken.succeed(&["up"]);
    let found = taken.inspect(&format!("{}-box-1", taken.name));
    let ports = found.network_settings.and_then(|settings| settings.ports);
    let bound = ports.unwrap_or_default().remove("80/tcp").flatten();
    let port = bound.and_then(|bound| bound.first()?.host_port.as_ref()?.parse().ok());
    let sandbox = Sandbox::new(&file(port.expect("it is published")));
    let ran = fails(&sandbox);
    said(&ran, &["something else has this port", "`ports`"]);
    taken.succeed(&["down", "--volumes", "--yes"]);
    sandbox.succeed(&["up", "--yes"]);
    gone(&sandbox);
}

#[test]
fn an_image_that_is_no_engine() {
    let file = |image: &str| {
        format!("environments:\n  box: {{ outer: {{ mode: dind, image: '{image}' }} }}\n")
    };
    let sandbox = Sandbox::new(&file("alpine:3.20"));
    let ran = fails(&sandbox);
    said(&ran, &["dockerd", "the image has no engine of this mode"]);
    mended(&sandbox, &file("docker:dind"));
}

#[test]
fn an_engine_that_dies_after_two_seconds() {
    let sandbox = Sandbox::new(
        "environments:\n  box: { outer: { mode: dind, command: [sh, -c, 'echo the end is near; sleep 2; exit 7'] } }\n",
    );
    let ran = fails(&sandbox);
    said(&ran, &["ended with code 7", "the end is near"]);
    mended(&sandbox, "environments:\n  box: { outer: dind }\n");
}

#[test]
fn a_host_without_the_devices_of_a_rootless_engine() {
    // A container without privileges has no devices of the host. It is the host of the one inside.
    let file = |inner: &str| {
        format!(
            "environments:\n  host:\n    outer: sysbox\n    inner: {{ environments: {{ box: {{ outer: {inner} }} }} }}\n"
        )
    };
    let sandbox = Sandbox::new(&file("{ mode: rootless, privileged: false }"));
    let sysbox = Mode::named("sysbox").expect("there is such a mode");
    if !has_runtime(&sandbox, sysbox) {
        return refused(&sandbox, sysbox);
    }
    let ran = fails(&sandbox);
    said(&ran, &["/dev/net/tun", "modprobe tun"]);
    mended(&sandbox, &file("dind"));
}

#[test]
fn an_engine_that_somebody_is_stopping_is_started_again() {
    let stubborn =
        r#"command: [sh, -c, 'trap "" TERM; while :; do sleep 0.2; done'], stop_grace_period: 4s"#;
    let sandbox = Sandbox::new(&format!(
        "environments:\n  box: {{ outer: dind, inner: {{ services: {{ slow: {{ image: alpine:3.20, {stubborn} }} }} }} }}\n"
    ));
    sandbox.succeed(&["up"]);
    let mut down = sandbox
        .command(&["down", "--yes"])
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("nest starts");
    std::thread::sleep(std::time::Duration::from_millis(1500));
    down.kill().expect("it runs");
    down.wait().expect("it ends");
    sandbox.succeed(&["up", "--yes"]);
    sandbox.succeed(&["plan", "--detailed-exitcode"]);
    gone(&sandbox);
}

#[test]
fn a_service_that_is_unhealthy_is_so_for_the_next_run_too() {
    let file = |test: &str| {
        format!(
            "services:\n  app: {{ image: alpine:3.20, command: sleep 1d, init: true, healthcheck: {{ test: \"{test}\", interval: 1s, retries: 1 }} }}\n"
        )
    };
    let sandbox = Sandbox::new(&file("false"));
    for _ in 0..2 {
        let ran = sandbox.nest(&["up", "--yes"]);
        assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
        said(&ran, &["unhealthy"]);
    }
    let status = sandbox.nest(&["status"]).stdout;
    assert!(status.contains("running, unhealthy"), "{status}");
    mended(&sandbox, &file("true"));
}

#[test]
fn a_data_root_is_not_taken_while_a_container_runs_on_it_that_was_renamed() {
    let sandbox = Sandbox::new("environments:\n  box: { outer: dind }\n");
    sandbox.succeed(&["up"]);
    let (name, other) = (
        format!("{}-box-1", sandbox.name),
        format!("{}-moved", sandbox.name),
    );
    let rename = |from: &str, to: &str| {
        let to = RenameContainerOptionsBuilder::default().name(to).build();
        let renamed = sandbox.docker.rename_container(from, to);
        sandbox
            .runtime
            .block_on(renamed)
            .expect("it has another name");
    };
    rename(&name, &other);
    let ran = sandbox.nest(&["up", "--yes"]);
    assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
    let told = ran.stdout + &ran.stderr;
    assert!(
        told.contains(&format!("running container `{other}`")),
        "{told}"
    );
    rename(&other, &name);
    sandbox.succeed(&["plan", "--detailed-exitcode"]);
    gone(&sandbox);
}
