//! What examples must do that are about an engine and nothing else.

use bollard::query_parameters::StopContainerOptions;

use crate::real::examples::running::Running;

/// The containers that run on the engine of an environment, or of which a service is a client.
fn containers(running: &Running<'_>, name: &str) -> String {
    running.inside(name, "docker ps --format '{{.Names}}'")
}

/// Inside are the containers of outside, and what is started there is a sibling.
pub(super) fn socket(running: &Running<'_>) {
    let own = running.container_name("sandbox");
    let sibling = format!("{}-sibling", running.sandbox.name);
    running.inside(
        "sandbox",
        &format!("docker run -d --init --name {sibling} alpine:3.20 sleep 600"),
    );
    let listed = containers(running, "sandbox");
    let listed: Vec<&str> = listed.lines().collect();
    assert!(listed.contains(&own.as_str()), "{listed:?}");
    assert!(listed.contains(&sibling.as_str()), "{listed:?}");
    let objects = running.sandbox.objects();
    assert!(objects.contains(&format!("container /{sibling}")));
    running.inside("sandbox", &format!("docker rm -f {sibling}"));
}

/// Images of its own, builds and runs, and all of it is there again after `down` and `up`.
pub(super) fn dind(running: &Running<'_>) {
    let images = "docker images --format '{{.Repository}}:{{.Tag}}'";
    assert_eq!(running.inside("sandbox", images), "alpine:3.20");
    let built = format!("{}:built", running.sandbox.name);
    running.inside(
        "sandbox",
        &format!(
            "mkdir /tmp/context && cd /tmp/context && echo copied > word && \
             printf 'FROM alpine:3.20\\nCOPY word /word\\nRUN cat /word > /made\\n' > Dockerfile && docker build -t {built} ."
        ),
    );
    let write = "cat /made && echo own > /own && echo data > /data/file";
    let run = format!("docker run --name kept -v kept:/data {built} sh -c '{write}'");
    assert_eq!(running.inside("sandbox", &run), "copied");
    // None of it is outside.
    let outside = running.sandbox.docker.inspect_image(&built);
    assert!(running.sandbox.runtime.block_on(outside).is_err());
    let docker = &running.sandbox.docker;
    let outside = docker.inspect_container("kept", None);
    assert!(running.sandbox.runtime.block_on(outside).is_err());

    let held = format!(
        "docker ps --all --quiet --no-trunc; docker image inspect {built} --format '{{{{.Id}}}}'; docker volume ls --quiet | grep -v ^nest-"
    );
    let before = running.inside("sandbox", &held);
    assert_eq!(before.lines().count(), 3, "{before}");
    let id = running.container("sandbox").id;
    running.nest(&["down", "--yes"]);
    let objects = running.sandbox.objects();
    assert!(!objects.iter().any(|it| it.starts_with("container ")));
    running.nest(&["up"]);
    assert_ne!(running.container("sandbox").id, id);
    assert_eq!(running.inside("sandbox", &held), before);
    running.inside("sandbox", "docker cp kept:/own - | tar x -O | grep -x own");
    let read = format!("docker run --rm -v kept:/data {built} cat /data/file");
    assert_eq!(running.inside("sandbox", &read), "data");
    running.nest(&["plan", "--detailed-exitcode"]);
}

/// Plain TCP that only the client reaches, which has run what it is told.
pub(super) fn dind_without_tls(running: &Running<'_>) {
    let ports = running.listening("docker");
    assert!(ports.contains(&2375) && !ports.contains(&2376), "{ports:?}");
    let host = running.container("docker").host_config;
    let published = host.and_then(|host| host.port_bindings).unwrap_or_default();
    assert!(published.is_empty(), "{published:?}");
    let said = running.nest(&["logs", "client"]);
    assert!(said.trim_end().ends_with("hello"), "{said}");
    let client = running.container("client");
    let variables = client.config.and_then(|config| config.env);
    let variables = variables.unwrap_or_default();
    assert!(variables.contains(&"DOCKER_HOST=tcp://docker:2375".to_owned()));
    let certificates = |it: &String| it.starts_with("DOCKER_TLS_VERIFY=");
    assert!(!variables.iter().any(certificates), "{variables:?}");
}

/// Nothing of the container is privileged, and what runs inside is not seen outside.
pub(super) fn sysbox(running: &Running<'_>) {
    let host = running.container("sandbox").host_config;
    let host = host.expect("it has settings");
    assert_eq!(host.runtime.as_deref(), Some("sysbox-runc"));
    assert_eq!(host.privileged, Some(false));
    assert!(host.cap_add.unwrap_or_default().is_empty());
    assert!(host.devices.unwrap_or_default().is_empty());
    assert!(host.security_opt.unwrap_or_default().is_empty());
    let name = format!("{}-inside", running.sandbox.name);
    let run = format!("docker run -d --init --name {name} alpine:3.20 sleep 600");
    running.inside("sandbox", &run);
    assert_eq!(containers(running, "sandbox"), name);
    let objects = running.sandbox.objects();
    assert!(!objects.contains(&format!("container /{name}")));
}

