//! Parts of a container's settings that builds have too.

/// A limit of processes, by name; `-1` is without limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ulimit {
    /// The limit that holds.
    pub soft: i64,
    /// The limit that processes may raise it to.
    pub hard: i64,
}

/// A host name with one of its addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostAddress {
    /// The host name.
    pub host: String,
    /// The address, or `host-gateway` for the engine's host.
    pub address: String,
}

/// A secret or config of the scope that a container or a build can read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Its name in the scope.
    pub source: String,
    /// Its path in the container, or none for that of its name.
    pub target: Option<String>,
    /// The number of the user who owns it, where the file gives one.
    pub uid: Option<String>,
    /// The number of the group that owns it, where the file gives one.
    pub gid: Option<String>,
    /// Its permissions, where the file gives them.
    pub mode: Option<u32>,
}
