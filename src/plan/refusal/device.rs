//! Devices that a container cannot be given.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::plan::refusal::list;

/// Why a container cannot be given a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceRefusal {
    /// Podman does not give devices by their names to those who speak Docker's API.
    Named {
        /// The device.
        device: String,
    },
    /// The engine does not have a device of that name.
    Missing {
        /// The device.
        device: String,
        /// Those that it has; none where it gives no devices by their names.
        known: Option<BTreeSet<String>>,
    },
    /// A container that is there would be replaced by one with graphics processors, of which the engine shows no sign.
    NoGraphics,
}

impl DeviceRefusal {
    /// The keys that ask for it.
    pub(super) fn keys(&self) -> &'static [&'static str] {
        match self {
            Self::Named { .. } | Self::Missing { .. } => &["devices"],
            Self::NoGraphics => &["gpus"],
        }
    }

    /// What is wrong.
    pub(super) fn message(&self) -> String {
        match self {
            Self::Named { device } => format!(
                "the engine is podman, whose Docker API gives no device by its name, as `{device}` is"
            ),
            Self::Missing {
                device,
                known: Some(_),
            } => format!("the engine has no device `{device}`"),
            Self::Missing {
                device,
                known: None,
            } => format!(
                "the engine gives no devices by their names, as `{device}` is one: its container device interface is off"
            ),
            Self::NoGraphics => {
                "the engine shows neither a runtime nor devices for graphics processors, and the container would be gone \
                 before it says whether it has some"
                    .to_owned()
            }
        }
    }

    /// What the user can do.
    pub(super) fn help(&self) -> String {
        let help = match self {
            Self::Named { .. } => {
                "name the device by its path, such as `/dev/dri`, or use Docker Engine instead"
            }
            Self::Missing {
                known: Some(known), ..
            } if !known.is_empty() => return format!("it has {}", list(known)),
            Self::Missing { known: Some(_), .. } => {
                "write its description on the engine's host, as with `nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml`"
            }
            Self::Missing { known: None, .. } => {
                "set `features: { cdi: true }` in the engine's `daemon.json` (Docker 25 or newer) and restart it, or name \
                 the device by its path, such as `/dev/dri`"
            }
            Self::NoGraphics => {
                "install the NVIDIA Container Toolkit on the engine's host, run `nvidia-ctk runtime configure \
                 --runtime=docker` and restart the engine; or remove the container yourself first to try it as it is"
            }
        };
        help.to_owned()
    }
}
