//! What a person sees who points at a word.

use crate::editor::client::Client;
use crate::editor::definition;

/// Text as the server shows it: without what Markdown reads as marks.
fn plain(text: &str) -> String {
    text.replace(['\\', '`', '*', '_'], "")
}

#[track_caller]
fn check(client: &mut Client, text: &str, expected: &str) {
    let file = client.open("nest.yaml", text);
    client.diagnostics(&file);
    let seen = client.hover(&file);
    assert!(
        plain(&seen).contains(&plain(expected)),
        "{text}\nshows\n{seen}\nin place of\n{expected}"
    );
}

#[test]
#[ignore = "it needs yaml-language-server: `cargo xtask editor` runs it"]
fn keys_say_what_they_mean() {
    let mut client = Client::with_associations();
    for (mapping, head, required) in [
        ("", "", ""),
        (
            "Environment",
            "environments:\n  sandbox:\n    ",
            "outer: dind\n    ",
        ),
        (
            "OuterMapping",
            "environments:\n  sandbox:\n    outer:\n      ",
            "mode: dind\n      ",
        ),
        ("Volume", "volumes:\n  cache:\n    ", ""),
        ("Registry", "registries:\n  hub:\n    ", ""),
    ] {
        for (key, property) in definition(mapping)["properties"]
            .as_object()
            .expect("it has keys")
        {
            let required = if required.starts_with(&format!("{key}:")) {
                ""
            } else {
                required
            };
            // The example is written as JSON, which is YAML too.
            let example = property["examples"][0].to_string();
            let (first, rest) = key.split_at(1);
            let text = format!("{head}{required}{first}‸{rest}: {example}\n");
            let description = property["description"].as_str().expect("it is described");
            check(&mut client, &text, description);
        }
    }
}

#[test]
#[ignore = "it needs yaml-language-server: `cargo xtask editor` runs it"]
fn words_say_what_they_mean() {
    let mut client = Client::with_associations();
    for mode in nest::mode::MODES {
        let (first, rest) = mode.name.split_at(1);
        for text in [
            format!("environments:\n  sandbox:\n    outer: {first}‸{rest}\n"),
            format!("environments:\n  sandbox:\n    outer:\n      mode: {first}‸{rest}\n"),
        ] {
            check(&mut client, &text, mode.summary);
            let key = if text.contains("mode:") {
                "mode"
            } else {
                "outer"
            };
            let mapping = if key == "mode" {
                "OuterMapping"
            } else {
                "Environment"
            };
            let meaning = &definition(mapping)["properties"][key]["description"];
            check(
                &mut client,
                &text,
                meaning.as_str().expect("it is described"),
            );
        }
    }
    let text = "images:\n  - image: app:dev\n    source: ou‸ter\n";
    check(&mut client, text, "The outer engine's store.");
    check(&mut client, text, "Where it comes from.");
}

#[test]
#[ignore = "it needs yaml-language-server: `cargo xtask editor` runs it"]
fn keys_show_an_example() {
    let mut client = Client::with_associations();
    let text = "environments:\n  sandbox:\n    outer:\n      mode: dind\n      mem‸ory: 1g\n";
    check(&mut client, text, "4g");
}
