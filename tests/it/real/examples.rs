//! Every example: up, nothing to change, down, nothing left.

use std::path::Path;

use crate::real::sandbox::{Ran, Sandbox};

#[test]
fn every_example_comes_up_plans_empty_and_leaves_nothing() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut seen = 0;
    for entry in std::fs::read_dir(&folder).expect("there are examples") {
        let file = entry.expect("it can be listed").path().join("nest.yaml");
        // The quickstart has a test of its own, with an upstream for its mirror.
        if file
            .parent()
            .is_some_and(|folder| folder.ends_with("quickstart"))
        {
            continue;
        }
        let sandbox = Sandbox::new("");
        let nest = |arguments: &[&str]| {
            let mut command = sandbox.command(arguments);
            command
                .env("NEST_FILE", &file)
                .env("NEST_PROJECT_NAME", &sandbox.name);
            let ran = Ran::from(command.output().expect("nest starts"));
            assert_eq!(
                ran.code,
                0,
                "{}: nest {arguments:?}: {}{}",
                file.display(),
                ran.stdout,
                ran.stderr
            );
        };
        nest(&["up"]);
        nest(&["plan", "--detailed-exitcode"]);
        nest(&["status"]);
        nest(&["down", "--volumes", "--yes"]);
        assert!(
            sandbox.objects().is_empty(),
            "{}: {:?}",
            file.display(),
            sandbox.objects()
        );
        seen += 1;
    }
    assert!(seen >= 3, "only {seen} examples were found");
}
