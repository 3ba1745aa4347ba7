//! Requests to one engine: connections that are kept, the API version, and the check that it is the engine meant.

mod ask;
mod error;

use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use http::header::{CONTENT_TYPE, HOST, HeaderValue};
use http::{Method, Request, Response, StatusCode, Uri};
use http_body_util::{Either, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use crate::docker::identity::{ApiVersion, EngineInfo};
use crate::docker::lost_setup::{BETWEEN_STARTS, STARTS, is_lost_setup};
use crate::docker::transport::ask::{ask_info, whole};
use crate::docker::transport::error::{classify, refusal};
use crate::docker::tunnel::Tunnel;
use crate::docker::wire::Wire;

pub(crate) use crate::docker::transport::error::TransportError;

/// The body of a request, as bollard makes it.
pub(crate) type Body =
    Either<Full<Bytes>, StreamBody<Pin<Box<dyn Stream<Item = io::Result<Frame<Bytes>>> + Send>>>>;

/// How long a connection may take to open.
const OPEN_TIMEOUT: Duration = Duration::from_secs(30);
/// How long an answer that is read whole may take.
const ANSWER_TIMEOUT: Duration = Duration::from_mins(2);
/// A tunnel is opened by starting a command in a container, which takes some 60 ms: one that is about to be free again
/// is worth waiting for.
const TUNNEL_PATIENCE: Duration = Duration::from_millis(20);

/// Where a transport leads.
#[derive(Debug)]
pub(crate) enum Way {
    /// A socket on this machine.
    Unix(PathBuf),
    /// A plain TCP port.
    Tcp(String, u16),
    /// A command in a container.
    Tunnel(Tunnel),
}

/// Requests to one engine.
#[derive(Debug)]
pub(crate) struct Transport {
    way: Way,
    /// Connections whose last answer may still be coming. A sender that is dropped closes its connection after that.
    connections: Mutex<Vec<SendRequest<Body>>>,
    /// How many answers may be read at once by [`Transport::get`].
    turns: Semaphore,
    /// What the engine told when the last connection was checked.
    known: Mutex<Option<EngineInfo>>,
}

impl Transport {
    /// A transport that connects when it is first used.
    pub(crate) fn new(way: Way) -> Self {
        let turns = match way {
            Way::Unix(_) | Way::Tcp(..) => 8,
            Way::Tunnel(_) => 1,
        };
        Self {
            way,
            connections: Mutex::new(Vec::new()),
            turns: Semaphore::new(turns),
            known: Mutex::new(None),
        }
    }

    /// What the engine says of itself, with the connection opened if there is none.
    pub(crate) async fn info(&self) -> Result<EngineInfo, TransportError> {
        let known = self.known().clone();
        match known {
            Some(info) if self.is_connected() => Ok(info),
            _ => self.fresh_info().await,
        }
    }

    /// What the engine says of itself now.
    pub(crate) async fn fresh_info(&self) -> Result<EngineInfo, TransportError> {
        let _turn = self.turns.acquire().await;
        if let Some(mut sender) = self.free_connection().await
            && let Ok(info) = ask_info(&mut sender).await
        {
            *self.known() = Some(info.clone());
            self.keep(sender);
            return Ok(info);
        }
        let (sender, info) = self.open_checked().await?;
        self.keep(sender);
        Ok(info)
    }

    /// Reads an answer whole; none where the engine says that there is no such thing.
    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
    ) -> Result<Option<T>, TransportError> {
        let request = Request::builder()
            .uri(path)
            .body(bollard::body_full(Bytes::new()))
            .map_err(|error| TransportError::Io(io::Error::other(error)))?;
        match self.answer(request).await {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map(Some)
                .map_err(|error| TransportError::Nonsense(error.into())),
            Err(TransportError::Refused { status: 404, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Sends JSON and reads the answer whole.
    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, TransportError> {
        let body =
            serde_json::to_vec(body).map_err(|error| TransportError::Nonsense(error.into()))?;
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(CONTENT_TYPE, "application/json")
            .body(bollard::body_full(Bytes::from(body)))
            .map_err(|error| TransportError::Io(io::Error::other(error)))?;
        let bytes = self.answer(request).await?;
        serde_json::from_slice(&bytes).map_err(|error| TransportError::Nonsense(error.into()))
    }

    /// Sends a request and hands the answer over as it comes.
    pub(crate) async fn request(
        &self,
        request: Request<Body>,
    ) -> Result<Response<Incoming>, TransportError> {
        let (response, sender) = self.send(request).await?;
        self.keep(sender);
        Ok(response)
    }

    /// Sends a request that takes its connection over: the wire, and bytes that came with the answer.
    pub(crate) async fn upgrade(
        &self,
        request: Request<Body>,
    ) -> Result<(Wire, Bytes), TransportError> {
        let (response, _sender) = self.send(request).await?;
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            let status = response.status();
            let bytes = whole(response).await?;
            return Err(refusal(status, &bytes));
        }
        let upgraded = hyper::upgrade::on(response).await.map_err(classify)?;
        let parts = upgraded.downcast::<TokioIo<Wire>>().map_err(|_| {
            TransportError::Io(io::Error::other(
                "the upgraded connection is not the one made",
            ))
        })?;
        Ok((parts.io.into_inner(), parts.read_buf))
    }

    /// The API version that is spoken with the engine, once a connection has been checked.
    pub(crate) fn api_version(&self) -> Option<ApiVersion> {
        self.known().as_ref().map(|info| info.spoken)
    }

    async fn answer(&self, request: Request<Body>) -> Result<Bytes, TransportError> {
        let _turn = self.turns.acquire().await;
        let reading = async {
            let response = self.request(request).await?;
            let status = response.status();
            let bytes = whole(response).await?;
            if status.is_success() {
                Ok(bytes)
            } else {
                Err(refusal(status, &bytes))
            }
        };
        timeout(ANSWER_TIMEOUT, reading)
            .await
            .unwrap_or(Err(TransportError::Late(ANSWER_TIMEOUT)))
    }

    /// Sends over a connection that is free, or a new one. A free one may just have been closed by the engine: then the
    /// request has not left, and goes over a new one.
    async fn send(
        &self,
        mut request: Request<Body>,
    ) -> Result<(Response<Incoming>, SendRequest<Body>), TransportError> {
        if let Some(mut sender) = self.free_connection().await {
            self.address(&mut request)?;
            match sender.try_send_request(request).await {
                Ok(response) => return Ok((response, sender)),
                Err(mut failure) => match failure.take_message() {
                    Some(unsent) => request = unsent,
                    None => return Err(classify(failure.into_error())),
                },
            }
        }
        let mut sender = self.open().await?;
        self.address(&mut request)?;
        let response = sender.send_request(request).await.map_err(classify)?;
        Ok((response, sender))
    }

    /// Opens a connection and checks that it ends at the engine that is meant, before anything else is sent.
    async fn open(&self) -> Result<SendRequest<Body>, TransportError> {
        if matches!(self.way, Way::Tunnel(_)) || self.known().is_none() {
            let (sender, _) = self.open_checked().await?;
            return Ok(sender);
        }
        self.connect().await
    }

    /// Opens a connection and asks the engine who it is. A tunnel whose command the runtime lost before it began is
    /// opened again: nothing else has been sent then.
    async fn open_checked(&self) -> Result<(SendRequest<Body>, EngineInfo), TransportError> {
        let mut tries = 1;
        loop {
            let mut sender = self.connect().await?;
            match self.check(&mut sender).await {
                Ok(info) => return Ok((sender, info)),
                Err(TransportError::Tunnel(complaint))
                    if is_lost_setup(&complaint.0) && tries < STARTS =>
                {
                    tries += 1;
                    sleep(BETWEEN_STARTS).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn connect(&self) -> Result<SendRequest<Body>, TransportError> {
        let opening = async {
            let wire = match &self.way {
                #[cfg(unix)]
                Way::Unix(path) => Wire::Unix(
                    UnixStream::connect(path)
                        .await
                        .map_err(TransportError::Io)?,
                ),
                #[cfg(not(unix))]
                Way::Unix(_) => {
                    return Err(TransportError::Io(io::ErrorKind::Unsupported.into()));
                }
                Way::Tcp(host, port) => {
                    let stream = TcpStream::connect((host.as_str(), *port))
                        .await
                        .map_err(TransportError::Io)?;
                    stream.set_nodelay(true).map_err(TransportError::Io)?;
                    Wire::Tcp(stream)
                }
                Way::Tunnel(tunnel) => Box::pin(tunnel.open()).await?,
            };
            let (sender, connection) = http1::handshake::<_, Body>(TokioIo::new(wire))
                .await
                .map_err(classify)?;
            // Ends with its sender; what goes wrong there is told to whoever waits for an answer.
            tokio::spawn(connection.with_upgrades());
            Ok(sender)
        };
        timeout(OPEN_TIMEOUT, opening)
            .await
            .unwrap_or(Err(TransportError::Late(OPEN_TIMEOUT)))
    }

    /// Two engines on one path never share an id. A data root that was copied may, so only the path is compared.
    async fn check(&self, sender: &mut SendRequest<Body>) -> Result<EngineInfo, TransportError> {
        let info = ask_info(sender).await?;
        let mut way = &self.way;
        if matches!(way, Way::Tunnel(_)) && info.identity.id.is_empty() {
            return Err(TransportError::Nameless);
        }
        while let Way::Tunnel(tunnel) = way {
            let outer = tunnel
                .parent
                .known()
                .as_ref()
                .map(|known| known.identity.id.clone());
            if outer.is_none_or(|id| id == info.identity.id) {
                return Err(TransportError::WrongEngine);
            }
            way = &tunnel.parent.way;
        }
        *self.known() = Some(info.clone());
        Ok(info)
    }

    /// A connection that waits for a request, or is about to.
    async fn free_connection(&self) -> Option<SendRequest<Body>> {
        let mut busy = {
            let mut connections = self.connections();
            connections.retain(|sender| !sender.is_closed());
            if let Some(index) = connections.iter().position(SendRequest::is_ready) {
                return Some(connections.swap_remove(index));
            }
            if !matches!(self.way, Way::Tunnel(_)) {
                return None;
            }
            connections.pop()?
        };
        match timeout(TUNNEL_PATIENCE, busy.ready()).await {
            Ok(Ok(())) => Some(busy),
            Ok(Err(_)) => None,
            Err(_) => {
                self.keep(busy);
                None
            }
        }
    }

    fn keep(&self, sender: SendRequest<Body>) {
        let limit = match self.way {
            Way::Unix(_) | Way::Tcp(..) => 8,
            Way::Tunnel(_) => 1,
        };
        let mut connections = self.connections();
        connections.truncate(limit - 1);
        connections.push(sender);
    }

    /// Whether a connection is open.
    pub(crate) fn is_connected(&self) -> bool {
        self.connections().iter().any(|sender| !sender.is_closed())
    }

    /// Gives the request the form that goes over the wire: the path with the API version, and a host. One that has a
    /// host has that form.
    fn address(&self, request: &mut Request<Body>) -> Result<(), TransportError> {
        if request.headers().contains_key(HOST) {
            return Ok(());
        }
        let path = request
            .uri()
            .path_and_query()
            .map_or("/", |path| path.as_str());
        let versioned = match self.api_version() {
            Some(version) => format!("/v{version}{path}"),
            None => path.to_owned(),
        };
        *request.uri_mut() = versioned
            .parse::<Uri>()
            .map_err(|error| TransportError::Io(io::Error::other(error)))?;
        request
            .headers_mut()
            .insert(HOST, HeaderValue::from_static("docker"));
        Ok(())
    }

    fn connections(&self) -> MutexGuard<'_, Vec<SendRequest<Body>>> {
        self.connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn known(&self) -> MutexGuard<'_, Option<EngineInfo>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
