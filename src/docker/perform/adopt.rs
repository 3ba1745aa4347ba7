//! Names that are taken by what a killed run of nest asked for.
//!
//! An engine goes on with a request whose sender was killed. The next run may have looked before the object was there,
//! and then finds its name taken. An object with the very labels that it was to be given is the one that was asked for.

use std::time::Duration;

use serde::Deserialize;
use tokio::time::sleep;

use crate::docker::client::Client;
use crate::engine::EngineError;
use crate::resource::label::Labels;

/// How often a creation is tried: what is being made has its name before it can be seen.
const TRIES: usize = 25;
/// The pause between two tries.
const PAUSE: Duration = Duration::from_millis(200);

/// The labels of an object, wherever the engine's answer keeps them.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Labelled {
    labels: Option<Labels>,
    config: Option<Config>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Config {
    labels: Option<Labels>,
}

/// Tries a creation until it is done, here or by the run before, or the name turns out to be somebody else's.
pub(crate) async fn create_or_adopt<T>(
    client: &Client,
    inspect_path: &str,
    labels: &Labels,
    mut create: impl AsyncFnMut() -> Result<T, EngineError>,
) -> Result<Option<T>, EngineError> {
    for _ in 1..TRIES {
        let refused = match create().await {
            Ok(created) => return Ok(Some(created)),
            Err(refused @ EngineError::Refused { status: 409, .. }) => refused,
            Err(other) => return Err(other),
        };
        let Some(found) = client
            .get::<Labelled>(inspect_path, "look at what has the name")
            .await?
        else {
            sleep(PAUSE).await;
            continue;
        };
        let found = found
            .labels
            .or(found.config.and_then(|config| config.labels))
            .unwrap_or_default();
        let is_it = labels
            .iter()
            .all(|(key, value)| found.get(key) == Some(value));
        return if is_it { Ok(None) } else { Err(refused) };
    }
    create().await.map(Some)
}
