//! The page of the engine's configuration: made of the schema.

use std::fmt::Write as _;

use expect_test::expect_file;
use serde_json::Value;

use crate::tree::package;

/// What the page begins with.
const HEAD: &str = "\
# The engine's configuration

What nest knows of the keys of `daemon`, which are those of Docker's `daemon.json`. A value of another type is a problem,
because the engine would not start with it. Other keys are passed on as they are; one that is a letter away from a key
on this page is a warning.

This page is made of the source of nest.

| key | takes | meaning | example |
|---|---|---|---|
";

#[test]
fn every_known_key_of_the_configuration_has_its_line() {
    let schema = nest::spec::schema();
    let keys = schema["$defs"]["Daemon"]["properties"].as_object();
    let mut page = HEAD.to_owned();
    for (key, schema) in keys.expect("the keys are there") {
        let meaning = schema["description"].as_str().expect("it is described");
        let example = &schema["examples"][0];
        assert!(!example.is_null(), "no example of `{key}`");
        let _ = writeln!(
            page,
            "| `{key}` | {} | {meaning} | `{example}` |",
            takes(schema)
        );
    }
    expect_file![package().join("book/src/daemon.md")].assert_eq(&page);
}

fn takes(schema: &Value) -> &'static str {
    let inside = |key: &str| schema[key]["type"].as_str();
    let alternative = schema["anyOf"][0]["type"].as_str();
    match (schema["type"].as_str().or(alternative), inside("items")) {
        (Some("boolean"), _) => "`true` or `false`",
        (Some("integer"), _) => "a whole number",
        (Some("string"), _) => "text",
        (Some("array"), Some("string")) => "a list of texts",
        (Some("array"), _) => "a list of mappings",
        (Some("object"), _) => match schema["additionalProperties"] {
            Value::Null => "a mapping",
            _ if inside("additionalProperties") == Some("string") => "names with texts",
            _ if inside("additionalProperties") == Some("object") => "names with mappings",
            _ => "names with `true` or `false`",
        },
        _ => "a size, or a number of bytes",
    }
}
