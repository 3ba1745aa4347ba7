//! The way from files to the project: the entry to everything above this room.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use crate::document::node::Node;
use crate::model::Project;
use crate::model::load::{LoadedFiles, Loader};
use crate::model::place::Places;
use crate::model::validate::{ValidationInput, validate};
use crate::problem::{InvalidDocument, Problem, ShapeProblem, sort_problems};
use crate::source::{Files, SourceMap};
use crate::spec::FileSpec;
use crate::spec::decode::decode;

/// What to read, and with what.
#[derive(Debug, Clone)]
pub struct ProjectRequest {
    /// Absolute paths of the nest files: each goes over the ones before.
    pub files: Vec<PathBuf>,
    /// Absolute paths of files that set variables, later ones first. Without any, `.env` beside the first nest file.
    pub env_files: Vec<PathBuf>,
    /// The working folder: files below it are shown relative to it.
    pub working_folder: PathBuf,
    /// The project's name, where a flag or a variable gives one. It is normalised.
    pub project_name: Option<String>,
    /// The active profiles: what belongs to others is left out. `*` activates all.
    pub profiles: Vec<String>,
    /// Absolute paths of policies: each must be there.
    pub policies: Vec<PathBuf>,
    /// Absolute path of the host's policy, which need not be there.
    pub host_policy: Option<PathBuf>,
    /// The variables of the process. They win over those of files.
    pub variables: BTreeMap<String, String>,
}

/// A project, and what its reader should know.
#[derive(Debug)]
pub struct ReadProject {
    /// The project.
    pub project: Project,
    /// Problems that do not keep it from being used, in the order of the file.
    pub warnings: Vec<Problem>,
    /// The files that were read: the warnings point into them.
    pub sources: SourceMap,
    /// Absolute paths of all files that were read, those that set variables among them.
    pub paths: Vec<PathBuf>,
}

impl ReadProject {
    /// The same, unless this version does not act on all of the file: then the parts that it does not act on.
    pub fn acted_on_whole(self) -> Result<Self, InvalidDocument> {
        let problems = self.not_acted_on();
        if problems.is_empty() {
            return Ok(self);
        }
        let sources = self.sources;
        Err(InvalidDocument { sources, problems })
    }

    /// The warnings about parts of the file that this version does not act on.
    pub fn not_acted_on(&self) -> Vec<Problem> {
        let mut problems = self.warnings.clone();
        problems.retain(|problem| {
            matches!(
                problem,
                Problem::Shape(ShapeProblem::NotSupportedYet { .. })
            )
        });
        problems
    }
}

/// Reads nest files and makes a project of it, or finds every problem in them.
pub fn read_project(
    files: &dyn Files,
    request: &ProjectRequest,
) -> Result<ReadProject, InvalidDocument> {
    let mut loader = Loader::new(files, request);
    let tree = loader.load();
    let policies = loader.policies();
    let Loader {
        sources,
        mut problems,
        mut paths,
        ..
    } = loader;
    let project = tree.and_then(|tree| {
        project(
            tree,
            &policies,
            files,
            request,
            &sources,
            &mut problems,
            &mut paths,
        )
    });
    sort_problems(&mut problems);
    match project {
        Some(project) if problems.iter().all(Problem::is_warning) => Ok(ReadProject {
            project,
            warnings: problems,
            sources,
            paths,
        }),
        _ => Err(InvalidDocument { sources, problems }),
    }
}

fn project(
    loaded: LoadedFiles,
    policies: &[Rc<Node>],
    files: &dyn Files,
    request: &ProjectRequest,
    sources: &SourceMap,
    problems: &mut Vec<Problem>,
    paths: &mut Vec<PathBuf>,
) -> Option<Project> {
    let spec: FileSpec = decode(&loaded.root, sources, problems)?;
    let places = Places::of(&loaded.root, sources);
    // It is as large as what is made from it.
    drop(loaded.root);
    let policies = policies.iter();
    let policies = policies
        .filter_map(|policy| decode(policy, sources, problems))
        .collect();
    let input = ValidationInput {
        file: request
            .files
            .first()
            .map_or(Path::new("/"), PathBuf::as_path),
        folder: request.folder(),
        project_name: request.project_name.as_deref(),
        profiles: &request.profiles,
        variables: &loaded.variables,
        files,
        sources,
        base: loaded.base,
    };
    let project = validate(spec, policies, &input, problems, paths);
    Some(Project {
        places: Arc::new(places),
        ..project
    })
}

impl ProjectRequest {
    /// The folder of the project: that of the first file.
    pub(super) fn folder(&self) -> &Path {
        let first = self.files.first().and_then(|file| file.parent());
        first.unwrap_or(Path::new("/"))
    }

    /// A path as the user would write it.
    pub(super) fn shown<'p>(&self, path: &'p Path) -> &'p Path {
        path.strip_prefix(&self.working_folder).unwrap_or(path)
    }
}
