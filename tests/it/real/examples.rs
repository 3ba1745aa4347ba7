//! Every example that this version carries out whole: up, nothing to change, down, nothing left.

mod branches;
mod built;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use bollard::models::{ContainerConfig, ContainerCreateBody};
use bollard::query_parameters::{
    CommitContainerOptionsBuilder, CreateContainerOptionsBuilder, RemoveContainerOptions,
    RemoveImageOptions, TagImageOptionsBuilder,
};
use nest::model::Project;
use serde_json::Value;

use crate::examples::{Example, REFUSED_ON_PODMAN, examples, not_acted_on};
use crate::real::modes::{has_runtime, refused};
use crate::real::sandbox::{Ran, Sandbox};

/// What stands for a version of the engine that the engine under test does not have.
const ENGINE_IMAGE: &str = "docker:dind";
/// What images of services are made of that the engine under test does not have.
const IDLE_IMAGE: &str = "alpine:3.20";

#[test]
fn every_example_that_is_carried_out_whole_comes_up_plans_empty_and_leaves_nothing() {
    let mut done = 0;
    for example in examples() {
        if not_acted_on(example.read()).is_some() {
            continue;
        }
        // These have tests of their own, with registries that they use.
        if !["quickstart", "air-gapped", "company-mirror"].contains(&example.name.as_str()) {
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
    let mut refusals = REFUSED_ON_PODMAN.iter();
    let refusal = refusals.find(|(name, _)| *name == example.name);
    if let Some((_, reason)) = refusal.filter(|_| sandbox.is_podman()) {
        let path = example.files[0].to_str().expect("it is text");
        let ran = sandbox.nest(&["-f", path, "-p", &sandbox.name, "plan"]);
        assert_eq!(
            ran.code, 1,
            "{}: {}{}",
            example.name, ran.stdout, ran.stderr
        );
        let said = ran.stdout + &ran.stderr;
        assert!(said.contains(reason), "{}: {said}", example.name);
        return;
    }
    let environments = project.scope.environments.values();
    let mut modes = environments.map(|environment| environment.outer.mode);
    if let Some(mode) = modes.find(|mode| !has_runtime(&sandbox, mode)) {
        let text = format!("environments: {{ box: {{ outer: {} }} }}\n", mode.name);
        sandbox.write(&text);
        return refused(&sandbox, mode);
    }
    let _stand_ins = StandIns::new(&sandbox, &project);
    let _folders = Folders::of(&example.files[0]);
    let builds = built::Builds::of(&sandbox, &project);
    let run = |files: &[&str], arguments: &[&str]| {
        let mut command = sandbox.command(&[]);
        for path in example.files.iter().chain(&builds.over) {
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
    if builds.over.is_some() {
        built::must(example, &sandbox);
        builds.write("LABEL changed=yes\n");
        assert_eq!(run(&[], &["plan", "--detailed-exitcode"]).code, 2);
        succeed(&[], &["up", "--yes"]);
        succeed(&[], &["plan", "--detailed-exitcode"]);
    }
    if example.name == "pull-request-sandbox" {
        branches::must(example, &sandbox);
    }
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

/// The folder of an example, in which engines make the folders that are mounted and not there. None of them stays.
struct Folders {
    example: PathBuf,
    before: BTreeSet<PathBuf>,
}

impl Folders {
    fn of(file: &Path) -> Self {
        let example = file.parent().expect("a file is in a folder").to_owned();
        let before = Self::inside(&example);
        Self { example, before }
    }

    fn inside(folder: &Path) -> BTreeSet<PathBuf> {
        let entries = std::fs::read_dir(folder).into_iter().flatten();
        let entries = entries.filter_map(|entry| Some(entry.ok()?.path()));
        entries.filter(|path| path.is_dir()).collect()
    }
}

impl Drop for Folders {
    fn drop(&mut self) {
        for new in Self::inside(&self.example).difference(&self.before) {
            let removed = std::fs::remove_dir(new);
            assert!(
                removed.is_ok() || std::thread::panicking(),
                "{}: {removed:?}",
                new.display()
            );
        }
    }
}

/// Names of images that the engine under test does not have: those of engines are given to the one that it has, those of
/// services to an image that does nothing.
struct StandIns<'a> {
    sandbox: &'a Sandbox,
    names: BTreeSet<String>,
}

impl<'a> StandIns<'a> {
    fn new(sandbox: &'a Sandbox, project: &Project) -> Self {
        let mut images = BTreeSet::new();
        collect_images(&project.written(), &mut images);
        let is_missing = |image: &String| {
            let inspected = sandbox.docker.inspect_image(image);
            sandbox.runtime.block_on(inspected).is_err()
        };
        let names: BTreeSet<String> = images.into_iter().filter(is_missing).collect();
        for name in &names {
            let (repository, tag) = name.rsplit_once(':').expect("examples name versions");
            if repository == "docker" {
                let options = TagImageOptionsBuilder::default()
                    .repo(repository)
                    .tag(tag)
                    .build();
                let tagged = sandbox.docker.tag_image(ENGINE_IMAGE, Some(options));
                let tagged = sandbox.runtime.block_on(tagged);
                tagged.expect("the engine has its own image");
            } else {
                idle_image(sandbox, (repository, tag));
            }
        }
        Self { sandbox, names }
    }
}

/// The images of environments and services at any depth.
fn collect_images(written: &Value, images: &mut BTreeSet<String>) {
    for section in ["environments", "services"] {
        for thing in written[section]
            .as_object()
            .into_iter()
            .flat_map(|it| it.values())
        {
            for place in [thing, &thing["outer"]] {
                let image = place["image"].as_str().filter(|_| place["build"].is_null());
                images.extend(image.map(str::to_owned));
            }
            collect_images(&thing["inner"], images);
        }
    }
    // What an inner engine takes from the outer one if that has it.
    let listed = written["images"].as_array().into_iter().flatten();
    let found = listed.filter(|image| image["source"] == "auto");
    images.extend(found.filter_map(|image| image["image"].as_str().map(str::to_owned)));
}

/// Makes an image that sleeps, whatever it is told to do.
fn idle_image(sandbox: &Sandbox, (repository, tag): (&str, &str)) {
    let body = ContainerCreateBody {
        image: Some(IDLE_IMAGE.to_owned()),
        ..ContainerCreateBody::default()
    };
    let name = format!("{}-idle", sandbox.name);
    let options = CreateContainerOptionsBuilder::default().name(&name).build();
    let commit = CommitContainerOptionsBuilder::default()
        .container(&name)
        .repo(repository)
        .tag(tag)
        .build();
    let idle = ContainerConfig {
        entrypoint: Some(
            ["sh", "-c", "exec sleep infinity"]
                .map(str::to_owned)
                .to_vec(),
        ),
        ..ContainerConfig::default()
    };
    let made = async {
        let created = sandbox.docker.create_container(Some(options), body).await?;
        let committed = sandbox.docker.commit_container(commit, idle).await;
        let none = None::<RemoveContainerOptions>;
        sandbox.docker.remove_container(&created.id, none).await?;
        committed
    };
    let made = sandbox.runtime.block_on(made);
    made.unwrap_or_else(|error| panic!("{repository}:{tag}: {error}"));
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
