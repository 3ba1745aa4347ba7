//! What editors and checkers make of the schema: the real programs, which `cargo xtask test` installs.
//!
//! The tests are ignored without them; `NEST_TEST_EDITOR` names the folder where they are.

mod checker;
mod client;
mod completion;
mod diagnostics;
mod hover;
mod store;

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

/// The schema of nest files, as it is published.
pub(crate) const SCHEMA: &str = include_str!("../../schema/nest.schema.json");

/// The schema of files that go over others.
pub(crate) const OVERRIDE_SCHEMA: &str = include_str!("../../schema/nest.override.schema.json");

/// The entries of the catalog of SchemaStore.
const CATALOG: &str = include_str!("../../schema/catalog.json");

/// A command line that runs one of the programs.
fn program(name: &str) -> Command {
    let folder = std::env::var_os("NEST_TEST_EDITOR")
        .expect("`NEST_TEST_EDITOR` names the folder of programs: run `cargo xtask test`");
    Command::new(PathBuf::from(folder).join(name))
}

/// The addresses of the schemas with their text.
fn published() -> Vec<(String, &'static str)> {
    [SCHEMA, OVERRIDE_SCHEMA]
        .into_iter()
        .map(|text| {
            let schema: Value = serde_json::from_str(text).expect("it is JSON");
            let id = schema["$id"].as_str().expect("it has an address");
            (id.to_owned(), text)
        })
        .collect()
}

/// A definition of the schema; the schema itself without a name.
fn definition(name: &str) -> Value {
    let schema: Value = serde_json::from_str(SCHEMA).expect("it is JSON");
    let found = match name {
        "" => &schema,
        name => &schema["$defs"][name],
    };
    assert!(found.is_object(), "the schema defines no `{name}`");
    found.clone()
}
