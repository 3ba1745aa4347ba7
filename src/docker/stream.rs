//! A connection to an engine, as bytes: for programs that speak to it themselves.

use tokio::io::{AsyncRead, AsyncWrite};

use crate::docker::Docker;
use crate::docker::transport::TransportError;
use crate::docker::wire::Wire;
use crate::engine::EngineError;
use crate::resource::engine_path::EnginePath;

impl Docker {
    /// Opens a connection to the engine at `path`, which must be ready.
    ///
    /// A way that ends in a container that has been started again since is looked for anew.
    pub async fn stream(
        &self,
        path: &EnginePath,
    ) -> Result<impl AsyncRead + AsyncWrite + Unpin + use<>, EngineError> {
        if let Ok(wire) = self.wire(path).await {
            return Ok(wire);
        }
        if let Some(container) = path.containers().first() {
            self.forget(&path.root().inside(container));
        }
        self.wire(path).await
    }

    async fn wire(&self, path: &EnginePath) -> Result<Wire, EngineError> {
        let client = self.client(path).await?;
        let attempt = client.attempt("open a connection");
        let opened: Result<Wire, TransportError> = client.transport.stream().await;
        opened.map_err(|error| attempt.unanswered(error))
    }
}
