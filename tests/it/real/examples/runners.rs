//! What runners of jobs must do.

use crate::real::examples::running::{Running, serving};

/// A controller with an engine over TLS, and the same path in both.
pub(super) fn jenkins(running: &Running<'_>) {
    assert_eq!(
        running.variables("controller"),
        "DOCKER_CERT_PATH=/certs/client\nDOCKER_HOST=tcp://docker:2376\nDOCKER_TLS_VERIFY=1"
    );
    running.is_client("controller", "docker");
    let ports = running.listening("docker");
    assert!(ports.contains(&2376) && !ports.contains(&2375), "{ports:?}");
    // Without the certificates nobody gets in.
    let without = "env -u DOCKER_CERT_PATH -u DOCKER_TLS_VERIFY docker -H tcp://docker:2376 info";
    let refused = ["exec", "-T", "controller", "sh", "-c", without];
    assert_ne!(running.run(&[], &refused).code, 0);
    // A pipeline mounts its workspace into what it starts, and builds.
    running.load_image("docker");
    let pipeline = "mkdir -p /var/jenkins_home/workspace/job && cd /var/jenkins_home/workspace/job && echo source > file && \
                    docker run --rm -v $PWD:$PWD -w $PWD alpine:3.20 sh -c 'cat file; echo made > artifact' && cat artifact";
    assert_eq!(running.inside("controller", pipeline), "source\nmade");
    let build = "cd /var/jenkins_home/workspace/job && printf 'FROM alpine:3.20\\nCOPY artifact /\\n' > Dockerfile && \
                 docker build -t job . && docker run --rm job cat /artifact";
    let said = running.inside("controller", build);
    assert!(said.ends_with("\nmade"), "{said}");
    let path = "/var/jenkins_home/workspace/job/artifact";
    assert_eq!(running.inside("docker", &format!("cat {path}")), "made");
    for name in ["docker", "controller"] {
        let mounts = running.container(name).mounts.unwrap_or_default();
        let volume = format!("{}_jenkins-data", running.sandbox.name);
        let mut volumes = mounts.iter().filter(|it| it.name.as_ref() == Some(&volume));
        let target = volumes.next().and_then(|it| it.destination.as_deref());
        assert_eq!(target, Some("/var/jenkins_home"), "{name}");
    }
}

/// An agent on the socket, by its group, with its workspace where the engine looks for it.
pub(super) fn jenkins_agent(running: &Running<'_>) {
    let workspace = running.folder().join("workspace");
    let workspace = workspace.to_str().expect("it is text");
    assert_eq!(running.inside("agent", "pwd"), workspace);
    assert_eq!(
        running.variables("agent"),
        "DOCKER_HOST=unix:///var/run/docker.sock"
    );
    let group = running.inside("agent", "stat -c %g /var/run/docker.sock");
    let host = running.container("agent").host_config;
    let groups = host.and_then(|host| host.group_add).unwrap_or_default();
    assert!(groups.contains(&group), "{group} {groups:?}");
    // The image's user is another: the group lets it in.
    assert_eq!(running.inside("agent", "id -u"), "1000");
    if running.inside("agent", "stat -c %a /var/run/docker.sock") == "600" {
        // Podman keeps its socket from all groups.
        assert!(running.sandbox.is_podman());
        let refused = running.inside("agent", "docker ps 2>&1 || true");
        assert!(refused.contains("permission denied"), "{refused}");
        // It is told when the container is made.
        let again = ["apply", "--yes", "--replace", "service.agent"];
        let said = running.run(&[], &again).stderr;
        assert!(
            said.contains("will be refused by the engine's socket"),
            "{said}"
        );
        return;
    }
    running.reached_at_start("agent");
    let agent = running.container_name("agent");
    let listed = running.inside("agent", "docker ps --format '{{.Names}}'");
    assert!(listed.lines().any(|name| name == agent), "{listed}");
    // What a build mounts is what the agent has.
    let made = format!("{workspace}/made");
    let mounted = "docker run --rm -v $PWD:$PWD -w $PWD alpine:3.20";
    let build =
        format!("{mounted} sh -c 'echo by a build > made' && cat made && {mounted} rm made");
    assert_eq!(running.inside("agent", &build), "by a build");
    assert!(!std::path::Path::new(&made).exists(), "{made}");
}

