//! Variables and merging mean what they mean to Compose.
//!
//! `compose/answers.txt` holds what `docker compose config` 2.40 makes of every case. Each run compares nest with it; the
//! ignored test compares it with the real program, which the variable `NEST_TEST_COMPOSE` names.

mod cases;
mod services;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use expect_test::expect_file;
use nest::model::container::Restart;
use nest::model::mount::MountSource;
use nest::model::name::{EnvironmentName, MemberName};
use serde_json::Value;

use crate::compose::cases::{MERGES, VALUES};
use crate::front_end::read_several;

const BASE: &str = "/home/ann/ci/nest.yaml";
const OVER: &str = "/home/ann/ci/nest.override.yaml";

/// Cases in which nest answers otherwise, and why.
const DIFFERENCES: &[(&str, &str)] = &[
    ("$", LONE_DOLLAR),
    ("$ ", LONE_DOLLAR),
    ("5$", LONE_DOLLAR),
    ("$1", LONE_DOLLAR),
    (
        "${SET:-${UNSET:?m}}",
        "a default that is not used requires nothing",
    ),
];
const LONE_DOLLAR: &str = "a `$` that starts no variable is a problem: most are mistakes";

/// One case: its name in the list of answers, and the settings of each file.
struct Case {
    name: String,
    base: String,
    over: Option<String>,
}

fn cases() -> Vec<Case> {
    let values = VALUES.iter().map(|value| Case {
        name: (*value).to_owned(),
        base: format!("environment: {{ V: \"{value}\" }}"),
        over: None,
    });
    let merges = MERGES.iter().map(|(base, over)| Case {
        name: format!("{base} | {over}"),
        base: (*base).to_owned(),
        over: Some((*over).to_owned()),
    });
    values.chain(merges).collect()
}

/// Settings as lines below a key, those that begin with `@` apart.
fn lines(settings: &str, indent: &str) -> (String, String) {
    match settings.strip_prefix('@') {
        Some(beside) => (String::new(), format!("{indent}{beside}\n")),
        None if settings.is_empty() => (String::new(), String::new()),
        None => (format!("{indent}{settings}\n"), String::new()),
    }
}

fn nest_file(settings: &str, first: bool) -> String {
    let (outer, _) = lines(settings, "      ");
    let (_, beside) = lines(settings, "    ");
    let mut text = "volumes: { one: {}, two: {} }\nenvironments:\n".to_owned();
    if first {
        text.push_str("  other: { outer: dind }\n  third: { outer: dind }\n");
    }
    text.push_str("  main:\n");
    if first || !outer.is_empty() {
        text.push_str("    outer:\n");
    }
    if first {
        text.push_str("      mode: dind\n");
    }
    text + &outer + &beside
}

fn compose_file(settings: &str, first: bool) -> String {
    let (own, beside) = lines(settings, "    ");
    let mut text = "volumes: { one: {}, two: {} }\nservices:\n".to_owned();
    if first {
        text.push_str("  other: { image: x }\n  third: { image: x }\n");
    }
    text + "  main:\n    image: x\n" + &own + &beside
}

/// What the settings came to, in one line.
struct Answer {
    environment: BTreeMap<String, String>,
    command: Option<Vec<String>>,
    ports: Vec<String>,
    volumes: Vec<String>,
    others: BTreeMap<&'static str, String>,
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.environment)?;
        if let Some(command) = &self.command {
            write!(f, " command {command:?}")?;
        }
        for port in &self.ports {
            write!(f, " port {port}")?;
        }
        for volume in &self.volumes {
            write!(f, " {volume}")?;
        }
        for (key, value) in &self.others {
            write!(f, " {key} {value}")?;
        }
        Ok(())
    }
}

fn by_nest(case: &Case) -> String {
    let base = nest_file(&case.base, true);
    let over = case.over.as_ref().map(|over| nest_file(over, false));
    let mut table = vec![(BASE, base.as_str())];
    let mut files = vec![BASE];
    if let Some(over) = &over {
        table.push((OVER, over));
        files.push(OVER);
    }
    let Ok(read) = read_several(&table, &files, &[]) else {
        return "refused".to_owned();
    };
    let environment = &read.project.scope.environments[&EnvironmentName::new("main")];
    let outer = &environment.outer;
    let mut others = BTreeMap::new();
    if let Some(hostname) = &outer.container.hostname {
        others.insert("hostname", hostname.clone());
    }
    if let Some(memory) = outer.container.limits.memory {
        others.insert("memory", memory.to_string());
    }
    if outer.container.restart == Restart::Always {
        others.insert("restart", "always".to_owned());
    }
    let mut names: Vec<&str> = environment
        .depends_on
        .keys()
        .map(MemberName::as_str)
        .collect();
    names.sort_unstable();
    if !names.is_empty() {
        others.insert("after", names.join(","));
    }
    let volumes = environment.volumes.iter().map(|mount| {
        let (kind, source) = match &mount.source {
            MountSource::Volume(name) => ("volume", name.to_string()),
            MountSource::Bind { path, .. } => ("bind", path.clone()),
            MountSource::AnonymousVolume => ("volume", String::new()),
            MountSource::Tmpfs => ("tmpfs", String::new()),
        };
        let read_only = if mount.read_only { ":ro" } else { "" };
        format!("{kind} {source}:{}{read_only}", mount.target)
    });
    Answer {
        environment: nest::model::value::revealed(&outer.container.environment),
        command: outer.container.command.clone(),
        ports: outer
            .container
            .ports
            .iter()
            .map(ToString::to_string)
            .collect(),
        volumes: volumes.collect(),
        others,
    }
    .to_string()
}

