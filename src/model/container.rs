//! What a container is made of: what services and outer containers share.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use crate::model::image::ImageReference;
use crate::model::port::Port;

/// A container, as the file describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Container {
    /// Its image.
    pub image: ImageReference,
    /// The command the file gives, or none for the image's or the mode's own.
    pub command: Option<Vec<String>>,
    /// Environment variables; a variable without a value is left out.
    pub environment: IndexMap<String, String>,
    /// Names of environment variables whose values are not to be shown.
    pub secrets: BTreeSet<String>,
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
