//! Services: where they come from, and what clients of an engine get.

use std::fmt::Write as _;

use expect_test::expect;
use nest::model::Scope;
use nest::model::environment::Environment;
use nest::model::name::{EnvironmentName, ServiceName};
use nest::model::service::Service;

use crate::front_end::{read_several, rendered};
use crate::project::project;

const NEST: &str = "/home/ann/ci/nest.yaml";

fn service<'s>(scope: &'s Scope, name: &str) -> &'s Service {
    &scope.services[&ServiceName::new(name)]
}

fn environment<'s>(scope: &'s Scope, name: &str) -> &'s Environment {
    &scope.environments[&EnvironmentName::new(name)]
}

#[test]
fn a_client_is_wired_to_its_engine_as_that_listens() {
    let project = project(
        "\
registries: { hub: { mirror: docker.io } }
environments:
  plain: { outer: dind, registries: [hub] }
  safe: { outer: { mode: dind, listen: tls } }
  open: { outer: { mode: dind, listen: tcp } }
  shared: { outer: socket }
  many: { outer: { mode: dind, listen: tcp }, replicas: 3 }
services:
  plain-client: { image: alpine, docker_host: plain }
  pod: { image: alpine, docker_host: safe, network_mode: service:safe }
  safe-client: { image: alpine, docker_host: safe }
  open-client: { image: alpine, docker_host: open }
  shared-client: { image: alpine, docker_host: shared }
  one-of-many: { image: alpine, docker_host: \"many[3]\" }
  one-to-one: { image: alpine, docker_host: many, replicas: 3 }
",
    );
    let mut wired = String::new();
    for (name, service) in &project.scope.services {
        let host = service.docker_host.as_ref().expect("each is a client");
        let environment = &project.scope.environments[&host.environment];
        let wiring = host.wiring(service, 2, environment);
        let registries = wiring.registries.len();
        let shared = wiring.shared;
        let _ = writeln!(wired, "{name}: {shared:?}, {registries} registries");
        for (name, value) in wiring.variables {
            let _ = writeln!(wired, "  {name}={value}");
        }
    }
    expect![[r#"
        plain-client: Some(Socket), 1 registries
          DOCKER_HOST=unix:///var/run/docker.sock
          TESTCONTAINERS_HOST_OVERRIDE=plain
        pod: Some(Certificates), 0 registries
          DOCKER_HOST=tcp://localhost:2376
          DOCKER_TLS_VERIFY=1
          DOCKER_CERT_PATH=/certs/client
          TESTCONTAINERS_HOST_OVERRIDE=localhost
        safe-client: Some(Certificates), 0 registries
          DOCKER_HOST=tcp://safe:2376
          DOCKER_TLS_VERIFY=1
          DOCKER_CERT_PATH=/certs/client
          TESTCONTAINERS_HOST_OVERRIDE=safe
        open-client: None, 0 registries
          DOCKER_HOST=tcp://open:2375
          TESTCONTAINERS_HOST_OVERRIDE=open
        shared-client: Some(Socket), 0 registries
          DOCKER_HOST=unix:///var/run/docker.sock
          TESTCONTAINERS_HOST_OVERRIDE=shared
        one-of-many: None, 0 registries
          DOCKER_HOST=tcp://many-3:2375
          TESTCONTAINERS_HOST_OVERRIDE=many-3
        one-to-one: None, 0 registries
          DOCKER_HOST=tcp://many-2:2375
          TESTCONTAINERS_HOST_OVERRIDE=many-2
    "#]]
    .assert_eq(&wired);
}

#[test]
fn a_compose_file_joins_the_scope_that_names_it() {
    let table = [
        (
            NEST,
            "\
compose: { path: app/compose.yaml, profiles: [debug] }
environments:
  builder: { outer: dind, inner: { compose: [inner.yaml] } }
services:
  web: { image: \"nginx:1\", depends_on: [db] }
",
        ),
        (
            "/home/ann/ci/app/compose.yaml",
            "\
name: other
include: [more.yaml]
services:
  db: { image: \"postgres:${VERSION}\", volumes: [\"store:/data\", \"./conf:/conf\"], networks: [back] }
  tool: { image: alpine, profiles: [debug] }
  never: { image: alpine, profiles: [extra] }
volumes: { store: }
networks: { back: }
",
        ),
        ("/home/ann/ci/app/.env", "VERSION=16\n"),
        (
            "/home/ann/ci/app/more.yaml",
            "services: { cache: { extends: { service: base, file: base/base.yaml }, hostname: cache } }\n",
        ),
        (
            "/home/ann/ci/app/base/base.yaml",
            "services: { base: { image: redis, volumes: [./data:/data] } }\n",
        ),
        (
            "/home/ann/ci/inner.yaml",
            "services: { inside: { image: alpine } }\n",
        ),
    ];
    let result = read_several(&table, &[NEST], &[]);
    let Ok(read) = &result else {
        panic!("{}", rendered(&result));
    };
    let scope = &read.project.scope;
    let names: Vec<&str> = scope.services.keys().map(ServiceName::as_str).collect();
    assert_eq!(names, ["web", "db", "tool", "cache"]);
    assert_eq!(service(scope, "db").container.image.as_str(), "postgres:16");
    let inner = &environment(scope, "builder").inner;
    assert!(inner.services.contains_key(&ServiceName::new("inside")));
    let mounts = |name: &str| service(scope, name).written()["volumes"].clone();
    assert_eq!(mounts("db")[1]["source"], "/home/ann/ci/app/conf");
    assert_eq!(mounts("cache")[0]["source"], "/home/ann/ci/app/base/data");
}
