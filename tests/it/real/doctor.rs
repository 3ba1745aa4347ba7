//! `nest doctor` on a real engine.

use nest::mode::MODES;
use serde_json::Value;

use crate::real::modes::has_runtime;
use crate::real::sandbox::Sandbox;

#[test]
fn every_mode_has_a_verdict_and_every_finding_a_fix() {
    let sandbox = Sandbox::new("");
    let before = sandbox.objects();
    let told = sandbox.succeed(&["doctor", "--format", "json"]);
    let value: Value = serde_json::from_str(&told.stdout).expect("it is JSON");
    let version = sandbox.runtime.block_on(sandbox.docker.version());
    let version = version.expect("the engine tells").version;
    assert_eq!(value["engine"]["version"].as_str(), version.as_deref());
    let modes = value["modes"].as_array().expect("a list");
    assert_eq!(modes.len(), MODES.len());
    for (mode, told) in MODES.iter().zip(modes) {
        assert_eq!(told["mode"], mode.name);
        if !has_runtime(&sandbox, mode) {
            assert_eq!(told["can_run"], false, "{told}");
        }
        for finding in told["findings"].as_array().expect("a list") {
            let fix = finding["fix"].as_str().unwrap_or_default();
            assert!(!fix.is_empty(), "{finding}");
        }
    }
    // For people, without a file.
    let text = sandbox.command(&["doctor"]).current_dir("/").output();
    let text = String::from_utf8(text.expect("nest starts").stdout).expect("it is text");
    assert!(MODES.iter().all(|mode| text.contains(mode.name)), "{text}");
    assert_eq!(sandbox.objects(), before);
}

#[test]
fn the_ladder_of_an_environment_is_followed() {
    let sandbox =
        Sandbox::new("environments:\n  box: { outer: dind }\n  tools: { outer: socket }\n");
    let asleep = sandbox.nest(&["doctor", "box"]);
    assert_eq!(asleep.code, 1, "{}", asleep.stderr);
    assert!(
        asleep.stdout.contains("✗ the container runs"),
        "{}",
        asleep.stdout
    );
    assert!(
        asleep.stderr.contains("the container is gone"),
        "{}",
        asleep.stderr
    );

    sandbox.succeed(&["up"]);
    let awake = sandbox.succeed(&["doctor", "box"]);
    assert_eq!(awake.stdout.matches('✓').count(), 5, "{}", awake.stdout);
    let told = sandbox.succeed(&["doctor", "box", "--format", "json"]);
    let value: Value = serde_json::from_str(&told.stdout).expect("it is JSON");
    assert_eq!(value["environment"]["ready"], true, "{value:#}");

    let shared = sandbox.nest(&["doctor", "tools"]);
    assert_eq!(shared.code, 1);
    assert!(
        shared.stderr.contains("no engine of its own"),
        "{}",
        shared.stderr
    );
    sandbox.succeed(&["down", "--volumes", "--yes"]);
}
