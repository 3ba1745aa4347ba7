//! Limits, replicas and devices of services on a real engine.

use crate::real::sandbox::Sandbox;

const FILE: &str = "
services:
  worker:
    image: alpine:3.20
    command: [sleep, infinity]
    stop_grace_period: 0s
    restart: on-failure:3
    deploy:
      replicas: 2
      resources:
        limits: { cpus: '0.5', memory: 64m, pids: 50 }
        reservations: { memory: 32m }
";

#[test]
fn what_deploy_says_is_in_force_and_changes_in_place() {
    let sandbox = Sandbox::new(FILE);
    sandbox.succeed(&["up"]);
    sandbox.succeed(&["plan", "--detailed-exitcode"]);
    let name = |replica: u32| format!("{}-worker-{replica}", sandbox.name);
    let mut ids = Vec::new();
    for replica in [1, 2] {
        let found = sandbox.inspect(&name(replica));
        ids.push(found.id.clone());
        let host = found.host_config.expect("it has one");
        assert_eq!(host.nano_cpus, Some(500_000_000));
        assert_eq!(host.memory, Some(64 << 20));
        assert_eq!(host.memory_reservation, Some(32 << 20));
        assert_eq!(host.pids_limit, Some(50));
        let restart = host.restart_policy.expect("it has one");
        assert_eq!(restart.maximum_retry_count, Some(3));
        let own = format!("worker[{replica}]");
        let said = sandbox.inside(&own, &["sh", "-c", "echo $NEST_REPLICA"]);
        assert_eq!(said, replica.to_string());
    }
    sandbox.write(
        &FILE
            .replace("'0.5'", "'0.25'")
            .replace("memory: 64m", "memory: 96m"),
    );
    sandbox.succeed(&["up"]);
    for (replica, id) in [1, 2].into_iter().zip(&ids) {
        let found = sandbox.inspect(&name(replica));
        assert_eq!(&found.id, id, "it is the same container");
        let host = found.host_config.expect("it has one");
        assert_eq!(
            (host.nano_cpus, host.memory),
            (Some(250_000_000), Some(96 << 20))
        );
    }
    sandbox.write(&FILE.replace("replicas: 2", "replicas: 1"));
    sandbox.succeed(&["up", "--yes"]);
    sandbox.succeed(&["plan", "--detailed-exitcode"]);
    let objects = sandbox.objects();
    let workers = objects.iter().filter(|object| object.contains("-worker-"));
    assert_eq!(workers.count(), 1, "{objects:?}");
    sandbox.succeed(&["down", "--volumes", "--yes"]);
    assert!(sandbox.objects().is_empty(), "{:?}", sandbox.objects());
}

#[test]
fn gpus_where_the_engine_has_none_are_an_error_and_the_rest_comes_up() {
    let sandbox = Sandbox::new(
        "
services:
  trainer: { image: 'alpine:3.20', command: [sleep, infinity], gpus: all, stop_grace_period: 0s }
  other: { image: 'alpine:3.20', command: [sleep, infinity], stop_grace_period: 0s }
",
    );
    // No engine says beforehand whether it has any.
    let ran = sandbox.nest(&["up"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("service.trainer") && ran.stderr.contains("gpu"),
        "{}",
        ran.stderr
    );
    let other = sandbox.inspect(&format!("{}-other-1", sandbox.name));
    assert_eq!(other.state.and_then(|state| state.running), Some(true));
    sandbox.succeed(&["down", "--volumes", "--yes"]);
    assert!(sandbox.objects().is_empty(), "{:?}", sandbox.objects());
}
