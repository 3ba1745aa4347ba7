//! One engine, ready to be asked: its path, its transport, and bollard on top of that.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;

use crate::docker::error::Attempt;
use crate::docker::identity::ApiVersion;
use crate::docker::transport::Transport;
use crate::docker::way::Way;
use crate::engine::EngineError;
use crate::observed::EngineMake;
use crate::resource::engine_path::EnginePath;

/// How long an engine may take to begin its answer to an ordinary call.
const ORDINARY: Duration = Duration::from_mins(2);
/// How long it may take where the answer comes when the work is done: loading images, stopping a container.
const PATIENT: Duration = Duration::from_hours(6);

/// One engine.
#[derive(Debug)]
pub(crate) struct Client {
    /// Which engine it is.
    pub(crate) path: EnginePath,
    /// The way to it.
    pub(crate) transport: Arc<Transport>,
    /// bollard, for calls that are answered soon.
    pub(crate) bollard: bollard::Docker,
}

impl Client {
    /// A client that connects when it is first used.
    pub(crate) fn new(path: EnginePath, way: Way) -> Result<Self, EngineError> {
        let transport = Arc::new(Transport::new(way));
        let bollard = bollard_client(&transport, ORDINARY).map_err(|error| {
            Attempt {
                engine: &path,
                phrase: "connect",
            }
            .failed(error)
        })?;
        Ok(Self {
            path,
            transport,
            bollard,
        })
    }

    /// bollard, for calls that are answered when the work is done.
    pub(crate) fn patient(&self) -> bollard::Docker {
        self.bollard.clone().with_timeout(PATIENT)
    }

    /// The other half of an error of this engine's.
    pub(crate) fn attempt<'a>(&'a self, phrase: &'a str) -> Attempt<'a> {
        Attempt {
            engine: &self.path,
            phrase,
        }
    }

    /// Reads an answer whole; none where the engine says that there is no such thing.
    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        phrase: &str,
    ) -> Result<Option<T>, EngineError> {
        self.transport
            .get(path)
            .await
            .map_err(|error| self.attempt(phrase).unanswered(error))
    }

    /// Whether it is podman, once it has been spoken to.
    pub(crate) fn is_podman(&self) -> bool {
        self.transport.make() == EngineMake::Podman
    }

    /// Whether the engine speaks this API version, once it has been spoken to.
    pub(crate) fn speaks(&self, version: ApiVersion) -> bool {
        self.transport
            .api_version()
            .is_some_and(|spoken| spoken >= version)
    }
}

/// The transport as bollard uses it.
fn bollard_client(
    transport: &Arc<Transport>,
    timeout: Duration,
) -> Result<bollard::Docker, bollard::errors::Error> {
    let transport = Arc::clone(transport);
    bollard::Docker::connect_with_custom_transport(
        move |request: bollard::BollardRequest| {
            let transport = Arc::clone(&transport);
            async move {
                transport
                    .request(request)
                    .await
                    .map_err(|error| io::Error::other(error).into())
            }
        },
        Some("http://docker"),
        timeout.as_secs(),
        bollard::API_DEFAULT_VERSION,
    )
}
