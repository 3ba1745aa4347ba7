//! Mounts of an outer container.

use crate::model::name::VolumeName;

pub use crate::spec::mount::{Consistency, Propagation, Selinux};

/// Where a folder is found inside whose own path is hidden there: below this.
pub(crate) const BESIDE_MEMORY: &str = "/host";

/// Something mounted in an outer container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// What is mounted.
    pub source: MountSource,
    /// Absolute path in the container.
    pub target: String,
    /// Whether the container may not write to it.
    pub read_only: bool,
    /// What the file says of it besides.
    pub settings: MountSettings,
    /// The name of the volume of the inner engine that shows the same files, or none where it is not shared.
    pub inner_name: Option<VolumeName>,
}

/// What a mount shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MountSource {
    /// A volume of the scope.
    Volume(VolumeName),
    /// An absolute path on the engine's host.
    Bind {
        /// The path.
        path: String,
        /// Whether a missing folder is created; Compose's short form does so.
        create: bool,
    },
    /// A volume that is made for the container alone, without a name.
    AnonymousVolume,
    /// Memory.
    Tmpfs,
}

/// What a file may say of a mount besides. Each belongs to one or more kinds of sources.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MountSettings {
    /// The folder of the volume that is mounted, where that is not the whole.
    pub subpath: Option<String>,
    /// Whether a new volume stays empty, without what the image has there.
    pub nocopy: bool,
    /// Which mounts below a folder are seen on the other side, where the file says.
    pub propagation: Option<Propagation>,
    /// Who may use a folder under SELinux, where the file says.
    pub selinux: Option<Selinux>,
    /// How many bytes memory holds at most, where the file says.
    pub tmpfs_size: Option<i64>,
    /// Who may do what in memory, as the bits of a file's mode, where the file says.
    pub tmpfs_mode: Option<u32>,
    /// How soon writes are seen on the other side, where the file says.
    pub consistency: Option<Consistency>,
}
