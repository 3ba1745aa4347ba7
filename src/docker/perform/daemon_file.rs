//! The configuration file of an engine inside a container.

use crate::docker::client::Client;
use crate::docker::perform::archive::{Archive, upload};
use crate::engine::EngineError;
use crate::resource::container::{ContainerRef, DaemonSettings};

/// Writes the file into a container, started or not, as an archive: no path of the engine's host is involved.
///
/// Only the engine's user may read it. Its folder is made where the image has none.
pub(crate) async fn write(
    client: &Client,
    container: &ContainerRef,
    path: &str,
    settings: &DaemonSettings,
) -> Result<(), EngineError> {
    let phrase = format!("write `{path}` into container `{}`", container.name);
    let attempt = client.attempt(&phrase);
    let mut text = serde_json::to_vec_pretty(settings).map_err(|error| attempt.broken(error))?;
    text.push(b'\n');
    let (folder, name) = path
        .rsplit_once('/')
        .ok_or_else(|| attempt.without_effect("the path is not absolute"))?;
    let one_file = |path: &str| {
        let mut archive = Archive::new();
        archive.file(path, &text, (0, 0, 0o600))?;
        archive.end()
    };
    let archive = one_file(name).map_err(|error| attempt.broken(error))?;
    let folder_path = if folder.is_empty() { "/" } else { folder };
    match upload(client, container, folder_path, archive).await {
        Err(bollard::errors::Error::DockerResponseServerError {
            status_code: 404, ..
        }) => {
            let inside = path.trim_start_matches('/');
            let archive = with_folders(inside, &text).map_err(|error| attempt.broken(error))?;
            upload(client, container, "/", archive)
                .await
                .map_err(|error| attempt.failed(error))
        }
        other => other.map_err(|error| attempt.failed(error)),
    }
}

/// An archive of one file, and of the folders that it is in.
fn with_folders(path: &str, text: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut archive = Archive::new();
    archive.folders(path)?;
    archive.file(path, text, (0, 0, 0o600))?;
    archive.end()
}
