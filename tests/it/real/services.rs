//! Services on a real engine: made, changed, finished, and gone.

use crate::real::sandbox::{Ran, Sandbox};

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

fn container(sandbox: &Sandbox, name: &str) -> String {
    format!("{}-{name}", sandbox.name)
}

const KEYS: &str = r#"
volumes: { data: {} }
secrets: { token: { file: ./token } }
configs: { app: { content: "a = 1" } }
services:
  app:
    image: alpine:3.20
    entrypoint: [sh, -c]
    command: ["echo $$GREETING > /tmp/said; exec sleep infinity"]
    environment: { GREETING: hello }
    volumes: [data:/data]
    tmpfs: ["/scratch:size=1m"]
    ports: ["127.0.0.1::8080"]
    working_dir: /data
    hostname: box
    init: true
    tty: true
    cap_add: [NET_ADMIN]
    sysctls: { net.core.somaxconn: 512 }
    ulimits: { nofile: 1024 }
    extra_hosts: ["there=10.9.8.7"]
    cpus: 0.5
    memory: 64m
    mem_reservation: 32m
    memswap_limit: 128m
    pids_limit: 100
    cpu_shares: 512
    labels: { team: ci }
    logging: { driver: json-file, options: { max-size: 1m } }
    healthcheck: { test: [CMD, test, -s, /tmp/said], interval: 1s, retries: 30 }
    secrets: [{ source: token, target: /run/secrets/deep/token, mode: 0400, uid: "7", gid: "8" }]
    configs: [{ source: app, target: /etc/app.ini }]
    stop_grace_period: 0s
    restart: unless-stopped
"#;

#[test]
fn a_service_has_all_that_the_file_says_and_follows_it() {
    let sandbox = Sandbox::new(KEYS);
    let token = sandbox.folder.path().join("token");
    std::fs::write(&token, b"first\xff").expect("it can be written");
    sandbox.succeed(&["up"]);
    nothing_to_do(&sandbox);
    let name = container(&sandbox, "app-1");
    let found = sandbox.inspect(&name);
    let id = found.id.clone();
    let health = found.state.and_then(|state| state.health?.status);
    assert_eq!(
        health.map(|status| status.to_string()).as_deref(),
        Some("healthy")
    );
    let init = if sandbox.is_podman() {
        "podman-init"
    } else {
        "docker-init"
    };
    for (line, wanted) in [
        ("cat /tmp/said", "hello"),
        ("pwd; hostname", "/data\nbox"),
        ("cat /proc/sys/net/core/somaxconn", "512"),
        ("ulimit -n", "1024"),
        ("grep there /etc/hosts | cut -f1", "10.9.8.7"),
        ("stat -c '%a %u %g' /run/secrets/deep/token", "400 7 8"),
        ("wc -c < /run/secrets/deep/token", "6"),
        ("cat /etc/app.ini", "a = 1"),
        ("echo $NEST_REPLICA", "1"),
        ("cat /proc/1/comm", init),
        ("grep -c ' /scratch ' /proc/mounts", "1"),
    ] {
        assert_eq!(said(&sandbox, "app", line), wanted, "{line}");
    }
    // What is secret stands in no label.
    let inspected = format!("{:?}", found.config);
    assert!(!inspected.contains("first"), "{inspected}");

    // Limits change in place.
    sandbox.write(&KEYS.replace("memory: 64m", "memory: 96m"));
    sandbox.succeed(&["up"]);
    assert_eq!(sandbox.inspect(&name).id, id);
    nothing_to_do(&sandbox);

    // Another secret is another container.
    std::fs::write(&token, b"second").expect("it can be written");
    let plan = sandbox.succeed(&["plan"]).stdout;
    assert!(plan.contains("file /run/secrets/deep/token"), "{plan}");
    assert!(!plan.contains("second"), "{plan}");
    sandbox.succeed(&["up", "--yes"]);
    assert_ne!(sandbox.inspect(&name).id, id);
    assert_eq!(
        said(&sandbox, "app", "cat /run/secrets/deep/token"),
        "second"
    );
    nothing_to_do(&sandbox);

    // One that somebody stopped is started again, and one that somebody removed is made again.
    for command in ["stop", "remove"] {
        let running = &sandbox.runtime;
        if command == "stop" {
            let stopped = sandbox.docker.stop_container(
                &name,
                None::<bollard::query_parameters::StopContainerOptions>,
            );
            running.block_on(stopped).expect("it can be stopped");
        } else {
            let force = bollard::query_parameters::RemoveContainerOptionsBuilder::default()
                .force(true)
                .build();
            let removed = sandbox.docker.remove_container(&name, Some(force));
            running.block_on(removed).expect("it can be removed");
        }
        let plan = sandbox.nest(&["plan", "--detailed-exitcode"]);
        assert_eq!(plan.code, 2, "{command}: {}", plan.stdout);
        sandbox.succeed(&["up"]);
        nothing_to_do(&sandbox);
    }
    std::fs::remove_file(&token).expect("it can be removed");
    gone_without_file(&sandbox);
}

