//! What nest reads of the engine's answers.
//!
//! bollard's models refuse a whole answer for one word that they do not know. These read the few fields that nest needs
//! and take null for absent, so that engines of any version and make can be read.

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde::Deserialize;
use serde_json::Value;

use crate::docker::identity::parse_time;
use crate::docker::inner::ContainerRun;
use crate::images::content::ImageConfiguration;

/// Strings by name, as labels are.
pub(crate) type Strings = BTreeMap<String, String>;

/// One of `/containers/json`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ContainerListed {
    pub(crate) id: String,
    pub(crate) names: Option<Vec<String>>,
    /// The id of the image that it was made from.
    #[serde(rename = "ImageID")]
    pub(crate) image_id: Option<String>,
    pub(crate) labels: Option<Strings>,
    pub(crate) state: Option<String>,
    pub(crate) mounts: Option<Vec<MountListed>>,
    pub(crate) network_settings: Option<NetworksListed>,
}

/// One of `/images/json`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ImageListed {
    pub(crate) id: String,
    pub(crate) repo_tags: Option<Vec<String>>,
    /// Bytes.
    pub(crate) size: Option<u64>,
}

/// The networks of a listed container.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct NetworksListed {
    /// By their names.
    pub(crate) networks: Option<BTreeMap<String, Value>>,
}

/// A mount of a listed container.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct MountListed {
    /// The volume's name, where it is a volume.
    pub(crate) name: Option<String>,
}

impl ContainerListed {
    fn is_up(&self) -> bool {
        matches!(self.state.as_deref(), Some("running" | "paused"))
    }

    /// The image that it was made from, by its id. It cannot be removed, whether the container runs or not.
    pub(crate) fn image(&self) -> Vec<String> {
        self.image_id.iter().cloned().collect()
    }

    /// The volumes that it uses: those that it mounts while it runs.
    pub(crate) fn volumes(&self) -> Vec<String> {
        let mounts = self.mounts.iter().filter(|_| self.is_up()).flatten();
        mounts.filter_map(|mount| mount.name.clone()).collect()
    }

    /// The networks that it is on while it runs.
    pub(crate) fn networks(&self) -> Vec<String> {
        let settings = self.network_settings.as_ref().filter(|_| self.is_up());
        let networks = settings.and_then(|settings| settings.networks.as_ref());
        networks
            .into_iter()
            .flatten()
            .map(|(name, _)| name.clone())
            .collect()
    }

    /// The container's own name. Links give it others, which hold a slash.
    pub(crate) fn name(&self) -> &str {
        self.names
            .iter()
            .flatten()
            .map(|name| name.strip_prefix('/').unwrap_or(name))
            .find(|name| !name.contains('/'))
            .unwrap_or(&self.id)
    }
}

/// `/containers/ID/json`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ContainerInspected {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) name: String,
    pub(crate) image: Option<String>,
    pub(crate) created: Option<String>,
    #[serde(default)]
    pub(crate) restart_count: i64,
    #[serde(default)]
    pub(crate) state: StateAnswer,
    #[serde(default)]
    pub(crate) config: ConfigAnswer,
    #[serde(default)]
    pub(crate) host_config: HostConfigAnswer,
    #[serde(default)]
    pub(crate) network_settings: NetworkSettingsAnswer,
    pub(crate) mounts: Option<Vec<MountAnswer>>,
}

impl ContainerInspected {
    /// The run that the container is in.
    pub(crate) fn run(&self) -> ContainerRun {
        ContainerRun {
            id: self.id.clone(),
            process: self.state.pid,
        }
    }
}

/// What a container is doing.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct StateAnswer {
    pub(crate) status: String,
    /// The container's first process, as the engine counts them.
    pub(crate) pid: i64,
    pub(crate) exit_code: i64,
    pub(crate) started_at: Option<String>,
    pub(crate) finished_at: Option<String>,
    pub(crate) error: Option<String>,
    /// How it is, where it is checked.
    pub(crate) health: Option<HealthAnswer>,
}

/// How a container is that the engine checks.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct HealthAnswer {
    /// `starting`, `healthy` or `unhealthy`; `none` or empty where it is not checked.
    pub(crate) status: String,
    pub(crate) log: Option<Vec<CheckAnswer>>,
}

