//! Services are merged and extended as Compose does it.
//!
//! `services.txt` holds what `docker compose config` 2.40 makes of every case: the settings of the service `main` in a file,
//! and those in a file that goes over it.

mod words;

use std::path::Path;
use std::process::Command;

use expect_test::expect_file;
use nest::model::name::ServiceName;
use serde_json::Value;

use crate::compose::services::words::projected;
use crate::front_end::read_several;

const BASE: &str = "/home/ann/ci/nest.yaml";
const OVER: &str = "/home/ann/ci/nest.override.yaml";
const COMMON: &str = "/home/ann/ci/common/services.yaml";

/// What every first file has besides.
const HEAD: &str = "\
volumes: { one: {}, two: {} }
networks: { back: {}, front: {} }
secrets: { tok: { file: ./tok }, key: { file: ./key } }
configs: { app: { file: ./app }, conf: { file: ./conf } }
services:
  other: { image: x }
  third: { image: x }
  base:
    image: x
    command: base
    environment: { A: base, B: base }
    labels: { l: base }
    ports: ['80']
    volumes: ['one:/x', './a:/a']
    networks: { back: { aliases: [base] } }
    depends_on: [other]
    healthcheck: { test: base, retries: 3 }
    ulimits: { nofile: { soft: 1, hard: 2 } }
    cap_add: [SYS_PTRACE]
    dns: 1.1.1.1
  chain: { extends: base, environment: { C: chain } }
";

/// Another file, in another folder, whose services are extended.
const OTHER_FILE: &str = "\
services:
  base:
    image: x
    environment: { A: common, D: common }
    volumes: ['./a:/a', '../b:/b']
  chain: { extends: { service: base }, hostname: chain }
";

