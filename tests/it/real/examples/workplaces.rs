//! What dev containers and tests must have.

use crate::real::examples::running::{Running, asking, serving};

/// The program that stands for the tests of `testcontainers`. It is called as the example calls its own.
pub(super) fn tests_program() -> String {
    let serve = serving("db", "redis:7-alpine", 6379).replace('\'', "\"");
    let ask = asking("$TESTCONTAINERS_HOST_OVERRIDE", 6379).replace('\'', "");
    format!(
        "#!/bin/sh\n\
         test -n \"$RUN_TESTS\" || exec sleep infinity\n\
         {serve} || exit 1\n\
         ({ask}) || exit 2\n\
         echo \"$*\" > /results/junit.xml\n\
         exit 9\n"
    )
}

/// `nest run` as the README has it: the tests on an engine of theirs, their results, their code, and nothing left.
pub(super) fn testcontainers(running: &Running<'_>) {
    let images = running.inside("tests", "docker images --format '{{.Repository}}'");
    let mut images: Vec<&str> = images.lines().collect();
    images.sort_unstable();
    assert_eq!(images, ["redis", "testcontainers/ryuk"]);
    assert_eq!(
        running.inside("tests", "echo $TESTCONTAINERS_HOST_OVERRIDE"),
        "engine"
    );
    assert_eq!(running.inside("tests", "ls /tests"), "test_redis.py");
    let result = running.sandbox.folder.path().join("junit.xml");
    let run = [
        "run",
        "-e",
        "RUN_TESTS=yes",
        "--copy",
        "tests:/results/junit.xml=junit.xml",
        "--down",
        "--volumes",
        "--yes",
        "tests",
    ];
    let ran = running.run(&[], &run);
    assert_eq!(ran.code, 9, "{}{}", ran.stdout, ran.stderr);
    let result = std::fs::read_to_string(result).expect("it is fetched");
    assert_eq!(result, "-m pytest --junitxml=/results/junit.xml\n");
    let objects = running.sandbox.objects();
    assert!(objects.is_empty(), "{objects:?}");
}

/// Both folders of the engine are volumes, and what is made inside works on the project.
pub(super) fn dev_container(running: &Running<'_>) {
    let mounts = running.container("workspace").mounts.unwrap_or_default();
    for (volume, target) in [
        ("docker-data", "/var/lib/docker"),
        ("containerd-data", "/var/lib/containerd"),
    ] {
        let volume = format!("{}_{volume}", running.sandbox.name);
        let mut found = mounts
            .iter()
            .filter(|it| it.destination.as_deref() == Some(target));
        let found = found.next().and_then(|it| it.name.clone());
        assert_eq!(found, Some(volume), "{target}");
        let mounted = format!("grep -c ' {target} ' /proc/mounts");
        assert_eq!(running.inside("workspace", &mounted), "1", "{target}");
    }
    let volumes = running.inside("workspace", "docker volume ls -q");
    assert!(!volumes.contains("containerd-data"), "{volumes}");
    assert_eq!(running.inside("workspace", "hostname"), "workspace");
    running.load_image("workspace");
    let hello = "cd /workspaces/project && ls && docker run --rm -v $PWD:/src alpine:3.20 ls /src && \
                 sh -c \"$(grep docker Makefile)\"";
    assert_eq!(
        running.inside("workspace", hello),
        "Makefile\nMakefile\nhello"
    );
}

/// The project is at the same path inside and for the engine, as the README shows it.
pub(super) fn dev_container_socket(running: &Running<'_>) {
    let project = running.folder().join("project");
    let project = project.to_str().expect("it is text");
    let said = running.nest(&["exec", "-T", "-w", project, "workspace", "sh", "hello.sh"]);
    assert_eq!(said, "hello.sh");
}

/// The client has the image of the nodes on its engine, and the description of its cluster.
pub(super) fn kind(running: &Running<'_>) {
    running.is_client("kind", "engine");
    assert_eq!(running.inside("kind", "docker images -q | wc -l"), "1");
    running.inside("kind", "test -s /cluster.yaml");
}
