//! The files of a watched project: read again and again, and compared with what they said.

use std::collections::BTreeMap;
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};

use crate::cli::accounts::accounts;
use crate::cli::error::CommandError;
use crate::cli::options::{Options, files_in, named_in};
use crate::cli::project::{self, Archived};
use crate::desired::facts::{Facts, archives};
use crate::desired::{Desired, desired};
use crate::docker::{Docker, Endpoint};
use crate::engine::EngineError;
use crate::files::places::Places;
use crate::files::recorder::{Found, Recorder};
use crate::files::stamp::Stamp;
use crate::model::{ReadProject, read_project};
use crate::problem::InvalidDocument;
use crate::report::problem::brief;
use crate::resource::build::{BuildFile, BuildSource};
use crate::resource::digest::Digest;
use crate::resource::engine_path::EnginePath;
use crate::resource::secret::SecretKey;

/// The files of a watched project.
pub(crate) struct Source<'o> {
    options: &'o Options,
    /// Where the outer engine is that was connected to.
    endpoint: Endpoint,
    /// The folder of the project: another nest file further up is another project.
    folder: PathBuf,
    key: SecretKey,
    found: BTreeMap<PathBuf, Found>,
    archives: BTreeMap<PathBuf, Archive>,
    contexts: Contexts,
    platform: Option<String>,
}

/// What the folders contain that builds are sent.
type Contexts = BTreeMap<BuildSource, Result<Digest, String>>;

#[derive(Debug)]
struct Archive {
    stamp: Option<Stamp>,
    facts: Archived,
}

/// What a reading found.
pub(crate) enum Read {
    /// What the last one found.
    Same,
    /// A file that is asked for is not there.
    Absent(PathBuf),
    /// Problems.
    Invalid(Box<InvalidDocument>),
    /// A project.
    Valid(Box<Wanted>),
}

/// What the files want.
pub(crate) struct Wanted {
    pub(crate) desired: Desired,
    /// The warnings, a line each.
    pub(crate) warnings: String,
    /// The files that say something else than at the last reading.
    pub(crate) changed: Vec<PathBuf>,
}

impl<'o> Source<'o> {
    /// The files that the options name.
    pub(crate) fn new(options: &'o Options, endpoint: Endpoint) -> Result<Self, CommandError> {
        let files = options.files();
        let first = files.first().ok_or(CommandError::NoFile)?;
        let given = [
            options.given_files(),
            options.env_files(),
            options.policies(),
        ];
        if let Some(once) = given.iter().flatten().find(|path| is_read_once(path)) {
            return Err(CommandError::Usage {
                message: format!("`{}` cannot be watched", once.display()),
                hint: "it is a pipe or a terminal, which can be read once only".to_owned(),
            });
        }
        Ok(Self {
            options,
            endpoint,
            folder: first.parent().unwrap_or(Path::new("/")).to_owned(),
            key: project::fresh_key()?,
            found: BTreeMap::new(),
            archives: BTreeMap::new(),
            contexts: BTreeMap::new(),
            platform: None,
        })
    }

    /// Reads them.
    pub(crate) async fn read(&mut self, engine: &Docker) -> Result<Read, CommandError> {
        let given = self.options.given_files();
        let files = if given.is_empty() {
            files_in(&self.folder, Path::is_file).unwrap_or_default()
        } else {
            given
        };
        let recorder = Recorder::default();
        let request = project::request_for(files, self.options);
        let read = read_project(&recorder, &request);
        let read = read.and_then(ReadProject::acted_on_whole);
        let materials = read
            .as_ref()
            .map(|read| project::materials(&recorder, &read.project))
            .unwrap_or_default();
        let contexts = read
            .as_ref()
            .map(|read| project::contexts(&read.project))
            .unwrap_or_default();
        let found = recorder.into_found();
        let is_absent = |path: &&PathBuf| found.get(*path) == Some(&Found::Nothing);
        if let Some(absent) = request.files.iter().find(is_absent) {
            return Ok(Read::Absent(absent.clone()));
        }
        if request.files.is_empty() {
            return Ok(Read::Absent(self.folder.join("nest.yaml")));
        }
        let archives = match &read {
            Ok(read) => self.archives(engine, archives(&read.project)).await?,
            Err(_) => BTreeMap::new(),
        };
        let holds_the_same = self.archives == archives && self.contexts == contexts;
        if self.found == found && (read.is_err() || holds_the_same) {
            // A file that was touched is not read once more.
            if read.is_ok() {
                self.archives = archives;
            }
            return Ok(Read::Same);
        }
        let changed = self.changed(&found, &archives, &contexts);
        self.found = found;
        if read.is_ok() {
            self.archives = archives;
            self.contexts.clone_from(&contexts);
        }
        let read = match read {
            Ok(read) => read,
            Err(invalid) => return Ok(Read::Invalid(Box::new(invalid))),
        };
        let endpoint = project::endpoint(self.options, Some((&read.project, &read.sources)))?;
        if endpoint != self.endpoint {
            return Err(CommandError::Usage {
                message: format!(
                    "the file is for the engine at {endpoint} now, and nest watches the one at {}",
                    self.endpoint
                ),
                hint: "nothing is done; start `nest watch` again".to_owned(),
            });
        }
        project::know(engine, &read.project);
        let archives_of = match &self.platform {
            Some(platform) => project::archives_of(engine, &read.project, platform).await,
            None => BTreeMap::new(),
        };
        let facts = self.archives.iter();
        let facts = Facts {
            archives_of,
            accounts: accounts(&read.project, &self.options.endpoint().config_folder),
            archives: facts
                .map(|(path, archive)| (path.clone(), archive.facts.clone()))
                .collect(),
            contexts,
            materials,
            ssh_agent: self.options.ssh_agent(),
            secret_key: self.key.clone(),
        };
        let desired = desired(&read.project, &facts);
        engine.hide(&desired.secret_values());
        Ok(Read::Valid(Box::new(Wanted {
            desired,
            warnings: brief(&read.warnings, &read.sources),
            changed,
        })))
    }

