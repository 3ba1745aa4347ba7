//! Requests to one engine: connections that are kept, the API version, and the check that it is the engine meant.

mod ask;
mod check;
mod error;

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicI32, Ordering};
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
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::docker::answer::ContainerListed;
use crate::docker::entrance::Entrance;
use crate::docker::identity::{ApiVersion, EngineInfo, Greeting};
use crate::docker::transport::ask::{CONTAINERS, whole};
use crate::docker::transport::check::Told;
use crate::docker::transport::error::{classify, refusal};
use crate::docker::way::{Opened, SIDE_BY_SIDE, Way};
use crate::docker::wire::Wire;
use crate::observed::EngineMake;

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

/// Requests to one engine.
#[derive(Debug)]
pub(crate) struct Transport {
    way: Way,
    /// Connections whose last answer may still be coming. A sender that is dropped closes its connection after that.
    connections: Mutex<Vec<SendRequest<Body>>>,
    /// How many answers may be read at once by [`Transport::get`].
    turns: Semaphore,
    /// The process that listens at the other end, as this machine counts them; 0 where that is not known.
    listener: AtomicI32,
    /// What the engine has told of itself.
    known: Mutex<Known>,
    /// Held while the first connection is opened.
    opening: tokio::sync::Mutex<()>,
    /// Held while it is asked who it is.
    asking: tokio::sync::Mutex<()>,
}

/// What an engine has told of itself.
#[derive(Debug, Default)]
struct Known {
    /// With its first answer.
    greeting: Option<Greeting>,
    /// When it was last asked who it is.
    info: Option<EngineInfo>,
}

impl Transport {
    /// A transport that connects when it is first used.
    pub(crate) fn new(way: Way) -> Self {
        let turns = way.side_by_side();
        Self {
            way,
            connections: Mutex::new(Vec::new()),
            turns: Semaphore::new(turns),
            listener: AtomicI32::new(0),
            known: Mutex::default(),
            opening: tokio::sync::Mutex::default(),
            asking: tokio::sync::Mutex::default(),
        }
    }

    /// What the engine says of itself, with the connection opened if there is none.
    pub(crate) async fn info(&self) -> Result<EngineInfo, TransportError> {
        // Behind an open door it is the same engine as long as the container's process lives.
        let is_inside = self.way.parent().is_some() && !self.way.is_tunnel();
        let holds = |_: &EngineInfo| is_inside || self.is_connected();
        let known = || self.known().info.clone().filter(holds);
        if let Some(info) = known() {
            return Ok(info);
        }
        // Several may want to know at once.
        let _one = self.asking.lock().await;
        match known() {
            Some(info) => Ok(info),
            None => self.fresh_info().await,
        }
    }

    /// What the engine says of itself now.
    pub(crate) async fn fresh_info(&self) -> Result<EngineInfo, TransportError> {
        let _turn = self.turns.acquire().await;
        if let Some(mut sender) = self.free_connection().await {
            match self.identify(&mut sender).await {
                Ok(info) => {
                    self.keep(sender);
                    return Ok(info);
                }
                Err(error @ (TransportError::WrongEngine | TransportError::Nameless)) => {
                    return Err(error);
                }
                // It may just have been closed.
                Err(_) => {}
            }
        }
        let (mut sender, told) = self.open().await?;
        let info = match told {
            Told::Info(info) => *info,
            Told::Nothing | Told::Containers(_) => self.identify(&mut sender).await?,
        };
        self.keep(sender);
        Ok(info)
    }

    /// The containers that the engine holds. Being asked for them may be how it is greeted.
    pub(crate) async fn containers(&self) -> Result<Vec<ContainerListed>, TransportError> {
        {
            let _turn = self.turns.acquire().await;
            if self.known().greeting.is_none() {
                let (sender, told) = self.open().await?;
                self.keep(sender);
                if let Told::Containers(containers) = told {
                    return Ok(containers);
                }
            }
        }
        self.get(CONTAINERS).await.map(Option::unwrap_or_default)
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
        if self.way.parent().is_some() {
            self.info().await?;
        }
        let bytes = self.answer(request).await?;
        serde_json::from_slice(&bytes).map_err(|error| TransportError::Nonsense(error.into()))
    }

