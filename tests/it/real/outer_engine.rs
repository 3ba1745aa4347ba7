//! The engine that the file names, where nobody else names one: the example with podman.

use std::process::Command;

use rustix::process::Signal;

use crate::real::sandbox::{Ran, Sandbox, example};
use crate::real::watch::Watching;

/// nest with the example and what is in the sandbox's file over it. Only the file says which engine is meant.
fn command(sandbox: &Sandbox, arguments: &[&str]) -> Command {
    let mut command = sandbox.command(&[]);
    command
        .env_remove("DOCKER_HOST")
        .env_remove("DOCKER_CONTEXT")
        .env("PODMAN_HOST", sandbox.endpoint())
        .arg("-f")
        .arg(example("podman"))
        .args(["-f", "nest.yaml", "-p", &sandbox.name])
        .args(arguments);
    command
}

fn nest(sandbox: &Sandbox, code: i32, arguments: &[&str]) -> String {
    let ran = Ran::from(command(sandbox, arguments).output().expect("nest starts"));
    let said = format!("{}{}", ran.stdout, ran.stderr);
    assert_eq!(ran.code, code, "nest {arguments:?}: {said}");
    ran.stdout
}

#[test]
fn the_podman_example_is_all_that_its_readme_says() {
    let sandbox = Sandbox::new("");
    let doctor = nest(&sandbox, 0, &["doctor"]);
    let is_told = doctor.contains("podman starts every container with its own runtime");
    assert_eq!(is_told, sandbox.is_podman(), "{doctor}");
    nest(&sandbox, 0, &["up"]);
    nest(&sandbox, 0, &["plan", "--detailed-exitcode"]);
    let list = [
        "exec",
        "-T",
        "builder",
        "podman",
        "images",
        "--format",
        "{{.Repository}}:{{.Tag}}",
    ];
    let images = nest(&sandbox, 0, &list);
    assert_eq!(images.trim(), "docker.io/library/alpine:3.20");
    // What runs inside is not seen outside.
    let run = "podman run -d --name inside docker.io/library/alpine:3.20 sleep 600";
    let run: Vec<&str> = ["exec", "-T", "builder"]
        .into_iter()
        .chain(run.split(' '))
        .collect();
    nest(&sandbox, 0, &run);
    let container = format!("{}-builder-1", sandbox.name);
    let containers: Vec<String> = sandbox.objects().into_iter().collect();
    let mut containers = containers.iter().filter(|it| it.starts_with("container"));
    assert_eq!(containers.next(), Some(&format!("container /{container}")));
    assert_eq!(containers.next(), None);
    let projects = nest(&sandbox, 0, &["ls"]);
    assert!(projects.contains(&sandbox.name), "{projects}");

    // A change, by a saved plan.
    let id = sandbox.id(&container);
    sandbox.write("environments: { builder: { outer: { mode: podman, cpus: 1 } } }\n");
    nest(&sandbox, 0, &["plan", "--out", "plan"]);
    nest(&sandbox, 0, &["apply", "plan"]);
    nest(&sandbox, 0, &["plan", "--detailed-exitcode"]);
    assert_eq!(sandbox.id(&container), id);
    let limits = sandbox.inspect(&container).host_config;
    let cpus = limits.and_then(|limits| limits.nano_cpus);
    assert_eq!(cpus, Some(1_000_000_000));

    // A variable wins over the file.
    let mut elsewhere = command(&sandbox, &["plan"]);
    elsewhere.env("DOCKER_HOST", "unix:///run/nobody.sock");
    let ran = Ran::from(elsewhere.output().expect("nest starts"));
    assert_eq!(ran.code, 4, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("`DOCKER_HOST`"), "{}", ran.stderr);

    nest(&sandbox, 0, &["down", "--volumes", "--yes"]);
    assert!(sandbox.objects().is_empty(), "{:?}", sandbox.objects());
}

#[test]
fn nothing_is_watched_on_another_engine_than_the_one_it_began_with() {
    let sandbox = Sandbox::new("");
    let file = |engine: &str| format!("engines: {{ default: {{ host: \"{engine}\" }} }}\n");
    sandbox.write(&file(sandbox.endpoint()));
    let mut command = sandbox.command(&["watch", "--format", "json"]);
    command
        .env_remove("DOCKER_HOST")
        .env_remove("DOCKER_CONTEXT");
    let watching = Watching::of(command);
    watching.until(|line| line["type"] == "round");
    watching.calm();
    sandbox.write(&file("unix:///run/nobody.sock"));
    watching.until(|line| line.to_string().contains("start `nest watch` again"));
    assert_eq!(watching.end(Signal::TERM), 0);
    assert!(sandbox.objects().is_empty(), "{:?}", sandbox.objects());
}
