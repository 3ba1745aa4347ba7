//! The outer engine, reached in other ways than by its socket: `cargo xtask engine` opens them on a private engine.

mod ssh;
mod tls;

use std::path::PathBuf;
use std::process::Command;

use crate::real::sandbox::{Ran, Sandbox};

const PROJECT: &str =
    "environments: { builder: { outer: dind, inner: { images: [alpine:3.20] } } }\n";

/// The folder with what these ways take.
fn access() -> PathBuf {
    let folder = std::env::var_os("NEST_TEST_ACCESS").expect(
        "these tests need a private engine: run them with `cargo xtask test --private`, or skip `real::remote::`",
    );
    PathBuf::from(folder)
}

/// From nothing to nothing, over nest as `command` starts it.
fn whole_life(command: impl Fn(&Sandbox, &[&str]) -> Command) {
    let sandbox = Sandbox::new(PROJECT);
    let nest = |arguments: &[&str]| {
        let output = command(&sandbox, arguments).output();
        let ran = Ran::from(output.expect("nest starts"));
        assert_eq!(
            ran.code, 0,
            "nest {arguments:?}: {}{}",
            ran.stdout, ran.stderr
        );
        ran.stdout.trim().to_owned()
    };
    nest(&["up"]);
    let script = "cat && docker run --rm alpine:3.20 echo from within";
    assert_eq!(
        nest(&["exec", "-T", "builder", "sh", "-c", script]),
        "from within"
    );
    nest(&["plan", "--detailed-exitcode"]);
    sandbox.write(&PROJECT.replace("outer: dind", "outer: { mode: dind, memory: 1g }"));
    nest(&["up"]);
    let memory = sandbox.inspect(&format!("{}-builder-1", sandbox.name));
    assert_eq!(memory.host_config.and_then(|it| it.memory), Some(1 << 30));
    nest(&["plan", "--detailed-exitcode"]);
    nest(&["down", "--volumes", "--yes"]);
    assert!(sandbox.objects().is_empty(), "{:?}", sandbox.objects());
}