    /// Sends a request, which may change the engine, and hands the answer over as it comes.
    pub(crate) async fn request(
        &self,
        request: Request<Body>,
    ) -> Result<Response<Incoming>, TransportError> {
        if self.way.parent().is_some() {
            self.info().await?;
        }
        self.exchange(request).await
    }

    async fn exchange(&self, request: Request<Body>) -> Result<Response<Incoming>, TransportError> {
        let (response, sender) = self.send(request).await?;
        self.keep(sender);
        Ok(response)
    }

    /// Sends a request that takes its connection over: the wire, and bytes that came with the answer.
    async fn upgrade(&self, request: Request<Body>) -> Result<(Wire, Bytes), TransportError> {
        if self.way.parent().is_some() {
            self.info().await?;
        }
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

    /// The API version that is spoken with the engine, once it has been greeted.
    pub(crate) fn api_version(&self) -> Option<ApiVersion> {
        self.known()
            .greeting
            .as_ref()
            .map(|greeting| greeting.spoken)
    }

    /// Whose make the engine is, as far as it has told.
    pub(crate) fn make(&self) -> EngineMake {
        let known = self.known();
        let greeting = known.greeting.as_ref();
        greeting.map(|greeting| greeting.make).unwrap_or_default()
    }

    /// What the engine tells with every answer, with a connection opened if there has been none.
    pub(crate) async fn greeting(&self) -> Result<Greeting, TransportError> {
        loop {
            let _turn = self.turns.acquire().await;
            if let Some(greeting) = self.known().greeting.clone() {
                return Ok(greeting);
            }
            let (sender, _) = self.open().await?;
            self.keep(sender);
        }
    }

    async fn answer(&self, request: Request<Body>) -> Result<Bytes, TransportError> {
        let _turn = self.turns.acquire().await;
        let reading = async {
            let response = self.exchange(request).await?;
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
        let (mut sender, _) = self.open().await?;
        self.address(&mut request)?;
        let response = sender.send_request(request).await.map_err(classify)?;
        Ok((response, sender))
    }

    async fn connect(&self) -> Result<SendRequest<Body>, TransportError> {
        let opening = async {
            let Opened { wire, listener } = self.way.open().await?;
            self.listener
                .store(listener.unwrap_or_default(), Ordering::Relaxed);
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

    /// A connection that waits for a request, or is about to.
    async fn free_connection(&self) -> Option<SendRequest<Body>> {
        let mut busy = {
            let mut connections = self.connections();
            connections.retain(|sender| !sender.is_closed());
            if let Some(index) = connections.iter().position(SendRequest::is_ready) {
                return Some(connections.swap_remove(index));
            }
            if !self.way.is_tunnel() {
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
        let limit = if self.way.is_tunnel() {
            1
        } else {
            SIDE_BY_SIDE
        };
        let mut connections = self.connections();
        connections.truncate(limit - 1);
        connections.push(sender);
    }

    /// The process that listens at the other end of the last connection, as this machine counts them.
    pub(crate) fn listener(&self) -> Option<i32> {
        Some(self.listener.load(Ordering::Relaxed)).filter(|process| *process > 0)
    }

    /// Whether a command in a container must be started to reach the engine.
    pub(crate) fn needs_tunnel(&self) -> bool {
        self.entrance().is_some_and(Entrance::needs_tunnel)
    }

    /// The ways into the container that holds the engine, where one does.
    pub(crate) fn entrance(&self) -> Option<&Entrance> {
        match &self.way {
            Way::Unix(_) | Way::Tcp(..) | Way::Ssh(_) => None,
            Way::Inside(entrance) => Some(entrance),
        }
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

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
