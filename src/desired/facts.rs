//! What must be known of this machine before it can be said what the engines should hold.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::desired::DesiredImageSource;
use crate::model::image::{Image, ImageReference, ImageSource};
use crate::model::secret::MaterialSource;
use crate::model::{Project, Scope};
use crate::resource::build::BuildSource;
use crate::resource::digest::Digest;
use crate::resource::secret::SecretKey;

/// Facts that were read before planning.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    /// The images of each archive that the project names, or why it cannot be read.
    pub archives: BTreeMap<PathBuf, Result<Vec<ArchiveEntry>, String>>,
    /// What each folder contains that a build is sent, or why it cannot be sent.
    pub contexts: BTreeMap<BuildSource, Result<Digest, String>>,
    /// What each file says that a secret or a config is read from, or why it cannot be read.
    pub materials: BTreeMap<PathBuf, Result<Vec<u8>, String>>,
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
}

/// The image that is wanted of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivedImage {
    /// The archive.
    pub path: PathBuf,
    /// What the image contains.
    pub content: Digest,
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

/// The files that the secrets and configs of a project are read from.
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
    let mut paths = BTreeSet::new();
    collect(&project.scope, &mut paths);
    paths
}

impl Facts {
    /// Where `image` comes from, with what its archive says of it.
    pub(crate) fn source_of(&self, image: &Image) -> DesiredImageSource {
        match &image.source {
            ImageSource::Auto => DesiredImageSource::Auto,
            // What is built is built on the outer engine.
            ImageSource::Outer | ImageSource::Build(_) => DesiredImageSource::Outer,
            ImageSource::Registry => {
                DesiredImageSource::Missing("its source is not supported yet".to_owned())
            }
            ImageSource::Archive(path) => match self.archives.get(path) {
                Some(Ok(entries)) => match wanted_entry(entries, &image.reference) {
                    Ok(entry) => DesiredImageSource::Archive(ArchivedImage {
                        path: path.clone(),
                        content: entry.content.clone(),
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

/// The image of the archive that carries the wanted name, or its only one.
fn wanted_entry<'a>(
    entries: &'a [ArchiveEntry],
    reference: &ImageReference,
) -> Result<&'a ArchiveEntry, String> {
    if let Some(entry) = entries.iter().find(|entry| entry.names.contains(reference)) {
        return Ok(entry);
    }
    match entries {
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