fn by_compose(case: &Case, program: &str) -> String {
    let folder = tempfile::tempdir().expect("there is room");
    let write = |name: &str, text: String| {
        std::fs::write(folder.path().join(name), text).expect("there is room");
    };
    write("compose.yaml", compose_file(&case.base, true));
    if let Some(over) = &case.over {
        write("compose.override.yaml", compose_file(over, false));
    }
    let output = Command::new(program)
        .args(["config", "--format", "json"])
        .current_dir(folder.path())
        .env_clear()
        .envs([
            ("HOME", "/home/ann"),
            ("SET", "yes"),
            ("EMPTY", ""),
            ("COUNT", "2"),
        ])
        .output()
        .expect("it runs");
    if !output.status.success() {
        return "refused".to_owned();
    }
    let value: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    compose_answer(&value["services"]["main"], folder.path()).to_string()
}

fn compose_answer(service: &Value, folder: &Path) -> Answer {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let list = |key: &str| service[key].as_array().cloned().unwrap_or_default();
    let environment = service["environment"]
        .as_object()
        .cloned()
        .unwrap_or_default();
    let ports = list("ports").into_iter().map(|port| {
        let host_ip = port["host_ip"].as_str().map(|ip| format!("{ip}:"));
        let published = port["published"].as_str().map(|port| format!("{port}:"));
        format!(
            "{}{}{}/{}",
            host_ip.unwrap_or_default(),
            published.unwrap_or_default(),
            port["target"],
            text(&port["protocol"])
        )
    });
    let own = folder.display().to_string();
    let above = folder.parent().map(|above| above.display().to_string());
    let volumes = list("volumes").into_iter().map(|volume| {
        let source = volume["source"].as_str().unwrap_or_default();
        let source = source.replace(&own, "/home/ann/ci");
        let source = match &above {
            Some(above) if source.starts_with(above.as_str()) => {
                source.replacen(above.as_str(), "/home/ann", 1)
            }
            _ => source,
        };
        let read_only = if volume["read_only"] == true {
            ":ro"
        } else {
            ""
        };
        format!(
            "{} {source}:{}{read_only}",
            text(&volume["type"]),
            text(&volume["target"])
        )
    });
    let mut others = BTreeMap::new();
    for (key, name) in [
        ("hostname", "hostname"),
        ("mem_limit", "memory"),
        ("restart", "restart"),
    ] {
        let value = &service[key];
        if !value.is_null() && value != "no" {
            others.insert(name, text(value));
        }
    }
    let after: Vec<String> = service["depends_on"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name.clone())
        .collect();
    if !after.is_empty() {
        let mut after = after;
        after.sort_unstable();
        others.insert("after", after.join(","));
    }
    let command = service["command"].as_array();
    Answer {
        // A variable that is not set is left out by the engine too. Compose escapes what it prints.
        environment: environment
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name.clone(), text(value).replace("$$", "$")))
            .collect(),
        command: command.map(|words| words.iter().map(&text).collect()),
        ports: ports.collect(),
        volumes: volumes.collect(),
        others,
    }
}

#[test]
fn nest_answers_as_compose_does() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/compose/answers.txt");
    let recorded = std::fs::read_to_string(path).expect("it is there");
    let mut recorded = recorded.split_terminator('\n');
    let mut wrong = Vec::new();
    let cases = cases();
    assert!(cases.len() >= 120);
    for case in &cases {
        let recorded = recorded.next().expect("every case has an answer");
        let answer = format!("{} => {}", case.name, by_nest(case));
        let known = DIFFERENCES.iter().any(|(name, _)| *name == case.name);
        if (answer == recorded) == known {
            wrong.push(format!("compose {recorded}\nnest    {answer}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
#[ignore = "it needs docker-compose 2.40: `cargo xtask test` runs it"]
fn the_recorded_answers_are_those_of_compose() {
    let program = std::env::var("NEST_TEST_COMPOSE")
        .expect("NEST_TEST_COMPOSE names docker-compose 2.40; `cargo xtask test` sets it");
    let answers = cases()
        .iter()
        .map(|case| format!("{} => {}\n", case.name, by_compose(case, &program)))
        .collect::<Vec<_>>()
        .concat();
    expect_file!["compose/answers.txt"].assert_eq(&answers);
}
