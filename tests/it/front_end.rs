//! Reads nest files that live in a table instead of a folder.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use nest::files::LocalFiles;
use nest::model::{ProjectRequest, ReadProject, read_project};
use nest::problem::{InvalidDocument, RenderOptions, render_problems};
use nest::source::Files;

/// Files by path.
pub(crate) struct TableFiles(pub(crate) Vec<(&'static str, Vec<u8>)>);

impl Files for TableFiles {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let found = self.0.iter().find(|(name, _)| Path::new(name) == path);
        found
            .map(|(_, bytes)| bytes.clone())
            .ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }

    /// Tables name files that are read; what is mounted is there too, unless it is called `missing`.
    fn exists(&self, path: &Path) -> bool {
        !path.ends_with("missing")
    }
}

/// Reads `/home/ann/ci/nest.yaml` with the variables `HOME` and `SET`.
pub(crate) fn read(input: impl Into<Vec<u8>>) -> Result<ReadProject, InvalidDocument> {
    read_files(vec![("/home/ann/ci/nest.yaml", input.into())], None)
}

/// Reads `/home/ann/ci/nest.yaml` for a person who stands in a folder.
pub(crate) fn read_below(
    working_folder: PathBuf,
    input: &str,
) -> Result<ReadProject, InvalidDocument> {
    let files = vec![("/home/ann/ci/nest.yaml", input.as_bytes().to_vec())];
    let request = ProjectRequest {
        working_folder,
        ..request(None)
    };
    read_project(&TableFiles(files), &request)
}

/// Reads files from a table: those named as nest files, with those named as files of variables.
pub(crate) fn read_several(
    table: &[(&'static str, &str)],
    files: &[&str],
    env_files: &[&str],
) -> Result<ReadProject, InvalidDocument> {
    let paths = |names: &[&str]| names.iter().map(PathBuf::from).collect();
    let request = ProjectRequest {
        files: paths(files),
        env_files: paths(env_files),
        ..request(None)
    };
    let bytes = |(path, text): &(&'static str, &str)| (*path, text.as_bytes().to_vec());
    read_project(&TableFiles(table.iter().map(bytes).collect()), &request)
}

/// Reads `/home/ann/ci/nest.yaml` with active profiles.
pub(crate) fn read_with_profiles(
    profiles: &[&str],
    input: &str,
) -> Result<ReadProject, InvalidDocument> {
    let request = ProjectRequest {
        profiles: profiles.iter().map(|name| (*name).to_owned()).collect(),
        ..request(None)
    };
    let files = vec![("/home/ann/ci/nest.yaml", input.as_bytes().to_vec())];
    read_project(&TableFiles(files), &request)
}

/// Reads `/home/ann/ci/nest.yaml` under the policy of a pipeline and that of the host, where there are any.
pub(crate) fn read_under(
    given: Option<&str>,
    host: Option<&str>,
    input: &str,
) -> Result<ReadProject, InvalidDocument> {
    let files = [
        ("/home/ann/ci/nest.yaml", Some(input)),
        ("/ci/policy.yaml", given),
        ("/etc/nest/policy.yaml", host),
    ];
    let there = files
        .into_iter()
        .filter_map(|(path, text)| Some((path, text?.as_bytes().to_vec())));
    let request = ProjectRequest {
        policies: vec![PathBuf::from("/ci/policy.yaml")],
        host_policy: Some(PathBuf::from("/etc/nest/policy.yaml")),
        ..request(None)
    };
    read_project(&TableFiles(there.collect()), &request)
}

/// Reads `/home/ann/ci/nest.yaml` from a table.
pub(crate) fn read_files(
    files: Vec<(&'static str, Vec<u8>)>,
    project_name: Option<&str>,
) -> Result<ReadProject, InvalidDocument> {
    read_project(&TableFiles(files), &request(project_name))
}

/// A folder of this machine, and what to read of it.
pub(crate) struct Folder<'a> {
    /// The folder, in which the reader stands.
    pub(crate) path: &'a Path,
    /// The nest files.
    pub(crate) files: &'a [PathBuf],
    /// The files of variables.
    pub(crate) env_files: &'a [PathBuf],
    /// What the first nest file says, in place of what it does say.
    pub(crate) text: Option<&'a str>,
}

impl Files for Folder<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match self.text {
            Some(text) if path == self.files[0] => Ok(text.as_bytes().to_vec()),
            _ => LocalFiles.read(path),
        }
    }

    fn exists(&self, path: &Path) -> bool {
        LocalFiles.exists(path)
    }
}

/// Reads files of this machine.
pub(crate) fn read_folder(folder: &Folder<'_>) -> Result<ReadProject, InvalidDocument> {
    let request = ProjectRequest {
        files: folder.files.to_vec(),
        env_files: folder.env_files.to_vec(),
        working_folder: folder.path.to_owned(),
        ..request(None)
    };
    read_project(folder, &request)
}

fn request(project_name: Option<&str>) -> ProjectRequest {
    let variables = [
        ("HOME", "/home/ann"),
        ("SET", "yes"),
        ("EMPTY", ""),
        ("COUNT", "2"),
    ];
    ProjectRequest {
        files: vec![PathBuf::from("/home/ann/ci/nest.yaml")],
        env_files: Vec::new(),
        profiles: Vec::new(),
        policies: Vec::new(),
        host_policy: None,
        working_folder: PathBuf::from("/elsewhere"),
        project_name: project_name.map(str::to_owned),
        variables: variables
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect::<BTreeMap<_, _>>(),
    }
}

/// Everything that was found in a file, as a person without colours sees it; empty if nothing.
pub(crate) fn rendered(result: &Result<ReadProject, InvalidDocument>) -> String {
    let (problems, sources) = match result {
        Ok(read) => (&read.warnings, &read.sources),
        Err(invalid) => (&invalid.problems, &invalid.sources),
    };
    let options = RenderOptions {
        color: false,
        width: 100,
    };
    render_problems(problems, sources, options)
}
