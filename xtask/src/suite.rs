//! Which Debian release the private engine and the stand-in images come from.

use std::fmt;

use clap::ValueEnum;

/// A Debian suite, and with it a version of each engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Suite {
    /// Debian 13: Docker Engine 26.1, podman 5.4.
    Trixie,
    /// Debian unstable: Docker Engine 28.5 or newer.
    Sid,
}

impl Suite {
    /// The suite of this name, if there is one.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::from_str(name, false).ok()
    }
}

impl fmt::Display for Suite {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Trixie => "trixie",
            Self::Sid => "sid",
        })
    }
}
