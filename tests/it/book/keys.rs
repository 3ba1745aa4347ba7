//! The page that lists every key of the file: made of the schema, which is made of the comments in `src/spec`.

use std::fmt::Write as _;

use expect_test::expect_file;
use serde_json::Value;

use crate::tree::package;

/// What the page begins with.
const HEAD: &str = "\
# Every key

All mappings of a nest file with their keys, what each takes, and an example. This page is made of the
[schema](https://json.schemastore.org/nest.json); [The file](file.md) explains how the parts belong together.
Keys that begin with `x-` are free for your own use in every mapping.
";

#[test]
fn every_key_of_the_file_is_listed() {
    let schema = nest::spec::schema();
    let mut page = HEAD.to_owned();
    add_mapping(&mut page, "The top of the file", &schema);
    for (name, definition) in schema["$defs"].as_object().expect("it has definitions") {
        add_mapping(&mut page, name, definition);
    }
    assert!(page.lines().count() > 60, "the keys were not found");
    expect_file![package().join("book/src/keys.md")].assert_eq(&page);
}

/// Adds a definition, if it is a mapping with keys of its own.
fn add_mapping(page: &mut String, name: &str, definition: &Value) {
    let Some(properties) = definition["properties"].as_object() else {
        return;
    };
    let description = definition["description"].as_str().unwrap_or_default();
    let _ = write!(page, "\n## {name}\n\n{description}\n\n");
    page.push_str("| key | takes | meaning | example |\n|---|---|---|---|\n");
    let required = definition["required"].as_array();
    for (key, property) in properties {
        let must = required.is_some_and(|keys| keys.contains(&Value::from(key.as_str())));
        let must = if must { " (must be there)" } else { "" };
        let meaning = property["description"].as_str().unwrap_or_default();
        let example = property["examples"][0].clone();
        let example = match example {
            Value::Null => String::new(),
            example => format!("`{example}`"),
        };
        let cells = [takes(property), meaning.to_owned(), example];
        let cells = cells.map(|cell| cell.replace('|', "\\|").replace('\n', " "));
        let _ = writeln!(page, "| `{key}`{must} | {} |", cells.join(" | "));
    }
}

/// What a value may be.
fn takes(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        return reference.trim_start_matches("#/$defs/").to_owned();
    }
    if let Some(word) = schema["const"].as_str() {
        return format!("`{word}`");
    }
    let several = schema["anyOf"].as_array().or(schema["oneOf"].as_array());
    if let Some(several) = several {
        let mut forms: Vec<String> = several
            .iter()
            // Every number and word may be written with a variable; the page on the file says so once.
            .filter(|form| form["title"] != "with a variable" && form["type"] != "null")
            .map(takes)
            .collect();
        forms.dedup();
        return forms.join(" or ");
    }
    if let Some(words) = schema["enum"].as_array() {
        let words = words.iter().filter_map(Value::as_str);
        let words: Vec<String> = words.map(|word| format!("`{word}`")).collect();
        return words.join(" or ");
    }
    let types = match &schema["type"] {
        Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
        Value::String(kind) => vec![kind.as_str()],
        _ => return "anything".to_owned(),
    };
    // Every key may stand without a value; the page on the file says so once.
    let types = types.into_iter().filter(|kind| *kind != "null");
    let forms: Vec<String> = types
        .map(|kind| match kind {
            "array" => format!("list of {}", takes(&schema["items"])),
            "object" if schema["additionalProperties"].is_object() => {
                format!("names with {}", takes(&schema["additionalProperties"]))
            }
            "object" => "mapping".to_owned(),
            kind => kind.to_owned(),
        })
        .collect();
    forms.join(" or ")
}
