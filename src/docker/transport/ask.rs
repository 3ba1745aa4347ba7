//! Requests over one connection, with the answer read whole.

use std::io;

use bytes::Bytes;
use http::header::{HOST, HeaderValue};
use http::{Request, Response};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1::SendRequest;
use tokio::time::timeout;

use crate::docker::identity::EngineInfo;
use crate::docker::transport::error::{classify, refusal};
use crate::docker::transport::{ANSWER_TIMEOUT, Body, TransportError};

/// The size of an answer that is read whole, at most.
const ANSWER_LIMIT: usize = 64 << 20;

/// Asks an engine who it is.
pub(super) async fn ask_info(sender: &mut SendRequest<Body>) -> Result<EngineInfo, TransportError> {
    let asking = async {
        let response = ask(sender, "/info").await?;
        let told = response.headers().get("Api-Version").cloned();
        let status = response.status();
        let bytes = whole(response).await?;
        if !status.is_success() {
            return Err(refusal(status, &bytes));
        }
        let told = told.as_ref().and_then(|version| version.to_str().ok());
        EngineInfo::parse(&bytes, told).map_err(TransportError::Nonsense)
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
