//! From the options to the project, and to what the engines should hold.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::cli::accounts::accounts;
use crate::cli::error::CommandError;
use crate::cli::options::Options;
use crate::cli::output::Output;
use crate::desired::facts::{ArchiveEntry, Facts, archives, material_files};
use crate::desired::{Desired, build, desired};
use crate::docker::{Docker, Endpoint};
use crate::engine::EngineError;
use crate::files::LocalFiles;
use crate::images::archive::ArchiveFacts;
use crate::images::context::Context;
use crate::model::name::{EngineName, ProjectName};
use crate::model::outer_engine::DEFAULT_ENGINE;
use crate::model::{Project, ProjectRequest, ReadProject, read_project};
use crate::problem::{InvalidDocument, OuterEngineProblem, RenderOptions, render_problems};
use crate::report::problem::brief;
use crate::resource::build::BuildSource;
use crate::resource::digest::Digest;
use crate::resource::engine_path::EnginePath;
use crate::resource::secret::SecretKey;
use crate::source::{Files, SourceMap};

/// How the warnings of a file are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Warnings {
    /// With the lines that they are about.
    Full,
    /// One line each.
    Brief,
    /// Not at all: the command does not act on what the file says.
    Silent,
}

/// What the file wants of the engines, and the engines.
pub(crate) struct Target {
    /// The engines.
    pub(crate) engine: Docker,
    /// Where the outer one of them is.
    pub(crate) endpoint: Endpoint,
    /// What the file wants of them.
    pub(crate) desired: Desired,
    /// Every file that this was read from.
    pub(crate) files: Vec<PathBuf>,
}

/// What to read.
pub(crate) fn request(options: &Options) -> Result<ProjectRequest, CommandError> {
    let files = options.files();
    if files.is_empty() {
        return Err(CommandError::NoFile);
    }
    Ok(request_for(files, options))
}

/// What to read, from these files.
pub(crate) fn request_for(files: Vec<PathBuf>, options: &Options) -> ProjectRequest {
    ProjectRequest {
        files,
        env_files: options.env_files(),
        working_folder: options.working_folder.clone(),
        project_name: options.global.project_name.clone(),
        profiles: options.global.profile.clone(),
        policies: options.policies(),
        host_policy: options.host_policy.clone(),
        variables: options.variables.clone(),
    }
}

/// Reads the project, and tells its warnings.
pub(crate) fn read(
    options: &Options,
    output: &Output,
    warnings: Warnings,
) -> Result<ReadProject, CommandError> {
    let request = request(options)?;
    let read = read_project(&LocalFiles, &request)
        .map_err(|invalid| CommandError::Invalid(Box::new(invalid)))?;
    match warnings {
        Warnings::Full => {
            let render = RenderOptions {
                color: output.has_color(),
                width: output.width(),
            };
            output.talk(&render_problems(&read.warnings, &read.sources, render));
        }
        Warnings::Brief => output.talk(&brief(&read.warnings, &read.sources)),
        Warnings::Silent => {}
    }
    Ok(read)
}

/// Reads the project, connects to the engine, and works out what the one wants of the other.
pub(crate) async fn target(
    options: &Options,
    output: &Output,
    warnings: Warnings,
) -> Result<Target, CommandError> {
    let read = read(options, output, warnings)?;
    // What only looks, or takes down what is there, needs no more than what is understood.
    let read = match warnings {
        Warnings::Silent => read,
        Warnings::Full | Warnings::Brief => read
            .acted_on_whole()
            .map_err(|parts| CommandError::NotSupportedYet(Box::new(parts)))?,
    };
    let endpoint = endpoint(options, Some((&read.project, &read.sources)))?;
    let engine = connect_to(&endpoint, options).await?;
    let archives = archives(&read.project);
    let mut facts = Facts {
        accounts: accounts(&read.project, &options.endpoint().config_folder),
        archives: BTreeMap::new(),
        materials: materials(&LocalFiles, &read.project),
        contexts: contexts(&read.project),
        ssh_agent: options.ssh_agent(),
        secret_key: fresh_key()?,
        archives_of: BTreeMap::new(),
    };
    know(&engine, &read.project);
    if !archives.is_empty() {
        let platform = engine.platform(&EnginePath::outer()).await?;
        facts.archives = archives_for(&archives, &platform);
        facts.archives_of = archives_of(&engine, &read.project, &platform).await;
    }
    let desired = desired(&read.project, &facts);
    engine.hide(&desired.secret_values());
    Ok(Target {
        desired,
        engine,
        endpoint,
        files: read.paths,
    })
}

/// Tells the engine how the others are reached that the file declares.
pub(crate) fn know(engine: &Docker, project: &Project) {
    for (name, other) in &project.engines {
        engine.know(name, &other.address);
    }
}

fn archives_for(paths: &[PathBuf], platform: &str) -> BTreeMap<PathBuf, Archived> {
    let read = |path: &PathBuf| (path.clone(), archive(path, platform));
    paths.iter().map(read).collect()
}

/// What archives hold for the other outer engines that are not of this platform. The plan says of one that does not
/// answer that it does not.
pub(crate) async fn archives_of(
    engine: &Docker,
    project: &Project,
    platform: &str,
) -> BTreeMap<EngineName, BTreeMap<PathBuf, Archived>> {
    let mut found = BTreeMap::new();
    let paths = archives(project);
    for (name, _) in project.other_engines().filter(|_| !paths.is_empty()) {
        let other = engine.platform(&EnginePath::other(name)).await;
        if let Ok(other) = other
            && other != platform
        {
            found.insert(name.clone(), archives_for(&paths, &other));
        }
    }
    found
}

