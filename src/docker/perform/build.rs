//! Builds: what is sent, what is asked for, and what the engine tells meanwhile.
//!
//! Docker builds with BuildKit, as its own program does, with a session beside it where the build is to have secrets or SSH
//! agents. Podman has one builder only, without sessions.

mod session;
mod told;
mod trace;

use std::convert::Infallible;
use std::future::pending;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use http::header::CONTENT_TYPE;
use http::{Method, Request};
use http_body_util::BodyExt as _;
use serde_json::json;
use url::form_urlencoded::Serializer;

use crate::docker::client::Client;
use crate::docker::error::Attempt;
use crate::docker::perform::build::session::Offer;
use crate::docker::perform::build::told::Teller;
use crate::docker::perform::image;
use crate::docker::perform::pieces::pieces;
use crate::docker::podman;
use crate::docker::transport::{Body, TransportError};
use crate::engine::{EngineError, Progress};
use crate::images::context::Context;
use crate::resource::build::{BuildSource, ImageBuild};
use crate::resource::label;

/// A refusal whose words are longer says nothing more.
const REFUSAL_LIMIT: usize = 64 << 10;

/// The variable of a build that puts into the image what later builds can reuse.
const INLINE_CACHE: &str = "BUILDKIT_INLINE_CACHE";

/// What went wrong while the context was sent.
type Failure = Arc<Mutex<Option<io::Error>>>;

/// Builds an image, and looks whether it is there.
pub(crate) async fn build(
    client: &Client,
    build: &ImageBuild,
    report: &dyn Fn(Progress),
) -> Result<(), EngineError> {
    let phrase = format!("build image `{}`", build.reference);
    let attempt = client.attempt(&phrase);
    let greeting = client.transport.greeting().await;
    greeting.map_err(|error| attempt.unanswered(error))?;
    let failure = Failure::default();
    let (body, dockerfile) = body(build, &failure).await?;
    let query = query(build, &dockerfile, client.is_podman());
    let offer = Offer::of(build);
    let (query, session) = if offer.is_empty() {
        (query, None)
    } else {
        let opened = session::open(client, offer).await;
        let (id, session) = opened.map_err(|error| attempt.unanswered(error))?;
        (format!("{query}&session={id}"), Some(session))
    };
    let request = Request::builder()
        .method(Method::POST)
        .uri(format!("/build?{query}"))
        .header(CONTENT_TYPE, "application/x-tar")
        .body(body)
        .map_err(|error| attempt.broken(error))?;
    let served = async {
        if let Some(session) = session {
            session.await;
        }
        pending::<Infallible>().await
    };
    let outcome = tokio::select! {
        outcome = answered(client, attempt, request, build, report) => outcome,
        never = served => match never {},
    };
    let failure = failure
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    if let Some(source) = failure {
        return Err(unreadable(build, source));
    }
    outcome?;
    let found = image::find(client, &build.reference, attempt).await?;
    let made = found.and_then(|image| image.labels.get(label::DIGEST).cloned());
    if made.as_ref() == build.labels.get(label::DIGEST) {
        return Ok(());
    }
    Err(attempt.without_effect("the build ended well, and the image is not there"))
}

/// What is sent, and the Dockerfile as it is called there.
async fn body(build: &ImageBuild, failure: &Failure) -> Result<(Body, String), EngineError> {
    let (path, file) = match &build.source {
        BuildSource::Address { dockerfile, .. } => {
            return Ok((bollard::body_full(Bytes::new()), dockerfile.clone()));
        }
        BuildSource::Folder { path, dockerfile } => (path.clone(), dockerfile.clone()),
    };
    let read = tokio::task::spawn_blocking(move || Context::read(&path, &file)).await;
    let context = read.unwrap_or_else(|stopped| Err(io::Error::other(stopped)));
    let context = context.map_err(|source| unreadable(build, source))?;
    let dockerfile = context.dockerfile.clone();
    let expected = build.settings.context.clone();
    let failure = Arc::clone(failure);
    let pieces = pieces(move |target| context.write(target, &expected));
    let pieces = pieces.map_err(move |error| {
        *failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
        io::Error::other("the context broke off")
    });
    Ok((bollard::body_try_stream(pieces), dockerfile))
}

