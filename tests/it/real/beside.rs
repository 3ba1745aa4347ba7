//! What is changed beside something that needs to be waited for, started again or left alone.

use bollard::models::ContainerInspectResponse;

use crate::real::sandbox::{Ran, Sandbox, eventually};

fn settled(sandbox: &Sandbox) {
    let plan = sandbox.nest(&["plan", "--detailed-exitcode"]);
    assert_eq!(plan.code, 0, "{}{}", plan.stdout, plan.stderr);
}

fn container(sandbox: &Sandbox, name: &str) -> ContainerInspectResponse {
    sandbox.inspect(&format!("{}-{name}-1", sandbox.name))
}

#[test]
fn a_network_that_something_paused_is_on_does_not_go() {
    let file = |more: &str| {
        format!(
            "networks: {{ back: }}\nservices: {{ app: {{ image: alpine:3.20, command: sleep 1d, init: true{more} }} }}\n"
        )
    };
    let sandbox = Sandbox::new(&file(""));
    sandbox.succeed(&["up"]);
    let app = format!("{}-app-1", sandbox.name);
    let paused = sandbox.docker.pause_container(&app);
    sandbox.runtime.block_on(paused).expect("it runs");
    sandbox.write(&file(", networks: [back]"));
    let ran = sandbox.nest(&["up", "--yes", "--target", "network.default"]);
    assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
    let told = ran.stdout + &ran.stderr;
    assert!(told.contains(&format!("`{app}` is paused")), "{told}");
    let resumed = sandbox.docker.unpause_container(&app);
    sandbox.runtime.block_on(resumed).expect("it is paused");
    sandbox.succeed(&["up", "--yes"]);
    settled(&sandbox);
}

#[test]
fn what_is_on_a_network_that_is_made_anew_says_so() {
    let file = |team: &str| {
        format!(
            "networks: {{ back: {{ labels: {{ team: {team} }} }} }}\n\
             services: {{ app: {{ image: alpine:3.20, command: sleep 1d, init: true, networks: [back] }} }}\n"
        )
    };
    let sandbox = Sandbox::new(&file("one"));
    sandbox.succeed(&["up"]);
    let before = container(&sandbox, "app").id;
    sandbox.write(&file("two"));
    let plan = sandbox.nest(&["plan"]).stdout;
    let why = format!("its network `{}_back` is made anew", sandbox.name);
    assert!(plan.contains(&why), "{plan}");
    sandbox.succeed(&["up", "--yes"]);
    assert_eq!(container(&sandbox, "app").id, before);
    settled(&sandbox);
}

#[test]
fn an_engine_that_is_restarted_with_another_one_reads_what_it_could_have_reloaded() {
    let file = |first: &str, second: &str| {
        format!(
            "environments:\n  first: {{ outer: {{ mode: dind, daemon: {{ {first} }} }} }}\n  second:\n    \
             outer: {{ mode: dind, daemon: {{ {second} }} }}\n    \
             depends_on: {{ first: {{ condition: service_healthy, restart: true }} }}\n"
        )
    };
    let sandbox = Sandbox::new(&file("mtu: 1500", "debug: false"));
    sandbox.succeed(&["up"]);
    let begun = |name: &str| container(&sandbox, name).state.and_then(|it| it.started_at);
    let before = ["first", "second"].map(begun);
    sandbox.write(&file("mtu: 1400", "debug: true"));
    sandbox.succeed(&["up", "--yes"]);
    let after = ["first", "second"].map(begun);
    assert!(before[0] != after[0] && before[1] != after[1], "{after:?}");
    let debug = sandbox.inside("second", &["docker", "info", "--format", "{{.Debug}}"]);
    assert_eq!(debug, "true");
    settled(&sandbox);
}

