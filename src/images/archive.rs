//! Archives of images: docker-archive and OCI layout, plain, gzip or zstd.

mod compression;
mod entries;
mod manifest;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::images::archive::entries::Entries;
use crate::model::image::ImageReference;
use crate::resource::digest::Digest;

/// What an archive holds. Layers are not read: in a plain archive they are skipped over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveFacts {
    /// The images, in the archive's order.
    pub images: Vec<ArchivedImage>,
}

/// An image in an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivedImage {
    /// The names that it has in the archive.
    pub names: Vec<ImageReference>,
    /// What it contains, comparable with an engine's image.
    pub content: Digest,
    /// What its programs run on.
    pub platform: String,
    /// Whether the archive has the same for the platform that it was read for.
    pub is_second: bool,
    config_path: String,
    layer_paths: Vec<String>,
    /// The entry for it in the index of an OCI layout.
    descriptor: Option<Value>,
}

/// Why an archive cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The file cannot be read.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        source: io::Error,
    },
    /// The file is no archive of images.
    #[error("{} is no archive of images: {reason}", path.display())]
    NotImages {
        /// The file.
        path: PathBuf,
        /// What is missing or wrong.
        reason: String,
    },
}

impl ArchiveFacts {
    /// Reads an archive. Of an image for several platforms, the one for `platform`, such as `linux/amd64`, comes first.
    pub fn read(path: &Path, platform: &str) -> Result<Self, ArchiveError> {
        let unreadable = |source| ArchiveError::Unreadable {
            path: path.to_owned(),
            source,
        };
        let mut entries = Entries::open(path).map_err(unreadable)?;
        match manifest::find(&mut entries, platform) {
            Ok(images) => Ok(Self { images }),
            Err(manifest::FindError::Io(source)) => Err(unreadable(source)),
            Err(manifest::FindError::Wrong(reason)) => Err(ArchiveError::NotImages {
                path: path.to_owned(),
                reason,
            }),
        }
    }
}

impl ArchivedImage {
    /// Writes the archive at `path` to `target`, not compressed, so that any engine that loads it gives this image the
    /// name `reference`, and no image any other.
    ///
    /// Engines would give every image the names that the archive has for it, whoever has these, and only those with a
    /// containerd store read an OCI layout.
    pub fn write_as(
        &self,
        reference: &ImageReference,
        path: &Path,
        target: impl Write,
    ) -> io::Result<()> {
        entries::rewrite(
            path,
            &manifest::renamed(self, reference)?,
            &manifest::NAMING,
            target,
        )
    }
}
