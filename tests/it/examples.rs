//! The examples: what the reader, the schema and `nest config` make of each, and which of them this version carries out.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use expect_test::expect_file;
use nest::model::ReadProject;
use nest::spec::{override_schema, schema};

use crate::front_end::{Folder, read_folder, rendered};
use crate::tree::{file, package};

/// An example, or one with another file of its folder over it.
pub(crate) struct Example {
    /// The folder's name, and that of the file over it.
    pub(crate) name: String,
    /// The files, as arguments name them.
    pub(crate) files: Vec<PathBuf>,
    /// What sets the variables that its user has to set.
    pub(crate) env_files: Vec<PathBuf>,
}

/// The examples that the plan refuses where the outer engine is podman, and a part of the reason that it gives.
pub(crate) const REFUSED_ON_PODMAN: [(&str, &str); 1] = [(
    "sysbox",
    "the engine is podman, which starts every container with its own runtime",
)];

/// Every example, sorted by name.
pub(crate) fn examples() -> Vec<Example> {
    let mut examples = Vec::new();
    for folder in entries(&package().join("examples")) {
        let name = file_name(&folder);
        let env_file = folder.join(".env.example");
        let env_files: Vec<PathBuf> = env_file.is_file().then_some(env_file).into_iter().collect();
        let main = folder.join("nest.yaml");
        examples.push(Example {
            name: name.clone(),
            files: vec![main.clone()],
            env_files: env_files.clone(),
        });
        for over in entries(&folder) {
            let over_name = file_name(&over);
            let is_yaml = over.extension().is_some_and(|ending| ending == "yaml");
            if over_name.starts_with("nest.") && is_yaml && over != main {
                examples.push(Example {
                    name: format!("{name} with {over_name}"),
                    files: vec![main.clone(), over],
                    env_files: env_files.clone(),
                });
            }
        }
    }
    examples
}

impl Example {
    /// What the reader makes of it. It is right.
    pub(crate) fn read(&self) -> ReadProject {
        self.read_instead(None)
    }

    fn read_instead(&self, text: Option<&str>) -> ReadProject {
        let folder = self.files[0].parent().expect("a file is in a folder");
        let files = if text.is_some() {
            &self.files[..1]
        } else {
            &self.files
        };
        let result = read_folder(&Folder {
            path: folder,
            files,
            env_files: &self.env_files,
            text,
        });
        let shown = rendered(&result);
        result.unwrap_or_else(|_| panic!("{}:\n{shown}\n{}", self.name, text.unwrap_or_default()))
    }
}

/// Whether this version carries out a project whole, or else what it does not act on.
pub(crate) fn not_acted_on(read: ReadProject) -> Option<String> {
    let parts = read.acted_on_whole().err()?;
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for problem in &parts.problems {
        let text = problem.to_string();
        let what = text.strip_suffix(" is not supported yet").unwrap_or(&text);
        *counts.entry(what.to_owned()).or_default() += 1;
    }
    let parts: Vec<String> = counts
        .into_iter()
        .map(|(what, count)| match count {
            1 => what,
            _ => format!("{what} ({count} times)"),
        })
        .collect();
    Some(parts.join(", "))
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder can be read");
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("it can be listed").path())
        .collect();
    paths.sort();
    paths
}

fn file_name(path: &Path) -> String {
    let name = path.file_name().expect("it has a name");
    name.to_string_lossy().into_owned()
}

#[test]
fn every_example_is_right_and_warns_of_what_is_known() {
    let mut text = String::new();
    for example in examples() {
        let read = example.read();
        let _ = writeln!(text, "{}", example.name);
        for warning in &read.warnings {
            let position = read.sources.position(warning.place());
            let line = position.map_or(0, |position| position.line);
            let _ = writeln!(text, "  {line}: {} {warning}", warning.code_text());
        }
        let carried_out = match not_acted_on(read) {
            None => "  carried out whole".to_owned(),
            Some(parts) => format!("  not carried out for {parts}"),
        };
        let _ = writeln!(text, "{carried_out}\n");
    }
    expect_file!["examples/warnings.txt"].assert_eq(&text);
}

#[test]
fn every_example_is_right_by_the_schema() {
    let compiled = |schema| jsonschema::draft202012::new(&schema).expect("the schema is one");
    let (whole, over) = (compiled(schema()), compiled(override_schema()));
    let mut text = String::new();
    for example in examples() {
        for (number, path) in example.files.iter().enumerate() {
            let validator = if number == 0 { &whole } else { &over };
            let read = std::fs::read_to_string(path).expect("it can be read");
            let mut value: serde_yaml::Value = serde_yaml::from_str(&read).expect("it is YAML");
            value.apply_merge().expect("its merge keys can be merged");
            let value = serde_json::to_value(value).expect("it is data");
            for fault in validator.iter_errors(&value) {
                let place = fault.instance_path();
                let _ = writeln!(text, "{} {place}: {fault}", example.name);
            }
        }
    }
    // Nothing, but for parts of the format that the schema does not have yet.
    expect_file!["examples/schema.txt"].assert_eq(&text);
}

#[test]
fn what_config_prints_of_an_example_means_the_same() {
    for example in examples() {
        let first = example.read().project;
        let text = serde_yaml::to_string(&first.written()).expect("it is YAML");
        let second = example.read_instead(Some(&text)).project;
        assert_eq!(first.scope, second.scope, "{}:\n{text}", example.name);
        assert_eq!(
            (&first.name, &first.registries),
            (&second.name, &second.registries),
            "{}:\n{text}",
            example.name
        );
    }
}

#[test]
fn every_example_says_what_it_is_for_and_stands_in_the_book() {
    let page = file("book/src/scenarios.md").text;
    for example in examples() {
        if example.files.len() > 1 {
            continue;
        }
        let name = &example.name;
        let readme = file(&format!("examples/{name}/README.md")).text;
        assert!(readme.contains("```console"), "{name}: how is it run?");
        let link = format!("(../../examples/{name}/README.md)");
        let row = page.lines().find(|line| line.contains(&link));
        let row = row.unwrap_or_else(|| panic!("the page of scenarios has no row about {name}"));
        let mut refused = REFUSED_ON_PODMAN.iter();
        let podman = match refused.find(|(refused, _)| refused == name) {
            Some(_) => "refused by the plan",
            None => "yes",
        };
        let is_whole = not_acted_on(example.read()).is_none();
        let mark = if is_whole {
            format!("| yes | {podman} |")
        } else {
            "| not yet | not yet |".to_owned()
        };
        assert!(row.ends_with(&mark), "it should end with `{mark}`: {row}");
    }
}
