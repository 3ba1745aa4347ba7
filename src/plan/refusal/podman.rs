//! What podman would do otherwise than it is asked through Docker's API.

use serde::{Deserialize, Serialize};

/// Why podman cannot run a container as it is to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PodmanRefusal {
    /// It mounts the whole volume for those who ask for a folder of it.
    SubpathNotUsed {
        /// Where it would be mounted.
        target: String,
    },
    /// It takes one port of the host for one of the container.
    PortRange {
        /// The ports of the host of which one would do.
        ports: String,
    },
    /// It has no room for an init process where the processes of the host are seen.
    NoInit,
}

impl PodmanRefusal {
    /// The keys that ask for it.
    pub(super) fn keys(&self) -> &'static [&'static str] {
        match self {
            Self::SubpathNotUsed { .. } => &["volumes"],
            Self::PortRange { .. } => &["ports"],
            Self::NoInit => &["init", "pid"],
        }
    }

    /// What is wrong.
    pub(super) fn message(&self) -> String {
        match self {
            Self::SubpathNotUsed { target } => format!(
                "the engine is podman, whose Docker API mounts volumes whole: `{target}` would not be the folder that `subpath` names"
            ),
            Self::PortRange { ports } => {
                format!("the engine is podman, which takes no free port out of several: {ports}")
            }
            Self::NoInit => "the engine is podman, which starts no init process in a container with another one's processes".to_owned(),
        }
    }

    /// What to do about it.
    pub(super) fn help(&self) -> String {
        let help = match self {
            Self::SubpathNotUsed { .. } => {
                "mount the whole volume and name the folder where it is used, or use Docker Engine instead"
            }
            Self::PortRange { .. } => "name one port of the host, or none for any that is free",
            Self::NoInit => "take out `init` or `pid`",
        };
        help.to_owned()
    }
}
