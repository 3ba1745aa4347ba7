//! Engines inside follow the packet size of the networks outside.

use serde_json::{Value, json};

use crate::yaml::wanted;

/// What the configuration of `test-one-1`, and of `two-1` in it, says of packets: of the default bridge, and of networks
/// that say nothing themselves.
fn sizes(one: &str, networks: &str, two: &str) -> [(Value, Value); 2] {
    let yaml = format!(
        "
name: test
networks: {{ default: {{ mtu: 1400 }}, back: {{ mtu: 1300 }}, wide: {{}} }}
environments:
  one:
    outer: {{ mode: dind{one} }}
    inner:
      networks: {{ {networks} }}
      environments: {{ two: {{ outer: {{ mode: dind{two} }} }} }}
"
    );
    let desired = wanted(&yaml);
    let engine_of = |engine: &nest::desired::DesiredEngine, name: &str| {
        let inner = engine.containers[name].engine.clone();
        inner.expect("it has an engine")
    };
    let one = engine_of(&desired.engine, "test-one-1");
    let two = engine_of(&one.engine, "two-1");
    [one, two].map(|inner| {
        let said = |key: &str| inner.daemon.get(key).cloned().unwrap_or_default();
        let new = &said("default-network-opts")["bridge"]["com.docker.network.driver.mtu"];
        (said("mtu"), new.clone())
    })
}

fn both(size: u32) -> (Value, Value) {
    (json!(size), json!(size.to_string()))
}

#[test]
fn at_every_depth_they_follow_what_is_around_them() {
    assert_eq!(sizes("", "", ""), [both(1400), both(1400)]);
    // The least of several, and what a network inside says.
    let several = ", networks: [default, back]";
    assert_eq!(sizes(several, "", ""), [both(1300), both(1300)]);
    let inside = "default: { mtu: 1200 }";
    assert_eq!(sizes("", inside, ""), [both(1400), both(1200)]);
    // A network that says nothing takes the engine's own, which is not known.
    let none = || (Value::Null, Value::Null);
    assert_eq!(sizes(", networks: [wide]", "", ""), [none(), none()]);
}

#[test]
fn what_the_file_says_of_an_engine_goes_before() {
    let daemon = ", daemon: { mtu: 1250 }";
    assert_eq!(sizes(daemon, "", ""), [both(1250), both(1250)]);
    let flags = ", command: [--mtu=1250, --default-network-opt=bridge=x=y]";
    let (none, outside) = ((Value::Null, Value::Null), both(1400));
    assert_eq!(sizes(flags, "", ""), [none, outside]);
    // An engine that does not know the option.
    let old = ", daemon: { default-network-opts: {} }";
    let only = (json!(1400), Value::Null);
    assert_eq!(sizes(old, "", ""), [only, both(1400)]);
    let inner = wanted(
        "{ name: test, environments: { one: { outer: { mode: dind, daemon: { default-network-opts: {} } } } } }",
    );
    let one = inner.engine.containers["test-one-1"].engine.as_ref();
    let daemon = &one.expect("it has an engine").daemon;
    assert!(!daemon.contains_key("default-network-opts"), "{daemon:?}");
}
