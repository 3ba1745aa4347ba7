//! What a container is made of: what services and outer containers share.

pub mod device;
pub mod file;
pub mod health;
pub mod limit;
pub mod network;
pub mod process;
pub mod security;

use std::time::Duration;

use indexmap::IndexMap;

use crate::model::container::device::Devices;
use crate::model::container::file::{Grant, Logging, Tmpfs};
use crate::model::container::health::Healthcheck;
use crate::model::container::limit::Limits;
use crate::model::container::network::{ExposedPorts, HostNames, NetworkMode};
use crate::model::container::process::{Namespaces, Stop, User};
use crate::model::container::security::Security;
use crate::model::image::ImageReference;
use crate::model::name::{ConfigName, SecretName};
use crate::model::platform::Platform;
use crate::model::port::Port;
use crate::model::value::TextValue;

/// A container, as the file describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Container {
    /// Its image.
    pub image: ImageReference,
    /// The platform of its image, where the file gives one.
    pub platform: Option<Platform>,
    /// When its image is pulled.
    pub pull_policy: PullPolicy,
    /// The command the file gives, or none for the image's or the mode's own.
    pub command: Option<Vec<String>>,
    /// What runs the command, or none for what the image has.
    pub entrypoint: Option<Vec<String>>,
    /// The folder that its command starts in, where the file gives one.
    pub working_dir: Option<String>,
    /// Who runs its command, where the file says.
    pub user: Option<User>,
    /// More groups that its user is in, by name or number.
    pub groups: Vec<String>,
    /// Environment variables; a variable without a value is left out.
    pub environment: IndexMap<String, TextValue>,
    /// The user's own labels.
    pub labels: IndexMap<String, TextValue>,
    /// Published ports.
    pub ports: Vec<Port>,
    /// Ports that other containers are told of.
    pub expose: Vec<ExposedPorts>,
    /// Its host name, where the file gives one.
    pub hostname: Option<String>,
    /// Its exact name on the engine, where the file gives one.
    pub container_name: Option<String>,
    /// Whose network it uses.
    pub network: NetworkMode,
    /// What it knows of host names.
    pub host_names: HostNames,
    /// What it may use.
    pub limits: Limits,
    /// What it may do on its host.
    pub security: Security,
    /// What it sees of other containers and of the host.
    pub namespaces: Namespaces,
    /// Devices that it may use.
    pub devices: Devices,
    /// Kernel settings of its namespaces.
    pub sysctls: IndexMap<String, TextValue>,
    /// Memory that is mounted in it.
    pub tmpfs: Vec<Tmpfs>,
    /// How the engine finds out whether it is healthy; nothing for what the image says.
    pub healthcheck: Option<Healthcheck>,
    /// Where its output goes; nothing for what the engine does by default.
    pub logging: Option<Logging>,
    /// Secrets of the scope that it can read.
    pub secret_grants: Vec<Grant<SecretName>>,
    /// Configs of the scope that it can read.
    pub config_grants: Vec<Grant<ConfigName>>,
    /// The OCI runtime that runs it; nothing for the engine's default, or that of the mode.
    pub runtime: Option<String>,
    /// Whether it runs under an init of the engine's.
    pub init: bool,
    /// Whether it has a terminal.
    pub tty: bool,
    /// Whether its standard input stays open.
    pub stdin_open: bool,
    /// When the engine restarts it.
    pub restart: Restart,
    /// How it is stopped.
    pub stop: Stop,
}

/// When the image of a container is pulled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PullPolicy {
    /// When the engine does not have it: the default.
    #[default]
    Missing,
    /// Each time.
    Always,
    /// Never.
    Never,
    /// Never: it is built each time.
    Build,
    /// When the last pull is this long ago.
    Every(Duration),
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

impl PullPolicy {
    /// Reads the words of Compose. Nothing if it is none of them.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        const HOUR: u64 = 60 * 60;
        Some(match text {
            "" | "missing" | "if_not_present" => Self::Missing,
            "always" => Self::Always,
            "never" => Self::Never,
            "build" => Self::Build,
            "daily" => Self::Every(Duration::from_secs(24 * HOUR)),
            "weekly" => Self::Every(Duration::from_secs(7 * 24 * HOUR)),
            _ => {
                let mut rest = text
                    .strip_prefix("every_")
                    .filter(|rest| !rest.is_empty())?;
                let mut seconds = 0_u64;
                while !rest.is_empty() {
                    let end = rest.find(|character: char| !character.is_ascii_digit())?;
                    let unit = match rest.as_bytes()[end] {
                        b'w' => 7 * 24 * HOUR,
                        b'd' => 24 * HOUR,
                        b'h' => HOUR,
                        b'm' => 60,
                        b's' => 1,
                        _ => return None,
                    };
                    let count: u64 = rest[..end].parse().ok()?;
                    seconds = seconds.checked_add(count.checked_mul(unit)?)?;
                    rest = &rest[end + 1..];
                }
                Self::Every(Duration::from_secs(seconds))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::model::container::PullPolicy;

    #[test]
    fn an_image_may_be_pulled_every_so_often() {
        for (text, seconds) in [
            ("daily", 86_400),
            ("every_1d12h", 129_600),
            ("every_30s", 30),
        ] {
            let policy = PullPolicy::Every(Duration::from_secs(seconds));
            assert_eq!(PullPolicy::parse(text), Some(policy));
        }
        for wrong in ["every_", "every_h", "every_12", "every_1é", "hourly"] {
            assert_eq!(PullPolicy::parse(wrong), None, "{wrong}");
        }
    }
}
