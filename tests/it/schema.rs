//! The schema says the same as the reader.

use std::path::Path;

use expect_test::expect_file;
use jsonschema::Validator;
use nest::spec::schema;

use crate::front_end::read;

fn validator() -> Validator {
    jsonschema::draft202012::new(&schema()).expect("the schema is one")
}

#[track_caller]
fn accepts(input: &str) -> bool {
    let value: serde_json::Value = serde_yaml::from_str(input).expect("it is YAML");
    validator().is_valid(&value)
}

#[test]
fn the_committed_schema_is_the_generated_one() {
    let text = serde_json::to_string_pretty(&schema()).expect("it is JSON") + "\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/nest.schema.json");
    expect_file![path].assert_eq(&text);
}

#[test]
fn the_schema_is_one() {
    jsonschema::draft202012::meta::validate(&schema()).expect("the schema is one");
}

/// Files that both accept.
const GOOD: &[&str] = &[
    include_str!("front_end/quickstart.yaml"),
    "environments: { sandbox: { outer: socket } }",
    "environments: { sandbox: { outer: { mode: dind, data: /my/own/data } } }",
    "environments: { sandbox: { outer: dind, replicas: '${SET:+2}' } }",
    "environments: { sandbox: { outer: { mode: '${SET:+dind}', cpus: 0.5, memory: 1g } } }",
    "environments: { sandbox: { outer: { mode: dind, ports: [80, '8080:80', { target: 80 }] } } }",
    "environments: { sandbox: { outer: { mode: dind, environment: [SET, A=b] } } }",
    "environments: { sandbox: { outer: { mode: dind, environment: { SET: , A: 1, B: true } } } }",
    "environments: { sandbox: { outer: { mode: dind, command: [--debug], ready: { timeout: 90s } } } }",
    "environments: { sandbox: { outer: { mode: dind, data: { tmpfs: true, keep: false } } } }",
    "environments: { sandbox: { outer: { mode: dind, restart: no, daemon: { any-key: { of: [1] } } } } }",
    "environments: { aa: { outer: dind }, bb: { outer: dind, depends_on: { aa: { condition: service_healthy } } } }",
    "{ volumes: { cache: , team: { external: true, name: team-cache } }, x-mine: [1] }",
    "{ volumes: { cache: {} }, environments: { aa: { outer: dind, volumes: [{ type: volume, source: cache, target: /x, inner: false }] } } }",
    "environments: { aa: { outer: dind, inner: { images: [{ image: 'a:1', source: { archive: a.tar } }, { image: 'b:1', source: auto }] } } }",
];

/// Files that both refuse, for their shape.
const BAD: &[&str] = &[
    "enviroments: {}",
    "environments: []",
    "environments: { sandbox: {} }",
    "environments: { sandbox: { outer: dnd } }",
    "environments: { sandbox: { outer: { memory: 1g } } }",
    "environments: { sandbox: { outer: dind, replicas: two } }",
    "environments: { sandbox: { outer: dind, image: alpine } }",
    "environments: { sandbox: { outer: dind, volumes: cache } }",
    "environments: { sandbox: { outer: { mode: dind, listen: udp } } }",
    "environments: { sandbox: { outer: { mode: dind, hostname: 5 } } }",
    "environments: { sandbox: { outer: dind, inner: { images: [{ source: outer }] } } }",
    "environments: { sandbox: { outer: dind, inner: { images: [{ image: app, source: nowhere }] } } }",
    "volumes: { cache: { external: 'yes' } }",
    "registries: { hub: { mirror: [docker.io] } }",
];

#[test]
fn what_the_schema_accepts_the_reader_accepts() {
    for input in GOOD {
        assert!(accepts(input), "the schema refuses {input}");
        let read = read(*input);
        assert!(read.is_ok(), "the reader refuses {input}");
    }
}

#[test]
fn what_the_schema_refuses_the_reader_refuses() {
    for input in BAD {
        assert!(!accepts(input), "the schema accepts {input}");
        assert!(read(*input).is_err(), "the reader accepts {input}");
    }
}

#[test]
fn every_key_is_described() {
    fn walk(value: &serde_json::Value, place: &str, missing: &mut Vec<String>) {
        if let Some(properties) = value.get("properties").and_then(|value| value.as_object()) {
            for (key, property) in properties {
                if property.get("description").is_none() {
                    missing.push(format!("{place}/{key}"));
                }
            }
        }
        match value {
            serde_json::Value::Object(entries) => {
                for (key, entry) in entries {
                    walk(entry, &format!("{place}/{key}"), missing);
                }
            }
            serde_json::Value::Array(items) => {
                for item in items {
                    walk(item, place, missing);
                }
            }
            _ => {}
        }
    }
    let mut missing = Vec::new();
    walk(&schema(), "", &mut missing);
    assert!(missing.is_empty(), "no description: {missing:#?}");
}
