//! One writer at a time.

use std::process::Stdio;

use crate::real::sandbox::{Ran, Sandbox, eventually};

const PROJECT: &str = "
volumes: { cache: {} }
environments:
  builder: { outer: dind, volumes: [cache:/cache], inner: { images: [alpine:3.20] } }
";

fn lock(sandbox: &Sandbox) -> String {
    format!("volume nest-{}-lock", sandbox.name)
}

#[test]
fn of_two_at_once_one_waits_for_the_other_and_nothing_is_made_twice() {
    let sandbox = Sandbox::new(PROJECT);
    let start = || {
        let mut command = sandbox.command(&["up"]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("nest starts")
    };
    let both = [start(), start()];
    let both = both.map(|child| Ran::from(child.wait_with_output().expect("it ends")));
    for ran in &both {
        assert_eq!(ran.code, 0, "{}", ran.stderr);
    }
    let waited = |ran: &Ran| ran.stderr.contains("waiting for the lock, held for");
    let found_done = |ran: &Ran| ran.stderr.contains("No changes.");
    assert!(
        both.iter().any(|ran| waited(ran) || found_done(ran)),
        "{both:?}"
    );
    let made = both
        .iter()
        .filter(|ran| ran.stderr.contains("✓ environment.builder: create"))
        .count();
    assert!(made <= 1, "{both:?}");
    assert_eq!(sandbox.nest(&["plan", "--detailed-exitcode"]).code, 0);
    assert!(!sandbox.objects().contains(&lock(&sandbox)));
}

#[test]
fn the_lock_of_a_killed_command_is_taken_over_and_goes() {
    let sandbox = Sandbox::new(PROJECT);
    let mut child = sandbox
        .command(&["up"])
        .stderr(Stdio::null())
        .spawn()
        .expect("nest starts");
    eventually("it holds the lock", || {
        sandbox.objects().contains(&lock(&sandbox))
    });
    let alive = sandbox.nest(&["unlock", "--yes"]);
    assert_eq!(alive.code, 1, "{}", alive.stderr);
    assert!(alive.stderr.contains("still runs"), "{}", alive.stderr);
    child.kill().expect("it can be killed");
    child.wait().expect("it ends");
    assert!(sandbox.objects().contains(&lock(&sandbox)));
    sandbox.succeed(&["up"]);
    assert!(!sandbox.objects().contains(&lock(&sandbox)));
}

#[test]
fn the_lock_of_somebody_elsewhere_is_told_and_freed_only_on_request() {
    let sandbox = Sandbox::new(PROJECT);
    let holder = serde_json::json!({
        "command": "nest up", "user": "ann", "host": "elsewhere", "machine": "another",
        "process": 7, "process_start": 1, "since": 0,
    });
    let labels = [
        ("dev.nest.project".to_owned(), sandbox.name.clone()),
        ("dev.nest.lock".to_owned(), holder.to_string()),
    ];
    let request = bollard::models::VolumeCreateRequest {
        name: Some(format!("nest-{}-lock", sandbox.name)),
        labels: Some(labels.into_iter().collect()),
        ..Default::default()
    };
    sandbox
        .runtime
        .block_on(sandbox.docker.create_volume(request))
        .expect("the engine makes volumes");
    let refused = sandbox.nest(&["up", "--lock-timeout", "1s"]);
    assert_eq!(refused.code, 1, "{}", refused.stderr);
    for told in ["`nest up` of ann@elsewhere (process 7)", "nest unlock"] {
        assert!(refused.stderr.contains(told), "{}", refused.stderr);
    }
    assert_eq!(sandbox.objects().len(), 1);
    assert_eq!(sandbox.nest(&["unlock"]).code, 5);
    sandbox.succeed(&["unlock", "--yes"]);
    sandbox.succeed(&["up"]);
}