/// Settings of `main` in a first file and in one that goes over it.
const CASES: &[(&str, &str)] = &[
    ("environment: { A: '1', B: '2' }", "environment: [B=3, C=4]"),
    ("environment: [A=1, SET]", "environment: { A: !reset null }"),
    ("labels: [a=1, b]", "labels: { b: '2', c: '3' }"),
    ("labels: { a: '1' }", "labels: !override { b: '2' }"),
    (
        "sysctls: [net.core.somaxconn=1]",
        "sysctls: { net.core.somaxconn: 2, kernel.shmmax: 3 }",
    ),
    ("ports: ['80:80']", "ports: ['80:80', '81:81']"),
    (
        "ports: ['80:80']",
        "ports: [{ target: 82, published: '82' }]",
    ),
    ("ports: ['80:80']", "ports: !override ['81:81']"),
    ("ports: ['80:80']", "ports: !reset []"),
    ("expose: [80]", "expose: ['80', 81]"),
    ("volumes: ['one:/x']", "volumes: ['two:/x:ro']"),
    (
        "volumes: ['one:/x']",
        "volumes: [{ type: bind, source: ./a, target: /x }]",
    ),
    ("volumes: ['one:/x', './a:/a']", "volumes: ['./b:/b']"),
    ("networks: [back]", "networks: [front]"),
    ("networks: [back]", "networks: { back: { aliases: [a] } }"),
    (
        "networks: { back: { aliases: [a] } }",
        "networks: { back: { aliases: [b] }, front: }",
    ),
    ("networks: { back: { aliases: [a] } }", "networks: [back]"),
    ("networks: { back: }", "networks: !override [front]"),
    ("networks: [back, front]", "networks: !reset"),
    ("depends_on: [other]", "depends_on: [third]"),
    (
        "depends_on: [other]",
        "depends_on: { other: { condition: service_healthy } }",
    ),
    (
        "depends_on: { other: { condition: service_healthy } }",
        "depends_on: [other]",
    ),
    (
        "depends_on: { other: { condition: service_healthy } }",
        "depends_on: { other: { condition: service_started, required: false } }",
    ),
    (
        "depends_on: { other: { condition: service_completed_successfully } }",
        "depends_on: [third]",
    ),
    (
        "depends_on: [other]",
        "depends_on: !override { third: { condition: service_started } }",
    ),
    (
        "healthcheck: { test: [CMD, a], retries: 1 }",
        "healthcheck: { test: [CMD, b, c] }",
    ),
    (
        "healthcheck: { test: a b, retries: 1 }",
        "healthcheck: { retries: 2 }",
    ),
    ("healthcheck: { test: a b }", "healthcheck: !reset {}"),
    (
        "ulimits: { nofile: 1 }",
        "ulimits: { nofile: { soft: 1, hard: 2 }, nproc: 3 }",
    ),
    (
        "ulimits: { nofile: { soft: 1, hard: 2 } }",
        "ulimits: { nofile: 7 }",
    ),
    (
        "ulimits: { nofile: { soft: 1, hard: 3 } }",
        "ulimits: { nofile: { soft: 2, hard: 4 } }",
    ),
    ("dns: 1.1.1.1", "dns: [2.2.2.2, 1.1.1.1]"),
    ("dns_search: [a.example]", "dns_search: b.example"),
    ("tmpfs: /run", "tmpfs: [/tmp, /run]"),
    ("tmpfs: [/run:size=1m]", "tmpfs: [/run:size=2m]"),
    ("cap_add: [SYS_PTRACE]", "cap_add: [SYS_PTRACE, NET_ADMIN]"),
    ("cap_drop: [ALL]", "cap_drop: !override [NET_RAW]"),
    ("group_add: [a]", "group_add: [b, 7]"),
    (
        "security_opt: ['no-new-privileges:true']",
        "security_opt: ['label:disable']",
    ),
    ("extra_hosts: ['a=1.1.1.1']", "extra_hosts: { b: 2.2.2.2 }"),
    (
        "extra_hosts: { a: 1.1.1.1 }",
        "extra_hosts: ['a=1.1.1.1', 'b=2.2.2.2']",
    ),
    ("secrets: [tok]", "secrets: [{ source: key, target: tok }]"),
    ("secrets: [tok]", "secrets: [tok, key]"),
    (
        "configs: [{ source: app, target: /app }]",
        "configs: [{ source: conf, target: /app }]",
    ),
    ("devices: ['/dev/a:/dev/x']", "devices: ['/dev/b:/dev/x:r']"),
    ("devices: ['/dev/a']", "devices: ['/dev/a:/dev/y']"),
    (
        "logging: { driver: json-file, options: { max-size: 1m } }",
        "logging: { options: { max-file: '2' } }",
    ),
    (
        "logging: { driver: json-file, options: { max-size: 1m } }",
        "logging: { driver: syslog, options: { tag: x } }",
    ),
    ("command: a b", "command: [c]"),
    ("entrypoint: [a, b]", "entrypoint: c d"),
    ("entrypoint: [a, b]", "entrypoint: !reset []"),
    ("hostname: a", "hostname: !reset null"),
    ("extends: base", ""),
    ("extends: { service: base }", ""),
    ("extends: chain", ""),
    ("{ extends: base, environment: [A=main] }", ""),
    (
        "{ extends: base, ports: ['81:81'], volumes: ['two:/x'] }",
        "",
    ),
    (
        "{ extends: base, networks: [front], depends_on: [third] }",
        "",
    ),
    (
        "{ extends: base, healthcheck: { retries: 5 }, ulimits: { nofile: 9 } }",
        "",
    ),
    (
        "{ extends: base, ports: !override ['81:81'], volumes: !reset [] }",
        "",
    ),
    (
        "{ extends: base, command: [main], dns: [2.2.2.2], cap_add: [NET_ADMIN] }",
        "",
    ),
    ("extends: { service: base, file: common/services.yaml }", ""),
    (
        "extends: { service: chain, file: common/services.yaml }",
        "",
    ),
    (
        "{ extends: { service: base, file: common/services.yaml }, volumes: ['./c:/a'] }",
        "",
    ),
    ("extends: nobody", ""),
    (
        "extends: { service: nobody, file: common/services.yaml }",
        "",
    ),
    ("extends: main", ""),
    ("extends: base", "environment: { A: over }"),
    (
        "environment: { A: main }",
        "extends: { service: base, file: common/services.yaml }",
    ),
    ("environment: { A: main }", "extends: base"),
];

