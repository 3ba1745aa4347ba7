//! The docker CLI's contexts: which one is in use, and what it says.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::docker::endpoint::{TlsFiles, unsupported};
use crate::engine::EngineError;
use crate::resource::digest::Digest;

/// What a context says of its engine.
pub(super) struct ContextEngine {
    /// The address.
    pub(super) host: String,
    /// How to speak TLS, where that is to be spoken.
    pub(super) tls: Option<TlsFiles>,
}

#[derive(Deserialize)]
struct ConfigFile {
    #[serde(rename = "currentContext", default)]
    current_context: String,
}

/// The context in use and the file that says so.
pub(super) fn current_context(
    config_folder: &Path,
) -> Result<Option<(String, PathBuf)>, EngineError> {
    let path = config_folder.join("config.json");
    let Some(text) = read_if_present(&path)? else {
        return Ok(None);
    };
    let config: ConfigFile =
        serde_json::from_str(&text).map_err(|source| not_json(&path, source))?;
    Ok(Some(config.current_context)
        .filter(|context| !context.is_empty())
        .map(|context| (context, path)))
}

#[derive(Deserialize)]
struct ContextMeta {
    #[serde(rename = "Endpoints", default)]
    endpoints: ContextEndpoints,
}

#[derive(Deserialize, Default)]
struct ContextEndpoints {
    docker: Option<ContextEndpoint>,
}

#[derive(Deserialize)]
struct ContextEndpoint {
    #[serde(rename = "Host", default)]
    host: String,
    #[serde(rename = "SkipTLSVerify", default)]
    trusts_anyone: bool,
}

/// The CLI keeps the context `NAME` in a folder named by the SHA-256 of `NAME`.
pub(super) fn context_engine(
    config_folder: &Path,
    context: &str,
    origin: &str,
) -> Result<ContextEngine, EngineError> {
    let digest = Digest::of_bytes(context.as_bytes());
    let id = digest.as_str().trim_start_matches("sha256:");
    let contexts = config_folder.join("contexts");
    let path = contexts.join("meta").join(id).join("meta.json");
    let Some(text) = read_if_present(&path)? else {
        return Err(unsupported(
            &format!("context `{context}` (from {origin})"),
            "there is no such docker context; `docker context ls` lists them",
        ));
    };
    let meta: ContextMeta =
        serde_json::from_str(&text).map_err(|source| not_json(&path, source))?;
    let engine = meta.endpoints.docker.filter(|it| !it.host.is_empty());
    let Some(ContextEndpoint {
        host,
        trusts_anyone,
    }) = engine
    else {
        return Err(unsupported(
            &format!("context `{context}` (from {origin})"),
            "it has no docker endpoint; `docker context inspect` shows it",
        ));
    };
    let folder = contexts.join("tls").join(id).join("docker");
    let speaks_tls = trusts_anyone || folder.is_dir();
    let tls = speaks_tls.then(|| TlsFiles::in_folder(&folder, trusts_anyone));
    Ok(ContextEngine { host, tls })
}

fn read_if_present(path: &Path) -> Result<Option<String>, EngineError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(source) => Err(EngineError::Unreadable {
            path: path.display().to_string(),
            source,
        }),
    }
}

fn not_json(path: &Path, source: serde_json::Error) -> EngineError {
    EngineError::Unreadable {
        path: path.display().to_string(),
        source: source.into(),
    }
}
