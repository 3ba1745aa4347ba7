//! The session beside a build: BuildKit asks it for secrets and hands requests to SSH agents through it. Neither leaves a
//! trace in what is built.
//!
//! The engine takes a connection over and asks on it, in gRPC. The messages have the few fields that matter.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::io::{self, Cursor};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use prost::Message;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, join, split};
use tokio::net::UnixStream;
use tokio_util::io::ReaderStream;
use tonic::body::Body;
use tonic::metadata::MetadataMap;
use tonic::server::{Grpc, StreamingService, UnaryService};
use tonic::{Status, Streaming};
use tonic_prost::ProstCodec;

use crate::docker::client::Client;
use crate::docker::transport::TransportError;
use crate::resource::build::ImageBuild;
use crate::resource::container::file::FileContent;

const GET_SECRET: &str = "/moby.buildkit.secrets.v1.Secrets/GetSecret";
const CHECK_AGENT: &str = "/moby.sshforward.v1.SSH/CheckAgent";
const FORWARD_AGENT: &str = "/moby.sshforward.v1.SSH/ForwardAgent";
const CHECK_HEALTH: &str = "/grpc.health.v1.Health/Check";
/// Where it is said which agent requests are for.
const AGENT_ID: &str = "buildkit.ssh.id";
/// What a program is called by who names no agent.
const USUAL_AGENT: &str = "default";
/// That the session serves.
const SERVING: i32 = 1;

/// What a build may ask for.
#[derive(Default)]
pub(super) struct Offer {
    secrets: BTreeMap<String, Vec<u8>>,
    agents: BTreeMap<String, PathBuf>,
}