/// Cases in which nest answers otherwise, and why.
const DIFFERENCES: &[(&str, &str)] = &[(
    "environment: [A=1, SET] | environment: { A: !reset null }",
    "`!reset` takes away what it names, in whichever form the first file writes it",
)];

fn base_file(settings: &str) -> String {
    format!("{HEAD}{}", main_service(settings, "image: x, "))
}

fn over_file(settings: &str) -> String {
    format!("services:\n{}", main_service(settings, ""))
}

/// The service `main`, in one line.
fn main_service(settings: &str, image: &str) -> String {
    let inside = settings
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'));
    let inside = inside.unwrap_or(settings).trim();
    let inside = if inside.ends_with(':') || inside.ends_with("!reset") {
        format!("{inside} ")
    } else {
        inside.to_owned()
    };
    format!("  main: {{ {image}{inside} }}\n")
}

fn by_nest(base: &str, over: &str) -> String {
    let (base, over) = (base_file(base), (!over.is_empty()).then(|| over_file(over)));
    let mut table = vec![(BASE, base.as_str()), (COMMON, OTHER_FILE)];
    let mut files = vec![BASE];
    if let Some(over) = &over {
        table.push((OVER, over));
        files.push(OVER);
    }
    let Ok(read) = read_several(&table, &files, &[]) else {
        return "refused".to_owned();
    };
    let service = &read.project.scope.services[&ServiceName::new("main")];
    projected(&service.written())
}

fn by_compose(base: &str, over: &str, program: &str) -> String {
    let folder = tempfile::tempdir().expect("there is room");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("it has one")).expect("there is room");
        std::fs::write(path, text).expect("there is room");
    };
    write("compose.yaml", &base_file(base));
    if !over.is_empty() {
        write("compose.override.yaml", &over_file(over));
    }
    write("common/services.yaml", OTHER_FILE);
    let output = Command::new(program)
        .args(["config", "--format", "json"])
        .current_dir(folder.path())
        .env_clear()
        .envs([("HOME", "/home/ann"), ("SET", "yes")])
        .output()
        .expect("it runs");
    if !output.status.success() {
        return "refused".to_owned();
    }
    let value: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    let own = folder.path().display().to_string();
    projected(&value["services"]["main"]).replace(&own, "/home/ann/ci")
}

#[test]
fn nest_answers_about_services_as_compose_does() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/compose/services.txt");
    let recorded = std::fs::read_to_string(path).expect("it is there");
    let mut recorded = recorded.split_terminator('\n');
    let mut wrong = Vec::new();
    for (base, over) in CASES {
        let recorded = recorded.next().expect("every case has an answer");
        let answer = format!("{base} | {over} => {}", by_nest(base, over));
        let case = format!("{base} | {over}");
        let known = DIFFERENCES.iter().any(|(name, _)| *name == case);
        if (answer == recorded) == known {
            wrong.push(format!("compose {recorded}\nnest    {answer}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
#[ignore = "it needs docker-compose 2.40, named by NEST_TEST_COMPOSE"]
fn the_recorded_answers_about_services_are_those_of_compose() {
    let program = std::env::var("NEST_TEST_COMPOSE").expect("NEST_TEST_COMPOSE names it");
    let answers: Vec<String> = CASES
        .iter()
        .map(|(base, over)| format!("{base} | {over} => {}\n", by_compose(base, over, &program)))
        .collect();
    expect_file!["services.txt"].assert_eq(&answers.concat());
}