/// What is taken down needs no secrets.
fn gone_without_file(sandbox: &Sandbox) {
    std::fs::write(sandbox.folder.path().join("token"), b"").expect("it can be written");
    gone(sandbox);
}

#[test]
fn a_one_shot_runs_once_and_again_only_when_it_changes() {
    let file = |word: &str| {
        format!(
            "
volumes: {{ log: {{}} }}
services:
  migrate:
    image: alpine:3.20
    command: [sh, -c, 'sleep 1; echo {word} >> /log/runs']
    volumes: [log:/log]
  app:
    image: alpine:3.20
    command: [sh, -c, 'cp /log/runs /tmp/seen; exec sleep infinity']
    volumes: [log:/log]
    stop_grace_period: 0s
    depends_on: {{ migrate: {{ condition: service_completed_successfully }} }}
"
        )
    };
    let sandbox = Sandbox::new(&file("one"));
    sandbox.succeed(&["up"]);
    nothing_to_do(&sandbox);
    assert_eq!(said(&sandbox, "app", "cat /tmp/seen"), "one");
    sandbox.succeed(&["up"]);
    assert_eq!(said(&sandbox, "app", "cat /log/runs"), "one");
    sandbox.write(&file("two"));
    sandbox.succeed(&["up", "--yes"]);
    assert_eq!(said(&sandbox, "app", "cat /log/runs"), "one\ntwo");
    nothing_to_do(&sandbox);
    gone(&sandbox);
}

#[test]
fn a_one_shot_that_fails_is_a_failure_with_its_last_words() {
    let sandbox = Sandbox::new(
        "
services:
  broken: { image: alpine:3.20, command: [sh, -c, 'echo the disk is full; exit 3'] }
  app:
    image: alpine:3.20
    command: [sleep, infinity]
    depends_on: { broken: { condition: service_completed_successfully } }
",
    );
    let Ran {
        code,
        stdout,
        stderr,
    } = sandbox.nest(&["up"]);
    let said = stdout + &stderr;
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("the disk is full"), "{said}");
    assert!(said.contains("ended with code 3"), "{said}");
    let app = sandbox.inspect(&container(&sandbox, "app-1"));
    let state = app.state.and_then(|state| state.running);
    assert_eq!(state, Some(false), "what waits for it is not started");
    gone(&sandbox);
}

#[test]
fn replicas_profiles_names_and_what_left_the_file() {
    let file = |replicas: u32| {
        format!(
            "
volumes: {{ work: {{ per_replica: true }} }}
services:
  worker:
    image: alpine:3.20
    command: [sh, -c, 'echo $$NEST_REPLICA > /work/number; exec sleep infinity']
    replicas: {replicas}
    volumes: [work:/work]
    stop_grace_period: 0s
  named: {{ image: alpine:3.20, command: [sleep, infinity], container_name: SANDBOX-mine, stop_grace_period: 0s }}
  debug: {{ image: alpine:3.20, command: [sleep, infinity], profiles: [debug], stop_grace_period: 0s }}
"
        )
    };
    let sandbox = Sandbox::new("");
    let write = |text: &str| sandbox.write(&text.replace("SANDBOX", &sandbox.name));
    write(&file(2));
    sandbox.succeed(&["up"]);
    nothing_to_do(&sandbox);
    for number in ["1", "2"] {
        let name = format!("worker[{number}]");
        assert_eq!(said(&sandbox, &name, "cat /work/number"), number);
    }
    sandbox.inspect(&container(&sandbox, "mine"));
    let objects = sandbox.objects();
    assert!(!objects.iter().any(|name| name.contains("debug")));
    sandbox.succeed(&["--profile", "debug", "up"]);
    sandbox.inspect(&container(&sandbox, "debug-1"));
    write(&file(1));
    sandbox.succeed(&["up", "--yes"]);
    nothing_to_do(&sandbox);
    let objects = sandbox.objects();
    for gone in ["worker-2", "debug-1"] {
        let name = format!("container /{}", container(&sandbox, gone));
        assert!(!objects.contains(&name), "{objects:?}");
    }
    gone(&sandbox);
}

#[test]
fn services_of_an_inner_engine_are_reached_from_outside() {
    let sandbox = Sandbox::new(
        r#"
secrets: { unused: { environment: HOME } }
environments:
  builder:
    outer: { mode: dind }
    inner:
      configs: { page: { content: "from the inside" } }
      networks: { back: {} }
      services:
        web:
          image: alpine:3.20
          command: [sh, -c, 'while true; do nc -l -p 8080 -e cat /page; done']
          ports: ["127.0.0.1:18473:8080"]
          configs: [{ source: page, target: /page }]
          networks: [back]
          stop_grace_period: 0s
"#,
    );
    sandbox.succeed(&["up"]);
    nothing_to_do(&sandbox);
    let listed = sandbox.inside("builder", &["docker", "ps", "--format", "{{.Names}}"]);
    assert_eq!(listed, "web-1");
    assert_eq!(
        sandbox.inside("builder/web", &["cat", "/page"]),
        "from the inside"
    );
    let outer = sandbox.inspect(&container(&sandbox, "builder-1"));
    let bindings = outer.host_config.and_then(|config| config.port_bindings);
    let bindings = bindings.unwrap_or_default();
    let host = bindings["18473/tcp"].as_ref().expect("it is published");
    assert_eq!(host[0].host_port.as_deref(), Some("18473"));
    assert_eq!(host[0].host_ip.as_deref(), Some("127.0.0.1"));
    // The port answers in the outer container, where the one outside leads.
    let said = sandbox.inside(
        "builder",
        &["sh", "-c", "nc -w 5 127.0.0.1 18473 < /dev/null"],
    );
    assert_eq!(said, "from the inside");
    gone(&sandbox);
}

