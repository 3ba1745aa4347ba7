//! Outer engines: those that nest connects to.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::model::name::EngineName;
use crate::source::Span;

/// An outer engine that the file declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OuterEngine {
    /// How it is reached.
    pub address: EngineAddress,
    /// Where that is written, for those who find out that it leads nowhere.
    pub at: Span,
}

/// How an outer engine is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EngineAddress {
    /// As a context of the docker CLI says.
    Context(String),
    /// At an address.
    Host {
        /// The address, as `DOCKER_HOST` has it.
        host: String,
        /// Certificates, where the engine asks for them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tls: Option<Tls>,
    },
}

/// Certificates for an engine, by absolute paths.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tls {
    /// That of the authority that signed the engine's.
    pub ca: PathBuf,
    /// The client's.
    pub certificate: PathBuf,
    /// The client's key.
    pub key: PathBuf,
}

/// The outer engine that an environment lives on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum EngineChoice {
    /// The one that nest connects to.
    Default,
    /// One that the file declares.
    Named(EngineName),
}

/// The engine that nest connects to where neither a flag nor a variable names one.
pub const DEFAULT_ENGINE: &str = "default";
