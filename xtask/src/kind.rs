//! Which container engine a private engine is.

use std::fmt;

use clap::ValueEnum;

/// A container engine that Debian has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// Docker Engine.
    Docker,
    /// Podman's service, which speaks Docker's API too.
    Podman,
}

impl Kind {
    /// The kind of this name, if there is one.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::from_str(name, false).ok()
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Docker => "docker",
            Self::Podman => "podman",
        })
    }
}