const MOUNTS: &str = "
volumes: { data: {} }
services:
  first:
    image: alpine:3.20
    command: [sh, -c, 'mkdir /data/deep && echo deep > /data/deep/file']
    volumes: [data:/data]
  app:
    image: alpine:3.20
    command: [sleep, infinity]
    stop_grace_period: 0s
    depends_on:
      first: { condition: service_completed_successfully }
      other: { condition: service_started, required: false }
    volumes:
      - /own
      - { type: volume, source: data, target: /deep, volume: { subpath: deep, nocopy: true } }
      - { type: tmpfs, target: /memory, tmpfs: { size: 1m, mode: '0700' } }
      - { type: bind, source: /tmp, target: /host, bind: { propagation: private } }
      - /tmp:/short:ro,rprivate
  other: { image: alpine:3.20, profiles: [never] }
";

#[test]
fn mounts_have_what_the_file_says_and_a_volume_without_a_name_stays() {
    let sandbox = Sandbox::new(MOUNTS);
    let mut file = "/deep/file";
    if sandbox.is_podman() {
        // It would mount all of the volume, and says nothing.
        let refused = sandbox.nest(&["up"]);
        assert_eq!(refused.code, 1, "{}", refused.stdout);
        let told = refused.stdout + &refused.stderr;
        let reason = "`/deep` would not be the folder that `subpath` names";
        assert!(told.contains(reason), "{told}");
        assert!(told.contains("nest.yaml:16:5"), "{told}");
        assert!(sandbox.objects().is_empty(), "{:?}", sandbox.objects());
        sandbox.write(&MOUNTS.replace("subpath: deep, ", ""));
        file = "/deep/deep/file";
    }
    sandbox.succeed(&["up"]);
    nothing_to_do(&sandbox);
    assert_eq!(said(&sandbox, "app", &format!("cat {file}")), "deep");
    let memory = "grep ' /memory ' /proc/mounts; stat -c %a /memory";
    let memory = said(&sandbox, "app", memory);
    assert!(
        memory.contains("size=1024k") && memory.ends_with("700"),
        "{memory}"
    );
    let below =
        "grep ' /host ' /proc/self/mountinfo | grep -o 'master:' ; grep -c ' /own ' /proc/mounts";
    assert!(said(&sandbox, "app", below).ends_with('1'));
    let mount = |target: &str| {
        let found = sandbox.inspect(&container(&sandbox, "app-1"));
        let mounts = found.mounts.expect("mounts").into_iter();
        let mut mounts = mounts.filter(|mount| mount.destination.as_deref() == Some(target));
        mounts.next().expect("it is mounted")
    };
    assert_eq!(mount("/host").propagation.as_deref(), Some("private"));
    assert_eq!(mount("/short").rw, Some(false));
    said(&sandbox, "app", "echo kept > /own/file");
    let volume = mount("/own").name;
    sandbox.succeed(&["plan", "--replace", "service.app", "--out", "plan"]);
    sandbox.succeed(&["apply", "--yes", "plan"]);
    assert_eq!(said(&sandbox, "app", "cat /own/file"), "kept");
    assert_eq!(mount("/own").name, volume);
    nothing_to_do(&sandbox);
    gone(&sandbox);
    let volume = volume.expect("it has a name that the engine made up");
    let left = sandbox.docker.inspect_volume(&volume);
    assert!(sandbox.runtime.block_on(left).is_err(), "it is gone too");
}

#[test]
fn a_service_in_mode_socket_sees_the_volume_that_its_environment_shares() {
    let sandbox = Sandbox::new(
        "volumes: { shared: {} }
environments:
  tools:
    outer: socket
    volumes: [shared:/shared]
    inner:
      services:
        app: { image: alpine:3.20, command: sleep 1d, init: true, volumes: [shared:/x] }
",
    );
    sandbox.succeed(&["up"]);
    sandbox.succeed(&["exec", "-T", "tools", "touch", "/shared/file"]);
    sandbox.succeed(&["exec", "-T", "tools/app", "test", "-f", "/x/file"]);
    sandbox.succeed(&["down", "--yes", "--volumes"]);
    assert!(sandbox.objects().is_empty(), "{:?}", sandbox.objects());
}
