//! The configuration file of an engine in a container: its text, and reading it out of there.

use std::error::Error;
use std::io::{self, Read as _};
use std::path::Path;

use bollard::query_parameters::DownloadFromContainerOptionsBuilder;
use futures_util::TryStreamExt as _;

use crate::docker::client::Client;
use crate::observed::ObservedDaemonFile;
use crate::resource::container::DaemonSettings;

/// The longest archive of the file that is read. Nobody's configuration is as long.
const LONGEST: usize = 1 << 20;

/// Reads the file: itself where nest may open it, else by one request, for which the engine mounts all that the container
/// has. A container that has gone or stopped meanwhile is none to look into.
pub(crate) async fn read(
    client: &Client,
    inside: &Client,
    container_id: &str,
    path: &str,
) -> ObservedDaemonFile {
    if let Some(entrance) = inside.transport.entrance()
        && let Some(read) = entrance.read(path, LONGEST as u64).await
    {
        return match read {
            Ok(text) => ObservedDaemonFile::Read(settings(path, &text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                ObservedDaemonFile::Read(DaemonSettings::new())
            }
            Err(_) => ObservedDaemonFile::Unread,
        };
    }
    let options = DownloadFromContainerOptionsBuilder::default()
        .path(path)
        .build();
    let mut pieces = client
        .bollard
        .download_from_container(container_id, Some(options));
    let mut archive = Vec::new();
    loop {
        match pieces.try_next().await {
            Ok(Some(piece)) if archive.len() + piece.len() <= LONGEST => {
                archive.extend_from_slice(&piece);
            }
            Ok(None) => return from_archive(path, &archive),
            Ok(Some(_))
            | Err(bollard::errors::Error::DockerResponseServerError {
                status_code: 404, ..
            }) => return ObservedDaemonFile::Read(DaemonSettings::new()),
            Err(_) => return ObservedDaemonFile::Unread,
        }
    }
}

/// The text of a file with these settings: JSON, or TOML where its name says so.
pub(crate) fn text(
    path: &str,
    settings: &DaemonSettings,
) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
    if is_toml(path) {
        return Ok(toml::to_string(settings)?.into_bytes());
    }
    let mut text = serde_json::to_vec_pretty(settings)?;
    text.push(b'\n');
    Ok(text)
}

/// Settings of podman are in TOML.
fn is_toml(path: &str) -> bool {
    Path::new(path)
        .extension()
        .is_some_and(|ending| ending == "conf")
}

/// What the only file of an archive says.
fn from_archive(path: &str, archive: &[u8]) -> ObservedDaemonFile {
    let mut archive = tar::Archive::new(archive);
    let Ok(mut entries) = archive.entries() else {
        return ObservedDaemonFile::Unread;
    };
    let Some(Ok(mut entry)) = entries.next() else {
        return ObservedDaemonFile::Unread;
    };
    let mut text = Vec::new();
    if !entry.header().entry_type().is_file() || entry.read_to_end(&mut text).is_err() {
        return ObservedDaemonFile::Unread;
    }
    ObservedDaemonFile::Read(settings(path, &text))
}

/// What a text says. One that nest cannot read, no engine can read either.
fn settings(path: &str, text: &[u8]) -> DaemonSettings {
    let settings = if is_toml(path) {
        toml::from_slice(text).ok()
    } else {
        serde_json::from_slice(text).ok()
    };
    settings.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::docker::daemon_file::{from_archive, text};
    use crate::observed::ObservedDaemonFile;
    use crate::resource::container::DaemonSettings;

    fn archive(kind: tar::EntryType, text: &str) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(text.len() as u64);
        builder
            .append_data(&mut header, "daemon.json", text.as_bytes())
            .and_then(|()| builder.into_inner())
            .expect("memory can be written to")
    }

    #[test]
    fn a_file_that_no_engine_can_read_says_nothing() {
        let nothing = ObservedDaemonFile::Read(DaemonSettings::new());
        for text in ["", "{", "[]", "\u{0}"] {
            let found = from_archive("/daemon.json", &archive(tar::EntryType::Regular, text));
            assert_eq!(found, nothing, "{text}");
        }
        let debug = DaemonSettings::from([("debug".to_owned(), json!(true))]);
        assert_eq!(
            from_archive(
                "/daemon.json",
                &archive(tar::EntryType::Regular, r#"{"debug": true}"#)
            ),
            ObservedDaemonFile::Read(debug)
        );
    }

    #[test]
    fn what_is_no_file_is_not_read() {
        assert_eq!(
            from_archive("/daemon.json", &archive(tar::EntryType::Directory, "")),
            ObservedDaemonFile::Unread
        );
        assert_eq!(
            from_archive("/daemon.json", b""),
            ObservedDaemonFile::Unread
        );
    }

    #[test]
    fn what_is_written_is_read_again() {
        let mirror = json!({"location": "hub.nest:5000", "insecure": true});
        let registry = json!([{"location": "docker.io", "mirror": [mirror]}]);
        let written = DaemonSettings::from([("registry".to_owned(), registry)]);
        for path in ["/daemon.json", "/nest.conf"] {
            let text = String::from_utf8(text(path, &written).expect("text")).expect("UTF-8");
            assert_eq!(
                text.contains("[[registry]]"),
                path == "/nest.conf",
                "{text}"
            );
            let read = from_archive(path, &archive(tar::EntryType::Regular, &text));
            assert_eq!(read, ObservedDaemonFile::Read(written.clone()), "{text}");
        }
    }
}
