//! Images from a file on this machine.

use std::io;
use std::path::Path;

use bytes::Bytes;
use futures_util::{Stream, TryStreamExt as _};

use crate::docker::client::Client;
use crate::docker::error::Attempt;
use crate::docker::perform::pieces::pieces;
use crate::docker::perform::{image, load};
use crate::engine::{EngineError, Progress};
use crate::images::archive::{ArchiveError, ArchiveFacts, ArchivedImage};
use crate::model::image::ImageReference;
use crate::resource::digest::Digest;

/// Loads one image of an archive, by its path, name and content, into an engine's store under a name, and looks whether it is there.
///
/// The archive is read before: it may have changed since the plan was made. It is sent so that the image comes under the
/// wanted name alone: a load that is killed leaves no other, and none is taken from an image that has it.
pub(crate) async fn load_archive(
    client: &Client,
    wanted: (&Path, &ImageReference, &Digest),
    report: &dyn Fn(Progress),
) -> Result<(), EngineError> {
    let (path, reference, content) = wanted;
    let phrase = format!("load image `{reference}` from {}", path.display());
    let attempt = client.attempt(&phrase);
    let info = client
        .transport
        .info()
        .await
        .map_err(|error| attempt.unanswered(error))?;
    let facts = read_facts(path, info.identity.platform).await?;
    let Some(archived) = facts.images.iter().find(|image| image.content == *content) else {
        return Err(attempt.without_effect(
            "the archive does not hold the planned image; if it has changed since, plan again",
        ));
    };
    let loaded = load::load(client, attempt, sent(wanted, archived.clone()), report).await?;

    if holds(client, attempt, reference, content).await? {
        return Ok(());
    }
    for candidate in loaded {
        if holds(client, attempt, &candidate, content).await? {
            image::tag(client, attempt, &candidate, reference).await?;
            if holds(client, attempt, reference, content).await? {
                return Ok(());
            }
        }
    }
    Err(attempt.without_effect("the engine took the archive, and the image is not there"))
}

/// Reads what the archive holds beside the runtime, since a compressed one takes a while.
async fn read_facts(path: &Path, platform: String) -> Result<ArchiveFacts, EngineError> {
    let owned = path.to_owned();
    let read = tokio::task::spawn_blocking(move || ArchiveFacts::read(&owned, &platform)).await;
    match read {
        Ok(Ok(facts)) => Ok(facts),
        Ok(Err(ArchiveError::Unreadable { source, .. })) => Err(unreadable(path, source)),
        Ok(Err(error @ ArchiveError::NotImages { .. })) => {
            Err(unreadable(path, io::Error::other(error)))
        }
        Err(stopped) => Err(unreadable(path, io::Error::other(stopped))),
    }
}

/// The archive as it is sent, made beside the runtime while the engine takes it.
fn sent(
    (path, reference, _): (&Path, &ImageReference, &Digest),
    image: ArchivedImage,
) -> impl Stream<Item = Result<Bytes, EngineError>> + Send + use<> {
    let (path, reference) = (path.to_owned(), reference.clone());
    let read = path.clone();
    pieces(move |target| image.write_as(&reference, &read, target))
        .map_err(move |source| unreadable(&path, source))
}

fn unreadable(path: &Path, source: io::Error) -> EngineError {
    EngineError::Unreadable {
        path: path.display().to_string(),
        source,
    }
}

async fn holds(
    client: &Client,
    attempt: Attempt<'_>,
    name: impl std::fmt::Display,
    content: &Digest,
) -> Result<bool, EngineError> {
    let found = image::find(client, name, attempt).await?;
    Ok(found.is_some_and(|found| found.content == *content))
}
