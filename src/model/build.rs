//! How an image is built.

use std::path::PathBuf;

use indexmap::IndexMap;

use crate::model::container::file::Grant;
use crate::model::container::limit::Ulimit;
use crate::model::container::network::HostAddress;
use crate::model::image::ImageReference;
use crate::model::name::SecretName;
use crate::model::platform::Platform;
use crate::model::value::TextValue;

/// How an image is built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Build {
    /// What the build can use.
    pub context: BuildContext,
    /// What the build does.
    pub dockerfile: Dockerfile,
    /// Variables of the build; a variable without a value is left out.
    pub args: IndexMap<String, TextValue>,
    /// The stage to build, or none for the last one.
    pub target: Option<String>,
    /// Places whose layers the build can reuse.
    pub cache_from: Vec<String>,
    /// Places that the build's layers are written to.
    pub cache_to: Vec<String>,
    /// More contexts, by the name that the Dockerfile calls them.
    pub additional_contexts: IndexMap<String, BuildContext>,
    /// Labels of the image.
    pub labels: IndexMap<String, TextValue>,
    /// The network of the build's commands, or none for the builder's own.
    pub network: Option<String>,
    /// Whether nothing of earlier builds is reused.
    pub no_cache: bool,
    /// Stages for which nothing of earlier builds is reused.
    pub no_cache_filter: Vec<String>,
    /// Whether newer images are looked for to build upon.
    pub pull: bool,
    /// The platforms to build for; the engine's if there are none.
    pub platforms: Vec<Platform>,
    /// More names that the image gets.
    pub tags: Vec<ImageReference>,
    /// The size of `/dev/shm` in bytes, where the file gives one.
    pub shm_size: Option<i64>,
    /// SSH agents by id, each by its socket; none for the agent in use.
    pub ssh: IndexMap<String, Option<PathBuf>>,
    /// Secrets of the scope that the build's commands can read.
    pub secrets: Vec<Grant<SecretName>>,
    /// Host names with addresses, for the build's commands.
    pub extra_hosts: IndexMap<String, Vec<HostAddress>>,
    /// Limits of the processes of the build's commands.
    pub ulimits: IndexMap<String, Ulimit>,
    /// How the build's commands are kept apart, where the file says it.
    pub isolation: Option<String>,
    /// Whether the build's commands are privileged.
    pub privileged: bool,
    /// What the build's commands may do besides.
    pub entitlements: Vec<String>,
    /// Whether, and how, a record of the build's origin is attached, where the file says it.
    pub provenance: Option<String>,
    /// Whether, and how, a list of the image's packages is attached, where the file says it.
    pub sbom: Option<String>,
}

/// What a build can use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BuildContext {
    /// A folder of this machine, which nest reads and sends.
    Folder(PathBuf),
    /// Something that the builder fetches itself: a repository, an archive, an image.
    Address(String),
}

/// What a build does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dockerfile {
    /// A file, seen from the context, or by its absolute path.
    File(String),
    /// The text itself.
    Inline(String),
}
