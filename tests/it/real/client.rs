//! Services that are clients of an environment's engine.

use crate::real::examples::listening as ports_of;
use crate::real::sandbox::Sandbox;

fn nothing_to_do(sandbox: &Sandbox) {
    let plan = sandbox.nest(&["plan", "--detailed-exitcode"]);
    assert_eq!(plan.code, 0, "{}{}", plan.stdout, plan.stderr);
}

fn gone(sandbox: &Sandbox) {
    sandbox.succeed(&["down", "--volumes", "--yes"]);
    assert!(sandbox.objects().is_empty(), "{:?}", sandbox.objects());
}

/// Runs a shell line in a service.
fn said(sandbox: &Sandbox, service: &str, line: &str) -> String {
    sandbox.inside(service, &["sh", "-c", line])
}

/// The ports on which something listens in the network of an environment, whatever address.
fn listening(sandbox: &Sandbox, environment: &str) -> Vec<u16> {
    let tables = "cat /proc/net/tcp /proc/net/tcp6 2>/dev/null";
    ports_of(&said(sandbox, environment, tables))
}

#[test]
fn a_client_finds_the_engine_by_its_socket() {
    let sandbox = Sandbox::new(
        "
environments:
  builder:
    outer: { mode: dind }
    inner: { images: [alpine:3.20] }
services:
  plain:
    image: docker:cli
    command: [sleep, infinity]
    init: true
    user: '1234:1234'
    docker_host: builder
    stop_grace_period: 0s
  frozen:
    image: docker:cli
    command: [sleep, infinity]
    init: true
    read_only: true
    docker_host: builder
    stop_grace_period: 0s
  pod:
    image: docker:cli
    command: [sleep, infinity]
    init: true
    docker_host: builder
    network_mode: service:builder
    stop_grace_period: 0s
",
    );
    sandbox.succeed(&["up"]);
    nothing_to_do(&sandbox);
    let variables = said(
        &sandbox,
        "plain",
        "echo $DOCKER_HOST $TESTCONTAINERS_HOST_OVERRIDE",
    );
    assert_eq!(variables, "unix:///var/run/docker.sock builder");
    let inside = |service: &str| said(&sandbox, service, "docker info --format '{{.ID}}'");
    let builder = inside("builder");
    assert_eq!(inside("plain"), builder, "as a user without rights");
    assert_eq!(inside("pod"), builder);
    assert_eq!(inside("frozen"), builder);
    // What it starts may mount the usual path.
    said(
        &sandbox,
        "plain",
        "docker run --rm -v /var/run/docker.sock:/s alpine:3.20 test -S /s",
    );
    // A port that is published inside answers where the client looks.
    said(
        &sandbox,
        "plain",
        "docker run -d --name web -p 8080:8080 alpine:3.20 sh -c 'while true; do echo hi | nc -l -p 8080; done'",
    );
    let ask = |host: &str| {
        format!(
            "for i in 1 2 3 4 5 6 7 8 9 10; do nc -w 3 {host} 8080 < /dev/null | grep . && exit 0; sleep 1; done; exit 1"
        )
    };
    let address = said(&sandbox, "builder", "hostname -i | cut -d' ' -f1");
    assert_eq!(said(&sandbox, "plain", &ask(&address)), "hi");
    assert_eq!(said(&sandbox, "pod", &ask("127.0.0.1")), "hi");
    assert_eq!(
        said(&sandbox, "pod", "echo $TESTCONTAINERS_HOST_OVERRIDE"),
        "localhost"
    );
    // No engine listens on TCP: what does is the port of the container inside, and the engine's own resolver.
    let ports = listening(&sandbox, "builder");
    assert!(
        !ports.contains(&2375) && !ports.contains(&2376),
        "{ports:?}"
    );

    // A restart of the environment that nest does not know of leaves the pod without a network: it is restarted.
    let builder_container = format!("{}-builder-1", sandbox.name);
    let restarted = sandbox.docker.restart_container(
        &builder_container,
        None::<bollard::query_parameters::RestartContainerOptions>,
    );
    sandbox.runtime.block_on(restarted).expect("it restarts");
    let plan = sandbox.nest(&["plan", "--detailed-exitcode"]);
    assert_eq!(plan.code, 2, "{}{}", plan.stdout, plan.stderr);
    sandbox.succeed(&["up"]);
    nothing_to_do(&sandbox);
    assert_eq!(inside("pod"), builder);
    assert_eq!(inside("plain"), builder);
    gone(&sandbox);
}

