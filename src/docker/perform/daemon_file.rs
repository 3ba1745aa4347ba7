//! The configuration file of an engine inside a container.

use bollard::query_parameters::UploadToContainerOptionsBuilder;
use bytes::Bytes;
use tar::{EntryType, Header};

use crate::docker::client::Client;
use crate::docker::daemon_file;
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

async fn upload(
    client: &Client,
    container: &ContainerRef,
    folder: &str,
    archive: Vec<u8>,
) -> Result<(), bollard::errors::Error> {
    let options = UploadToContainerOptionsBuilder::default()
        .path(folder)
        .build();
    client
        .patient()
        .upload_to_container(
            container.handle(),
            Some(options),
            bollard::body_full(Bytes::from(archive)),
        )
        .await
}

/// An archive of one file, with the folders that its path has.
fn archive(owner: u32, path: &str, text: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut builder = tar::Builder::new(Vec::new());
    for (end, _) in path.match_indices('/') {
        let mut header = header(owner, EntryType::Directory, 0o755, 0);
        builder.append_data(&mut header, &path[..=end], std::io::empty())?;
    }
    let mut header = header(owner, EntryType::Regular, 0o600, text.len() as u64);
    builder.append_data(&mut header, path, text)?;
    builder.into_inner()
}

fn header(owner: u32, kind: EntryType, mode: u32, size: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_uid(u64::from(owner));
    header.set_gid(u64::from(owner));
    header.set_size(size);
    header
}