/// Podman inside runs what it is told, and it is not seen outside.
pub(super) fn podman(running: &Running<'_>) {
    let name = format!("{}-inside", running.sandbox.name);
    let run = format!("podman run -d --name {name} docker.io/library/alpine:3.20 sleep 600");
    running.inside("builder", &run);
    let listed = running.inside("builder", "podman ps --format '{{.Names}}'");
    assert_eq!(listed, name);
    let objects = running.sandbox.objects();
    assert!(!objects.contains(&format!("container /{name}")));
}

/// Each engine is of the image that the file names, and stores images as the file says.
pub(super) fn engine_matrix(running: &Running<'_>) {
    let mut engines = Vec::new();
    for version in ["27", "28", "29"] {
        for store in ["classic", "containerd"] {
            let name = format!("v{version}-{store}");
            let image = running.container(&name).config.and_then(|it| it.image);
            let image = image.unwrap_or_default();
            assert!(
                image.ends_with(&format!("docker:{version}-dind")),
                "{image}"
            );
            let told = running.inside(
                &name,
                "docker info --format '{{.ID}} {{.Driver}} {{.DriverStatus}}' && docker run --rm alpine:3.20 echo ran",
            );
            let words: Vec<&str> = told.splitn(3, ' ').collect();
            let is_containerd = words[2].contains("io.containerd.snapshotter.v1");
            assert_eq!(is_containerd, store == "containerd", "{name}: {told}");
            let driver = if is_containerd {
                "overlayfs"
            } else {
                "overlay2"
            };
            assert_eq!(words[1], driver, "{name}: {told}");
            assert!(words[2].ends_with("\nran"), "{name}: {told}");
            engines.push(words[0].to_owned());
        }
    }
    engines.sort_unstable();
    engines.dedup();
    assert_eq!(engines.len(), 6, "{engines:?}");
}

/// What is stopped and started again has all that it had: data, containers inside, ids.
pub(super) fn workspace(running: &Running<'_>) {
    running.load_image("desk");
    running.inside("desk", "echo home > /root/file");
    let write = "echo own > /own; echo data > /data/file; exec sleep infinity";
    running.inside(
        "desk",
        &format!("docker run -d --init --name notes --restart always -v notes:/data alpine:3.20 sh -c '{write}'"),
    );
    running.inside(
        "desk",
        "docker run -d --init --name once alpine:3.20 sleep infinity",
    );
    let held = "docker ps --all --quiet --no-trunc; docker images --quiet --no-trunc; docker volume ls --quiet; hostname; \
                docker info --format '{{.ID}}'";
    let before = running.inside("desk", held);
    let desk = running.container("desk");
    let container = running.container_name("desk");
    let by_hand = || {
        let options = None::<StopContainerOptions>;
        let stopped = running.sandbox.docker.stop_container(&container, options);
        running.sandbox.runtime.block_on(stopped).expect("it stops");
        running.nest(&["up"]);
    };
    let by_nest = || {
        running.nest(&["stop"]);
        running.nest(&["start"]);
    };
    for (how, stop_and_start) in [("by hand", &by_hand as &dyn Fn()), ("by nest", &by_nest)] {
        stop_and_start();
        assert_eq!(running.container("desk").id, desk.id, "{how}");
        assert_eq!(running.inside("desk", held), before, "{how}");
        assert_eq!(running.inside("desk", "cat /root/file"), "home", "{how}");
        // The engine starts again what is to run always, and keeps the other as it was stopped.
        let wait = "for i in $(seq 50); do docker exec notes cat /own /data/file && exit 0; sleep 0.2; done; exit 1";
        assert_eq!(running.inside("desk", wait), "own\ndata", "{how}");
        assert_eq!(containers(running, "desk"), "notes", "{how}");
        running.inside("desk", "docker start once");
        running.nest(&["plan", "--detailed-exitcode"]);
    }
}

/// The networks of the engine inside follow the one outside, those that are made by hand too.
pub(super) fn low_mtu(running: &Running<'_>) {
    running.inside("builder", "docker network create by-hand");
    running.has_packets("builder", "bridge", 1400);
    running.has_packets("builder", "by-hand", 1400);
    let tests = format!("{}_tests", running.sandbox.name);
    running.has_packets("builder", &tests, 1350);
    let said = running.nest(&["plan", "--detailed-exitcode"]);
    assert!(!said.contains("outside nest"), "{said}");
}
