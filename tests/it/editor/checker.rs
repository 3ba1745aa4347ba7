//! What check-jsonschema says, which people run before they commit.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::editor::program;
use crate::schema::{BAD, GOOD};
use crate::tree::{files, package};

/// What the checker says of files, and whether it is content with all.
fn check(schema: &str, paths: &[String]) -> (bool, Value) {
    let output = program("check-jsonschema")
        .args(["--output-format", "json", "--schemafile"])
        .arg(package().join("schema").join(schema))
        .args(paths)
        .output()
        .expect("check-jsonschema can be started");
    let said = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        let errors = String::from_utf8_lossy(&output.stderr);
        panic!("{error}: {errors}")
    });
    (output.status.success(), said)
}

/// Writes each text into a file of its own.
fn written(folder: &Path, texts: &[&str]) -> Vec<String> {
    texts
        .iter()
        .enumerate()
        .map(|(number, text)| {
            let path = folder.join(format!("{number}.yaml"));
            fs::write(&path, text).expect("the file can be written");
            path.to_string_lossy().into_owned()
        })
        .collect()
}

#[test]
#[ignore = "it needs check-jsonschema: `cargo xtask editor` runs it"]
fn the_schemas_are_schemas() {
    for schema in files("schema", ".schema.json") {
        let output = program("check-jsonschema")
            .arg("--check-metaschema")
            .arg(package().join(&schema.path))
            .output()
            .expect("check-jsonschema can be started");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{}: {said}", schema.path);
    }
}

#[test]
#[ignore = "it needs check-jsonschema: `cargo xtask editor` runs it"]
fn good_files_are_accepted() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let mut paths = written(folder.path(), GOOD);
    let examples = files("examples", "nest.yaml");
    assert!(!examples.is_empty());
    paths.extend(examples.iter().map(|example| {
        let path = package().join(&example.path);
        path.to_string_lossy().into_owned()
    }));
    for schema in ["nest.schema.json", "nest.override.schema.json"] {
        let (accepted, said) = check(schema, &paths);
        assert!(accepted, "{said:#}");
    }
}

#[test]
#[ignore = "it needs check-jsonschema: `cargo xtask editor` runs it"]
fn bad_files_are_refused() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let paths = written(folder.path(), BAD);
    let (_, said) = check("nest.schema.json", &paths);
    let errors = said["errors"].as_array().expect("there are errors");
    for (path, text) in paths.iter().zip(BAD) {
        let refused = errors.iter().any(|error| error["filename"] == *path);
        assert!(refused, "nothing is said of {text}");
    }
}
