//! Files to start from.

use std::path::Path;
use std::process::{Command, Output};

use expect_test::expect;

use crate::front_end::{read, rendered};

fn nest(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nest"));
    command.current_dir(folder).args(arguments);
    command.env_remove("NEST_FILE").env_remove("NEST_ENV_FILE");
    command.output().expect("it runs")
}

/// A starter with all settings that it suggests.
fn with_suggestions(text: &str) -> String {
    let setting = |line: &str| {
        let rest = line.trim_start().strip_prefix("# ")?;
        let rest = rest.trim_start();
        let key = rest.split(':').next().unwrap_or_default();
        let is_key = !key.is_empty()
            && rest.contains(':')
            && key
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        (is_key || rest.starts_with("- ")).then(|| line.replacen("# ", "", 1))
    };
    let lines = text.lines();
    lines
        .map(|line| setting(line).unwrap_or_else(|| line.to_owned()) + "\n")
        .collect()
}

#[test]
fn a_starter_of_each_mode_is_right_with_and_without_its_suggestions() {
    for mode in nest::mode::MODES.iter().map(|mode| mode.name) {
        let folder = tempfile::tempdir().expect("there is room");
        let done = nest(folder.path(), &["init", "--mode", mode]);
        assert!(done.status.success(), "{done:?}");
        let path = folder.path().join("nest.yaml");
        let text = std::fs::read_to_string(path).expect("it is there");
        assert!(text.contains(&format!("mode: {mode}")));
        let checked = nest(folder.path(), &["validate"]);
        assert!(checked.status.success(), "{checked:?}");

        let whole = with_suggestions(&text);
        assert!(
            whole.lines().filter(|line| line.contains("# ")).count()
                < text.lines().filter(|line| line.contains("# ")).count()
        );
        let result = read(whole.as_str());
        assert!(result.is_ok(), "{whole}\n{}", rendered(&result));
    }
}

#[test]
fn a_mode_that_there_is_not_is_told_from_the_nearest() {
    let refused = nest(Path::new("/"), &["init", "--mode", "sysbx"]);
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(told.contains("did you mean `sysbox`?"), "{told}");
}

#[test]
fn a_file_that_is_there_is_left_alone() {
    let folder = tempfile::tempdir().expect("there is room");
    let path = folder.path().join("nest.yml");
    std::fs::write(&path, "mine\n").expect("there is room");
    let refused = nest(folder.path(), &["init"]);
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(told.contains("is there already"), "{told}");
    let refused = nest(folder.path(), &["init", "-f", "nest.yml"]);
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    assert_eq!(
        std::fs::read_to_string(path).expect("it is there"),
        "mine\n"
    );
    assert!(!folder.path().join("nest.yaml").exists());
}

#[test]
fn the_modes_are_listed() {
    let listed = nest(Path::new("/"), &["init", "--list"]);
    let text = String::from_utf8_lossy(&listed.stdout).into_owned();
    let names: Vec<&str> = text
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert_eq!(names, ["socket", "dind", "rootless", "sysbox", "podman"]);
}

const COMPOSE: &str = "\
version: '3'
services:
  docker:
    image: docker:28-dind
    privileged: true
    environment: { DOCKER_TLS_CERTDIR: /certs, CI: '${CI:-1}' }
    volumes: [store:/var/lib/docker, certs:/certs/client, ./src:/src]
    networks: [back]
  runner:
    image: docker:28-cli
    command: sleep infinity
    volumes: [/var/run/docker.sock:/var/run/docker.sock, ./src:/src:ro]
    depends_on: { docker: { condition: service_started }, db: { condition: service_started } }
  db: { image: postgres:16, oom_score_adj: 5 }
  tests:
    image: maven:3
    environment: { DOCKER_HOST: 'tcp://docker:2376', DOCKER_CERT_PATH: /certs/client, A: '1' }
    volumes: [certs:/certs/client:ro]
    networks: [back]
volumes: { store: {}, certs: {} }
networks: { back: {} }
";

