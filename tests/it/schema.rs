//! The schema says the same as the reader.

mod agreement;
mod generated;

use std::path::Path;

use expect_test::expect_file;
use jsonschema::Validator;
use nest::spec::{override_schema, schema};
use serde_json::{Value, json};

use crate::front_end::read;

fn validator() -> Validator {
    jsonschema::draft202012::new(&schema()).expect("the schema is one")
}

#[track_caller]
fn accepts(input: &str) -> bool {
    let value: Value = serde_yaml::from_str(input).expect("it is YAML");
    validator().is_valid(&value)
}

#[test]
fn the_committed_schemas_are_the_generated_ones() {
    for (name, schema) in [
        ("nest.schema.json", schema()),
        ("nest.override.schema.json", override_schema()),
    ] {
        let text = serde_json::to_string_pretty(&schema).expect("it is JSON") + "\n";
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("schema")
            .join(name);
        expect_file![path].assert_eq(&text);
    }
}

#[test]
fn the_schema_is_one() {
    jsonschema::draft202012::meta::validate(&schema()).expect("the schema is one");
}

/// Files that both accept.
pub(crate) const GOOD: &[&str] = &[
    include_str!("front_end/quickstart.yaml"),
    "environments: { sandbox: { outer: socket } }",
    "{ include: , compose: , volumes: , environments: { sandbox: { outer: { mode: dind, extends: , ports: } } } }",
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
pub(crate) const BAD: &[&str] = &[
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

/// Calls a function with the name of each mapping's definition, each key, and what is said about it.
fn for_each_key(mut check: impl FnMut(&str, &str, &Value)) {
    let schema = schema();
    let definitions = schema["$defs"].as_object().expect("it has definitions");
    let named = definitions.iter().map(|(name, it)| (name.as_str(), it));
    for (name, definition) in named.chain([("the file", &schema)]) {
        let properties = definition["properties"].as_object();
        for (key, property) in properties.into_iter().flatten() {
            check(name, key, property);
        }
    }
}

#[test]
fn every_key_is_described_and_has_an_example() {
    let mut faults = Vec::new();
    for_each_key(|name, key, property| {
        if property["description"].as_str().is_none_or(str::is_empty) {
            faults.push(format!("{name}: `{key}` has no description"));
        }
        if property["examples"].as_array().is_none_or(Vec::is_empty) {
            let where_to = "at its field, or in src/spec/schema/examples.rs";
            faults.push(format!("{name}: `{key}` has no example, {where_to}"));
        }
    });
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn every_example_and_default_is_accepted() {
    // One schema of all keys, since making a validator takes its time.
    let mut properties = serde_json::Map::new();
    let mut values = Vec::new();
    for_each_key(|name, key, property| {
        let name = format!("{name}: {key}");
        let examples = property["examples"].as_array().into_iter().flatten();
        for value in examples.chain(property.get("default")) {
            values.push((name.clone(), value.clone()));
        }
        properties.insert(name, property.clone());
    });
    let all = json!({ "$defs": schema()["$defs"], "properties": properties });
    let validator = jsonschema::draft202012::new(&all).expect("the schema is one");
    let faults: Vec<String> = values
        .into_iter()
        .filter(|(name, value)| !validator.is_valid(&json!({ name: value })))
        .map(|(name, value)| format!("`{name}: {value}` is refused"))
        .collect();
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn every_word_is_explained() {
    fn walk(value: &Value, faults: &mut Vec<String>) {
        if let Some(words) = value["enum"].as_array() {
            let explained = value["enumDescriptions"].as_array();
            let explanations = explained.into_iter().flatten().filter_map(Value::as_str);
            if explanations.filter(|it| !it.is_empty()).count() != words.len() {
                faults.push(format!("not all are explained: {words:?}"));
            }
        }
        match value {
            Value::Object(entries) => entries.values().for_each(|it| walk(it, faults)),
            Value::Array(items) => items.iter().for_each(|it| walk(it, faults)),
            _ => {}
        }
    }
    let mut faults = Vec::new();
    walk(&schema(), &mut faults);
    assert!(faults.is_empty(), "{faults:#?}");
}
