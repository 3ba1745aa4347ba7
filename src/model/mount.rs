//! Mounts of an outer container.

use crate::model::name::VolumeName;

/// Something mounted in an outer container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// What is mounted.
    pub source: MountSource,
    /// Absolute path in the container.
    pub target: String,
    /// Whether the container may not write to it.
    pub read_only: bool,
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
    /// Memory.
    Tmpfs,
}
