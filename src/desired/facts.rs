//! What must be known of this machine before it can be said what the engines should hold.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::desired::{DesiredImageSource, access};
use crate::model::image::{Image, ImageReference, ImageSource};
use crate::model::name::{EngineName, RegistryName};
use crate::model::registry::Login;
use crate::model::secret::MaterialSource;
use crate::model::{Project, Scope};
use crate::resource::build::BuildSource;
use crate::resource::digest::Digest;
use crate::resource::login::{Account, RegistryLogin};
use crate::resource::secret::SecretKey;

/// Facts that were read before planning.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    /// The images of each archive that the project names, or why it cannot be read.
    pub archives: BTreeMap<PathBuf, Result<Vec<ArchiveEntry>, String>>,
    /// The same, read for the platform of another outer engine, where that is another one.
    pub archives_of: BTreeMap<EngineName, BTreeMap<PathBuf, Result<Vec<ArchiveEntry>, String>>>,
    /// What each folder contains that a build is sent, or why it cannot be sent.
    pub contexts: BTreeMap<BuildSource, Result<Digest, String>>,
    /// What each file says that a secret or a config is read from, or why it cannot be read.
    pub materials: BTreeMap<PathBuf, Result<Vec<u8>, String>>,
    /// Who the docker CLI logs in as, to each registry that says so, or why that cannot be had.
    pub accounts: BTreeMap<RegistryName, Result<Account, String>>,
    /// The socket of the SSH agent in use, if there is one.
    pub ssh_agent: Option<PathBuf>,
    /// What secrets are hashed under where the outer engine's record has no key yet.
    pub secret_key: SecretKey,
}

/// One image in an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveEntry {
    /// The names that the archive gives it.
    pub names: Vec<ImageReference>,
    /// What it contains.
    pub content: Digest,
    /// What its programs run on.
    pub platform: String,
    /// Whether the archive has the same for the engine's own platform.
    pub is_second: bool,
}

impl ArchiveEntry {
    /// An image of which no more is known.
    pub fn new(names: Vec<ImageReference>, content: Digest) -> Self {
        Self {
            names,
            content,
            platform: String::new(),
            is_second: false,
        }
    }
}

/// The image that is wanted of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivedImage {
    /// The archive.
    pub path: PathBuf,
    /// What the image contains.
    pub content: Digest,
    /// What its programs run on.
    pub platform: String,
}

/// The archives that a project names.
pub fn archives(project: &Project) -> Vec<PathBuf> {
    fn collect(scope: &Scope, paths: &mut Vec<PathBuf>) {
        for image in &scope.images {
            if let ImageSource::Archive(path) = &image.source
                && !paths.contains(path)
            {
                paths.push(path.clone());
            }
        }
        for environment in scope.environments.values() {
            collect(&environment.inner, paths);
        }
    }
    let mut paths = Vec::new();
    collect(&project.scope, &mut paths);
    paths
}

/// The registries that the docker CLI logs in to, each with the name under which that keeps who logs in.
pub fn kept_logins(project: &Project) -> BTreeMap<RegistryName, String> {
    let kept = project.registries.iter().filter_map(|(name, registry)| {
        let address = access::address(registry)?;
        let is_kept = registry.login == Some(Login::Docker);
        is_kept.then(|| (name.clone(), RegistryLogin::server_of(&address)))
    });
    kept.collect()
}

/// The files that the secrets and configs of a project are read from, and the certificates of its registries' authorities.
pub fn material_files(project: &Project) -> BTreeSet<PathBuf> {
    fn collect(scope: &Scope, paths: &mut BTreeSet<PathBuf>) {
        let secrets = scope.secrets.values();
        for material in secrets.chain(scope.configs.values()) {
            if let MaterialSource::File(path) = &material.source {
                paths.insert(path.clone());
            }
        }
        for environment in scope.environments.values() {
            collect(&environment.inner, paths);
        }
    }
    let registries = project.registries.values();
    let mut paths = registries
        .filter_map(|registry| registry.ca.clone())
        .collect();
    collect(&project.scope, &mut paths);
    paths
}

impl Facts {
    /// The facts as they are for another outer engine.
    pub(crate) fn of(&self, engine: &EngineName) -> Cow<'_, Self> {
        match self.archives_of.get(engine) {
            None => Cow::Borrowed(self),
            Some(archives) => Cow::Owned(Self {
                archives: archives.clone(),
                ..self.clone()
            }),
        }
    }

    /// What a file says that a secret, a config or a certificate is read from.
    pub(crate) fn material(&self, path: &Path) -> Result<Vec<u8>, String> {
        match self.materials.get(path) {
            Some(read) => read.clone(),
            None => Err(format!("`{}` has not been read", path.display())),
        }
    }

    /// Where `image` comes from, with what its archive says of it.
    pub(crate) fn source_of(&self, image: &Image) -> DesiredImageSource {
        match &image.source {
            ImageSource::Auto => DesiredImageSource::Auto,
            // What is built is built on the outer engine.
            ImageSource::Outer | ImageSource::Build(_) => DesiredImageSource::Outer,
            ImageSource::Registry => DesiredImageSource::Registry,
            ImageSource::Archive(path) => match self.archives.get(path) {
                Some(Ok(entries)) => match wanted_entry(entries, image) {
                    Ok(entry) => DesiredImageSource::Archive(ArchivedImage {
                        path: path.clone(),
                        content: entry.content.clone(),
                        platform: entry.platform.clone(),
                    }),
                    Err(reason) => {
                        DesiredImageSource::Missing(format!("`{}` {reason}", path.display()))
                    }
                },
                Some(Err(reason)) => DesiredImageSource::Missing(reason.clone()),
                None => {
                    DesiredImageSource::Missing(format!("`{}` has not been read", path.display()))
                }
            },
        }
    }
}

/// The image of the archive that carries the wanted name, or its only one: for the wanted platform, where it has it for
/// several.
fn wanted_entry<'a>(
    entries: &'a [ArchiveEntry],
    image: &Image,
) -> Result<&'a ArchiveEntry, String> {
    let reference = &image.reference;
    let platform = image.platform.as_ref().map(ToString::to_string);
    let is_for = |entry: &&ArchiveEntry| platform.as_ref().is_some_and(|it| *it == entry.platform);
    let own: Vec<_> = entries.iter().filter(|entry| !entry.is_second).collect();
    let wanted: Vec<_> = entries.iter().filter(is_for).collect();
    let entries = if wanted.is_empty() { own } else { wanted };
    if let Some(entry) = entries.iter().find(|entry| entry.names.contains(reference)) {
        return Ok(entry);
    }
    match entries.as_slice() {
        [] => Err("holds no image".to_owned()),
        [only] => Ok(only),
        several => {
            let names: Vec<String> = several
                .iter()
                .flat_map(|entry| &entry.names)
                .map(|name| format!("`{name}`"))
                .collect();
            Err(format!(
                "holds several images and none is named `{reference}`; it has {}",
                names.join(", ")
            ))
        }
    }
}
