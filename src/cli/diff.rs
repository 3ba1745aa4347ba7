//! `nest diff`

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::cli::args::{DiffArguments, DiffFormat};
use crate::cli::error::CommandError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::options::{Options, files_in};
use crate::cli::output::Output;
use crate::cli::project;
use crate::desired::build::contexts;
use crate::desired::facts::{ArchiveEntry, Facts, archives, kept_logins, material_files};
use crate::desired::{Desired, desired};
use crate::files::LocalFiles;
use crate::files::git::GitFiles;
use crate::model::name::ProjectName;
use crate::model::{NameOrigin, Project, ReadProject, read_project};
use crate::plan::applied::applied;
use crate::plan::{PlanOptions, plan};
use crate::problem::InvalidDocument;
use crate::report;
use crate::report::diff::Sides;
use crate::resource::build::BuildSource;
use crate::resource::digest::Digest;
use crate::resource::login::Account;
use crate::resource::secret::SecretKey;
use crate::source::{Files, normalized};

/// The word that a git revision begins with.
const GIT: &str = "git:";
/// What is compared with where nothing is named.
const HERE: &str = "the files here";

/// Shows what differs between two declarations.
pub(crate) fn run(
    arguments: &DiffArguments,
    options: &Options,
    output: &Output,
) -> Result<ExitStatus, CommandError> {
    let from = Side::find(&arguments.from, options)?;
    let to = match &arguments.to {
        Some(name) => Side::find(name, options)?,
        None => Side::here(options)?,
    };
    let (before, after) = match (from.read(None, options), to.read(None, options)) {
        (Ok(before), Ok(after)) => (before, after),
        (before, after) => {
            // The problems of both are told, not only those of the first.
            if let (Err(first), Err(_)) = (&before, &after) {
                first.report(output);
            }
            return Err(after.err().or(before.err()).unwrap_or(CommandError::NoFile));
        }
    };
    for (side, read) in [(&from, &before), (&to, &after)] {
        side.tell_what_is_left_out(read, output);
    }
    // Two folders may hold one project, which has no other name than theirs.
    let (before, after) = match common_name(&before.project, &after.project) {
        Some(name) => (
            from.read(Some(&name), options)?,
            to.read(Some(&name), options)?,
        ),
        None => (before, after),
    };
    let key = project::fresh_key()?;
    let after = declared(&after.project, &key);
    let before = declared(&before.project, &key).relocated(&after.file);
    let observed = applied(&before, &after);
    let plan = plan(&after, &observed, &PlanOptions::whole(None));
    let sides = Sides {
        from: from.name,
        to: to.name,
        other_project: (before.project != after.project).then_some(&before.project),
    };
    output.data(&match arguments.format {
        DiffFormat::Human => report::diff::text(&plan, &sides),
        DiffFormat::Json => format!("{:#}\n", report::json::plan(&plan)),
        DiffFormat::Markdown => report::markdown::markdown(&plan, &sides),
    });
    let differs = report::diff::differs(&plan);
    Ok(if differs && arguments.detailed_exitcode {
        ExitStatus::Changes
    } else {
        ExitStatus::Success
    })
}

/// The name to read both with, where one of them only has that of its folder.
fn common_name(before: &Project, after: &Project) -> Option<ProjectName> {
    if before.name == after.name {
        return None;
    }
    match (before.name_origin, after.name_origin) {
        (NameOrigin::Given, NameOrigin::Given) => None,
        (NameOrigin::Given, NameOrigin::Folder) => Some(before.name.clone()),
        (NameOrigin::Folder, _) => Some(after.name.clone()),
    }
}

/// What a project wants, as far as its files tell: an archive is what its path says.
fn declared(project: &Project, key: &SecretKey) -> Desired {
    let folder = project.file.parent().unwrap_or(Path::new("/"));
    let archive = |path: PathBuf| {
        let shown = path.strip_prefix(folder).unwrap_or(&path);
        let content = Digest::of_bytes(shown.as_os_str().as_encoded_bytes());
        (path, Ok(vec![ArchiveEntry::new(Vec::new(), content)]))
    };
    let archives = archives(project).into_iter().map(archive).collect();
    let context = |source: BuildSource| {
        let shown = match &source {
            BuildSource::Folder { path, dockerfile } => {
                let path = path.strip_prefix(folder).unwrap_or(path);
                Digest::of(&(path, dockerfile))
            }
            BuildSource::Address { address, .. } => Digest::of(address),
        };
        (source, Ok(shown))
    };
    let contexts = contexts(project).into_iter().map(context).collect();
    let secret_key = key.clone();
    // Who logs in stays who it is.
    let accounts = kept_logins(project).into_iter();
    let accounts = accounts.map(|(name, server)| (name, Ok(Account::Token(server))));
    let facts = Facts {
        accounts: accounts.collect(),
        archives,
        archives_of: BTreeMap::new(),
        contexts,
        materials: materials(project, folder),
        // Which one it is makes no difference.
        ssh_agent: Some(PathBuf::new()),
        secret_key,
    };
    desired(project, &facts)
}

