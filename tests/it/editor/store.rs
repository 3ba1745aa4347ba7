//! What SchemaStore asks of a schema and of its entry in the catalog, from where editors know it without being told.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

use serde_json::{Value, json};

use crate::editor::client::Client;
use crate::editor::{CATALOG, program, published};
use crate::tree::package;

fn entries() -> Vec<Value> {
    let catalog: Value = serde_json::from_str(CATALOG).expect("it is JSON");
    catalog["schemas"]
        .as_array()
        .expect("it has entries")
        .clone()
}

#[test]
fn the_catalog_leads_to_the_schemas() {
    let names = |address: &str| address.rsplit('/').next().map(str::to_owned);
    let led_to: Vec<_> = entries()
        .iter()
        .map(|entry| names(entry["url"].as_str().expect("it has an address")))
        .collect();
    let addresses: Vec<_> = published()
        .iter()
        .map(|(address, _)| names(address))
        .collect();
    assert_eq!(led_to, addresses);
}

#[test]
fn the_entries_keep_the_rules_of_the_catalog() {
    for entry in entries() {
        for key in ["name", "description"] {
            let text = entry[key].as_str().expect("it is there");
            assert!(!text.ends_with([',', '.', ' ', '-']), "{text}");
            assert!(!text.to_lowercase().contains("schema"), "{text}");
        }
        for pattern in entry["fileMatch"].as_array().expect("it is there") {
            assert!(!pattern.as_str().expect("it is text").contains('/'));
        }
    }
}

#[test]
#[ignore = "it needs Node.js: `cargo xtask editor` runs it"]
fn the_schemas_are_strict() {
    let output = program("node")
        .arg(package().join("tests/editor/strict.cjs"))
        .args(
            ["nest.schema.json", "nest.override.schema.json"]
                .map(|it| package().join("schema").join(it)),
        )
        .output()
        .expect("node can be started");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{said}");
}

#[test]
#[ignore = "it needs yaml-language-server: `cargo xtask editor` runs it"]
fn files_are_known_by_the_catalog_alone() {
    let store = json!({ "enable": true, "url": serve_catalog() });
    let mut client = Client::start(&json!({ "schemaStore": store }));
    for name in [
        "nest.yaml",
        "nest.yml",
        "nest.override.yaml",
        "nest.override.yml",
    ] {
        let file = client.open(name, "enviroments: {}\n");
        let found = client.first_diagnostics(&file);
        assert_eq!(found.len(), 1, "{name}: {found:?}");
    }
    let file = client.open("other.yaml", "enviroments: {}\n");
    assert!(client.diagnostics(&file).is_empty());
}

/// Serves the catalog as long as the test runs, and says where.
fn serve_catalog() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it has an address");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
            // The request ends with an empty line.
            let _ = lines.find(String::is_empty);
            let length = CATALOG.len();
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close";
            let _ = write!(
                &stream,
                "{head}\r\nContent-Length: {length}\r\n\r\n{CATALOG}"
            );
        }
    });
    format!("http://{address}/catalog.json")
}
