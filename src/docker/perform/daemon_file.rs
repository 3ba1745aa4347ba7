//! The configuration file of an engine inside a container.

use bollard::query_parameters::UploadToContainerOptionsBuilder;
use bytes::Bytes;
use tar::{EntryType, Header};

use crate::docker::client::Client;
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
    let archive = archive(None, name, &text).map_err(|error| attempt.broken(error))?;
    let folder_path = if folder.is_empty() { "/" } else { folder };
    match upload(client, container, folder_path, archive).await {
        Err(bollard::errors::Error::DockerResponseServerError {
            status_code: 404, ..
        }) => {
            let inside = folder.trim_start_matches('/');
            let archive =
                self::archive(Some(inside), name, &text).map_err(|error| attempt.broken(error))?;
            upload(client, container, "/", archive)
                .await
                .map_err(|error| attempt.failed(error))
        }
        other => other.map_err(|error| attempt.failed(error)),
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

/// An archive of one file, with the folder that it is in where that has to be made.
fn archive(folder: Option<&str>, name: &str, text: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut builder = tar::Builder::new(Vec::new());
    let mut prefix = String::new();
    for part in folder.into_iter().flat_map(|folder| folder.split('/')) {
        prefix.push_str(part);
        prefix.push('/');
        let mut header = header(EntryType::Directory, 0o755, 0);
        builder.append_data(&mut header, &prefix, std::io::empty())?;
    }
    let mut header = header(EntryType::Regular, 0o600, text.len() as u64);
    builder.append_data(&mut header, format!("{prefix}{name}"), text)?;
    builder.into_inner()
}

fn header(kind: EntryType, mode: u32, size: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_uid(0);
    header.set_gid(0);
    header.set_size(size);
    header
}