/// What the files say that secrets and configs are read from.
pub(crate) fn materials(
    files: &dyn Files,
    project: &Project,
) -> BTreeMap<PathBuf, Result<Vec<u8>, String>> {
    let read = |path: PathBuf| {
        let bytes = files.read(&path).map_err(|error| error.to_string());
        (path, bytes)
    };
    material_files(project).into_iter().map(read).collect()
}

/// What the folders contain that builds are sent.
pub(crate) fn contexts(project: &Project) -> BTreeMap<BuildSource, Result<Digest, String>> {
    let digest = |source: BuildSource| {
        let read = match &source {
            BuildSource::Folder { path, dockerfile } => {
                let context = Context::read(path, dockerfile);
                let digest = context.and_then(|context| context.digest());
                digest.map_err(|error| error.to_string())
            }
            BuildSource::Address { address, .. } => Ok(Digest::of_bytes(address.as_bytes())),
        };
        (source, read)
    };
    build::contexts(project).into_iter().map(digest).collect()
}

/// A key for secrets, for an engine that has none yet.
pub(crate) fn fresh_key() -> Result<SecretKey, CommandError> {
    Ok(SecretKey::of_bytes(&random::<32>()?))
}

/// Bytes that nobody can guess.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], CommandError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| CommandError::File {
        path: "/dev/urandom".into(),
        attempt: "read",
        source: std::io::Error::other(error.to_string()),
    })?;
    Ok(bytes)
}

/// As [`target`]; or, where there is no file and the project is named, nothing: labels are enough to take it down.
pub(crate) async fn target_or_named(
    options: &Options,
    output: &Output,
) -> Result<Target, CommandError> {
    match &options.global.project_name {
        Some(name) if options.files().is_empty() => {
            let desired = Desired::of_nothing(ProjectName::of_text(name));
            let endpoint = endpoint(options, None)?;
            Ok(Target {
                desired,
                engine: connect_to(&endpoint, options).await?,
                endpoint,
                files: Vec::new(),
            })
        }
        _ => target(options, output, Warnings::Silent).await,
    }
}

/// Where the outer engine is: where a flag or a variable says, or else where the project says.
pub(crate) fn endpoint(
    options: &Options,
    project: Option<(&Project, &SourceMap)>,
) -> Result<Endpoint, CommandError> {
    let given = options.endpoint();
    let declared = project.filter(|_| !given.name_an_engine());
    let declared = declared.and_then(|(project, sources)| {
        let engine = project.engines.get(&EngineName::new(DEFAULT_ENGINE))?;
        Some((engine, sources))
    });
    let Some((engine, sources)) = declared else {
        return Ok(Endpoint::resolve(&given)?);
    };
    let origin = format!("`engines.{DEFAULT_ENGINE}`");
    match Endpoint::declared(&engine.address, &given, &origin) {
        Err(EngineError::Unsupported { subject, reason }) => {
            let at = engine.at.clone();
            let problem = OuterEngineProblem::Unusable {
                subject,
                reason,
                at,
            };
            Err(CommandError::Invalid(Box::new(InvalidDocument {
                sources: sources.clone(),
                problems: vec![problem.into()],
            })))
        }
        declared => Ok(declared?),
    }
}

/// Where the outer engine is for a command that needs no file, but heeds the one that is here, if there is one and it is
/// right.
pub(crate) fn endpoint_here(options: &Options) -> Result<Endpoint, CommandError> {
    let read = match options.files() {
        files if files.is_empty() => None,
        files => read_project(&LocalFiles, &request_for(files, options)).ok(),
    };
    endpoint(
        options,
        read.as_ref().map(|read| (&read.project, &read.sources)),
    )
}

/// The same, connected to; with the names of the other outer engines that the file here uses.
pub(crate) async fn engines_here(
    options: &Options,
) -> Result<(Docker, Vec<EngineName>), CommandError> {
    let read = match options.files() {
        files if files.is_empty() => None,
        files => read_project(&LocalFiles, &request_for(files, options)).ok(),
    };
    let project = read.as_ref().map(|read| (&read.project, &read.sources));
    let engine = connect_to(&endpoint(options, project)?, options).await?;
    let mut others = Vec::new();
    if let Some((project, _)) = project {
        know(&engine, project);
        others.extend(project.other_engines().map(|(name, _)| name.clone()));
    }
    Ok((engine, others))
}

/// Connects to the outer engine.
pub(crate) async fn connect_to(
    endpoint: &Endpoint,
    options: &Options,
) -> Result<Docker, CommandError> {
    let engine = Docker::connect(endpoint, options.entering()).await?;
    Ok(engine.reaching_others(options.endpoint()))
}

/// The digests of the files that a plan is made from, as they are now. A file that is not there is left out.
pub(crate) fn file_digests(paths: impl IntoIterator<Item = PathBuf>) -> BTreeMap<PathBuf, Digest> {
    let digest = |path: PathBuf| {
        let bytes = std::fs::read(&path).ok()?;
        Some((path, Digest::of_bytes(&bytes)))
    };
    paths.into_iter().filter_map(digest).collect()
}

/// The images of an archive, or why it cannot be read.
pub(crate) type Archived = Result<Vec<ArchiveEntry>, String>;

/// Reads what an archive holds.
pub(crate) fn archive(path: &Path, platform: &str) -> Archived {
    match ArchiveFacts::read(path, platform) {
        Ok(facts) => Ok(facts
            .images
            .into_iter()
            .map(|image| ArchiveEntry {
                names: image.names,
                content: image.content,
                platform: image.platform,
                is_second: image.is_second,
            })
            .collect()),
        Err(error) => Err(crate::report::failure::with_causes(&error)),
    }
}
