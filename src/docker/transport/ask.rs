//! Requests over one connection, with the answer read whole.

use std::io;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_TYPE, HOST, HeaderValue, UPGRADE};
use http::request::Builder;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1::SendRequest;
use tokio::time::timeout;

use crate::docker::answer::ContainerListed;
use crate::docker::identity::{EngineInfo, Greeting};
use crate::docker::transport::error::{classify, refusal};
use crate::docker::transport::{ANSWER_TIMEOUT, Body, Transport, TransportError};
use crate::docker::wire::Wire;

/// The size of an answer that is read whole, at most.
const ANSWER_LIMIT: usize = 64 << 20;

impl Transport {
    /// Sends a request that is answered by taking the connection over, for another protocol: the wire, and bytes that came
    /// with the answer.
    pub(crate) async fn take_over(
        &self,
        request: Builder,
        protocol: &'static str,
        body: Bytes,
    ) -> Result<(Wire, Bytes), TransportError> {
        let request = request
            .header(CONTENT_TYPE, "application/json")
            .header(CONNECTION, "Upgrade")
            .header(UPGRADE, protocol)
            .body(bollard::body_full(body))
            .map_err(|error| TransportError::Io(io::Error::other(error)))?;
        self.upgrade(request).await
    }
}

/// Asks an engine who it is.
pub(super) async fn ask_info(sender: &mut SendRequest<Body>) -> Result<EngineInfo, TransportError> {
    let (greeting, bytes) = answer(sender, "/info").await?;
    EngineInfo::parse(&bytes, greeting).map_err(TransportError::Nonsense)
}

/// Asks an engine whether it is there.
pub(super) async fn ask_ping(sender: &mut SendRequest<Body>) -> Result<Greeting, TransportError> {
    let (greeting, _) = answer(sender, "/_ping").await?;
    Ok(greeting)
}

/// What lists all containers.
pub(super) const CONTAINERS: &str = "/containers/json?all=1";

/// Asks an engine for its containers.
pub(super) async fn ask_containers(
    sender: &mut SendRequest<Body>,
) -> Result<(Greeting, Vec<ContainerListed>), TransportError> {
    let (greeting, bytes) = answer(sender, CONTAINERS).await?;
    let containers =
        serde_json::from_slice(&bytes).map_err(|error| TransportError::Nonsense(error.into()))?;
    Ok((greeting, containers))
}

/// Asks for something in the version that the engine likes best, since it has not told yet which ones it speaks.
async fn answer(
    sender: &mut SendRequest<Body>,
    path: &str,
) -> Result<(Greeting, Bytes), TransportError> {
    let asking = async {
        let response = ask(sender, path).await?;
        let greeting = Greeting::of(response.headers());
        let status = response.status();
        let bytes = whole(response).await?;
        if !status.is_success() {
            return Err(refusal(status, &bytes));
        }
        let greeting = greeting.map_err(TransportError::Nonsense)?;
        Ok((greeting, bytes))
    };
    timeout(ANSWER_TIMEOUT, asking)
        .await
        .unwrap_or(Err(TransportError::Late(ANSWER_TIMEOUT)))
}

async fn ask(
    sender: &mut SendRequest<Body>,
    path: &str,
) -> Result<Response<Incoming>, TransportError> {
    let request = Request::builder()
        .uri(path)
        .header(HOST, HeaderValue::from_static("docker"))
        .body(bollard::body_full(Bytes::new()))
        .map_err(|error| TransportError::Io(io::Error::other(error)))?;
    sender.send_request(request).await.map_err(classify)
}

/// Reads an answer whole.
pub(super) async fn whole(response: Response<Incoming>) -> Result<Bytes, TransportError> {
    Limited::new(response.into_body(), ANSWER_LIMIT)
        .collect()
        .await
        .map(http_body_util::Collected::to_bytes)
        .map_err(|error| match error.downcast::<hyper::Error>() {
            Ok(error) => classify(*error),
            Err(error) => TransportError::Nonsense(error),
        })
}
