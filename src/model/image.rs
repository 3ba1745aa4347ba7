//! Images and where they come from.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// An image that a scope's engine should have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// The name it has in that engine.
    pub reference: ImageReference,
    /// Where it comes from.
    pub source: ImageSource,
}

/// Where an image comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImageSource {
    /// The outer engine's store if it has the image, else pulled by the engine itself.
    Auto,
    /// The outer engine's store.
    Outer,
    /// A file in docker-archive or OCI layout, plain, gzip or zstd.
    Archive(PathBuf),
}

/// An image's name in the form that `docker images` prints: the default registry and `library/` left out, the tag
/// filled in (`alpine` is `alpine:latest`).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ImageReference(String);

impl ImageReference {
    /// Wraps text that is already in the familiar form.
    pub fn new(familiar: impl Into<String>) -> Self {
        Self(familiar.into())
    }

    /// The reference as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ImageReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