/// One check of a container's health.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct CheckAnswer {
    /// When it began, in the engine's words.
    pub(crate) start: String,
    pub(crate) output: String,
}

impl StateAnswer {
    /// When the container was last started.
    pub(crate) fn started(&self) -> Option<SystemTime> {
        parse_time(self.started_at.as_deref()?)
    }

    /// From when on its log is that of this run: the end of the run before, if there was one. Its start will not do,
    /// since the engine takes note of that when the container may already have spoken.
    pub(crate) fn speaks_since(&self) -> Option<SystemTime> {
        parse_time(self.finished_at.as_deref()?).filter(|end| *end > SystemTime::UNIX_EPOCH)
    }
}

/// The configuration of a container.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct ConfigAnswer {
    pub(crate) hostname: Option<String>,
    pub(crate) labels: Option<Strings>,
    #[serde(rename = "Healthcheck")]
    pub(crate) health_check: Option<HealthCheckAnswer>,
}

/// How a container's health is checked.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct HealthCheckAnswer {
    /// The time between two checks, in nanoseconds; 0 where it is not told.
    pub(crate) interval: u64,
}

/// A container's settings on its host.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct HostConfigAnswer {
    pub(crate) nano_cpus: Option<i64>,
    pub(crate) memory: Option<i64>,
    pub(crate) pids_limit: Option<i64>,
    pub(crate) network_mode: Option<String>,
    pub(crate) restart_policy: Option<RestartPolicyAnswer>,
}

/// When the engine restarts a container.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct RestartPolicyAnswer {
    pub(crate) name: String,
    pub(crate) maximum_retry_count: Option<u32>,
}

/// A container's networks.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct NetworkSettingsAnswer {
    pub(crate) networks: Option<BTreeMap<String, Option<EndpointAnswer>>>,
}

/// A container on a network.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct EndpointAnswer {
    pub(crate) aliases: Option<Vec<String>>,
    #[serde(rename = "NetworkID")]
    pub(crate) network_id: Option<String>,
    #[serde(rename = "EndpointID")]
    pub(crate) endpoint_id: Option<String>,
    #[serde(rename = "IPAddress")]
    pub(crate) ip_address: Option<String>,
    #[serde(rename = "GlobalIPv6Address")]
    pub(crate) global_ipv6_address: Option<String>,
    #[serde(rename = "IPAMConfig")]
    pub(crate) addresses: Option<AddressesAnswer>,
}

/// The addresses that a container was told to have on a network.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct AddressesAnswer {
    #[serde(rename = "IPv4Address")]
    pub(crate) ipv4: Option<String>,
    #[serde(rename = "IPv6Address")]
    pub(crate) ipv6: Option<String>,
}

/// Something mounted in a container.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct MountAnswer {
    #[serde(rename = "Type")]
    pub(crate) kind: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) destination: Option<String>,
}

/// `/volumes`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct VolumesListed {
    pub(crate) volumes: Option<Vec<VolumeListed>>,
}

/// One of `/volumes`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct VolumeListed {
    pub(crate) name: String,
    pub(crate) labels: Option<Strings>,
}

/// One of `/networks`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct NetworkListed {
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) labels: Option<Strings>,
}

/// `/images/NAME/json`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ImageInspected {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) repo_tags: Option<Vec<String>>,
    #[serde(default)]
    pub(crate) repo_digests: Option<Vec<String>>,
    #[serde(rename = "RootFS")]
    pub(crate) root_fs: Option<RootFsAnswer>,
    pub(crate) config: Option<ImageConfiguration>,
    pub(crate) os: Option<String>,
    pub(crate) architecture: Option<String>,
    pub(crate) variant: Option<String>,
}

/// What a registry has.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Published {
    pub(crate) descriptor: Descriptor,
}

/// A manifest of a registry's.
#[derive(Debug, Deserialize)]
pub(crate) struct Descriptor {
    pub(crate) digest: String,
}

/// The layers of an image.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RootFsAnswer {
    pub(crate) layers: Option<Vec<String>>,
}
