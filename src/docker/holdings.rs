//! What the outer engine holds of all projects.

use std::collections::BTreeMap;
use std::time::{Duration, UNIX_EPOCH};

use serde::Deserialize;
use tokio::time::timeout;

use crate::docker::Docker;
use crate::docker::answer::{MountListed, Strings};
use crate::docker::client::Client;
use crate::docker::identity::parse_time;
use crate::engine::EngineError;
use crate::observed::holdings::{Holdings, ListedContainer};

/// An engine walks through all files of a volume to tell its size. It is not waited for longer.
const MEASURING: Duration = Duration::from_secs(5);

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Container {
    id: String,
    names: Option<Vec<String>>,
    labels: Option<Strings>,
    state: Option<String>,
    created: Option<u64>,
    #[serde(rename = "ImageID")]
    image_id: Option<String>,
    mounts: Option<Vec<MountListed>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Volumes {
    volumes: Option<Vec<Volume>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Volume {
    name: String,
    labels: Option<Strings>,
    created_at: Option<String>,
    usage_data: Option<Usage>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Usage {
    size: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Network {
    name: String,
    labels: Option<Strings>,
}

impl Docker {
    /// What the outer engine holds of all projects. Sends nothing but reads.
    pub async fn holdings(&self) -> Result<Holdings, EngineError> {
        let client = &*self.outer;
        let phrase = "list what it holds of projects";
        let (containers, volumes, networks, sizes) = tokio::join!(
            client.get::<Vec<Container>>("/containers/json?all=true", phrase),
            client.get::<Volumes>("/volumes", phrase),
            client.get::<Vec<Network>>("/networks", phrase),
            sizes(client),
        );
        let mut holdings = Holdings::default();
        for container in containers?.unwrap_or_default() {
            let names = container.names.unwrap_or_default();
            let name = names.first().map(|name| name.trim_start_matches('/'));
            let made = container.created.map(Duration::from_secs);
            let mounts = container.mounts.unwrap_or_default();
            let listed = ListedContainer {
                name: name.unwrap_or_default(),
                id: &container.id,
                labels: &container.labels.unwrap_or_default(),
                image_id: container.image_id.as_deref().unwrap_or_default(),
                runs: container.state.as_deref() == Some("running"),
                made: made.and_then(|made| UNIX_EPOCH.checked_add(made)),
            };
            let volumes = mounts.iter().filter_map(|mount| mount.name.as_deref());
            holdings.add_container(listed, volumes);
        }
        let volumes = volumes?.and_then(|answer| answer.volumes);
        for volume in volumes.unwrap_or_default() {
            let made = volume.created_at.as_deref().and_then(parse_time);
            holdings.add_volume(&volume.name, &volume.labels.unwrap_or_default(), made);
        }
        for network in networks?.unwrap_or_default() {
            holdings.add_network(&network.name, &network.labels.unwrap_or_default());
        }
        if let Some(sizes) = sizes {
            holdings.add_sizes(sizes);
        }
        Ok(holdings)
    }

    /// Bytes in each volume of the outer engine, where it tells them soon enough.
    pub async fn volume_sizes(&self) -> Option<BTreeMap<String, u64>> {
        sizes(&self.outer).await
    }
}

async fn sizes(client: &Client) -> Option<BTreeMap<String, u64>> {
    let asked = client.get::<Volumes>("/system/df?type=volume", "measure volumes");
    let found = timeout(MEASURING, asked).await.ok()?.ok()??;
    let size = |volume: Volume| {
        let size = u64::try_from(volume.usage_data?.size).ok()?;
        Some((volume.name, size))
    };
    let volumes = found.volumes.unwrap_or_default();
    Some(volumes.into_iter().filter_map(size).collect())
}
