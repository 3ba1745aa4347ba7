//! Archives of images: docker-archive and OCI layout, plain, gzip or zstd.

mod compression;
mod entries;
mod manifest;

use std::io;
use std::path::{Path, PathBuf};

use crate::images::archive::compression::Compression;
use crate::images::archive::entries::Entries;
use crate::images::archive::manifest::{DockerManifest, Found};
use crate::model::image::ImageReference;
use crate::resource::digest::Digest;

/// What an archive holds. Layers are not read: in a plain archive they are skipped over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveFacts {
    /// The images, in the archive's order.
    pub images: Vec<ArchivedImage>,
    /// Whether it is an OCI layout that engines without a containerd store cannot read.
    is_oci_only: bool,
    compression: Compression,
}

/// An image in an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivedImage {
    /// The names that it has in the archive.
    pub names: Vec<ImageReference>,
    /// What it contains, comparable with an engine's image.
    pub content: Digest,
    config_path: String,
    layer_paths: Vec<String>,
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
    /// Reads an archive. Of an image for several platforms, the one for `platform`, such as `linux/amd64`, counts.
    pub fn read(path: &Path, platform: &str) -> Result<Self, ArchiveError> {
        let unreadable = |source| ArchiveError::Unreadable {
            path: path.to_owned(),
            source,
        };
        let mut entries = Entries::open(path).map_err(unreadable)?;
        let compression = entries.compression();
        match manifest::find(&mut entries, platform) {
            Ok(Found {
                images,
                is_oci_only,
            }) => Ok(Self {
                images,
                is_oci_only,
                compression,
            }),
            Err(manifest::FindError::Io(source)) => Err(unreadable(source)),
            Err(manifest::FindError::Wrong(reason)) => Err(ArchiveError::NotImages {
                path: path.to_owned(),
                reason,
            }),
        }
    }

    /// What to send an engine before the file, so that any engine can load this image of it under `reference`.
    ///
    /// Only engines with a containerd store read an OCI layout. For the others the manifest of a docker-archive goes
    /// before it: an archive's entries, and the frames of a compressed one, may be put one after the other.
    pub fn preamble(
        &self,
        image: &ArchivedImage,
        reference: &ImageReference,
    ) -> io::Result<Vec<u8>> {
        if !self.is_oci_only {
            return Ok(Vec::new());
        }
        let manifest = DockerManifest::of(image, reference).to_json()?;
        self.compression
            .compress(&entries::single(manifest::DOCKER_MANIFEST, &manifest)?)
    }
}
