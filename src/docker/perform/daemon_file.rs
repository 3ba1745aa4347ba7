//! The configuration file of an engine inside a container.

use crate::docker::Docker;
use crate::docker::client::Client;
use crate::docker::daemon_file;
use crate::docker::error::printable;
use crate::docker::exec::ExecOptions;
use crate::docker::perform::archive::{Archive, upload};
use crate::engine::EngineError;
use crate::resource::container::{ContainerRef, DaemonCheck, DaemonSettings};

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

/// Has a command in a container read the file on its standard input. A container without such a command, or with one that
/// does not check yet, as before Docker 23, cannot tell.
pub(crate) async fn check(
    docker: &Docker,
    client: &Client,
    check: &DaemonCheck,
) -> Result<(), EngineError> {
    let container = &check.container;
    let phrase = format!(
        "check the new configuration of the engine in container `{}`",
        container.name
    );
    let attempt = client.attempt(&phrase);
    let text = serde_json::to_vec(&check.settings).map_err(|error| attempt.broken(error))?;
    let (mut said, mut complaint) = (Vec::new(), Vec::new());
    let options = ExecOptions {
        command: check.command.clone(),
        environment: Vec::new(),
        working_folder: None,
        user: None,
        terminal: None,
        resizes: None,
        stdin: Some(Box::new(text.as_slice())),
        stdout: Box::new(&mut said),
        stderr: Box::new(&mut complaint),
    };
    let code = Box::pin(docker.exec(&client.path, &container.name, options)).await?;
    let complaint = String::from_utf8_lossy(&complaint);
    let cannot_tell = matches!(code, 126 | 127) || complaint.contains("unknown flag");
    if code == 0 || cannot_tell {
        return Ok(());
    }
    Err(EngineError::Refused {
        attempt: "start with its new configuration".to_owned(),
        engine: client.path.inside(&container.name),
        status: 400,
        message: printable(complaint.trim()),
    })
}

/// An archive of one file, with the folders that its path has.
fn archive(owner: u32, path: &str, text: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut archive = Archive::new();
    archive.folders(path, (owner, owner))?;
    archive.file(path, text, (owner, owner, 0o600))?;
    archive.end()
}
