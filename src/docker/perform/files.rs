//! Files that a container is given.

use std::collections::BTreeMap;

use bollard::query_parameters::ContainerArchiveInfoOptionsBuilder;

use crate::docker::client::Client;
use crate::docker::error::Attempt;
use crate::docker::perform::archive::{Archive, upload};
use crate::docker::perform::user::user_of;
use crate::engine::EngineError;
use crate::resource::container::ContainerRef;
use crate::resource::container::file::{ContainerFile, FileContent};

/// Permissions of a file that its user alone can read, and of a folder that only its user can enter.
const PRIVATE_FILE: u32 = 0o600;
const PRIVATE_FOLDER: u32 = 0o700;

/// Writes files into a container, started or not, as one archive: no path of the engine's host is involved. Folders that
/// the image does not have are made.
pub(crate) async fn write(
    client: &Client,
    container: &ContainerRef,
    files: &BTreeMap<String, ContainerFile>,
) -> Result<(), EngineError> {
    let phrase = format!("write files into container `{}`", container.name);
    let attempt = client.attempt(&phrase);
    let mut archive = Archive::new();
    for (path, file) in files {
        let inside = path.trim_start_matches('/');
        let bytes = |content| bytes(attempt, path, content);
        let added = match file {
            ContainerFile::Link(target) => archive.link(inside, target),
            ContainerFile::Regular {
                content,
                uid,
                gid,
                mode,
            } => archive.file(inside, bytes(content)?, (*uid, *gid, *mode)),
            ContainerFile::Private(content) => {
                let (uid, gid) = user_of(client, container, attempt).await?;
                if let Some((folder, _)) = path.rsplit_once('/')
                    && !exists(client, container, folder).await
                {
                    let folder = folder.trim_start_matches('/');
                    archive
                        .folder(folder, (uid, gid, PRIVATE_FOLDER))
                        .map_err(|error| attempt.broken(error))?;
                }
                archive.file(inside, bytes(content)?, (uid, gid, PRIVATE_FILE))
            }
        };
        added.map_err(|error| attempt.broken(error))?;
    }
    let archive = archive.end().map_err(|error| attempt.broken(error))?;
    upload(client, container, "/", archive)
        .await
        .map_err(|error| attempt.failed(error))
}

fn bytes<'a>(
    attempt: Attempt<'_>,
    path: &str,
    content: &'a FileContent,
) -> Result<&'a [u8], EngineError> {
    match content {
        FileContent::Bytes(bytes) => Ok(bytes),
        FileContent::Hash(_) => {
            Err(attempt.without_effect(format!("what `{path}` says is not known")))
        }
    }
}

/// Whether there is something at a path of a container. Where that cannot be told, its permissions are left as they are.
async fn exists(client: &Client, container: &ContainerRef, path: &str) -> bool {
    let options = ContainerArchiveInfoOptionsBuilder::default()
        .path(path)
        .build();
    let asked = client
        .bollard
        .get_container_archive_info(container.handle(), Some(options))
        .await;
    !matches!(
        asked,
        Err(bollard::errors::Error::DockerResponseServerError {
            status_code: 404,
            ..
        })
    )
}
