//! What an engine says of itself.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt;
use std::str::FromStr;
use std::time::{Instant, SystemTime};

use http::header::HeaderMap;
use serde::Deserialize;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::docker::podman;
use crate::observed::{EngineIdentity, EngineMake, ImageStore, NamedDevices};

/// The newest API version that nest was tried with. An engine of a newer one is spoken to in this.
const NEWEST_TRIED: ApiVersion = ApiVersion {
    major: 1,
    minor: 51,
};

/// What a driver's status says where images are kept in containerd.
const SNAPSHOTTER: &str = "io.containerd.snapshotter.v1";

/// From this API version on an engine tells which devices it finds by name.
const TELLS_DEVICES: ApiVersion = ApiVersion::one(50);

/// A version of the engine's API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ApiVersion {
    major: u16,
    minor: u16,
}

impl ApiVersion {
    /// The version `1.minor`.
    pub(crate) const fn one(minor: u16) -> Self {
        Self { major: 1, minor }
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl FromStr for ApiVersion {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parse = || {
            let (major, minor) = text.split_once('.')?;
            Some(Self {
                major: major.parse().ok()?,
                minor: minor.parse().ok()?,
            })
        };
        parse().ok_or_else(|| format!("`{text}` is not an API version"))
    }
}

/// What an engine tells with every answer.
#[derive(Debug, Clone)]
pub(crate) struct Greeting {
    /// The API version that is spoken with it.
    pub(crate) spoken: ApiVersion,
    /// The newest API version that it speaks.
    newest: ApiVersion,
    /// Its own version; empty where it does not tell.
    version: String,
    /// Whose make it is.
    pub(crate) make: EngineMake,
}

impl Greeting {
    /// Reads the head of an answer.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let newest: ApiVersion = text("Api-Version")
            .ok_or("the engine does not tell its API version")?
            .parse()?;
        // Such as `Docker/28.5.2 (linux)`.
        let server = text("Server").unwrap_or_default();
        let product = server.split(' ').next().unwrap_or_default();
        let (name, version) = product.split_once('/').unwrap_or((product, ""));
        Ok(Self {
            spoken: newest.min(NEWEST_TRIED),
            newest,
            version: version.to_owned(),
            make: match name {
                "Libpod" => EngineMake::Podman,
                _ => EngineMake::Docker,
            },
        })
    }

    /// As much of its identity as this tells.
    pub(crate) fn identity(&self) -> EngineIdentity {
        EngineIdentity {
            version: self.version.clone(),
            api_version: self.newest.to_string(),
            make: self.make,
            ..EngineIdentity::default()
        }
    }
}

/// What nest reads of `/info`.
#[derive(Debug, Clone)]
pub(crate) struct EngineInfo {
    /// Which engine this is.
    pub(crate) identity: EngineIdentity,
    /// What it tells with every answer.
    pub(crate) greeting: Greeting,
    /// The engine's clock when it was read, and when that was.
    clock: Option<(SystemTime, Instant)>,
    /// Mirrors of docker.io.
    pub(crate) mirrors: BTreeSet<String>,
    /// Registries and networks that are spoken to without TLS.
    pub(crate) insecure: BTreeSet<String>,
}

impl EngineInfo {
    /// The time on the engine's clock, which need not be this machine's.
    pub(crate) fn now(&self) -> SystemTime {
        match self.clock {
            Some((clock, read)) => clock + read.elapsed(),
            None => SystemTime::now(),
        }
    }

    /// Reads the answer to `/info`.
    pub(crate) fn parse(
        json: &[u8],
        greeting: Greeting,
    ) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let answer: InfoAnswer = serde_json::from_slice(json)?;
        let registry = answer.registry_config.unwrap_or_default();
        let insecure_hosts = registry
            .index_configs
            .unwrap_or_default()
            .into_iter()
            .filter(|(_, config)| config.secure == Some(false))
            .map(|(host, _)| host);
        let is_podman = greeting.make == EngineMake::Podman;
        let name = answer.name.unwrap_or_default();
        let root = answer.docker_root_dir.unwrap_or_default();
        let id = if is_podman {
            podman::id(&name, &root)
        } else {
            answer.id.unwrap_or_default()
        };
        // Docker loads further ones when they are asked for.
        let plugins = answer.plugins.filter(|_| is_podman).unwrap_or_default();
        let facts = answer.driver_status.unwrap_or_default();
        let store = if facts.iter().flatten().any(|word| word == SNAPSHOTTER) {
            ImageStore::Containerd
        } else {
            ImageStore::GraphDriver
        };
        let named_devices = if is_podman {
            NamedDevices::Untold
        } else if answer.cdi_folders.unwrap_or_default().is_empty() {
            NamedDevices::Off
        } else if greeting.spoken < TELLS_DEVICES {
            NamedDevices::On
        } else {
            let found = answer.discovered_devices.unwrap_or_default().into_iter();
            NamedDevices::Known(found.map(|device| device.id).collect())
        };
        let insecure_networks = registry.insecure_networks.unwrap_or_default();
        Ok(Self {
            clock: answer
                .system_time
                .as_deref()
                .and_then(parse_time)
                .map(|clock| (clock, Instant::now())),
            mirrors: registry.mirrors.unwrap_or_default().into_iter().collect(),
            insecure: insecure_hosts.chain(insecure_networks).collect(),
            identity: EngineIdentity {
                id,
                name,
                version: answer.server_version.unwrap_or_default(),
                api_version: greeting.newest.to_string(),
                driver: answer.driver.unwrap_or_default(),
                platform: format!(
                    "{}/{}",
                    answer.os_type.as_deref().unwrap_or("linux"),
                    image_architecture(answer.architecture.as_deref().unwrap_or_default()),
                ),
                runtimes: answer.runtimes.unwrap_or_default().into_keys().collect(),
                make: greeting.make,
                store,
                cgroup_version: answer.cgroup_version.unwrap_or_default(),
                network_drivers: plugins.network.unwrap_or_default().into_iter().collect(),
                volume_drivers: plugins.volume.unwrap_or_default().into_iter().collect(),
                data_root: root,
                named_devices,
            },
            greeting,
        })
    }
}

