//! Devices that an engine says it does not have.

use std::collections::BTreeSet;

use expect_test::expect;
use nest::engine::Engine as _;
use nest::observed::{EngineIdentity, NamedDevices};
use nest::plan::plan;
use nest::up::question;

use crate::apply::bring_up;
use crate::memory::MemoryEngine;
use crate::plan::{DOWN, UP, engine, futures};
use crate::yaml::wanted;

/// What the plan refuses on an engine that says this of itself.
fn refusals(engine: &MemoryEngine, yaml: &str, say: impl Fn(&mut EngineIdentity)) -> Vec<String> {
    let desired = wanted(yaml);
    let observed = futures(engine.observe(&question(&desired)));
    let mut observed = observed.expect("an engine in memory always answers");
    say(&mut observed.identity);
    assert_eq!(plan(&desired, &observed, &DOWN).refusals, []);
    let refusals = plan(&desired, &observed, &UP).refusals;
    let said = refusals
        .iter()
        .map(|it| format!("{}: {}\n  {}\n", it.address, it.message(), it.help()));
    said.collect()
}

fn known(names: &[&str]) -> NamedDevices {
    NamedDevices::Known(names.iter().map(|name| (*name).to_owned()).collect())
}

#[test]
fn a_device_by_a_name_that_the_engine_does_not_know_is_refused() {
    let yaml = "
name: test
services: { app: { image: docker:cli, devices: [vendor.com/card=one] } }
";
    let on = |devices: NamedDevices| {
        let said = refusals(&engine(), yaml, |identity| {
            identity.named_devices = devices.clone();
        });
        said.concat()
    };
    let none = String::new();
    let right = known(&["vendor.com/card=one", "vendor.com/card=all"]);
    for devices in [NamedDevices::Untold, NamedDevices::On, right] {
        assert_eq!(on(devices), none);
    }
    let wrong = [
        NamedDevices::Off,
        known(&[]),
        known(&["vendor.com/card=all"]),
    ];
    expect![[r#"
        service.app: the engine gives no devices by their names, as `vendor.com/card=one` is one: its container device interface is off
          set `features: { cdi: true }` in the engine's `daemon.json` (Docker 25 or newer) and restart it, or name the device by its path, such as `/dev/dri`
        service.app: the engine has no device `vendor.com/card=one`
          write its description on the engine's host, as with `nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml`
        service.app: the engine has no device `vendor.com/card=one`
          it has `vendor.com/card=all`
    "#]].assert_eq(&wrong.map(on).concat());
}

#[test]
fn a_container_is_not_replaced_by_one_with_graphics_processors_that_the_engine_shows_no_sign_of() {
    let file = |more: &str| {
        format!(
            "name: test\nservices: {{ app: {{ image: docker:cli, command: [sleep, '9']{more} }} }}\n"
        )
    };
    let (plain, with) = (file(""), file(", gpus: all"));
    let say = |runtimes: &[&str], devices: &NamedDevices| {
        let runtimes: BTreeSet<String> = runtimes.iter().map(|it| (*it).to_owned()).collect();
        let devices = devices.clone();
        move |identity: &mut EngineIdentity| {
            identity.runtimes.clone_from(&runtimes);
            identity.named_devices = devices.clone();
        }
    };
    let bare = || say(&["runc"], &NamedDevices::Off);
    let engine = engine();
    // Nothing is lost where nothing is there: the engine says it itself.
    assert_eq!(refusals(&engine, &with, bare()), [""; 0]);
    bring_up(&engine, &plain);
    assert_eq!(refusals(&engine, &plain, bare()), [""; 0]);
    expect![[r#"
        service.app: the engine shows neither a runtime nor devices for graphics processors, and the container would be gone before it says whether it has some
          install the NVIDIA Container Toolkit on the engine's host, run `nvidia-ctk runtime configure --runtime=docker` and restart the engine; or remove the container yourself first to try it as it is
    "#]].assert_eq(&refusals(&engine, &with, bare()).concat());
    let nothing = say(&["runc"], &known(&["vendor.com/card=one"]));
    assert_eq!(refusals(&engine, &with, nothing).len(), 1);
    for signs in [
        say(&["runc", "nvidia"], &NamedDevices::Off),
        say(&["runc"], &known(&["nvidia.com/gpu=0"])),
        say(&[], &NamedDevices::Off),
    ] {
        assert_eq!(refusals(&engine, &with, signs), [""; 0]);
    }
    // One that has some shows that they can be had.
    bring_up(&engine, &with);
    let other = with.replace("'9'", "'8'");
    assert_eq!(refusals(&engine, &other, bare()), [""; 0]);
}
