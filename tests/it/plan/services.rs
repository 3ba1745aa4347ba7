//! Services, their networks and their files: what a change of them means.

use expect_test::expect;
use nest::observed::ContainerState;
use nest::plan::change::{Action, Change};

use crate::apply::{bring_up, run};
use crate::plan::{DOWN_WITH_VOLUMES, UP, check, engine, plan_now};

const CLIENT: &str = "
name: test
networks: { back: { internal: true } }
configs: { app: { content: one } }
environments:
  builder: { outer: { mode: dind, networks: [back] } }
services:
  client:
    image: docker:cli
    docker_host: builder
    networks: [back]
    configs: [{ source: app, target: /etc/app }]
    restart: always
  pod: { image: docker:cli, docker_host: builder, network_mode: service:builder, restart: always }
";

/// What becomes of what changes, each with its reason.
pub(super) fn becomes(
    yaml: &str,
    new: &str,
    disturb: impl FnOnce(&crate::memory::MemoryEngine),
) -> Vec<String> {
    let engine = engine();
    bring_up(&engine, yaml);
    disturb(&engine);
    let plan = plan_now(&engine, new, UP);
    let becomes = |change: &Change| {
        let reason = change
            .reason
            .as_ref()
            .map(nest::plan::change::Reason::phrase);
        let reason = reason
            .map(|reason| format!(" ({reason})"))
            .unwrap_or_default();
        format!("{:?} {}{reason}", change.action, change.address)
    };
    let changes = plan.changes.iter();
    changes
        .filter(|change| change.action != Action::NoOp)
        .map(becomes)
        .collect()
}

