//! From the options to the project, and to what the engines should hold.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::cli::error::CommandError;
use crate::cli::options::Options;
use crate::cli::output::Output;
use crate::desired::facts::{Facts, archives};
use crate::desired::{Desired, DesiredEngine, desired};
use crate::docker::{Docker, Endpoint};
use crate::files::LocalFiles;
use crate::model::NameOrigin;
use crate::model::name::ProjectName;
use crate::model::{ProjectRequest, ReadProject, read_project};
use crate::problem::{RenderOptions, render_problems};
use crate::resource::digest::Digest;

/// Reads the project, and tells its warnings.
pub(crate) fn read(options: &Options, output: &Output) -> Result<ReadProject, CommandError> {
    let file = options.file().ok_or(CommandError::NoFile)?;
    let request = ProjectRequest {
        file,
        project_name: options.global.project_name.clone(),
        variables: options.variables.clone(),
    };
    let read = read_project(&LocalFiles, &request)
        .map_err(|invalid| CommandError::Invalid(Box::new(invalid)))?;
    if !read.warnings.is_empty() {
        let render = RenderOptions {
            color: output.has_color(),
            width: output.width(),
        };
        output.talk(&render_problems(&read.warnings, &read.sources, render));
    }
    Ok(read)
}

/// What the file wants of the engines.
pub(crate) fn wanted(options: &Options, output: &Output) -> Result<Desired, CommandError> {
    let read = read(options, output)?;
    let facts = Facts {
        archives: archives(&read.project)
            .into_iter()
            .map(|path| {
                let entries = Err(String::new());
                (path, entries)
            })
            .collect(),
    };
    Ok(desired(&read.project, &facts))
}

/// What the file wants, or, where there is no file and the project is named, nothing: labels are enough to take it down.
pub(crate) fn wanted_or_named(options: &Options, output: &Output) -> Result<Desired, CommandError> {
    match (options.file(), &options.global.project_name) {
        (None, Some(name)) => Ok(Desired {
            project: ProjectName::of_text(name),
            name_origin: NameOrigin::Given,
            file: String::new(),
            engine: DesiredEngine::default(),
        }),
        _ => wanted(options, output),
    }
}

/// Connects to the outer engine.
pub(crate) async fn connect(options: &Options) -> Result<Docker, CommandError> {
    let endpoint = Endpoint::resolve(&options.endpoint())?;
    Ok(Docker::connect(&endpoint).await?)
}

/// The digests of the files that a plan is made from, as they are now. A file that is not there is left out.
pub(crate) fn file_digests(paths: impl IntoIterator<Item = PathBuf>) -> BTreeMap<PathBuf, Digest> {
    let digest = |path: PathBuf| {
        let bytes = std::fs::read(&path).ok()?;
        Some((path, Digest::of_bytes(&bytes)))
    };
    paths.into_iter().filter_map(digest).collect()
}
