//! Streaming an archive of images into an engine's store.

use std::io;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bollard::query_parameters::ImportImageOptionsBuilder;
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, TryStreamExt as _};
use tokio::time::{MissedTickBehavior, interval};

use crate::docker::client::Client;
use crate::docker::error::Attempt;
use crate::engine::{EngineError, Progress};

/// How often the bytes are told.
const TICK: Duration = Duration::from_millis(100);

/// Loads an archive and hands over what the engine says that it loaded.
///
/// The engine answers 200 before it has read the archive: what goes wrong stands in the answer, and whoever calls this
/// has to look whether the images are there.
pub(crate) async fn load(
    client: &Client,
    attempt: Attempt<'_>,
    archive: impl Stream<Item = Result<Bytes, EngineError>> + Send + 'static,
    report: &dyn Fn(Progress),
) -> Result<Vec<String>, EngineError> {
    let moved = Arc::new(AtomicU64::new(0));
    let failure = Arc::new(Mutex::new(None));
    let archive = {
        let moved = Arc::clone(&moved);
        let failure = Arc::clone(&failure);
        archive.map(move |piece| match piece {
            Ok(bytes) => {
                moved.fetch_add(bytes.len() as u64, Ordering::Relaxed);
                Ok(bytes)
            }
            Err(error) => {
                *failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                Err(io::Error::other("the archive broke off"))
            }
        })
    };
    let options = ImportImageOptionsBuilder::default().quiet(true).build();
    let patient = client.patient();
    let mut answers = pin!(patient.import_image_stream(options, archive, None));
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut told = 0;
    let mut loaded = Vec::new();
    let outcome = loop {
        tokio::select! {
            answer = answers.try_next() => match answer {
                Ok(Some(answer)) => loaded.extend(answer.stream.as_deref().and_then(loaded_name)),
                Ok(None) => break Ok(loaded),
                Err(error) => break Err(attempt.failed(error)),
            },
            _ = ticks.tick() => {
                let now = moved.load(Ordering::Relaxed);
                if now != told {
                    told = now;
                    report(Progress::Bytes(now));
                }
            }
        }
    };
    let failure = failure
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    match failure {
        Some(error) => Err(error),
        None => outcome.inspect(|_| report(Progress::Bytes(moved.load(Ordering::Relaxed)))),
    }
}

/// The name or id in what engines say of a loaded image.
fn loaded_name(said: &str) -> Option<String> {
    let said = said.trim();
    let name = said
        .strip_prefix("Loaded image ID: ")
        .or_else(|| said.strip_prefix("Loaded image: "))
        .or_else(|| said.strip_prefix("Loaded image(s): "))?;
    Some(name.to_owned())
}
