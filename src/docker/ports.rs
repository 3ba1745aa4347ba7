//! Where the ports of a container can be reached.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::docker::Docker;
use crate::engine::EngineError;
use crate::resource::engine_path::EnginePath;

/// A port of a container that its engine's host publishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedPort {
    /// The port in the container.
    pub port: u16,
    /// `tcp`, `udp` or `sctp`.
    pub protocol: String,
    /// The address of the engine's host.
    pub host_address: String,
    /// The port of the engine's host.
    pub host_port: u16,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Inspected {
    network_settings: Network,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Network {
    ports: Option<BTreeMap<String, Option<Vec<Binding>>>>,
    #[serde(default)]
    networks: Option<BTreeMap<String, Place>>,
}

#[derive(Deserialize)]
struct Place {
    #[serde(default, rename = "IPAddress")]
    address: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Binding {
    host_ip: String,
    host_port: String,
}

impl Docker {
    /// The published ports of a container of the engine at `path`, in order; none of one that does not run.
    pub async fn published_ports(
        &self,
        path: &EnginePath,
        container: &str,
    ) -> Result<Vec<PublishedPort>, EngineError> {
        let found = self.network_of(path, container).await?;
        let mut published = Vec::new();
        for (key, bindings) in found.ports.unwrap_or_default() {
            let (port, protocol) = key.split_once('/').unwrap_or((&key, "tcp"));
            for binding in bindings.unwrap_or_default() {
                if let (Ok(port), Ok(host_port)) = (port.parse(), binding.host_port.parse()) {
                    published.push(PublishedPort {
                        port,
                        protocol: protocol.to_owned(),
                        host_address: binding.host_ip,
                        host_port,
                    });
                }
            }
        }
        published.sort_by(|one, other| {
            (one.port, &one.protocol, &one.host_address).cmp(&(
                other.port,
                &other.protocol,
                &other.host_address,
            ))
        });
        Ok(published)
    }
    /// An address of a container of the engine at `path`, on any of its networks; none where it has none of its own.
    pub async fn address(
        &self,
        path: &EnginePath,
        container: &str,
    ) -> Result<Option<String>, EngineError> {
        let found = self.network_of(path, container).await?;
        let places = found.networks.unwrap_or_default();
        let mut addresses = places.into_values().map(|place| place.address);
        Ok(addresses.find(|address| !address.is_empty()))
    }

    async fn network_of(&self, path: &EnginePath, container: &str) -> Result<Network, EngineError> {
        let client = self.client(path).await?;
        let phrase = format!("look at container `{container}`");
        let found: Option<Inspected> = client
            .get(&format!("/containers/{container}/json"), &phrase)
            .await?;
        match found {
            Some(found) => Ok(found.network_settings),
            None => Err(client.attempt(&phrase).refused(404, "it is not there")),
        }
    }
}
