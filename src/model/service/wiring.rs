//! What a service gets because it is a client of an environment's engine.

use indexmap::IndexMap;

use crate::model::container::network::{Neighbour, NetworkMode};
use crate::model::environment::{Environment, Listen};
use crate::model::name::RegistryName;
use crate::model::service::{DockerHost, Service};

/// Where clients find the engine's socket.
pub const SOCKET: &str = "/var/run/docker.sock";
/// Where clients find their certificates.
pub const CERTIFICATES: &str = "/certs/client";

/// What one container of a service gets to reach its engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wiring {
    /// Environment variables. None holds a credential.
    pub variables: IndexMap<&'static str, String>,
    /// What of the environment is mounted in it.
    pub shared: Option<SharedWithClient>,
    /// The registries that its file of credentials is for.
    pub registries: Vec<RegistryName>,
}

/// What of an environment is mounted in its clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SharedWithClient {
    /// The engine's socket, at [`SOCKET`]; the container is in the socket's group.
    Socket,
    /// The certificates for clients, at [`CERTIFICATES`], read-only.
    Certificates,
}

impl DockerHost {
    /// What replica `number` of a service gets. `environment` is the one that this names.
    pub fn wiring(&self, service: &Service, number: u32, environment: &Environment) -> Wiring {
        let neighbour = NetworkMode::Of(Neighbour::Environment(self.environment.clone()));
        let host = if service.container.network == neighbour {
            "localhost".to_owned()
        } else if environment.replicas == 1 {
            self.environment.to_string()
        } else {
            format!("{}-{}", self.environment, self.replica.unwrap_or(number))
        };
        let has_engine = environment.outer.mode.own_engine().is_some();
        let listen = if has_engine {
            environment.outer.listen
        } else {
            Listen::Socket
        };
        let mut variables = IndexMap::new();
        let shared = match listen {
            Listen::Socket => {
                variables.insert("DOCKER_HOST", format!("unix://{SOCKET}"));
                Some(SharedWithClient::Socket)
            }
            Listen::Tls => {
                variables.insert("DOCKER_HOST", format!("tcp://{host}:2376"));
                variables.insert("DOCKER_TLS_VERIFY", "1".to_owned());
                variables.insert("DOCKER_CERT_PATH", CERTIFICATES.to_owned());
                Some(SharedWithClient::Certificates)
            }
            Listen::Tcp => {
                variables.insert("DOCKER_HOST", format!("tcp://{host}:2375"));
                None
            }
        };
        variables.insert("TESTCONTAINERS_HOST_OVERRIDE", host);
        Wiring {
            variables,
            shared,
            registries: environment.registries.clone(),
        }
    }
}