/// A runner with an engine over TLS, in variants without, and with a mirror and an MTU.
pub(super) fn gitlab(running: &Running<'_>) {
    let is_plain = running.example.name.ends_with("nest.plain.yaml");
    let is_office = running.example.name.ends_with("nest.office.yaml");
    let variables = if is_plain {
        "DOCKER_HOST=tcp://docker:2375"
    } else {
        "DOCKER_CERT_PATH=/certs/client\nDOCKER_HOST=tcp://docker:2376\nDOCKER_TLS_VERIFY=1"
    };
    assert_eq!(running.variables("runner"), variables);
    running.is_client("runner", "docker");
    let ports = running.listening("docker");
    assert_eq!(ports.contains(&2375), is_plain, "{ports:?}");
    assert_eq!(ports.contains(&2376), !is_plain, "{ports:?}");
    let files = "ls /certs/client 2>/dev/null | grep -x -e ca.pem -e cert.pem -e key.pem; true";
    let wanted = if is_plain {
        ""
    } else {
        "ca.pem\ncert.pem\nkey.pem"
    };
    assert_eq!(running.inside("runner", files), wanted);
    let write = ["exec", "-T", "runner", "touch", "/certs/client/key.pem"];
    assert!(is_plain || running.run(&[], &write).code != 0);
    let config = std::fs::read_to_string(running.folder().join("config.toml"));
    let config = config.expect("the example has it");
    let found = running.inside("runner", "cat /etc/gitlab-runner/config.toml");
    assert_eq!(found, config.trim());
    assert!(
        config.contains(
            r#"volumes = ["/builds:/builds", "/var/run/docker.sock:/var/run/docker.sock"]"#
        )
    );

    // A job has the mounts that the configuration names.
    running.load_image("docker");
    let job = "docker run --rm -v /builds:/builds -v /var/run/docker.sock:/var/run/docker.sock alpine:3.20 \
               sh -c 'test -S /var/run/docker.sock && echo made > /builds/artifact' && cat /builds/artifact";
    assert_eq!(running.inside("runner", job), "made");
    let mirrors = "docker info --format '{{json .RegistryConfig.Mirrors}}'";
    let mirrors = running.inside("runner", mirrors);
    assert_eq!(
        mirrors.contains("://hub.nest:5000/"),
        is_office,
        "{mirrors}"
    );
    if !is_office {
        return;
    }
    running.inside("runner", "docker network create jobs");
    running.has_packets("runner", "bridge", 1400);
    running.has_packets("runner", "jobs", 1400);
}

/// The runner reaches the engine by a socket that is there through a volume; no engine listens on TCP. Loads an image.
fn uses_only_the_socket(running: &Running<'_>, engine: &str) {
    assert_eq!(
        running.variables("runner"),
        "DOCKER_HOST=unix:///var/run/docker.sock"
    );
    running.is_client("runner", engine);
    let ports = running.listening(engine);
    assert!(
        !ports.contains(&2375) && !ports.contains(&2376),
        "{ports:?}"
    );
    running.load_image(engine);
}

/// A runner and an engine as in one pod.
pub(super) fn github(running: &Running<'_>) {
    uses_only_the_socket(running, "dind");
    let job = "mkdir -p /home/runner/_work/repo && cd /home/runner/_work/repo && echo source > file && \
               docker run --rm -v $PWD:$PWD -w $PWD alpine:3.20 sh -c 'cat file; echo made > artifact' && cat artifact";
    assert_eq!(running.inside("runner", job), "source\nmade");
    running.inside("runner", &serving("web", "alpine:3.20", 8080));
    running.answers("runner", "localhost", 8080);
    running.answers("runner", "127.0.0.1", 8080);
}

/// A runner whose engine answers before it is started, by a socket in a volume; what the published file does is refused
/// where it destroys data.
pub(super) fn drone(running: &Running<'_>) {
    uses_only_the_socket(running, "engine");
    let pipeline = "docker run --rm -v /var/run/docker.sock:/var/run/docker.sock alpine:3.20 test -S /var/run/docker.sock";
    running.inside("runner", pipeline);

    for (keys, said) in [
        (
            "volumes: ['/var/lib/docker:/var/lib/docker']",
            "nest::data_root_mounted",
        ),
        ("outer: { data: /var/lib/docker }", "nest::host_data_root"),
        // It is not needed for the socket, and the help says so.
        ("volumes: ['run:/var/run']", "nest::reserved_path"),
    ] {
        let over = format!("volumes: {{ run: {{}} }}\nenvironments: {{ engine: {{ {keys} }} }}\n");
        let over = running.over("published.yaml", &over);
        let ran = running.run(&[&over], &["plan"]);
        assert_eq!(ran.code, 3, "{keys}: {}{}", ran.stdout, ran.stderr);
        assert!(ran.stderr.contains(said), "{keys}: {}", ran.stderr);
        let is_about_socket = keys.ends_with("/var/run']");
        assert_eq!(ran.stderr.contains("`docker_host`"), is_about_socket);
    }
}