#[test]
fn an_engine_that_does_not_answer_is_waited_for_beside_a_change_in_place() {
    let file = |memory: &str| {
        format!(
            "environments:\n  box: {{ outer: {{ mode: dind, memory: {memory} }}, inner: {{ images: [alpine:3.20] }} }}\n"
        )
    };
    let sandbox = Sandbox::new(&file("1g"));
    sandbox.succeed(&["up"]);
    let before = container(&sandbox, "box").id;
    let signal = |signal: &str| {
        let script = format!("kill -{signal} $(pidof dockerd)");
        sandbox.inside("box", &["sh", "-c", &script]);
    };
    signal("STOP");
    sandbox.write(&file("2g"));
    let mut up = sandbox.command(&["up", "--yes"]);
    let up = up
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let up = up.spawn().expect("nest starts");
    // It is looked at twice, in vain, for half a minute each: before the plan is shown and under the lock.
    std::thread::sleep(std::time::Duration::from_secs(40));
    eventually("the memory is changed", || {
        container(&sandbox, "box")
            .host_config
            .and_then(|it| it.memory)
            == Some(2 << 30)
    });
    signal("CONT");
    let ran = Ran::from(up.wait_with_output().expect("it ends"));
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert!(
        ran.stderr.contains("engine ready") || ran.stdout.contains("engine ready"),
        "{ran:?}"
    );
    assert_eq!(container(&sandbox, "box").id, before);
    settled(&sandbox);
}

#[test]
fn who_could_not_be_connected_is_not_on_the_network() {
    let file = |more: &str| {
        format!(
            "networks: {{ back: {{ ipam: {{ config: [{{ subnet: 10.214.7.0/24 }}] }} }} }}\nservices:\n  \
             one: {{ image: alpine:3.20, command: sleep 1d, init: true, networks: {{ back: {{ ipv4_address: 10.214.7.9 }} }} }}\n  \
             two: {{ image: alpine:3.20, command: sleep 1d, init: true, networks: {{ default: {more} }} }}\n"
        )
    };
    let sandbox = Sandbox::new(&file(""));
    sandbox.succeed(&["up"]);
    let back = |address: &str| file(&format!(", back: {{ ipv4_address: {address} }}"));
    // Somebody has this address.
    sandbox.write(&back("10.214.7.9"));
    assert_eq!(sandbox.nest(&["up", "--yes"]).code, 1);
    let plan = sandbox.nest(&["plan", "--detailed-exitcode"]);
    assert_eq!(plan.code, 2, "{}{}", plan.stdout, plan.stderr);
    sandbox.write(&back("10.214.7.10"));
    sandbox.succeed(&["up", "--yes"]);
    settled(&sandbox);
    let two = container(&sandbox, "two");
    let networks = two.network_settings.and_then(|it| it.networks);
    let found = networks.and_then(|mut it| it.remove(&format!("{}_back", sandbox.name)));
    let address = found.and_then(|endpoint| endpoint.ip_address);
    assert_eq!(address.as_deref(), Some("10.214.7.10"));
}

#[test]
fn an_image_that_a_build_takes_the_name_from_is_not_removed_with_the_build() {
    let sandbox = Sandbox::new("services: {}\n");
    let mine = format!("{}-mine:1", sandbox.name);
    sandbox.write(&format!(
        "services: {{ app: {{ image: '{mine}', command: sleep 1d, init: true, build: {{ dockerfile_inline: \"FROM {mine}\\nLABEL a=b\\n\" }} }} }}\n"
    ));
    let created = bollard::models::ContainerCreateBody {
        image: Some("busybox:1.36".to_owned()),
        cmd: Some(vec!["mine".to_owned()]),
        ..Default::default()
    };
    let id = sandbox.runtime.block_on(async {
        let made = sandbox
            .docker
            .create_container(None, created)
            .await
            .expect("it is made");
        let options = bollard::query_parameters::CommitContainerOptionsBuilder::default()
            .container(&made.id)
            .repo(mine.split(':').next().expect("a name"))
            .tag("1")
            .build();
        let config = bollard::models::ContainerConfig::default();
        sandbox
            .docker
            .commit_container(options, config)
            .await
            .expect("it is committed");
        sandbox
            .docker
            .remove_container(&made.id, None)
            .await
            .expect("it goes");
        sandbox
            .docker
            .inspect_image(&mine)
            .await
            .expect("it is there")
            .id
    });
    let id = id.expect("it has one");
    sandbox.succeed(&["up", "--yes"]);
    sandbox.succeed(&["down", "--yes"]);
    let left = sandbox.runtime.block_on(sandbox.docker.inspect_image(&id));
    assert!(left.is_ok(), "{left:?}");
    let removed = sandbox.docker.remove_image(
        &id,
        None::<bollard::query_parameters::RemoveImageOptions>,
        None,
    );
    sandbox.runtime.block_on(removed).expect("it goes");
}
