//! Other clients of the engines that nest serves: docker, buildx, Compose and Testcontainers themselves, which
//! `cargo xtask test` installs.
//!
//! The tests are ignored without them; `NEST_TEST_CLIENTS` names the folder where they are.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::real::sandbox::{Ran, Sandbox};
use crate::tree::package;

const PROJECT: &str = "
environments:
  builder: { outer: dind, inner: { images: [alpine:3.20] } }
services:
  tests:
    image: docker:cli
    docker_host: builder
    profiles: [test]
    environment: { TESTCONTAINERS_RYUK_DISABLED: 'true', PYTHONPATH: /clients/python }
    volumes: [./clients:/clients:ro, ./results:/results]
  pod:
    extends: { service: tests }
    profiles: [test]
    network_mode: service:builder
";

/// A shell script that is a client of the engine in `builder`.
fn through_connect(sandbox: &Sandbox, script: &str) -> Ran {
    let path = std::env::var("PATH").expect("a search path");
    let path = format!("{}:{path}", programs().join("bin").display());
    let mut command = sandbox.command(&["connect", "builder", "--", "sh", "-euxc", script]);
    command.env("PATH", path);
    command.env("TESTCONTAINERS_RYUK_DISABLED", "true");
    let ran = Ran::from(command.output().expect("nest starts"));
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    ran
}

fn programs() -> PathBuf {
    let folder = std::env::var_os("NEST_TEST_CLIENTS");
    let folder =
        folder.expect("`NEST_TEST_CLIENTS` names the folder of programs: run `cargo xtask test`");
    PathBuf::from(folder)
}

fn up() -> Sandbox {
    let sandbox = Sandbox::new(PROJECT);
    let folder = sandbox.folder.path();
    for made in ["clients", "results"] {
        fs::create_dir(folder.join(made)).expect("a folder");
    }
    sandbox.succeed(&["up"]);
    sandbox
}

#[test]
#[ignore = "needs programs that `cargo xtask test` installs"]
fn docker_and_buildx() {
    let sandbox = up();
    let folder = sandbox.folder.path();
    let dockerfile =
        "FROM alpine:3.20\nCOPY word /word\nRUN cat /word > /built && echo again >> /built\n";
    fs::create_dir(folder.join("context")).expect("a folder");
    fs::write(folder.join("context/Dockerfile"), dockerfile).expect("it is written");
    fs::write(folder.join("context/word"), "word\n").expect("it is written");
    let ran = through_connect(
        &sandbox,
        "docker buildx build --quiet --tag built:here context >&2
         docker run --rm built:here cat /built
         docker build --quiet --tag other:here context >&2
         docker images --format '{{.Repository}}' | sort | tr '\\n' ' '; echo
         docker run --detach --name long alpine:3.20 sh -c 'echo said; sleep 1000' >&2
         echo read | docker exec --interactive long sh -c 'cat; hostname' | head -n 1
         docker cp context/word long:/copied
         docker exec long cat /copied
         docker logs long
         docker run --rm alpine:3.20 sh -c 'exit 3' || echo ended with $?
         docker rm --force long >&2
         docker ps --all --quiet | wc -l",
    );
    assert_eq!(
        ran.stdout, "word\nagain\nalpine built other \nread\nword\nsaid\nended with 3\n0\n",
        "{}",
        ran.stderr
    );
    // None of it is outside.
    let outside = sandbox.docker.inspect_image("built:here");
    assert!(sandbox.runtime.block_on(outside).is_err());
}

#[test]
#[ignore = "needs programs that `cargo xtask test` installs"]
fn compose() {
    let sandbox = up();
    let compose = "name: shop\nservices:\n  web:\n    image: alpine:3.20\n    command: [sh, -c, 'echo open; sleep 1000']\n    \
                   init: true\n    stop_grace_period: 0s\n    volumes: [shelf:/shelf]\n    \
                   healthcheck: { test: ['CMD', 'true'], interval: 200ms }\n  \
                   clerk:\n    image: alpine:3.20\n    init: true\n    command: [sleep, '1000']\n    stop_grace_period: 0s\n    \
                   depends_on: { web: { condition: service_healthy } }\nvolumes: { shelf: {} }\n";
    fs::write(sandbox.folder.path().join("compose.yaml"), compose).expect("it is written");
    let ran = through_connect(
        &sandbox,
        "docker compose up --detach --wait >&2
         docker compose ps --format '{{.Service}} {{.State}}' | sort
         docker compose logs --no-log-prefix web
         docker compose exec -T clerk echo at your service
         docker compose down --volumes >&2
         docker ps --all --quiet | wc -l
         docker volume ls --quiet | grep -c shop || true",
    );
    assert_eq!(
        ran.stdout, "clerk running\nweb running\nopen\nat your service\n0\n0\n",
        "{}",
        ran.stderr
    );
}

#[test]
#[ignore = "needs programs that `cargo xtask test` installs"]
fn testcontainers() {
    let sandbox = up();
    let folder = sandbox.folder.path();
    let script = package().join("tests/clients/published.py");
    let ran = through_connect(&sandbox, &format!("python {}", script.display()));
    let builder = sandbox.inspect(&format!("{}-builder-1", sandbox.name));
    let networks = builder.network_settings.and_then(|it| it.networks);
    let mut addresses = networks.unwrap_or_default().into_values();
    let address = addresses.find_map(|it| it.ip_address).expect("an address");
    assert_eq!(ran.stdout, format!("{address} served 0 inside\n"));

    // The same as a job: a service that is a client, its results, its code, and nothing left.
    let clients = folder.join("clients");
    for (from, to) in [("python", "python"), ("debian/usr", "debian")] {
        let (from, to) = (programs().join(from), clients.join(to));
        let copied = Command::new("cp").arg("-a").arg(&from).arg(&to).status();
        assert!(copied.expect("cp").success(), "{}", from.display());
    }
    fs::copy(&script, clients.join("published.py")).expect("it is copied");
    let python = "libraries=$(echo /clients/debian/lib/*-linux-gnu); \
                  exec $libraries/ld-linux* --library-path $libraries /clients/debian/bin/python3 \"$@\"";
    // In a container, Testcontainers takes the gateway of the engine's own network for `localhost`: in the pod that
    // answers as well.
    for (service, host) in [("tests", "builder"), ("pod", "172.17.0.1")] {
        let copy = format!("{service}:/results/report=report");
        let run = [
            "run", "--copy", &copy, service, "sh", "-c", python, "python",
        ];
        let test = ["/clients/published.py", "/results/report"];
        let ran = sandbox.succeed(&[&run[..], &test[..]].concat());
        let wanted = format!("{host} served 0 inside");
        assert_eq!(ran.stdout.trim(), wanted, "{}", ran.stderr);
        let report = fs::read_to_string(folder.join("report"));
        assert_eq!(report.expect("it is fetched"), wanted);
    }
    let run = [
        "run",
        "--down",
        "--volumes",
        "tests",
        "sh",
        "-c",
        python,
        "python",
    ];
    let ran = sandbox.nest(&[&run[..], &["-c", "raise SystemExit(9)"]].concat());
    assert_eq!(ran.code, 9, "{}", ran.stderr);
    assert!(sandbox.objects().is_empty(), "{:?}", sandbox.objects());
}
