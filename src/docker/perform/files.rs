//! Files that a container is given.

use std::collections::BTreeMap;

use crate::docker::client::Client;
use crate::docker::perform::archive::{Archive, upload};
use crate::engine::EngineError;
use crate::resource::container::ContainerRef;
use crate::resource::container::file::{ContainerFile, FileContent};

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
        let added = match file {
            ContainerFile::Link(target) => archive.link(inside, target),
            ContainerFile::Regular {
                content: FileContent::Bytes(bytes),
                uid,
                gid,
                mode,
            } => archive.file(inside, bytes, (*uid, *gid, *mode)),
            ContainerFile::Regular {
                content: FileContent::Hash(_),
                ..
            } => return Err(attempt.without_effect(format!("what `{path}` says is not known"))),
        };
        added.map_err(|error| attempt.broken(error))?;
    }
    let archive = archive.end().map_err(|error| attempt.broken(error))?;
    upload(client, container, "/", archive)
        .await
        .map_err(|error| attempt.failed(error))
}