#[test]
fn clients_of_the_outer_engine_and_of_numbered_ones() {
    let sandbox = Sandbox::new(
        "
volumes: { work: { per_replica: true } }
environments:
  here: { outer: socket }
  agent: { outer: dind, replicas: 2, volumes: [work:/work] }
services:
  ops:
    image: docker:cli
    command: [sleep, infinity]
    init: true
    docker_host: here
    stop_grace_period: 0s
  runner:
    image: docker:cli
    command: [sleep, infinity]
    init: true
    replicas: 2
    docker_host: agent
    volumes: [work:/work]
    stop_grace_period: 0s
  second:
    image: docker:cli
    command: [sleep, infinity]
    init: true
    docker_host: agent[2]
    volumes: [work:/work]
    stop_grace_period: 0s
",
    );
    sandbox.succeed(&["up"]);
    nothing_to_do(&sandbox);
    let outer = sandbox.runtime.block_on(sandbox.docker.info());
    let outer = outer.expect("the engine tells who it is").name;
    // Podman tells another id each time.
    let ops = said(&sandbox, "ops", "docker info --format '{{.Name}}'");
    assert_eq!(Some(ops), outer);
    let inside = |service: &str| said(&sandbox, service, "docker info --format '{{.ID}}'");
    for (client, agent) in [
        ("runner[1]", "agent[1]"),
        ("runner[2]", "agent[2]"),
        ("second", "agent[2]"),
    ] {
        assert_eq!(inside(client), inside(agent), "{client}");
        said(&sandbox, client, &format!("echo '{client}' > /work/last"));
        assert_eq!(said(&sandbox, agent, "cat /work/last"), client);
    }
    gone(&sandbox);
}

#[test]
fn a_client_finds_the_engine_over_tcp_with_certificates_and_without() {
    let file = |listen: &str| {
        format!(
            "
environments:
  builder: {{ outer: {{ mode: dind, listen: {listen} }}, inner: {{ images: [alpine:3.20] }} }}
services:
  plain:
    image: docker:cli
    command: [sleep, infinity]
    init: true
    user: '1234:1234'
    docker_host: builder
    stop_grace_period: 0s
"
        )
    };
    let sandbox = Sandbox::new(&file("tls"));
    sandbox.succeed(&["up"]);
    nothing_to_do(&sandbox);
    let variables = "echo $DOCKER_HOST $DOCKER_TLS_VERIFY $DOCKER_CERT_PATH";
    assert_eq!(
        said(&sandbox, "plain", variables),
        "tcp://builder:2376 1 /certs/client"
    );
    let names = said(
        &sandbox,
        "builder",
        "openssl x509 -in /certs/server/cert.pem -noout -text | grep DNS:",
    );
    for name in ["DNS:builder", "DNS:builder-1", "DNS:localhost"] {
        assert!(names.contains(name), "{names}");
    }
    let inside = |service: &str| said(&sandbox, service, "docker info --format '{{.ID}}'");
    assert_eq!(inside("plain"), inside("builder"));
    assert_eq!(
        said(&sandbox, "plain", "touch /certs/client/x 2>&1 || echo no"),
        "touch: /certs/client/x: Read-only file system\nno"
    );
    let ports = listening(&sandbox, "builder");
    assert!(ports.contains(&2376) && !ports.contains(&2375), "{ports:?}");

    sandbox.write(&file("tcp"));
    sandbox.succeed(&["up", "--yes"]);
    nothing_to_do(&sandbox);
    assert_eq!(
        said(&sandbox, "plain", "echo $DOCKER_HOST$DOCKER_CERT_PATH"),
        "tcp://builder:2375"
    );
    assert_eq!(inside("plain"), inside("builder"));
    let ports = listening(&sandbox, "builder");
    assert!(ports.contains(&2375) && !ports.contains(&2376), "{ports:?}");
    gone(&sandbox);
}
