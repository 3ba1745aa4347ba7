//! The configuration file of an engine inside a container.

use crate::docker::client::Client;
use crate::docker::daemon_file;
use crate::docker::perform::archive::{Archive, upload};
use crate::engine::EngineError;
use crate::resource::container::{ContainerRef, DaemonSettings};

/// Writes the file into a container, started or not, as an archive: no path of the engine's host is involved.
///
/// Only the engine's user, its owner, may read it. Its folder is made where the image has none.
pub(crate) async fn write(
    client: &Client,
    container: &ContainerRef,
    (path, owner): (&str, u32),
    settings: &DaemonSettings,
) -> Result<(), EngineError> {
    let phrase = format!("write `{path}` into container `{}`", container.name);
    let attempt = client.attempt(&phrase);
    let text = daemon_file::text(path, settings).map_err(|error| attempt.broken(error))?;
    let (mut folder, mut inside) = path
        .rsplit_once('/')
        .ok_or_else(|| attempt.without_effect("the path is not absolute"))?;
    loop {
        let archive = archive(owner, inside, &text).map_err(|error| attempt.broken(error))?;
        let there = if folder.is_empty() { "/" } else { folder };
        match upload(client, container, there, archive).await {
            // The folder is not there, and comes with the file.
            Err(bollard::errors::Error::DockerResponseServerError {
                status_code: 404, ..
            }) if !folder.is_empty() => {
                folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
                inside = path[folder.len()..].trim_start_matches('/');
            }
            uploaded => return uploaded.map_err(|error| attempt.failed(error)),
        }
    }
}

/// An archive of one file, with the folders that its path has.
fn archive(owner: u32, path: &str, text: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut archive = Archive::new();
    archive.folders(path, (owner, owner))?;
    archive.file(path, text, (owner, owner, 0o600))?;
    archive.end()
}