impl Offer {
    /// What the commands of a build may have.
    pub(super) fn of(build: &ImageBuild) -> Self {
        let secrets = build.how.secrets.iter();
        let secrets = secrets.filter_map(|(id, content)| match content {
            FileContent::Bytes(bytes) => Some((id.clone(), bytes.clone())),
            FileContent::Hash(_) => None,
        });
        Self {
            secrets: secrets.collect(),
            agents: build.how.agents.clone(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.secrets.is_empty() && self.agents.is_empty()
    }

    fn secret(&self, request: &SecretRequest) -> Result<SecretAnswer, Status> {
        let data = self.secrets.get(&request.id).cloned();
        let data = data.ok_or_else(|| Status::not_found("the build declares no such secret"))?;
        Ok(SecretAnswer { data })
    }

    fn agent(&self, id: &str) -> Result<&PathBuf, Status> {
        let id = if id.is_empty() { USUAL_AGENT } else { id };
        let agent = self.agents.get(id);
        agent.ok_or_else(|| Status::not_found(format!("the build declares no SSH agent `{id}`")))
    }
}

/// Opens a session, and hands over its id and what serves it.
pub(super) async fn open(
    client: &Client,
    offer: Offer,
) -> Result<(String, impl Future<Output = ()> + use<>), TransportError> {
    let mut id = [0_u8; 16];
    getrandom::fill(&mut id)
        .map_err(|error| TransportError::Io(io::Error::other(error.to_string())))?;
    let id = format!("{:032x}", u128::from_be_bytes(id));
    let mut request = Request::post("/session")
        .header("X-Docker-Expose-Session-Uuid", &id)
        .header("X-Docker-Expose-Session-Name", "nest");
    for method in [GET_SECRET, CHECK_AGENT, FORWARD_AGENT, CHECK_HEALTH] {
        request = request.header("X-Docker-Expose-Session-Grpc-Method", method);
    }
    let taken = client.transport.take_over(request, "h2c", Bytes::new());
    let (wire, early) = taken.await?;
    let (asked, answered) = split(wire);
    let wire = TokioIo::new(join(Cursor::new(early).chain(asked), answered));
    let offer = Arc::new(offer);
    let service = service_fn(move |request| answer(Arc::clone(&offer), request));
    let connection = http2::Builder::new(TokioExecutor::new()).serve_connection(wire, service);
    let served = async {
        // It ends with the build, which says itself what went wrong.
        let _ended = connection.await;
    };
    Ok((id, served))
}

async fn answer(
    offer: Arc<Offer>,
    request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    let path = request.uri().path().to_owned();
    Ok(match path.as_str() {
        GET_SECRET => {
            let answer = Answer(|asked: SecretRequest| offer.secret(&asked));
            unary(answer, request).await
        }
        CHECK_AGENT => {
            let answer = Answer(|asked: AgentRequest| offer.agent(&asked.id).map(|_| Nothing {}));
            unary(answer, request).await
        }
        CHECK_HEALTH => {
            let answer = Answer(|_: Nothing| Ok(Health { status: SERVING }));
            unary(answer, request).await
        }
        FORWARD_AGENT => {
            let codec = ProstCodec::<Piece, Piece>::default();
            Grpc::new(codec).streaming(Forward(offer), request).await
        }
        _ => Status::unimplemented("nest has no such thing").into_http(),
    })
}

/// Answers a question that is one message by one message.
async fn unary<F, Q, A>(answer: Answer<F>, request: Request<Incoming>) -> Response<Body>
where
    Answer<F>: UnaryService<Q, Response = A>,
    Q: Message + Default + 'static,
    A: Message + 'static,
{
    let codec = ProstCodec::<A, Q>::default();
    Grpc::new(codec).unary(answer, request).await
}

struct Answer<F>(F);

impl<F, Q, A> UnaryService<Q> for Answer<F>
where
    F: FnMut(Q) -> Result<A, Status>,
{
    type Response = A;
    type Future = Ready<Result<tonic::Response<A>, Status>>;

    fn call(&mut self, request: tonic::Request<Q>) -> Self::Future {
        ready((self.0)(request.into_inner()).map(tonic::Response::new))
    }
}

/// Hands what is asked to an agent, and what that says back.
struct Forward(Arc<Offer>);

type Pieces = Pin<Box<dyn Stream<Item = Result<Piece, Status>> + Send>>;

impl StreamingService<Piece> for Forward {
    type Response = Piece;
    type ResponseStream = Pieces;
    type Future = Pin<Box<dyn Future<Output = Result<tonic::Response<Pieces>, Status>> + Send>>;

    fn call(&mut self, request: tonic::Request<Streaming<Piece>>) -> Self::Future {
        let offer = Arc::clone(&self.0);
        Box::pin(async move {
            let id = agent_id(request.metadata()).to_owned();
            let path = offer.agent(&id)?;
            let agent = UnixStream::connect(path).await;
            let agent = agent.map_err(|error| {
                let path = path.display();
                Status::unavailable(format!("no SSH agent answers at `{path}`: {error}"))
            })?;
            let (said, mut heard) = agent.into_split();
            let mut asked = request.into_inner();
            tokio::spawn(async move {
                while let Some(Ok(piece)) = asked.next().await {
                    if heard.write_all(&piece.data).await.is_err() {
                        break;
                    }
                }
                let _closed = heard.shutdown().await;
            });
            let pieces = ReaderStream::new(said).map(|bytes| {
                let data = bytes.map_err(|error| Status::aborted(error.to_string()))?;
                Ok(Piece {
                    data: data.to_vec(),
                })
            });
            Ok(tonic::Response::new(Box::pin(pieces) as Pieces))
        })
    }
}

fn agent_id(metadata: &MetadataMap) -> &str {
    let id = metadata.get(AGENT_ID);
    id.and_then(|id| id.to_str().ok()).unwrap_or_default()
}

/// Which secret is wanted.
#[derive(Clone, PartialEq, Message)]
struct SecretRequest {
    #[prost(string, tag = "1")]
    id: String,
}

/// A secret.
#[derive(Clone, PartialEq, Message)]
struct SecretAnswer {
    #[prost(bytes = "vec", tag = "1")]
    data: Vec<u8>,
}

/// Which agent is wanted.
#[derive(Clone, PartialEq, Message)]
struct AgentRequest {
    #[prost(string, tag = "1")]
    id: String,
}

/// A message of which nothing is read, or that says nothing.
#[derive(Clone, PartialEq, Message)]
struct Nothing {}

/// Whether the session serves.
#[derive(Clone, PartialEq, Message)]
struct Health {
    #[prost(int32, tag = "1")]
    status: i32,
}

/// Some of what is said to an agent, or by one.
#[derive(Clone, PartialEq, Message)]
struct Piece {
    #[prost(bytes = "vec", tag = "1")]
    data: Vec<u8>,
}
