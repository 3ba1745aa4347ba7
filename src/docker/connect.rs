//! Connecting to the outer engine, and saying what to do where that fails.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex};

use crate::docker::Docker;
use crate::docker::client::Client;
use crate::docker::endpoint::{Endpoint, EndpointAddress};
use crate::docker::entrance::Entering;
use crate::docker::error::printable;
use crate::docker::identity::ApiVersion;
use crate::docker::other::Others;
use crate::docker::perform::export::Exports;
use crate::docker::tls::{self, Tls};
use crate::docker::transport::TransportError;
use crate::docker::way::Way;
use crate::engine::EngineError;
use crate::resource::engine_path::EnginePath;

/// The API of Docker Engine 20.10, the oldest that nest is tried with.
const OLDEST: ApiVersion = ApiVersion::one(41);

impl Docker {
    /// Connects to the outer engine. `entering` says how containers may be entered.
    pub async fn connect(endpoint: &Endpoint, entering: Entering) -> Result<Self, EngineError> {
        let outer = greeted(EnginePath::outer(), endpoint).await?;
        Ok(Self {
            outer: Arc::new(outer),
            others: Others::default(),
            entering,
            inside: Mutex::new(HashMap::new()),
            exports: Exports::default(),
            secrets: Mutex::default(),
        })
    }
}

/// A client of an outer engine that has answered.
pub(super) async fn greeted(path: EnginePath, endpoint: &Endpoint) -> Result<Client, EngineError> {
    let way = match &endpoint.address {
        EndpointAddress::Unix(path) => Way::Unix(path.clone()),
        EndpointAddress::Tcp { host, port, tls } => {
            let tls = tls.as_ref().map(Tls::read).transpose()?;
            Way::Tcp(host.clone(), *port, tls)
        }
        EndpointAddress::Ssh(address) => Way::Ssh(address.clone()),
    };
    let client = Client::new(path, way)?;
    let greeting = client.transport.greeting().await;
    let greeting = greeting.map_err(|error| unreachable(endpoint, error))?;
    if greeting.spoken < OLDEST {
        return Err(EngineError::Unsupported {
            subject: format!("the engine at {endpoint}"),
            reason: format!(
                "it speaks API {} at most; nest needs {OLDEST}, which Docker Engine 20.10 and later speak",
                greeting.spoken
            ),
        });
    }
    Ok(client)
}

fn unreachable(endpoint: &Endpoint, error: TransportError) -> EngineError {
    if let TransportError::Refused { status, message } = &error {
        if message.contains("HTTPS server") {
            return EngineError::Unsupported {
                subject: endpoint.to_string(),
                reason: "it wants TLS: set `DOCKER_TLS_VERIFY=1`, and `DOCKER_CERT_PATH` to the folder with the engine's `ca.pem` and your `cert.pem` and `key.pem`; or use a docker context".to_owned(),
            };
        }
        return EngineError::Unreachable {
            endpoint: endpoint.to_string(),
            help: "something answers there that is no container engine, or one that is not well; its own log tells more".to_owned(),
            source: format!("it answered {status}: {}", printable(message)).into(),
        };
    }
    if let EndpointAddress::Tcp {
        host,
        tls: Some(files),
        ..
    } = &endpoint.address
        && let Some(help) = tls::help(&error, (host, files))
    {
        return EngineError::Unreachable {
            endpoint: endpoint.to_string(),
            help,
            source: error.into(),
        };
    }
    if let (EndpointAddress::Ssh(address), TransportError::Tunnel(said)) =
        (&endpoint.address, &error)
    {
        let destination = match &address.user {
            Some(user) => format!("{user}@{}", address.host),
            None => address.host.clone(),
        };
        let port = address.port.map(|port| format!("-p {port} "));
        return EngineError::Unreachable {
            endpoint: endpoint.to_string(),
            help: format!(
                "`ssh {}{destination} docker version` must answer without a question: it takes a key that is let in, a known host, and the docker CLI on the other machine",
                port.unwrap_or_default()
            ),
            source: printable(&said.0).into(),
        };
    }
    let kind = match &error {
        TransportError::Io(error) => Some(error.kind()),
        _ => None,
    };
    let local = matches!(endpoint.address, EndpointAddress::Unix(_));
    let help = match kind {
        Some(io::ErrorKind::PermissionDenied) => {
            "you may not use this socket: join the group that owns it (often `docker`, then log in again), or run a rootless engine of your own and name it with `--host`"
        }
        Some(io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) if local => {
            "start the engine (`systemctl start docker`), or name another with `--host`, `--context` or `DOCKER_HOST`"
        }
        _ => {
            "check that the engine runs and listens there, or name another with `--host`, `--context` or `DOCKER_HOST`"
        }
    };
    EngineError::Unreachable {
        endpoint: endpoint.to_string(),
        help: help.to_owned(),
        source: error.into(),
    }
}
