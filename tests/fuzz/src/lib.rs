//! What must hold for any files at all: reading them ends with a project or with problems, each problem has its places
//! in the files, all of them can be shown, and a project that is printed reads back as the same.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use miette::Diagnostic as _;
use nest::model::{ProjectRequest, ReadProject, read_merged, read_project};
use nest::problem::{InvalidDocument, RenderOptions, render_problems};
use nest::source::Files;

/// The nest file.
pub const FILE: &str = "/home/ann/ci/nest.yaml";
/// The file that goes over it.
pub const OVERRIDE: &str = "/home/ann/ci/nest.override.yaml";
/// The file that sets variables for it.
pub const VARIABLES: &str = "/home/ann/ci/.env";

/// Files by path.
pub struct Table<'t>(pub Vec<(&'static str, &'t [u8])>);

impl Files for Table<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let found = self.0.iter().find(|(name, _)| Path::new(name) == path);
        found
            .map(|(_, bytes)| bytes.to_vec())
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn exists(&self, path: &Path) -> bool {
        self.0.iter().any(|(name, _)| Path::new(name) == path)
    }
}

/// Reads the nest file of a table, and the one that goes over it, and panics if something does not hold.
pub fn check(table: &Table<'_>) {
    let has_override = table.0.iter().any(|(name, _)| *name == OVERRIDE);
    let files: &[&str] = if has_override {
        &[FILE, OVERRIDE]
    } else {
        &[FILE]
    };
    let request = request(files);
    let _ = read_merged(table, &request);
    let result = read_project(table, &request);
    check_places(&result);
    if let Ok(read) = result {
        check_printed(read);
    }
}

fn request(files: &[&str]) -> ProjectRequest {
    let variables = [("HOME", "/home/ann"), ("SET", "yes"), ("EMPTY", ""), ("COUNT", "2")];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    ProjectRequest {
        files: files.iter().map(PathBuf::from).collect(),
        env_files: Vec::new(),
        working_folder: PathBuf::from("/home/ann"),
        project_name: None,
        profiles: Vec::new(),
        policies: Vec::new(),
        host_policy: None,
        variables: BTreeMap::from(variables),
    }
}

fn check_places(result: &Result<ReadProject, InvalidDocument>) {
    let (problems, sources) = match result {
        Ok(read) => (&read.warnings, &read.sources),
        Err(invalid) => (&invalid.problems, &invalid.sources),
    };
    assert!(result.is_ok() || !problems.is_empty(), "no reason is given");
    for problem in problems {
        for label in problem.labels().into_iter().flatten() {
            let span = label.offset()..label.offset() + label.len();
            assert!(
                sources.slice(&span).is_some() && sources.position(span.start).is_some(),
                "{problem:?} has its label {span:?} outside"
            );
        }
    }
    for color in [false, true] {
        let options = RenderOptions { color, width: 100 };
        let shown = render_problems(problems, sources, options);
        let harmless = |character: char| character == '\n' || !character.is_control();
        assert!(color || shown.chars().all(harmless), "{shown:?}");
    }
}

fn check_printed(read: ReadProject) {
    let project = read.project;
    let text = serde_yaml::to_string(&project.written()).expect("it is YAML");
    // What is not printed cannot be read back.
    if text.contains("(sensitive value)") {
        return;
    }
    let table = Table(vec![(FILE, text.as_bytes())]);
    match read_project(&table, &request(&[FILE])) {
        Ok(mut again) => {
            again.project.name_origin = project.name_origin;
            again.project.places = project.places.clone();
            for (name, engine) in &mut again.project.engines {
                if let Some(known) = project.engines.get(name) {
                    engine.at = known.at.clone();
                }
            }
            assert!(
                again.project == project,
                "{text}\nis\n{:#?}\nand was\n{project:#?}",
                again.project
            );
        }
        Err(invalid) => {
            let options = RenderOptions { color: false, width: 100 };
            let shown = render_problems(&invalid.problems, &invalid.sources, options);
            panic!("what is printed is wrong:\n{text}\n{shown}");
        }
    }
}
