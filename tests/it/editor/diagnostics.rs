//! What is underlined.

use serde_json::{Value, json};

use crate::editor::client::{CURSOR, Client};
use crate::editor::published;
use crate::schema::{BAD, GOOD};
use crate::tree::{file, files, package};

/// The underlined words with what is said about them. None may span lines.
fn underlined(client: &mut Client, name: &str, text: &str) -> Vec<(String, String)> {
    let file = client.open(name, text);
    let text = text.replace(CURSOR, "");
    let lines: Vec<&str> = text.lines().collect();
    let found = client.diagnostics(&file);
    found
        .iter()
        .map(|problem| {
            let range = &problem["range"];
            let number = |value: &Value| {
                let number = value.as_u64().expect("it is a number");
                usize::try_from(number).expect("it is small")
            };
            assert_eq!(range["start"]["line"], range["end"]["line"], "{problem:#}");
            // What is missing is missed at the end of the line.
            let line = format!("{} ", lines[number(&range["start"]["line"])]);
            let units: Vec<u16> = line.encode_utf16().collect();
            let start = number(&range["start"]["character"]);
            let end = number(&range["end"]["character"]);
            let message = problem["message"].as_str().expect("it says something");
            (
                String::from_utf16_lossy(&units[start..end]),
                message.to_owned(),
            )
        })
        .collect()
}

#[test]
#[ignore = "it needs yaml-language-server: `cargo xtask editor` runs it"]
fn misspelt_keys_are_underlined_and_nothing_else() {
    let mut client = Client::with_associations();
    for (text, misspelt) in [
        ("enviroments: {}\n", "enviroments"),
        ("volumes:\n  cache: { externl: true }\n", "externl"),
        (
            "registries:\n  hub: { mirror: docker.io, mirors: x }\n",
            "mirors",
        ),
        (
            "environments:\n  sandbox:\n    outer: dind\n    replica: 2\n",
            "replica",
        ),
        (
            "environments:\n  sandbox:\n    outer:\n      mode: dind\n      memroy: 1g\n",
            "memroy",
        ),
        (
            "environments:\n  sandbox:\n    outer: dind\n    inner:\n      image: [alpine]\n",
            "image",
        ),
        (
            "environments:\n  sandbox:\n    outer: dind\n    volumes:\n      - { type: volume, target: /x, sorce: cache }\n",
            "sorce",
        ),
    ] {
        let found = underlined(&mut client, "nest.yaml", text);
        let expected = (
            misspelt.to_owned(),
            format!("Property {misspelt} is not allowed."),
        );
        assert_eq!(found, [expected], "{text}");
    }
}

#[test]
#[ignore = "it needs yaml-language-server: `cargo xtask editor` runs it"]
fn wrong_values_are_underlined() {
    let mut client = Client::with_associations();
    for (text, wrong) in [
        ("environments:\n  sandbox:\n    outer: dnd\n", "dnd"),
        (
            "environments:\n  sandbox:\n    outer: { mode: dind, hostname: 5 }\n",
            "5",
        ),
        (
            "environments:\n  sandbox:\n    outer: dind\n    replicas: two\n",
            "two",
        ),
        (
            "environments:\n  sandbox:\n    outer: { mode: dind, memory: 4 apples }\n",
            "4 apples",
        ),
        ("environments:\n  sandbox: {}\n", "sandbox"),
    ] {
        let found = underlined(&mut client, "nest.yaml", text);
        let words: Vec<&str> = found.iter().map(|(words, _)| words.as_str()).collect();
        assert_eq!(words, [wrong], "{text}\n{found:#?}");
    }
    for text in BAD {
        let found = underlined(&mut client, "nest.yaml", text);
        assert!(!found.is_empty(), "nothing is underlined in {text}");
    }
}

#[test]
#[ignore = "it needs yaml-language-server: `cargo xtask editor` runs it"]
fn nothing_is_underlined_in_good_files() {
    let mut client = Client::with_associations();
    for text in GOOD {
        assert_eq!(underlined(&mut client, "nest.yaml", text), [], "{text}");
    }
    for example in files("examples", "nest.yaml") {
        // The name of the file is enough.
        let text = example.text.replace("yaml-language-server", "");
        for name in ["nest.yaml", "nest.override.yaml"] {
            let found = underlined(&mut client, name, &text);
            assert_eq!(found, [], "{}", example.path);
        }
    }
    for text in [
        "environments:\n  sandbox:\n    volumes: [./src:/src]\n",
        "environments:\n  sandbox:\n    outer: { memory: 8g }\n",
    ] {
        let name = "nest.override.yaml";
        assert_eq!(underlined(&mut client, name, text), [], "{text}");
    }
}

#[test]
#[ignore = "it needs yaml-language-server: `cargo xtask editor` runs it"]
fn a_first_line_names_the_schema() {
    let nothing = json!({ "schemaStore": { "enable": false } });
    let mut client = Client::start(&nothing);
    let wrong = "enviroments: {}\n";
    let any_name = "ci.yaml";
    assert_eq!(underlined(&mut client, any_name, wrong), []);
    for address in published().into_iter().map(|(address, _)| address) {
        let text = format!("# yaml-language-server: $schema={address}\n{wrong}");
        let found = underlined(&mut client, any_name, &text);
        assert_eq!(found.len(), 1, "{address}: {found:?}");
    }
    // Relative to the file, as in the examples.
    let path = package().join("examples/quickstart/other.yaml");
    let text = format!("# yaml-language-server: $schema=../../schema/nest.schema.json\n{wrong}");
    let found = underlined(&mut client, &path.to_string_lossy(), &text);
    assert_eq!(found.len(), 1, "{found:?}");
    for example in files("examples", "nest.yaml") {
        let path = package().join(&example.path);
        let text = file(&example.path).text;
        let found = underlined(&mut client, &path.to_string_lossy(), &text);
        assert_eq!(found, [], "{}", example.path);
    }
}

#[test]
#[ignore = "it needs yaml-language-server: `cargo xtask editor` runs it"]
fn tags_of_merging_are_known_once_they_are_listed() {
    let text = "environments:\n  sandbox:\n    outer:\n      ports: !override ['80:80']\n      memory: !reset null\n      environment: !override { A: b }\n";
    let name = "nest.override.yaml";
    let mut client = Client::with_associations();
    assert!(!underlined(&mut client, name, text).is_empty());
    let page = file("book/src/editors.md").text;
    let tags = ["!reset scalar", "!override sequence", "!override mapping"];
    for tag in tags {
        assert!(page.contains(&format!("\"{tag}\"")), "the book lacks {tag}");
    }
    client.set("customTags", json!(tags));
    assert_eq!(underlined(&mut client, name, text), []);
}