/// A secret or a config that comes from a file is what its path says.
fn materials(project: &Project, folder: &Path) -> BTreeMap<PathBuf, Result<Vec<u8>, String>> {
    let shown = |path: &Path| {
        let shown = path.strip_prefix(folder).unwrap_or(path);
        shown.as_os_str().as_encoded_bytes().to_vec()
    };
    let files = material_files(project).into_iter();
    files.map(|path| (path.clone(), Ok(shown(&path)))).collect()
}

/// One of the two.
struct Side<'a> {
    /// As it was named.
    name: &'a str,
    /// The nest files.
    files: Vec<PathBuf>,
    /// The revision to read them from.
    git: Option<GitFiles>,
}

impl<'a> Side<'a> {
    /// What other commands take.
    fn here(options: &Options) -> Result<Self, CommandError> {
        let files = options.files();
        if files.is_empty() {
            return Err(CommandError::NoFile);
        }
        let (name, git) = (HERE, None);
        Ok(Self { name, files, git })
    }

    fn find(name: &'a str, options: &Options) -> Result<Self, CommandError> {
        let here = options.working_folder.as_path();
        let Some(revision) = name.strip_prefix(GIT) else {
            let files = files_at(&here.join(name), Path::is_dir, Path::is_file);
            let files = files.ok_or_else(|| no_file(name))?;
            let git = None;
            return Ok(Self { name, files, git });
        };
        let (revision, path) = match revision.split_once(':') {
            Some((revision, path)) => (revision, Some(path)),
            None => (revision, None),
        };
        let given = options.given_files();
        let folder = match (path, given.first().and_then(|file| file.parent())) {
            (None, Some(folder)) => folder,
            _ => here,
        };
        let git = GitFiles::open(folder, revision).map_err(CommandError::Git)?;
        let is_file = |path: &Path| git.is_file(path);
        let files = match path {
            Some(path) => {
                let base = if path.starts_with("./") || path.starts_with("../") {
                    here
                } else {
                    git.top()
                };
                files_at(&base.join(path), |path| git.is_folder(path), is_file)
            }
            None if given.is_empty() => {
                let within = |folder: &&Path| folder.starts_with(git.top());
                let mut folders = here.ancestors().take_while(within);
                folders.find_map(|folder| files_in(folder, is_file))
            }
            None => Some(given),
        };
        let files = files.ok_or_else(|| no_file(name))?;
        let git = Some(git);
        Ok(Self { name, files, git })
    }

    fn read(
        &self,
        project_name: Option<&ProjectName>,
        options: &Options,
    ) -> Result<ReadProject, CommandError> {
        let mut request = project::request_for(self.files.clone(), options);
        if let Some(name) = project_name {
            request.project_name = Some(name.to_string());
        }
        let files: &dyn Files = match &self.git {
            Some(git) => git,
            None => &LocalFiles,
        };
        read_project(files, &request)
            .map_err(|invalid| CommandError::Invalid(Box::new(self.named(invalid))))
    }

    /// Tells the parts that this version does not act on, and so cannot compare.
    fn tell_what_is_left_out(&self, read: &ReadProject, output: &Output) {
        let parts = InvalidDocument {
            problems: read.not_acted_on(),
            sources: read.sources.clone(),
        };
        let parts = self.named(parts);
        output.talk(&report::problem::brief(&parts.problems, &parts.sources));
    }

    /// Problems that say which revision they are in.
    fn named(&self, mut invalid: InvalidDocument) -> InvalidDocument {
        if self.git.is_some() {
            invalid.sources.name_after(&format!("{}:", self.name));
        }
        invalid
    }
}

/// A file, or the nest file of a folder with what overrides it.
fn files_at(
    path: &Path,
    is_folder: impl Fn(&Path) -> bool,
    is_file: impl Fn(&Path) -> bool,
) -> Option<Vec<PathBuf>> {
    let path = normalized(path);
    if is_folder(&path) {
        files_in(&path, is_file)
    } else {
        Some(vec![path])
    }
}

fn no_file(name: &str) -> CommandError {
    CommandError::NoFileAt {
        place: name.to_owned(),
    }
}
