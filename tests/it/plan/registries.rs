//! Registries that exist: what engines and their clients are given to use them.

use std::collections::BTreeMap;

use nest::plan::change::{Action, Impact};
use nest::plan::saved::SavedPlan;
use nest::plan::step::Operation;
use nest::report::json;
use nest::resource::container::file::{ContainerFile, FileContent};
use nest::up::question;

use crate::apply::bring_up;
use crate::plan::{UP, engine, plan_now, rendered};
use crate::yaml::wanted;

const FILE: &str = "
name: test
registries:
  ghcr: { host: ghcr.io, username: ci, password: { env: FIRST_SECRET } }
  hub: { mirror: docker.io, host: https://mirror.example.com:8443, username: me, password: { env: NEXT_SECRET } }
  lab: { host: 'lab.example.com:5000', insecure: true }
environments:
  builder:
    outer: dind
    registries: [ghcr, hub, lab]
    inner:
      images: [ghcr.io/org/app:1, busybox:1.35, quay.io/org/other:1]
services:
  client: { image: alpine:3.20, user: '1000', docker_host: builder }
";

/// What a private file of a container says.
fn credentials(yaml: &str, container: &str, path: &str) -> String {
    let desired = wanted(yaml);
    let container = &desired.engine.containers[container];
    match &container.access[path] {
        ContainerFile::Private(FileContent::Bytes(bytes)) => {
            String::from_utf8(bytes.clone()).expect("text")
        }
        other => panic!("{path}: {other:?}"),
    }
}

#[test]
fn an_engine_is_told_of_registries_that_exist() {
    let desired = wanted(FILE);
    let inner = desired.engine.containers["test-builder-1"].engine.as_ref();
    let daemon = &inner.expect("it has an engine").daemon;
    assert_eq!(
        daemon["registry-mirrors"][0],
        "https://mirror.example.com:8443/"
    );
    assert_eq!(daemon["insecure-registries"][0], "lab.example.com:5000");
}

#[test]
fn pulls_log_in_to_the_registry_or_to_its_mirror() {
    let plan = plan_now(&engine(), FILE, UP);
    let login = |image: &str| {
        let mut operations = plan.steps.iter().map(|step| &step.operation);
        operations.find_map(|operation| match operation {
            Operation::PullImage {
                reference, login, ..
            } if reference.as_str() == image => {
                Some(login.as_ref().map(|login| login.server.clone()))
            }
            _ => None,
        })
    };
    assert_eq!(login("ghcr.io/org/app:1"), Some(Some("ghcr.io".to_owned())));
    let mirror = "mirror.example.com:8443".to_owned();
    assert_eq!(login("busybox:1.35"), Some(Some(mirror)));
    assert_eq!(login("quay.io/org/other:1"), Some(None));
}

#[test]
fn engines_and_clients_get_a_file_that_logs_in() {
    for (container, path) in [
        ("test-builder-1", "/root/.docker/config.json"),
        ("test-client-1", "/etc/nest/docker/config.json"),
    ] {
        let text = credentials(FILE, container, path);
        for server in [
            "ghcr.io",
            "mirror.example.com:8443",
            "https://index.docker.io/v1/",
        ] {
            assert!(text.contains(&format!("\"{server}\"")), "{text}");
        }
    }
    let own = FILE.replace("user: '1000'", "environment: { DOCKER_CONFIG: /x }");
    credentials(&own, "test-client-1", "/x/config.json");
    let client = &wanted(FILE).engine.containers["test-client-1"];
    assert_eq!(
        client.fixed.environment["DOCKER_CONFIG"],
        "/etc/nest/docker"
    );
}

#[test]
fn a_password_is_compared_and_written_in_place_and_shown_nowhere() {
    let engine = engine();
    let plan = plan_now(&engine, FILE, UP);
    for shown in [rendered(&plan), json::plan(&plan).to_string()] {
        assert!(!shown.contains("hunter"), "{shown}");
        assert!(!shown.contains("Y2k6"), "{shown}");
    }
    bring_up(&engine, FILE);
    engine.with(|state| {
        for volume in state.volumes.values() {
            let labels = format!("{:?}", volume.labels);
            assert!(
                !labels.contains("hunter") && !labels.contains("Y2k6"),
                "{labels}"
            );
        }
    });
    assert!(!plan_now(&engine, FILE, UP).has_changes());
    let other = FILE.replace("env: FIRST_SECRET", "env: NEXT_SECRET");
    let plan = plan_now(&engine, &other, UP);
    let text = rendered(&plan);
    let line = "registry file /root/.docker/config.json : (sensitive value) -> (sensitive value)";
    assert!(text.contains(line), "{text}");
    for change in plan.changes.iter().filter(|it| it.action != Action::NoOp) {
        assert_eq!(
            (change.action, change.impact),
            (Action::Update, Impact::None)
        );
    }
    let writes = plan.steps.iter().filter(|step| match &step.operation {
        Operation::WriteFiles { files, .. } => {
            files.keys().all(|path| path.ends_with("config.json"))
        }
        _ => false,
    });
    assert_eq!(writes.count(), 2);
    bring_up(&engine, &other);
    assert!(!plan_now(&engine, &other, UP).has_changes());
}

#[test]
fn a_login_that_leaves_the_file_leaves_nothing_in_the_container() {
    let engine = engine();
    bring_up(&engine, FILE);
    let without = FILE
        .replace("[ghcr, hub, lab]", "[]")
        .replace("ghcr.io/org/app:1, ", "");
    let plan = plan_now(&engine, &without, UP);
    let written = plan.steps.iter().find_map(|step| match &step.operation {
        Operation::WriteFiles { container, files } if container.name == "test-builder-1" => {
            files.get("/root/.docker/config.json").cloned()
        }
        _ => None,
    });
    let nothing = ContainerFile::Private(FileContent::Bytes(b"{}\n".to_vec()));
    assert_eq!(written, Some(nothing));
    bring_up(&engine, &without);
    assert!(!plan_now(&engine, &without, UP).has_changes());
}

#[test]
fn a_mirror_that_nest_runs_logs_in_by_a_file() {
    let yaml = "
name: test
registries: { ghcr: { mirror: ghcr.io, username: ci, password: { env: FIRST_SECRET } } }
";
    let desired = wanted(yaml);
    let container = &desired.engine.containers["test-ghcr-1"];
    assert_eq!(container.fixed.command, ["/etc/nest/registry.yml"]);
    let text = format!("{:?}", container.fixed.environment);
    assert!(!text.contains("hunter"), "{text}");
    match &container.fixed.files["/etc/nest/registry.yml"] {
        ContainerFile::Regular {
            content: FileContent::Bytes(bytes),
            mode: 0o600,
            ..
        } => {
            let text = String::from_utf8_lossy(bytes);
            assert!(text.contains("\"password\": \"hunter2\""), "{text}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_file_of_somebody_elses_is_not_written_over() {
    for (service, given) in [
        (
            "environment: { DOCKER_CONFIG: /x }, volumes: ['/home/me/.docker:/x']",
            "`/x/config.json`, and something is mounted at `/x`",
        ),
        (
            "tmpfs: [/etc/nest]",
            "`/etc/nest/docker/config.json`, and something is mounted at `/etc/nest`",
        ),
    ] {
        let yaml = FILE.replace("user: '1000'", service);
        let refusals = format!("{:?}", plan_now(&engine(), &yaml, UP).refusals);
        assert!(refusals.contains(given), "{refusals}");
    }
    let yaml = FILE.replace("user: '1000'", "volumes: ['/home/me/.docker:/etc/nested']");
    assert!(plan_now(&engine(), &yaml, UP).refusals.is_empty());
}

#[test]
fn what_the_docker_cli_does_not_have_is_a_refusal() {
    let yaml = "
name: test
registries: { ghcr: { host: ghcr.io, credentials: docker } }
environments: { builder: { outer: dind, registries: [ghcr] } }
";
    let plan = plan_now(&engine(), yaml, UP);
    let refusals = format!("{:?}", plan.refusals);
    assert!(
        refusals.contains("what logs in to the registry `ghcr`"),
        "{refusals}"
    );
}

#[test]
fn a_saved_plan_holds_no_login() {
    let pushed = "
name: test
registries:
  ours: { host: ghcr.io, username: ci, password: { env: FIRST_SECRET }, images: [alpine:3.20] }
";
    for yaml in [FILE, pushed] {
        let desired = wanted(yaml);
        let plan = plan_now(&engine(), yaml, UP);
        assert!(!plan.steps.is_empty());
        let saved = SavedPlan {
            nest_version: "1".to_owned(),
            files: BTreeMap::new(),
            question: question(&desired),
            plan,
            withheld: None,
        };
        let saved = saved.without_secrets(&desired, &UP);
        assert!(saved.plan.steps.is_empty() && saved.withheld.is_some());
        let text = serde_json::to_string(&saved).expect("JSON");
        assert!(!text.contains("hunter"), "{text}");
    }
}
