//! Every example that this version carries out whole: up, nothing to change, down, nothing left.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use bollard::query_parameters::{RemoveImageOptions, TagImageOptionsBuilder};
use nest::model::Project;

use crate::examples::{Example, examples, not_acted_on};
use crate::real::modes::{has_runtime, refused};
use crate::real::sandbox::{Ran, Sandbox};

/// What stands for a version of the engine that the engine under test does not have.
const ENGINE_IMAGE: &str = "docker:dind";

#[test]
fn every_example_that_is_carried_out_whole_comes_up_plans_empty_and_leaves_nothing() {
    let mut done = 0;
    for example in examples() {
        if not_acted_on(example.read()).is_some() {
            continue;
        }
        // The quickstart has a test of its own, with an upstream for its mirror.
        if example.name != "quickstart" {
            carry_out(&example);
        }
        done += 1;
    }
    // The list says of every other one what it waits for.
    let list = include_str!("../examples/warnings.txt");
    assert_eq!(done, list.matches("  carried out whole").count());
}

fn carry_out(example: &Example) {
    let project = example.read().project;
    let sandbox = Sandbox::new("");
    let environments = project.scope.environments.values();
    let mut modes = environments.map(|environment| environment.outer.mode);
    if let Some(mode) = modes.find(|mode| !has_runtime(&sandbox, mode)) {
        let text = format!("environments: {{ box: {{ outer: {} }} }}\n", mode.name);
        sandbox.write(&text);
        return refused(&sandbox, mode);
    }
    let _stand_ins = StandIns::new(&sandbox, &project);
    let run = |files: &[&str], arguments: &[&str]| {
        let mut command = sandbox.command(&[]);
        for path in &example.files {
            command.arg("-f").arg(path);
        }
        for path in files {
            command.args(["-f", path]);
        }
        for path in &example.env_files {
            command.arg("--env-file").arg(path);
        }
        command.args(["-p", &sandbox.name]).args(arguments);
        Ran::from(command.output().expect("nest starts"))
    };
    let succeed = |files: &[&str], arguments: &[&str]| {
        let ran = run(files, arguments);
        assert_eq!(
            ran.code, 0,
            "{}: nest {arguments:?}: {}{}",
            example.name, ran.stdout, ran.stderr
        );
    };
    succeed(&[], &["up"]);
    succeed(&[], &["plan", "--detailed-exitcode"]);
    succeed(&[], &["status"]);
    let down = ["down", "--volumes", "--yes"];
    let unprotected = unprotected(&project);
    if unprotected.is_empty() {
        succeed(&[], &down);
    } else {
        assert_eq!(run(&[], &down).code, 1, "{}: is protected", example.name);
        let path = sandbox.folder.path().join("unprotected.yaml");
        std::fs::write(&path, unprotected).expect("it can be written");
        let over = path.to_str().expect("it is text");
        succeed(&[over], &["up"]);
        succeed(&[over], &down);
    }
    assert!(
        sandbox.objects().is_empty(),
        "{}: {:?}",
        example.name,
        sandbox.objects()
    );
}

/// What goes over a project so that it can be taken down; empty if nothing of it is protected.
fn unprotected(project: &Project) -> String {
    let mut text = String::new();
    let written = project.written();
    for section in ["volumes", "environments"] {
        for (name, settings) in written[section].as_object().into_iter().flatten() {
            if settings["protect"] == true {
                if !text.contains(section) {
                    let _ = writeln!(text, "{section}:");
                }
                let _ = writeln!(text, "  {name}: {{ protect: false }}");
            }
        }
    }
    text
}

/// Names of engine images that the engine under test does not have, given to the one that it has.
struct StandIns<'a> {
    sandbox: &'a Sandbox,
    names: BTreeSet<String>,
}

impl<'a> StandIns<'a> {
    fn new(sandbox: &'a Sandbox, project: &Project) -> Self {
        let environments = project.written()["environments"].clone();
        let environments = environments.as_object().into_iter().flatten();
        let images = environments.filter_map(|(_, environment)| {
            let image = environment["outer"]["image"].as_str()?;
            image.starts_with("docker:").then(|| image.to_owned())
        });
        let is_missing = |image: &String| {
            let inspected = sandbox.docker.inspect_image(image);
            sandbox.runtime.block_on(inspected).is_err()
        };
        let names: BTreeSet<String> = images.filter(is_missing).collect();
        for name in &names {
            let tag = name.strip_prefix("docker:").expect("it is one of docker's");
            let options = TagImageOptionsBuilder::default()
                .repo("docker")
                .tag(tag)
                .build();
            let tagged = sandbox.docker.tag_image(ENGINE_IMAGE, Some(options));
            let tagged = sandbox.runtime.block_on(tagged);
            tagged.expect("the engine has its own image");
        }
        Self { sandbox, names }
    }
}

impl Drop for StandIns<'_> {
    fn drop(&mut self) {
        for name in &self.names {
            let removal = self
                .sandbox
                .docker
                .remove_image(name, None::<RemoveImageOptions>, None);
            // Nothing can be done where it fails, and the name is harmless.
            drop(self.sandbox.runtime.block_on(removal));
        }
    }
}
