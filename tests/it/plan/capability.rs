//! What an engine cannot do is refused by the plan.

mod devices;

use std::collections::BTreeSet;

use expect_test::{Expect, expect};
use nest::engine::Engine as _;
use nest::observed::EngineMake;
use nest::plan::plan;
use nest::up::question;

use crate::plan::{DOWN, UP, engine, futures};
use crate::yaml::wanted;

/// What the plan for a file refuses on podman, as far as the file declares networks and volumes of these drivers.
fn check(yaml: &str, expected: &Expect) {
    let desired = wanted(yaml);
    let engine = engine();
    let observed = futures(engine.observe(&question(&desired)));
    let mut observed = observed.expect("an engine in memory always answers");
    assert_eq!(plan(&desired, &observed, &UP).refusals, [], "as Docker");
    let drivers = |names: &[&str]| -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    };
    observed.identity.make = EngineMake::Podman;
    observed.identity.network_drivers = drivers(&["bridge", "ipvlan", "macvlan"]);
    observed.identity.volume_drivers = drivers(&["local"]);
    let said: Vec<String> = plan(&desired, &observed, &UP)
        .refusals
        .iter()
        .map(|it| format!("{}: {}\n  {}\n", it.address, it.message(), it.help()))
        .collect();
    expected.assert_eq(&said.concat());
    assert_eq!(plan(&desired, &observed, &DOWN).refusals, []);
}

#[test]
fn a_driver_that_podman_does_not_have_is_refused() {
    check(
        "
name: test
networks: { far: { driver: overlay } }
volumes: { share: { driver: nfs }, here: { driver: local } }
environments: { builder: { outer: { mode: dind, networks: [far] }, volumes: ['share:/share', 'here:/here'] } }
",
        &expect![[r#"
            network.far: the engine has no network driver `overlay`
              it has `bridge`, `ipvlan`, `macvlan`; another engine may have more
            volume.share: the engine has no volume driver `nfs`
              it has `local`; another engine may have more
        "#]],
    );
}

#[test]
fn a_device_by_its_name_is_refused_on_podman() {
    check(
        "
name: test
environments: { builder: { outer: { mode: dind, devices: [nvidia.com/gpu=all] } } }
",
        &expect![[r#"
            environment.builder: the engine is podman, whose Docker API gives no device by its name, as `nvidia.com/gpu=all` is
              name the device by its path, such as `/dev/dri`, or use Docker Engine instead
        "#]],
    );
}

#[test]
fn a_runtime_that_podman_would_not_use_is_refused() {
    check(
        "
name: test
environments: { box: { outer: sysbox } }
services: { web: { image: docker:cli, runtime: runc } }
",
        &expect![[r#"
            environment.box: the engine is podman, which starts every container with its own runtime whichever is asked for: `sysbox-runc` would not be used
              choose mode `dind`, `rootless` or `podman`, which need no runtime; or use Docker Engine instead
            service.web: the engine is podman, which starts every container with its own runtime whichever is asked for: `runc` would not be used
              leave `runtime` out, and name it in podman's own `containers.conf`; or use Docker Engine instead
        "#]],
    );
}

#[test]
fn a_refusal_says_where_the_file_asks_for_it() {
    let yaml = "
name: test
networks:
  far:
    driver: overlay
environments:
  other: { outer: sysbox }
services:
  gpu:
    image: docker:cli
    devices: [nvidia.com/gpu=all]
";
    let desired = wanted(yaml);
    let engine = engine();
    let observed = futures(engine.observe(&question(&desired)));
    let mut observed = observed.expect("an engine in memory always answers");
    observed.identity.make = EngineMake::Podman;
    observed.identity.network_drivers = ["bridge".to_owned()].into();
    let plan = plan(&desired, &observed, &UP);
    let places: Vec<String> = plan
        .refusals
        .iter()
        .map(|it| {
            let place = it.place.as_ref().expect("the file asks for it");
            let lines: Vec<&str> = yaml.lines().collect();
            let line = lines[place.start.0 - 1];
            format!(
                "{}: {}",
                it.address,
                &line[place.start.1 - 1..place.end.1 - 1]
            )
        })
        .collect();
    expect![[r#"
        environment.other: sysbox
        network.far: driver
        service.gpu: devices"#]]
    .assert_eq(&places.join("\n"));
    let errors = nest::report::json::plan(&plan)["errors"].clone();
    assert_eq!(errors[1]["line"], 5);
    assert_eq!(errors[1]["column"], 5);
}

#[test]
fn a_folder_of_a_volume_is_refused_on_podman() {
    check(
        "
name: test
volumes: { data: {} }
services:
  app:
    image: docker:cli
    volumes: [{ type: volume, source: data, target: /deep, volume: { subpath: deep } }]
",
        &expect![[r#"
            service.app: the engine is podman, whose Docker API mounts volumes whole: `/deep` would not be the folder that `subpath` names
              mount the whole volume and name the folder where it is used, or use Docker Engine instead
        "#]],
    );
}

#[test]
fn a_runtime_on_a_podman_that_is_not_there_yet_is_refused_too() {
    let desired = wanted(
        "
name: test
environments:
  pod:
    outer: podman
    inner:
      services: { web: { image: docker:cli, runtime: runc } }
  box:
    outer: dind
    inner:
      services: { web: { image: docker:cli, runtime: runc } }
",
    );
    let engine = engine();
    let observed = futures(engine.observe(&question(&desired)));
    let observed = observed.expect("an engine in memory always answers");
    let refusals = plan(&desired, &observed, &UP).refusals;
    let refused: Vec<&str> = refusals.iter().map(|it| it.address.as_str()).collect();
    assert_eq!(refused, ["environment.pod/service.web"]);
}

#[test]
fn a_build_with_an_ssh_agent_is_refused_on_podman() {
    check(
        "
name: test
images:
  - { image: own, source: { build: { context: 'https://git.example/x.git', ssh: [default=./agent] } } }
  - { image: plain, source: { build: 'https://git.example/x.git' } }
",
        &expect![[r#"
            image["own:latest"]: the engine is podman, whose Docker API builds without secrets and SSH agents
              build the image by `podman build --secret` and list it, or use Docker Engine as the outer engine
        "#]],
    );
}
