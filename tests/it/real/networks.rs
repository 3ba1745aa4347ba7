//! Networks of a scope on a real engine.

use bollard::models::{NetworkConnectRequest, NetworkCreateRequest};
use bollard::query_parameters::{InspectNetworkOptions, RestartContainerOptions};

use crate::real::sandbox::Sandbox;

const TWO: &str = "
networks:
  back:
    internal: true
    labels: { team: ci }
    mtu: 1400
    ipam: { config: [{ subnet: 10.213.0.0/24, gateway: 10.213.0.1, ip_range: 10.213.0.128/25 }] }
services:
  one:
    image: alpine:3.20
    command: [sleep, infinity]
    stop_grace_period: 0s
    networks: { back: { aliases: [first], ipv4_address: 10.213.0.9 }, default: }
  two:
    image: alpine:3.20
    command: [sleep, infinity]
    stop_grace_period: 0s
    networks: [back]
";

fn network(sandbox: &Sandbox, name: &str) -> bollard::models::NetworkInspect {
    let name = format!("{}_{name}", sandbox.name);
    let inspected = sandbox
        .docker
        .inspect_network(&name, None::<InspectNetworkOptions>);
    let inspected = sandbox.runtime.block_on(inspected);
    inspected.unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn nothing_to_do(sandbox: &Sandbox) {
    let plan = sandbox.nest(&["plan", "--detailed-exitcode"]);
    assert_eq!(plan.code, 0, "{}{}", plan.stdout, plan.stderr);
}

fn address(sandbox: &Sandbox, container: &str, name: &str) -> Option<(String, Vec<String>)> {
    let inspected = sandbox.inspect(&format!("{}-{container}", sandbox.name));
    let networks = inspected.network_settings?.networks?;
    let endpoint = networks.get(&format!("{}_{name}", sandbox.name))?;
    let aliases = endpoint.aliases.clone().unwrap_or_default();
    Some((endpoint.ip_address.clone()?, aliases))
}

#[test]
fn a_network_is_made_as_declared_and_made_anew_under_what_stays_on_it() {
    let sandbox = Sandbox::new(TWO);
    sandbox.succeed(&["up"]);
    nothing_to_do(&sandbox);
    let back = network(&sandbox, "back");
    assert_eq!(back.internal, Some(true));
    let labels = back.labels.unwrap_or_default();
    assert_eq!(labels.get("team").map(String::as_str), Some("ci"));
    let options = back.options.unwrap_or_default();
    let mtu = options.get("com.docker.network.driver.mtu");
    // As podman has it.
    let mtu = mtu.or(options.get("mtu"));
    assert_eq!(mtu.map(String::as_str), Some("1400"));
    let (ip, aliases) = address(&sandbox, "one-1", "back").expect("it is on the network");
    assert_eq!(ip, "10.213.0.9");
    for alias in ["first", "one", "one-1"] {
        assert!(aliases.iter().any(|known| known == alias), "{aliases:?}");
    }
    let ids = ["one-1", "two-1"].map(|name| sandbox.id(&format!("{}-{name}", sandbox.name)));

    // Another address is another place on the same network, and needs no other container.
    sandbox.write(&TWO.replace("10.213.0.9", "10.213.0.10"));
    sandbox.succeed(&["up", "--yes"]);
    nothing_to_do(&sandbox);
    let moved = address(&sandbox, "one-1", "back").map(|(ip, _)| ip);
    assert_eq!(moved.as_deref(), Some("10.213.0.10"));

    // A network has to be made anew for another label; what is on it stays.
    sandbox.write(&TWO.replace("team: ci", "team: qa"));
    let plan = sandbox.succeed(&["plan"]).stdout;
    assert!(plan.contains("network.back must be replaced"), "{plan}");
    sandbox.succeed(&["up", "--yes"]);
    nothing_to_do(&sandbox);
    let after = ["one-1", "two-1"].map(|name| sandbox.id(&format!("{}-{name}", sandbox.name)));
    assert_eq!(after, ids);
    assert_ne!(network(&sandbox, "back").id, back.id);
    assert!(address(&sandbox, "two-1", "back").is_some());

    // What left the file goes.
    sandbox.write(
        "
services:
  two: { image: alpine:3.20, command: [sleep, infinity], stop_grace_period: 0s }
",
    );
    sandbox.succeed(&["up", "--yes"]);
    nothing_to_do(&sandbox);
    assert!(address(&sandbox, "two-1", "back").is_none());
    sandbox.succeed(&["down", "--volumes", "--yes"]);
    assert!(sandbox.objects().is_empty(), "{:?}", sandbox.objects());
}

#[test]
fn what_drifts_on_a_network_is_put_back() {
    let sandbox = Sandbox::new(TWO);
    sandbox.write(&TWO.replace("10.213.0.", "10.213.1."));
    sandbox.succeed(&["up"]);
    let name = format!("{}_back", sandbox.name);
    let leave = bollard::models::NetworkDisconnectRequest {
        container: format!("{}-two-1", sandbox.name),
        force: Some(true),
    };
    let left = sandbox.docker.disconnect_network(&name, leave);
    sandbox
        .runtime
        .block_on(left)
        .expect("it leaves the network");
    let plan = sandbox.nest(&["plan", "--detailed-exitcode"]);
    assert_eq!(plan.code, 2, "{}{}", plan.stdout, plan.stderr);
    sandbox.succeed(&["up"]);
    nothing_to_do(&sandbox);
    assert!(address(&sandbox, "two-1", "back").is_some());
}

#[test]
fn a_network_of_somebody_elses_is_used_or_refused_and_never_touched() {
    let file = |parts: &str| {
        format!(
            "
networks: {{ theirs: {{ {parts} }} }}
services:
  one: {{ image: alpine:3.20, command: [sleep, infinity], stop_grace_period: 0s, networks: {{ theirs: {{ aliases: [uno] }} }} }}
"
        )
    };
    let sandbox = Sandbox::new("");
    let real = format!("{}_theirs", sandbox.name);
    let external = file(&format!("external: true, name: {real}"));
    sandbox.write(&external);
    let refused = sandbox.nest(&["up"]);
    assert_eq!(refused.code, 1);
    let said = refused.stdout + &refused.stderr;
    assert!(said.contains("does not exist"), "{said}");
    let create = NetworkCreateRequest {
        name: real.clone(),
        ..NetworkCreateRequest::default()
    };
    let made = sandbox.docker.create_network(create);
    let made = sandbox.runtime.block_on(made).expect("it can be made");

    sandbox.write(&file(""));
    let clash = sandbox.nest(&["up"]);
    assert_eq!(clash.code, 1);
    let said = clash.stdout + &clash.stderr;
    assert!(said.contains("was not made by this project"), "{said}");

    sandbox.write(&external);
    sandbox.succeed(&["up"]);
    nothing_to_do(&sandbox);
    let (_, aliases) = address(&sandbox, "one-1", "theirs").expect("it is on it");
    let qualified = format!("one.{}", sandbox.name);
    assert!(aliases.contains(&qualified), "{aliases:?}");
    assert!(aliases.contains(&"uno".to_owned()), "{aliases:?}");
    assert!(!aliases.contains(&"one".to_owned()), "{aliases:?}");
    sandbox.succeed(&["down", "--volumes", "--yes"]);
    assert_eq!(network(&sandbox, "theirs").id.as_ref(), Some(&made.id));
    let request = NetworkConnectRequest {
        container: "nothing".to_owned(),
        endpoint_config: None,
    };
    // It is as usable as before.
    let connected = sandbox.docker.connect_network(&real, request);
    assert!(sandbox.runtime.block_on(connected).is_err());
}

#[test]
fn a_container_that_was_put_on_another_network_starts_without_the_one_it_was_made_on() {
    let file = |networks: &str, more: &str| {
        format!(
            "networks: {{ one: {{}} }}\nservices:\n  app: {{ image: alpine:3.20, command: sleep infinity, init: true{networks} }}\n\
             environments:\n  box: {{ outer: {{ mode: dind{networks}{more} }} }}\n"
        )
    };
    let sandbox = Sandbox::new(&file("", ""));
    sandbox.succeed(&["up"]);
    let ids =
        || ["app-1", "box-1"].map(|name| sandbox.inspect(&format!("{}-{name}", sandbox.name)).id);
    let before = ids();
    // The default network goes with the last that is on it.
    sandbox.write(&file(", networks: [one]", ""));
    sandbox.succeed(&["up", "--yes"]);
    assert_eq!(ids(), before);
    let app = format!("{}-app-1", sandbox.name);
    let restarted = sandbox
        .docker
        .restart_container(&app, None::<RestartContainerOptions>);
    sandbox
        .runtime
        .block_on(restarted)
        .expect("it starts again");
    sandbox.write(&file(", networks: [one]", ", daemon: { log-level: warn }"));
    sandbox.succeed(&["up", "--yes"]);
    assert_eq!(ids(), before);
    nothing_to_do(&sandbox);
}