fn unreadable(build: &ImageBuild, source: io::Error) -> EngineError {
    let path = match &build.source {
        BuildSource::Folder { path, .. } => path.display().to_string(),
        BuildSource::Address { address, .. } => address.clone(),
    };
    EngineError::Unreadable { path, source }
}

/// Sends the request and listens to what the build tells.
async fn answered(
    client: &Client,
    attempt: Attempt<'_>,
    request: Request<Body>,
    build: &ImageBuild,
    report: &dyn Fn(Progress),
) -> Result<(), EngineError> {
    let lost =
        |error: hyper::Error| attempt.unanswered(TransportError::Io(io::Error::other(error)));
    let answer = client.transport.request(request).await;
    let mut answer = answer.map_err(|error| attempt.unanswered(error))?;
    let mut bytes = Vec::new();
    if !answer.status().is_success() {
        while let Some(frame) = answer.frame().await.transpose().map_err(lost)? {
            if let (Ok(data), true) = (frame.into_data(), bytes.len() < REFUSAL_LIMIT) {
                bytes.extend_from_slice(&data);
            }
        }
        let said: serde_json::Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let message = said["message"].as_str().unwrap_or(&text);
        return Err(attempt.refused(answer.status().as_u16(), message));
    }
    let mut teller = Teller::new(report, build.secrets());
    while let Some(frame) = answer.frame().await.transpose().map_err(lost)? {
        if let Ok(data) = frame.into_data() {
            bytes.extend_from_slice(&data);
            while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = bytes.drain(..=end).collect();
                teller.hear(&line);
            }
        }
    }
    teller.hear(&bytes);
    match teller.failure {
        Some(reason) => Err(EngineError::BuildFailed {
            image: build.reference.to_string(),
            engine: client.path.clone(),
            reason,
            log: teller.last.into(),
        }),
        None => Ok(()),
    }
}

/// What is asked for, as the engine's API has it.
fn query(build: &ImageBuild, dockerfile: &str, is_podman: bool) -> String {
    let (settings, how) = (&build.settings, &build.how);
    let mut query = Serializer::new(String::new());
    query.append_pair("t", build.reference.as_str());
    query.append_pair("version", if is_podman { "1" } else { "2" });
    query.append_pair("rm", "1").append_pair("forcerm", "1");
    if !dockerfile.is_empty() {
        query.append_pair("dockerfile", dockerfile);
    }
    if let BuildSource::Address { address, .. } = &build.source {
        query.append_pair("remote", address);
    }
    let mut args = settings.args.clone();
    if how.inline_cache {
        args.insert(INLINE_CACHE.to_owned(), "1".to_owned());
    }
    if !args.is_empty() {
        query.append_pair("buildargs", &json!(args).to_string());
    }
    query.append_pair("labels", &json!(build.labels).to_string());
    let texts = [
        ("target", &settings.target),
        ("networkmode", &settings.network),
        ("platform", &settings.platform),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            query.append_pair(name, text);
        }
    }
    if let Some(size) = settings.shm_size {
        query.append_pair("shmsize", &size.to_string());
    }
    if is_podman {
        podman::build_lists(&mut query, settings);
    } else {
        docker_lists(&mut query, build);
    }
    if how.no_cache {
        query.append_pair("nocache", "1");
    }
    if how.pull {
        query.append_pair("pull", "1");
    }
    query.finish()
}

/// What has several parts, as Docker takes it.
fn docker_lists(query: &mut Serializer<'_, String>, build: &ImageBuild) {
    for host in &build.settings.extra_hosts {
        query.append_pair("extrahosts", host);
    }
    if !build.settings.ulimits.is_empty() {
        let limits = build.settings.ulimits.iter();
        let limits: Vec<_> = limits
            .map(|(name, limit)| json!({"Name": name, "Soft": limit.soft, "Hard": limit.hard}))
            .collect();
        query.append_pair("ulimits", &json!(limits).to_string());
    }
    if !build.how.cache_from.is_empty() {
        query.append_pair("cachefrom", &json!(build.how.cache_from).to_string());
    }
}