    /// Where a change of what was read last can show.
    pub(crate) fn places(&self) -> Places {
        let given = self.options.given_files();
        let asked = if given.is_empty() {
            named_in(&self.folder)
        } else {
            given
        };
        let files = asked.iter().chain(self.found.keys());
        let files = files.chain(self.archives.keys()).map(PathBuf::as_path);
        let dockerfiles = self.contexts.keys().filter_map(dockerfile);
        let dockerfiles: Vec<PathBuf> = dockerfiles.collect();
        let files = files.chain(dockerfiles.iter().map(PathBuf::as_path));
        let folders = self.contexts.keys().filter_map(folder);
        Places::of(files, folders, &self.folder)
    }

    /// The files that say something, as the user would write them.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let says = |(path, found): (&PathBuf, &Found)| {
            matches!(found, Found::Text(_)).then(|| self.shown(path))
        };
        let files = self.found.iter().filter_map(says);
        files
            .chain(self.archives.keys().map(|path| self.shown(path)))
            .collect()
    }

    /// A path as the user would write it.
    pub(crate) fn shown(&self, path: &Path) -> PathBuf {
        let shown = path.strip_prefix(&self.options.working_folder);
        shown.unwrap_or(path).to_owned()
    }

    /// What archives hold. One that has not been touched is not read again.
    async fn archives(
        &mut self,
        engine: &Docker,
        paths: Vec<PathBuf>,
    ) -> Result<BTreeMap<PathBuf, Archive>, EngineError> {
        let mut archives = BTreeMap::new();
        for path in paths {
            let stamp = Stamp::of(&path);
            let known = self.archives.get(&path).filter(|it| it.stamp == stamp);
            let facts = match (known, &self.platform) {
                (Some(known), _) => known.facts.clone(),
                (None, Some(platform)) => project::archive(&path, platform),
                (None, None) => {
                    let platform = engine.platform(&EnginePath::outer()).await?;
                    let facts = project::archive(&path, &platform);
                    self.platform = Some(platform);
                    facts
                }
            };
            archives.insert(path, Archive { stamp, facts });
        }
        Ok(archives)
    }

    /// The files that say something else now, as the user would write them.
    fn changed(
        &self,
        found: &BTreeMap<PathBuf, Found>,
        archives: &BTreeMap<PathBuf, Archive>,
        contexts: &Contexts,
    ) -> Vec<PathBuf> {
        let text = found.iter().filter(|(path, found)| {
            let before = self.found.get(*path);
            before != Some(*found) && (before.is_some() || matches!(found, Found::Text(_)))
        });
        let archives = archives
            .iter()
            .filter(|(path, archive)| self.archives.get(*path) != Some(*archive));
        let contexts = contexts
            .iter()
            .filter(|(source, digest)| self.contexts.get(*source) != Some(*digest));
        let changed = text
            .map(|(path, _)| path.as_path())
            .chain(archives.map(|(path, _)| path.as_path()))
            .chain(contexts.filter_map(|(source, _)| folder(source)));
        changed.map(|path| self.shown(path)).collect()
    }
}

/// Whether what a path leads to is gone when it is read, as with standard input.
fn is_read_once(path: &Path) -> bool {
    let metadata = path.metadata();
    metadata.is_ok_and(|it| {
        let kind = it.file_type();
        kind.is_fifo()
            || kind.is_socket()
            || kind.is_char_device() && path != Path::new("/dev/null")
    })
}

/// The folder that a build is sent.
fn folder(source: &BuildSource) -> Option<&Path> {
    match source {
        BuildSource::Folder { path, .. } => Some(path),
        BuildSource::Address { .. } => None,
    }
}

/// The file that says what a build does.
fn dockerfile(source: &BuildSource) -> Option<PathBuf> {
    match source {
        BuildSource::Folder {
            path,
            dockerfile: BuildFile::File(file),
        } => Some(path.join(file)),
        BuildSource::Folder { .. } | BuildSource::Address { .. } => None,
    }
}

impl PartialEq for Archive {
    /// Whether they hold the same: one that was touched only does.
    fn eq(&self, other: &Self) -> bool {
        self.facts == other.facts
    }
}
