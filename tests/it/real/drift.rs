//! What changed outside nest is told, and put back.

use bollard::models::ContainerUpdateBody;
use bollard::query_parameters::StopContainerOptions;

use crate::real::sandbox::Sandbox;

const PROJECT: &str = "
volumes: { cache: {} }
environments:
  builder:
    outer: { mode: dind, memory: 512m }
    volumes: [cache:/cache]
    inner: { images: [alpine:3.20] }
  tools: { outer: socket }
";

#[test]
fn what_others_did_is_told_before_the_changes_and_put_back() {
    let sandbox = Sandbox::new(PROJECT);
    sandbox.succeed(&["up"]);
    let quiet = sandbox.nest(&["plan", "--refresh-only", "--detailed-exitcode"]);
    assert_eq!(quiet.code, 0, "{}", quiet.stdout);

    let (builder, tools) = (
        format!("{}-builder-1", sandbox.name),
        format!("{}-tools-1", sandbox.name),
    );
    let update = ContainerUpdateBody {
        memory: Some(768 << 20),
        memory_swap: Some(-1),
        ..ContainerUpdateBody::default()
    };
    let disturbing = async {
        sandbox.docker.update_container(&builder, update).await?;
        let now = StopContainerOptions {
            t: Some(0),
            ..StopContainerOptions::default()
        };
        sandbox.docker.stop_container(&tools, Some(now)).await
    };
    sandbox
        .runtime
        .block_on(disturbing)
        .expect("the engine does it");
    sandbox.inside("builder", &["docker", "rmi", "alpine:3.20"]);

    let drift = sandbox.nest(&["plan", "--refresh-only", "--detailed-exitcode"]);
    assert_eq!(drift.code, 2, "{}", drift.stdout);
    for told in [
        "# environment.builder has changed",
        "~ memory : 512m -> 768m",
        "# environment.builder/image[\"alpine:3.20\"] is gone",
        "# environment.tools does not run",
    ] {
        assert!(drift.stdout.contains(told), "no {told:?}: {}", drift.stdout);
    }
    assert!(!drift.stdout.contains("will be"), "{}", drift.stdout);

    sandbox.succeed(&["up"]);
    let after = sandbox.nest(&["plan", "--detailed-exitcode"]);
    assert_eq!(after.code, 0, "{}", after.stdout);
    assert!(!after.stdout.contains("outside nest"), "{}", after.stdout);
    let memory = sandbox
        .inspect(&builder)
        .host_config
        .and_then(|host| host.memory);
    assert_eq!(memory, Some(512 << 20));
}

#[test]
fn what_somebody_gave_the_name_of_an_image_stays_when_that_leaves_the_file() {
    let file = |images: &str| {
        let inner = format!("inner: {{ images: [{images}] }}");
        format!("environments: {{ builder: {{ outer: dind, {inner} }} }}\n")
    };
    let sandbox = Sandbox::new(&file("'alpine:3.20', 'busybox:1.36'"));
    sandbox.succeed(&["up"]);
    let docker = |line: &str| {
        let words: Vec<&str> = ["docker"].into_iter().chain(line.split(' ')).collect();
        sandbox.inside("builder", &words)
    };
    docker("run --name theirs busybox:1.36 touch /theirs");
    let id = docker("commit theirs theirs:1");
    docker("rm theirs");
    docker("tag theirs:1 busybox:1.36");
    sandbox.write(&file(""));
    let plan = sandbox.succeed(&["plan"]).stdout;
    for told in [
        "image[\"busybox:1.36\"] has changed",
        "image \"busybox:1.36\" kept: somebody gave its name to another image",
        "image[\"alpine:3.20\"] will be removed (no longer declared)",
    ] {
        assert!(plan.contains(told), "no {told}: {plan}");
    }
    sandbox.succeed(&["up", "--yes"]);
    let left = docker("images --no-trunc --format {{.Repository}}:{{.Tag}}={{.ID}}");
    let mut left: Vec<&str> = left.lines().collect();
    left.sort_unstable();
    let theirs = ["busybox:1.36", "theirs:1"].map(|name| format!("{name}={id}"));
    assert_eq!(left, theirs);
    let after = sandbox.nest(&["plan", "--detailed-exitcode"]);
    assert_eq!(after.code, 0, "{}", after.stdout);
    assert!(!after.stdout.contains("busybox"), "{}", after.stdout);
}

#[test]
fn a_name_of_what_a_container_was_made_from_goes_where_another_one_comes_back() {
    let file = |images: &str| {
        let app =
            "app: { image: 'alpine:3.20', command: [sleep, infinity], stop_grace_period: 0s }";
        let inner = format!("inner: {{ images: [{images}], services: {{ {app} }} }}");
        format!("environments: {{ builder: {{ outer: dind, {inner} }} }}\n")
    };
    let sandbox = Sandbox::new(&file("{ image: 'alpine:3.20', as: ['mine:1'] }"));
    sandbox.succeed(&["up"]);
    // The engine does not remove the last name of what a container was made from.
    sandbox.inside("builder", &["docker", "rmi", "alpine:3.20"]);
    sandbox.write(&file(""));
    sandbox.succeed(&["up", "--yes"]);
    let after = sandbox.nest(&["plan", "--detailed-exitcode"]);
    assert_eq!(after.code, 0, "{}", after.stdout);
    let names = ["docker", "images", "--format", "{{.Repository}}"];
    assert_eq!(sandbox.inside("builder", &names), "alpine");
}
