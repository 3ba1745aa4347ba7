//! What a container is made of: what services and outer containers share.

use indexmap::IndexMap;

use crate::model::image::ImageReference;
use crate::model::port::Port;
use crate::model::value::TextValue;

/// A container, as the file describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Container {
    /// Its image.
    pub image: ImageReference,
    /// The command the file gives, or none for the image's or the mode's own.
    pub command: Option<Vec<String>>,
    /// Environment variables; a variable without a value is left out.
    pub environment: IndexMap<String, TextValue>,
    /// Published ports.
    pub ports: Vec<Port>,
    /// Its host name, where the file gives one.
    pub hostname: Option<String>,
    /// Limit of processor time, in billionths of a processor, where the file gives one.
    pub nano_cpus: Option<i64>,
    /// Limit of memory in bytes, where the file gives one.
    pub memory: Option<i64>,
    /// When the engine restarts it.
    pub restart: Restart,
}

/// When the engine restarts a container, in Compose's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Restart {
    /// Never: the default.
    No,
    /// Whenever it ends.
    Always,
    /// Whenever it ends, unless someone stopped it.
    UnlessStopped,
    /// When it fails, at most this often; 0 is without limit.
    OnFailure(u32),
}

/// A limit of processes; `-1` is without limit.
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