#[test]
fn a_compose_file_becomes_a_nest_file_and_what_is_left_out_is_told() {
    let folder = tempfile::tempdir().expect("there is room");
    std::fs::write(folder.path().join("compose.yaml"), COMPOSE).expect("there is room");
    let done = nest(folder.path(), &["init", "--from", "compose.yaml"]);
    assert!(done.status.success(), "{done:?}");
    let told = String::from_utf8_lossy(&done.stderr).into_owned();
    let left_out: Vec<&str> = told
        .lines()
        .filter(|line| line.starts_with("left out"))
        .collect();
    expect![[r#"
        left out `services.docker.environment.DOCKER_TLS_CERTDIR`: nest chooses where the engine listens, without TCP and certificates
        left out `services.docker.volumes[/certs/client]`: the engine needs no certificates
        left out `services.db.oom_score_adj`: nest does not act on it
        left out `volumes.certs`: nothing uses it any more"#]].assert_eq(&left_out.join("\n"));
    let text = std::fs::read_to_string(folder.path().join("nest.yaml")).expect("it is there");
    expect![[r#"
        # yaml-language-server: $schema=https://json.schemastore.org/nest.json

        volumes:
          store: {}
        networks:
          back: {}
        environments:
          docker:
            outer:
              mode: dind
              image: docker:28-dind
              environment:
                CI: ${CI:-1}
              data: store
              networks:
              - back
            volumes:
            - ./src:/src
          runner:
            outer:
              mode: socket
              image: docker:28-cli
              command: sleep infinity
            volumes:
            - ./src:/src:ro
            depends_on:
              docker:
                condition: service_healthy
              db:
                condition: service_started
        services:
          db:
            image: postgres:16
          tests:
            image: maven:3
            environment:
              A: '1'
            networks:
            - back
            docker_host: docker
    "#]]
    .assert_eq(&text);
    let checked = nest(folder.path(), &["validate"]);
    assert!(checked.status.success(), "{checked:?}");
}

#[test]
fn each_way_to_run_an_engine_in_compose_has_its_mode() {
    let folder = tempfile::tempdir().expect("there is room");
    let compose = "\
services:
  one: { image: 'docker:28-dind', privileged: true, environment: { DOCKER_TLS_CERTDIR: '' } }
  two: { image: 'docker:28-dind-rootless', privileged: true, volumes: ['store:/home/rootless/.local/share/docker'] }
  three: { image: 'docker:28-dind', runtime: sysbox-runc }
  four: { image: quay.io/podman/stable, command: podman system service -t 0 }
volumes: { store: {} }
";
    std::fs::write(folder.path().join("compose.yaml"), compose).expect("there is room");
    let done = nest(folder.path(), &["init", "--from", "compose.yaml"]);
    assert!(done.status.success(), "{done:?}");
    let text = std::fs::read_to_string(folder.path().join("nest.yaml")).expect("it is there");
    let modes: Vec<&str> = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("mode: "))
        .collect();
    assert_eq!(modes, ["dind", "rootless", "sysbox", "podman"], "{text}");
    assert!(text.contains("data: store"), "{text}");
    assert!(!text.contains("environment: {}"), "{text}");
    let checked = nest(folder.path(), &["validate"]);
    assert!(checked.status.success(), "{checked:?}");
}

#[test]
fn a_problem_is_explained_by_its_code() {
    let explained = nest(Path::new("/"), &["explain", "unknown_key"]);
    let text = String::from_utf8_lossy(&explained.stdout).into_owned();
    assert!(text.starts_with("nest::unknown_key\n"), "{text}");
    assert!(text.contains("not known here"), "{text}");
    let unknown = nest(Path::new("/"), &["explain", "unknown_kye"]);
    let told = String::from_utf8_lossy(&unknown.stderr).into_owned();
    assert_eq!(unknown.status.code(), Some(1));
    assert!(told.contains("did you mean `nest::unknown_key`?"), "{told}");
}

#[test]
fn every_shell_gets_its_completions() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = nest(Path::new("/"), &["completions", shell]);
        let text = String::from_utf8_lossy(&script.stdout).into_owned();
        assert!(text.contains("deny-warnings"), "{shell}");
    }
}

#[test]
fn the_override_beside_the_file_is_found_from_a_folder_below() {
    let folder = tempfile::tempdir().expect("there is room");
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).expect("there is room");
    };
    write("nest.yaml", "environments: { aa: { outer: dind } }\n");
    write(
        "nest.override.yaml",
        "environments: { bb: { outer: dind } }\n",
    );
    let below = folder.path().join("below");
    std::fs::create_dir(&below).expect("there is room");
    let names = nest(&below, &["config", "--environments"]);
    assert_eq!(String::from_utf8_lossy(&names.stdout), "aa\nbb\n");
    let one = nest(&below, &["-f", "../nest.yaml", "config", "--environments"]);
    assert_eq!(String::from_utf8_lossy(&one.stdout), "aa\n");
    let text = nest(&below, &["validate", "--format", "json"]);
    assert!(text.status.success(), "{text:?}");
}
