//! Which engine to talk to: resolved as the docker CLI does, from what the caller read of flags and environment.

use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::engine::EngineError;
use crate::resource::digest::Digest;

/// Where the docker CLI finds an engine when nothing names one.
const DEFAULT_HOST: &str = "unix:///var/run/docker.sock";
/// The name of the context that is no context: `DOCKER_HOST`, or the default host.
const DEFAULT_CONTEXT: &str = "default";

/// An engine's address, and who named it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The address.
    pub address: EndpointAddress,
    /// Who named it, such as `DOCKER_HOST`.
    pub origin: String,
}

/// An engine's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EndpointAddress {
    /// A socket on this machine.
    Unix(PathBuf),
    /// A plain TCP port.
    Tcp {
        /// Name or address of the machine, IPv6 without brackets.
        host: String,
        /// The port.
        port: u16,
    },
}

/// Everything that names an endpoint. The caller reads flags and environment; this room does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointOptions {
    /// The flag `--host`.
    pub host: Option<String>,
    /// The flag `--context`.
    pub context: Option<String>,
    /// The variable `DOCKER_HOST`.
    pub docker_host: Option<String>,
    /// The variable `DOCKER_CONTEXT`.
    pub docker_context: Option<String>,
    /// The docker CLI's folder: `DOCKER_CONFIG`, or `.docker` in the home folder.
    pub config_folder: PathBuf,
}

impl Endpoint {
    /// Resolves the endpoint in the docker CLI's order: `--context`, `--host`, `DOCKER_HOST`, `DOCKER_CONTEXT`, the
    /// current context, the default socket.
    pub fn resolve(options: &EndpointOptions) -> Result<Self, EngineError> {
        let given = |value: &Option<String>| value.clone().filter(|value| !value.is_empty());
        if given(&options.host).is_some() && given(&options.context).is_some() {
            return Err(unsupported(
                "`--host` together with `--context`",
                "each names an engine; give one of them",
            ));
        }
        let docker_host = given(&options.docker_host);
        let context = if let Some(context) = given(&options.context) {
            Some((context, "`--context`".to_owned()))
        } else if let Some(host) = given(&options.host) {
            return Self::parse(&host, "`--host`".to_owned());
        } else if docker_host.is_some() {
            None
        } else if let Some(context) = given(&options.docker_context) {
            Some((context, "`DOCKER_CONTEXT`".to_owned()))
        } else {
            current_context(&options.config_folder)?
                .map(|(context, file)| (context, format!("`currentContext` of {}", file.display())))
        };
        match (context, docker_host) {
            (Some((context, origin)), _) if context != DEFAULT_CONTEXT => {
                let host = context_host(&options.config_folder, &context, &origin)?;
                Self::parse(&host, format!("context `{context}`, named by {origin}"))
            }
            (_, Some(host)) => Self::parse(&host, "`DOCKER_HOST`".to_owned()),
            (_, None) => Self::parse(DEFAULT_HOST, "the default".to_owned()),
        }
    }

    /// Reads the text of a host: `unix:///path`, `tcp://host:port`, `http://host:port` or `host:port`.
    pub fn parse(host: &str, origin: String) -> Result<Self, EngineError> {
        let subject = || format!("`{host}` (from {origin})");
        let (scheme, rest) = host.split_once("://").unwrap_or(("tcp", host));
        let address = match scheme {
            "unix" => EndpointAddress::Unix(PathBuf::from(rest)),
            "tcp" | "http" => tcp_address(rest).ok_or_else(|| {
                unsupported(&subject(), "it is not of the form `tcp://HOST:PORT`")
            })?,
            "https" => {
                return Err(unsupported(
                    &subject(),
                    "TLS endpoints are not supported yet; forward the engine's socket, as with `ssh -L /tmp/engine.sock:/var/run/docker.sock USER@HOST`, and use `--host unix:///tmp/engine.sock`",
                ));
            }
            "ssh" => {
                return Err(unsupported(
                    &subject(),
                    "ssh endpoints are not supported yet; forward the engine's socket, as with `ssh -L /tmp/engine.sock:/var/run/docker.sock USER@HOST`, and use `--host unix:///tmp/engine.sock`",
                ));
            }
            _ => {
                return Err(unsupported(
                    &subject(),
                    "only `unix://` and `tcp://` endpoints are supported",
                ));
            }
        };
        Ok(Self { address, origin })
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.address {
            EndpointAddress::Unix(path) => write!(f, "unix://{}", path.display())?,
            EndpointAddress::Tcp { host, port } if host.contains(':') => {
                write!(f, "tcp://[{host}]:{port}")?;
            }
            EndpointAddress::Tcp { host, port } => write!(f, "tcp://{host}:{port}")?,
        }
        write!(f, " (from {})", self.origin)
    }
}

/// The port that an engine listens on without TLS, where the address names none.
const PLAIN_PORT: u16 = 2375;

fn tcp_address(rest: &str) -> Option<EndpointAddress> {
    let authority = rest.strip_suffix('/').unwrap_or(rest);
    let (host, port) = if let Some(bracketed) = authority.strip_prefix('[') {
        let (host, after) = bracketed.split_once(']')?;
        match after.strip_prefix(':') {
            Some(port) => (host, port.parse().ok()?),
            None if after.is_empty() => (host, PLAIN_PORT),
            None => return None,
        }
    } else {
        match authority.split_once(':') {
            Some((host, port)) => (host, port.parse().ok()?),
            None => (authority, PLAIN_PORT),
        }
    };
    let plain = |text: &str| !text.is_empty() && !text.contains(['/', '@', '?', '#', ' ']);
    plain(host).then(|| EndpointAddress::Tcp {
        host: host.to_owned(),
        port,
    })
}

#[derive(Deserialize)]
struct ConfigFile {
    #[serde(rename = "currentContext", default)]
    current_context: String,
}

fn current_context(config_folder: &Path) -> Result<Option<(String, PathBuf)>, EngineError> {
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
}

/// The CLI keeps the context `NAME` in a folder named by the SHA-256 of `NAME`.
fn context_host(config_folder: &Path, context: &str, origin: &str) -> Result<String, EngineError> {
    let digest = Digest::of_bytes(context.as_bytes());
    let id = digest.as_str().trim_start_matches("sha256:");
    let path = config_folder
        .join("contexts/meta")
        .join(id)
        .join("meta.json");
    let Some(text) = read_if_present(&path)? else {
        return Err(unsupported(
            &format!("context `{context}` (from {origin})"),
            "there is no such docker context; `docker context ls` lists them",
        ));
    };
    let meta: ContextMeta =
        serde_json::from_str(&text).map_err(|source| not_json(&path, source))?;
    meta.endpoints
        .docker
        .map(|docker| docker.host)
        .filter(|host| !host.is_empty())
        .ok_or_else(|| {
            unsupported(
                &format!("context `{context}` (from {origin})"),
                "it has no docker endpoint; `docker context inspect` shows it",
            )
        })
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

fn unsupported(subject: &str, reason: &str) -> EngineError {
    EngineError::Unsupported {
        subject: subject.to_owned(),
        reason: reason.to_owned(),
    }
}