#[test]
fn a_client_is_made_with_all_that_it_needs() {
    expect![[r#"
        nest will perform these actions:

          # network.back will be created
          + network "test_back"
              + driver   : bridge
              + internal : true

          # volume.builder-1-data will be created
          + volume "test_builder-1-data"
              + driver : local

          # volume.builder-1-socket will be created
          + volume "test_builder-1-socket"
              + driver : local

          # environment.builder will be created
          + container "test-builder-1"
              + image                    : docker:dind
              + mode                     : dind
              + socket                   : /var/run/docker.sock
              + command                  : [dockerd, --host=unix:///var/run/docker.sock, --host=unix:///nest/docker.sock]
              + environment.NEST_REPLICA : 1
              + mount /nest              : volume test_builder-1-socket
              + mount /var/lib/docker    : volume test_builder-1-data
              + privileged               : true
              + stop_timeout             : 60
              + restart                  : no

          # service.client will be created
          + container "test-client-1"
              + image                                    : docker:cli
              + environment.DOCKER_HOST                  : unix:///var/run/docker.sock
              + environment.NEST_REPLICA                 : 1
              + environment.TESTCONTAINERS_HOST_OVERRIDE : builder
              + mount /nest                              : volume test_builder-1-socket
              + file /etc/app permissions                : 0444, 0:0
              + file /etc/app                            : (sensitive value)
              + file /var/run/docker.sock                : link to /nest/docker.sock
              + restart                                  : always

          # service.pod will be created
          + container "test-pod-1"
              + image                                    : docker:cli
              + environment.DOCKER_HOST                  : unix:///var/run/docker.sock
              + environment.NEST_REPLICA                 : 1
              + environment.TESTCONTAINERS_HOST_OVERRIDE : localhost
              + mount /nest                              : volume test_builder-1-socket
              + network_mode                             : container:test-builder-1
              + file /var/run/docker.sock                : link to /nest/docker.sock
              + restart                                  : always

        Plan: 6 to add, 0 to change, 0 to destroy.
    "#]].assert_eq(&crate::plan::rendered(&plan_now(&engine(), CLIENT, UP)));
}

#[test]
fn a_client_is_made_when_its_engine_is_ready() {
    let engine = engine();
    bring_up(&engine, CLIENT);
    let log = engine.take_log();
    let place = |word: &str| log.iter().rposition(|one| one == word);
    let ready = log.iter().position(|one| one == "WaitForEngine");
    assert!(ready < place("CreateContainer"), "{log:?}");
    assert!(log.contains(&"WriteFiles".to_owned()), "{log:?}");
    assert!(!plan_now(&engine, CLIENT, UP).has_changes());
    run(&engine, CLIENT, DOWN_WITH_VOLUMES);
    assert_eq!(engine.with(|state| state.objects()), Vec::<String>::new());
}

#[test]
fn what_shares_a_network_goes_the_way_of_its_owner() {
    let replaced = CLIENT.replace("mode: dind,", "mode: dind, environment: { A: b },");
    assert_eq!(
        becomes(CLIENT, &replaced, |_| {}),
        [
            "Replace environment.builder",
            "Replace service.pod (`test-builder-1`, whose namespaces it shares, is made anew)",
        ]
    );
    let restarted = CLIENT.replace("mode: dind,", "mode: dind, daemon: { mtu: 1400 },");
    assert_eq!(
        becomes(CLIENT, &restarted, |_| {}),
        [
            "Update environment.builder",
            "Update service.pod (it is started again with `test-builder-1`)",
        ]
    );
    let stop = |engine: &crate::memory::MemoryEngine| {
        engine.with(|state| {
            let container = state.containers.get_mut("test-builder-1");
            container.expect("it is there").state = ContainerState::Exited(0);
        });
    };
    assert_eq!(
        becomes(CLIENT, CLIENT, stop),
        [
            "Update environment.builder (it does not run)",
            "Update service.pod (it is started again with `test-builder-1`)",
        ]
    );
}

#[test]
fn a_config_that_changes_makes_its_service_anew() {
    check(
        CLIENT,
        |_| {},
        &CLIENT.replace("content: one", "content: two"),
        &expect![[r#"
            nest will perform these actions:

              # service.client must be replaced
            -/+ container "test-client-1"
                  ~ file /etc/app : (sensitive value) -> (sensitive value)   # forces replacement
                    (9 unchanged attributes hidden)

            Plan: 1 to add, 0 to change, 1 to destroy.
        "#]],
    );
}

#[test]
fn a_network_that_changes_is_made_anew_under_its_containers() {
    let other = CLIENT.replace("internal: true", "labels: { a: b }");
    assert_eq!(
        becomes(CLIENT, &other, |_| {}),
        [
            "Replace network.back",
            "Update environment.builder (its network `test_back` is made anew)",
            "Update service.client (its network `test_back` is made anew)",
        ]
    );
    let engine = engine();
    bring_up(&engine, CLIENT);
    bring_up(&engine, &other);
    assert!(!plan_now(&engine, &other, UP).has_changes());
}

const ONE_SHOT: &str = "
name: test
services:
  migrate: { image: alpine:3.20, command: migrate }
  app:
    image: alpine:3.20
    restart: always
    depends_on: { migrate: { condition: service_completed_successfully } }
";

#[test]
fn what_has_done_its_work_is_done_until_it_changes() {
    assert_eq!(becomes(ONE_SHOT, ONE_SHOT, |_| {}), Vec::<String>::new());
    let changed = ONE_SHOT.replace("command: migrate", "command: migrate --all");
    assert_eq!(
        becomes(ONE_SHOT, &changed, |_| {}),
        ["Replace service.migrate"]
    );
    let limited = ONE_SHOT.replace("command: migrate", "command: migrate, cpus: 1");
    assert_eq!(
        becomes(ONE_SHOT, &limited, |_| {}),
        ["Update service.migrate (it does not run)"]
    );
    let failed = |engine: &crate::memory::MemoryEngine| {
        engine.with(|state| {
            let container = state.containers.get_mut("test-migrate-1");
            container.expect("it is there").state = ContainerState::Exited(3);
        });
    };
    assert_eq!(
        becomes(ONE_SHOT, ONE_SHOT, failed),
        ["Update service.migrate (it does not run)"]
    );
}

#[test]
fn a_service_of_an_inner_engine_has_its_image_and_its_ports_on_the_way() {
    expect![[r#"
        nest will perform these actions:

          # network.default will be created
          + network "test_default"
              + driver : bridge

          # volume.builder-1-data will be created
          + volume "test_builder-1-data"
              + driver : local

          # volume.builder-1-socket will be created
          + volume "test_builder-1-socket"
              + driver : local

          # environment.builder will be created
          + container "test-builder-1"
              + image                    : docker:dind
              + mode                     : dind
              + socket                   : /var/run/docker.sock
              + command                  : [dockerd, --host=unix:///var/run/docker.sock, --host=unix:///nest/docker.sock]
              + environment.NEST_REPLICA : 1
              + port 8080/tcp            : 127.0.0.1:8080
              + mount /nest              : volume test_builder-1-socket
              + mount /var/lib/docker    : volume test_builder-1-data
              + privileged               : true
              + stop_timeout             : 60
              + restart                  : no

          # environment.builder/network.default will be created
          + network "test_default"
              + driver : bridge

          # environment.builder/image["alpine:3.20"] will be created
          + image "alpine:3.20"

          # environment.builder/service.web will be created
          + container "web-1"
              + image                    : alpine:3.20
              + environment.NEST_REPLICA : 1
              + port 80/tcp              : 8080
              + restart                  : no

        Plan: 7 to add, 0 to change, 0 to destroy.
    "#]].assert_eq(&crate::plan::rendered(&plan_now(
        &engine(),
        r#"
name: test
environments:
  builder:
    outer: dind
    inner:
      services:
        web: { image: "alpine:3.20", ports: ["127.0.0.1:8080:80"] }
"#,
        UP,
    )));
}

#[test]
fn what_is_read_only_is_given_no_files() {
    let yaml = "
name: test
configs: { app: { content: one } }
environments: { builder: { outer: dind } }
services:
  client: { image: docker:cli, docker_host: builder, read_only: true }
  web: { image: alpine:3.20, read_only: true, configs: [app] }
";
    let plan = plan_now(&engine(), yaml, UP);
    let refused = plan.refusals.iter();
    let refused: Vec<String> = refused
        .map(|refusal| format!("{}: {}", refusal.address, refusal.message()))
        .collect();
    assert_eq!(
        refused,
        [
            "service.web: what it is to be given cannot be had: nest writes them into it before it starts, and it is `read_only`"
        ]
    );
    let shown = crate::plan::rendered(&plan);
    assert!(shown.contains("unix:///nest/docker.sock"), "{shown}");
}

#[test]
fn a_secret_that_cannot_be_had_is_a_refusal() {
    expect![[r#"
        nest will perform these actions:

          # network.default will be created
          + network "test_default"
              + driver : bridge

          # service.web will be created
          + container "test-web-1"
              + image                    : alpine:3.20
              + environment.NEST_REPLICA : 1
              + restart                  : no

        error: service.web: what it is to be given cannot be had: the secret `token`: the variable `NOT_SET_ANYWHERE` is not set
          --> /project/test/nest.yaml:5:30
          hint: make the file readable, or set the variable, that the secret or config comes from; a container with files of its own cannot be `read_only`

        Plan: 2 to add, 0 to change, 0 to destroy.
    "#]].assert_eq(&crate::plan::rendered(&plan_now(
        &engine(),
        r"
name: test
secrets: { token: { environment: NOT_SET_ANYWHERE } }
services:
  web: { image: alpine:3.20, secrets: [token] }
",
        UP,
    )));
}
