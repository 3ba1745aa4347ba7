//! From YAML in a test to what the engines should hold.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use nest::desired::build::contexts;
use nest::desired::facts::Facts;
use nest::desired::{Desired, desired};
use nest::model::{Project, ProjectRequest, read_project};
use nest::resource::digest::Digest;
use nest::source::Files;

/// One file, and nothing beside it.
struct OneFile<'a>(&'a str);

impl Files for OneFile<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        if path.ends_with("nest.yaml") {
            Ok(self.0.as_bytes().to_vec())
        } else {
            Err(io::ErrorKind::NotFound.into())
        }
    }

    fn exists(&self, _path: &Path) -> bool {
        true
    }
}

/// What `yaml`, in the folder `/project/test`, wants of the engines.
pub(crate) fn wanted(yaml: &str) -> Desired {
    try_wanted(yaml, &Facts::default()).unwrap_or_else(|problems| panic!("{problems}"))
}

/// What `yaml` wants of the engines where this is known, or what is wrong with it.
pub(crate) fn try_wanted(yaml: &str, facts: &Facts) -> Result<Desired, String> {
    let project = try_project(yaml)?;
    let mut facts = facts.clone();
    // Another folder is another content.
    let known = |source| {
        let digest = Digest::of(&source);
        (source, Ok(digest))
    };
    facts
        .contexts
        .extend(contexts(&project).into_iter().map(known));
    Ok(desired(&project, &facts))
}

/// The project that `yaml`, in the folder `/project/test`, describes.
pub(crate) fn project(yaml: &str) -> Project {
    try_project(yaml).unwrap_or_else(|problems| panic!("{problems}"))
}

fn try_project(yaml: &str) -> Result<Project, String> {
    let request = ProjectRequest {
        files: vec![PathBuf::from("/project/test/nest.yaml")],
        env_files: Vec::new(),
        profiles: Vec::new(),
        policies: Vec::new(),
        host_policy: None,
        working_folder: PathBuf::from("/elsewhere"),
        project_name: None,
        variables: BTreeMap::from([
            ("FIRST_SECRET".to_owned(), "hunter2".to_owned()),
            ("NEXT_SECRET".to_owned(), "hunter3".to_owned()),
        ]),
    };
    match read_project(&OneFile(yaml), &request) {
        Ok(read) => Ok(read.project),
        Err(invalid) => Err(format!("{:?}", invalid.problems)),
    }
}
