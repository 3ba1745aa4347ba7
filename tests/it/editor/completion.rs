//! What is offered while a person types.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::editor::client::Client;
use crate::editor::definition;

/// What is offered at the cursor: labels with their explanations.
fn offered(client: &mut Client, name: &str, text: &str) -> BTreeMap<String, String> {
    let file = client.open(name, text);
    // The first answer waits for the schema.
    client.diagnostics(&file);
    let items = client.completion(&file);
    items
        .iter()
        .map(|item| {
            let label = item["label"].as_str().expect("it has a label");
            let explanation = &item["documentation"];
            let explanation = explanation
                .as_str()
                .or(explanation["value"].as_str())
                .unwrap_or_default();
            (label.to_owned(), explanation.to_owned())
        })
        .collect()
}

/// Where the keys of which definition are offered.
const LEVELS: &[(&str, &str)] = &[
    ("", "name: ci\n‸"),
    ("Registry", "registries:\n  hub:\n    ‸"),
    ("Volume", "volumes:\n  cache:\n    ‸"),
    ("ImageMapping", "images:\n  - ‸"),
    ("Environment", "environments:\n  sandbox:\n    ‸"),
    (
        "OuterMapping",
        "environments:\n  sandbox:\n    outer:\n      ‸",
    ),
    (
        "DataMapping",
        "environments:\n  sandbox:\n    outer:\n      mode: dind\n      data:\n        ‸",
    ),
    (
        "Scope",
        "environments:\n  sandbox:\n    outer: dind\n    inner:\n      ‸",
    ),
    (
        "MountMapping",
        "environments:\n  sandbox:\n    outer: dind\n    volumes:\n      - ‸",
    ),
    (
        "Environment",
        "environments:\n  sandbox:\n    outer: dind\n    inner:\n      environments:\n        deeper:\n          ‸",
    ),
    ("Service", "services:\n  web:\n    ‸"),
];

#[test]
#[ignore = "it needs yaml-language-server: `cargo xtask editor` runs it"]
fn the_keys_of_every_level_are_offered_and_explained() {
    let mut client = Client::with_associations();
    for name in ["nest.yaml", "nest.override.yaml"] {
        for (mapping, text) in LEVELS {
            let offered = offered(&mut client, name, text);
            let properties = definition(mapping)["properties"].clone();
            let written = |key: &str| text.contains(&format!("{key}:"));
            for (key, property) in properties.as_object().expect("it has keys") {
                // A key that is there already is not offered again.
                let at_this_level = mapping.is_empty() && written(key);
                if at_this_level {
                    continue;
                }
                let explanation = offered.get(key).unwrap_or_else(|| {
                    panic!("`{key}` is not offered in\n{text}\nbut {offered:#?}")
                });
                let description = property["description"].as_str().expect("it is described");
                assert!(
                    explanation.contains(description),
                    "{key}: {explanation:?} lacks {description:?}"
                );
            }
        }
    }
}

#[test]
#[ignore = "it needs yaml-language-server: `cargo xtask editor` runs it"]
fn the_modes_are_offered_and_explained() {
    let mut client = Client::with_associations();
    for name in ["nest.yaml", "nest.override.yaml"] {
        for text in [
            "environments:\n  sandbox:\n    outer: ‸",
            "environments:\n  sandbox:\n    outer:\n      mode: ‸",
        ] {
            let offered = offered(&mut client, name, text);
            for mode in nest::mode::MODES {
                assert_eq!(
                    offered.get(mode.name).map(String::as_str),
                    Some(mode.summary),
                    "{text}"
                );
            }
        }
    }
}

#[test]
#[ignore = "it needs yaml-language-server: `cargo xtask editor` runs it"]
fn words_are_offered_and_explained() {
    let mut client = Client::with_associations();
    let outer = "environments:\n  sandbox:\n    outer:\n      mode: dind\n";
    for (mapping, key, head) in [
        ("OuterMapping", "listen", outer.to_owned()),
        ("OuterMapping", "cgroup", outer.to_owned()),
        (
            "MountMapping",
            "type",
            format!("{outer}    volumes:\n      - "),
        ),
        (
            "ImageMapping",
            "source",
            "images:\n  - image: app:dev\n".to_owned(),
        ),
        (
            "Dependency",
            "condition",
            format!("{outer}    depends_on:\n      other:\n  "),
        ),
    ] {
        let indent = match mapping {
            "MountMapping" => "",
            "ImageMapping" => "    ",
            _ => "      ",
        };
        let text = format!("{head}{indent}{key}: ‸");
        let offered = offered(&mut client, "nest.yaml", &text);
        let property = definition(mapping)["properties"][key].clone();
        let words = words(&property);
        assert!(!words.is_empty(), "`{key}` has no words: {property:#}");
        for (word, explanation) in words {
            assert_eq!(offered.get(&word), Some(&explanation), "{text}");
        }
    }
}

/// The words that a value can be, with their explanations.
fn words(property: &Value) -> Vec<(String, String)> {
    let listed = |form: &Value| {
        let texts = |key: &str| -> Vec<String> {
            let items = form[key].as_array().into_iter().flatten();
            items.filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let words = texts("enum").into_iter().zip(texts("enumDescriptions"));
        words.collect::<Vec<_>>()
    };
    let forms = property["anyOf"].as_array().into_iter().flatten();
    forms
        .flat_map(|form| match form["$ref"].as_str() {
            Some(reference) => words(&definition(reference.trim_start_matches("#/$defs/"))),
            None if form["anyOf"].is_array() => words(form),
            None => listed(form),
        })
        .collect()
}