/// Reads a time as engines write it.
pub(crate) fn parse_time(text: &str) -> Option<SystemTime> {
    OffsetDateTime::parse(text, &Rfc3339)
        .ok()
        .map(SystemTime::from)
}

/// An architecture as images name it, of one as the kernel names it.
fn image_architecture(kernel: &str) -> &str {
    match kernel {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "armv7l" => "arm/v7",
        "armv6l" => "arm/v6",
        "i386" | "i686" => "386",
        other => other,
    }
}

/// Engines leave out or set to null what they do not know.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct InfoAnswer {
    #[serde(rename = "ID")]
    id: Option<String>,
    name: Option<String>,
    server_version: Option<String>,
    driver: Option<String>,
    #[serde(rename = "OSType")]
    os_type: Option<String>,
    architecture: Option<String>,
    system_time: Option<String>,
    runtimes: Option<BTreeMap<String, Value>>,
    registry_config: Option<RegistryConfig>,
    docker_root_dir: Option<String>,
    driver_status: Option<Vec<Vec<String>>>,
    cgroup_version: Option<String>,
    plugins: Option<Plugins>,
    #[serde(rename = "CDISpecDirs")]
    cdi_folders: Option<Vec<String>>,
    discovered_devices: Option<Vec<DiscoveredDevice>>,
}

#[derive(Deserialize)]
struct DiscoveredDevice {
    #[serde(rename = "ID")]
    id: String,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase")]
struct Plugins {
    network: Option<Vec<String>>,
    volume: Option<Vec<String>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase")]
struct RegistryConfig {
    mirrors: Option<Vec<String>>,
    index_configs: Option<BTreeMap<String, IndexConfig>>,
    #[serde(rename = "InsecureRegistryCIDRs")]
    insecure_networks: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct IndexConfig {
    secure: Option<bool>,
}

#[cfg(test)]
mod tests {
    use http::header::{HeaderMap, HeaderValue, SERVER};

    use crate::docker::identity::{EngineInfo, Greeting};

    fn greeting(api_version: &'static str, server: &'static str) -> Greeting {
        let mut headers = HeaderMap::new();
        headers.insert("Api-Version", HeaderValue::from_static(api_version));
        headers.insert(SERVER, HeaderValue::from_static(server));
        Greeting::of(&headers).expect("a greeting")
    }

    #[test]
    fn info_is_read_from_engines_of_any_make() {
        let docker = br#"{"ID": "A", "OSType": "linux", "Architecture": "x86_64", "Driver": "overlay2",
            "ServerVersion": "28.5.2", "SystemTime": "2026-01-02T03:04:05+01:00", "Runtimes": {"runc": {}},
            "CgroupDriver": "a word of the future",
            "RegistryConfig": {"Mirrors": ["http://hub:5000/"], "InsecureRegistryCIDRs": ["127.0.0.0/8"],
                "IndexConfigs": {"docker.io": {"Secure": true}, "hub:5000": {"Secure": false}}}}"#;
        let info = EngineInfo::parse(docker, greeting("1.99", "")).expect("an answer");
        assert_eq!(info.identity.platform, "linux/amd64");
        assert_eq!(info.identity.api_version, "1.99");
        assert_eq!(info.greeting.spoken.to_string(), "1.51");
        assert!(info.insecure.iter().eq(["127.0.0.0/8", "hub:5000"]));
        let bare = EngineInfo::parse(b"{\"RegistryConfig\": null}", greeting("1.41", ""));
        let bare = bare.expect("an answer");
        assert_eq!(bare.greeting.spoken.to_string(), "1.41");
        assert!(bare.identity.id.is_empty());
    }

    #[test]
    fn an_engine_tells_its_versions_with_every_answer() {
        for (server, version) in [
            ("Docker/28.5.2 (linux)", "28.5.2"),
            ("Libpod/5.4.2 (linux)", "5.4.2"),
            ("nginx", ""),
        ] {
            let identity = greeting("1.41", server).identity();
            assert_eq!(identity.version, version);
            assert_eq!(identity.api_version, "1.41");
        }
        assert!(Greeting::of(&HeaderMap::new()).is_err());
    }
}
