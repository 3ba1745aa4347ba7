//! Which engine to talk to: resolved as the docker CLI does, from what the caller read of flags and environment.

mod context;
mod declared;

use std::fmt;
use std::path::{Path, PathBuf};

use crate::docker::endpoint::context::{context_engine, current_context};
use crate::engine::EngineError;

/// Where the docker CLI finds an engine when nothing names one.
const DEFAULT_SOCKET: &str = "/var/run/docker.sock";
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
    /// A TCP port.
    Tcp {
        /// Name or address of the machine, IPv6 without brackets.
        host: String,
        /// The port.
        port: u16,
        /// How to speak TLS there; none where that is not spoken.
        tls: Option<TlsFiles>,
    },
    /// The docker CLI on another machine, reached by ssh.
    Ssh(SshAddress),
}

/// How to speak TLS with an engine, by the files that the docker CLI keeps for that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate of the authority; where it is not there, those that the machine trusts.
    pub authority: PathBuf,
    /// Who we are; where it is not there, nobody.
    pub certificate: PathBuf,
    /// The key of that.
    pub key: PathBuf,
    /// Whether the engine may be anyone.
    pub trusts_anyone: bool,
}

impl TlsFiles {
    /// Those of a folder, by the names that the docker CLI has for them.
    pub fn in_folder(folder: &Path, trusts_anyone: bool) -> Self {
        Self {
            authority: folder.join("ca.pem"),
            certificate: folder.join("cert.pem"),
            key: folder.join("key.pem"),
            trusts_anyone,
        }
    }
}

/// The other end of an ssh connection. What is not said here, ssh's own configuration says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SshAddress {
    /// The user there.
    pub user: Option<String>,
    /// The machine, as ssh knows it.
    pub host: String,
    /// The port of its ssh server.
    pub port: Option<u16>,
    /// The engine's socket there, where it is not the usual one.
    pub socket: Option<String>,
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
    /// The variable `DOCKER_TLS_VERIFY`: if there is anything in it, TCP means TLS.
    pub docker_tls_verify: Option<String>,
    /// The variable `DOCKER_CERT_PATH`: where the certificates are, if not in the CLI's folder.
    pub docker_cert_path: Option<PathBuf>,
    /// Sockets to try in turn where nothing names an engine and the usual one is not there.
    pub sockets: Vec<PathBuf>,
}

impl EndpointOptions {
    /// Whether a flag or a variable names an engine.
    pub fn name_an_engine(&self) -> bool {
        let all = [
            &self.host,
            &self.context,
            &self.docker_host,
            &self.docker_context,
        ];
        all.into_iter().any(|value| given(value.as_ref()).is_some())
    }
}

/// A value that is not empty: an empty variable is as good as none.
fn given(value: Option<&String>) -> Option<String> {
    value.filter(|value| !value.is_empty()).cloned()
}

impl Endpoint {
    /// Resolves the endpoint in the docker CLI's order: `--context`, `--host`, `DOCKER_HOST`, `DOCKER_CONTEXT`, the
    /// current context, the default socket. Where that is not there, one that is.
    pub fn resolve(options: &EndpointOptions) -> Result<Self, EngineError> {
        if given(options.host.as_ref()).is_some() && given(options.context.as_ref()).is_some() {
            return Err(unsupported(
                "`--host` together with `--context`",
                "each names an engine; give one of them",
            ));
        }
        let tls = given(options.docker_tls_verify.as_ref()).map(|_| {
            let folder = options.docker_cert_path.as_ref();
            TlsFiles::in_folder(folder.unwrap_or(&options.config_folder), false)
        });
        let docker_host = given(options.docker_host.as_ref());
        let context = if let Some(context) = given(options.context.as_ref()) {
            Some((context, "`--context`".to_owned()))
        } else if let Some(host) = given(options.host.as_ref()) {
            return Self::parse(&host, "`--host`".to_owned(), tls);
        } else if docker_host.is_some() {
            None
        } else if let Some(context) = given(options.docker_context.as_ref()) {
            Some((context, "`DOCKER_CONTEXT`".to_owned()))
        } else {
            current_context(&options.config_folder)?
                .map(|(context, file)| (context, format!("`currentContext` of {}", file.display())))
        };
        match (context, docker_host) {
            (Some((context, origin)), _) if context != DEFAULT_CONTEXT => {
                let engine = context_engine(&options.config_folder, &context, &origin)?;
                let origin = format!("context `{context}`, named by {origin}");
                Self::parse(&engine.host, origin, engine.tls)
            }
            (_, Some(host)) => Self::parse(&host, "`DOCKER_HOST`".to_owned(), tls),
            (_, None) => Ok(Self::usual(&options.sockets)),
        }
    }

    /// The first of the usual sockets that is there.
    fn usual(sockets: &[PathBuf]) -> Self {
        let default = PathBuf::from(DEFAULT_SOCKET);
        let found = if default.exists() {
            None
        } else {
            sockets.iter().find(|socket| socket.exists())
        };
        let origin = match found {
            Some(_) => "the sockets that are there",
            None => "the default",
        };
        Self {
            address: EndpointAddress::Unix(found.cloned().unwrap_or(default)),
            origin: origin.to_owned(),
        }
    }

    /// Reads the text of a host: `unix:///path`, `tcp://host:port`, `http://host:port`, `host:port` or
    /// `ssh://user@host:port`. `tls` is for TCP.
    pub fn parse(host: &str, origin: String, tls: Option<TlsFiles>) -> Result<Self, EngineError> {
        let not = |form: &str| {
            let subject = format!("`{host}` (from {origin})");
            unsupported(&subject, &format!("it is not of the form {form}"))
        };
        let (scheme, rest) = host.split_once("://").unwrap_or(("tcp", host));
        let address = match scheme {
            "unix" => EndpointAddress::Unix(PathBuf::from(rest)),
            "tcp" | "http" => tcp_address(rest, tls).ok_or_else(|| not("`tcp://HOST:PORT`"))?,
            "https" if tls.is_some() => {
                tcp_address(rest, tls).ok_or_else(|| not("`https://HOST:PORT`"))?
            }
            "https" => {
                return Err(unsupported(
                    &format!("`{host}` (from {origin})"),
                    "TLS takes `DOCKER_TLS_VERIFY=1`, with the certificates in the folder `DOCKER_CERT_PATH`; or use a docker context",
                ));
            }
            "ssh" => EndpointAddress::Ssh(
                ssh_address(rest).ok_or_else(|| not("`ssh://[USER@]HOST[:PORT][/SOCKET]`"))?,
            ),
            _ => {
                return Err(unsupported(
                    &format!("`{host}` (from {origin})"),
                    "only `unix://`, `tcp://` and `ssh://` endpoints are supported",
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
            EndpointAddress::Tcp { host, port, .. } if host.contains(':') => {
                write!(f, "tcp://[{host}]:{port}")?;
            }
            EndpointAddress::Tcp { host, port, .. } => write!(f, "tcp://{host}:{port}")?,
            EndpointAddress::Ssh(address) => write!(f, "{address}")?,
        }
        write!(f, " (from {})", self.origin)
    }
}

impl fmt::Display for SshAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ssh://")?;
        if let Some(user) = &self.user {
            write!(f, "{user}@")?;
        }
        f.write_str(&self.host)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        f.write_str(self.socket.as_deref().unwrap_or_default())
    }
}

/// The ports that an engine listens on without TLS and with it, where the address names none.
const PORTS: (u16, u16) = (2375, 2376);

fn tcp_address(rest: &str, tls: Option<TlsFiles>) -> Option<EndpointAddress> {
    let usual_port = if tls.is_some() { PORTS.1 } else { PORTS.0 };
    let authority = rest.strip_suffix('/').unwrap_or(rest);
    let (host, port) = if let Some(bracketed) = authority.strip_prefix('[') {
        let (host, after) = bracketed.split_once(']')?;
        match after.strip_prefix(':') {
            Some(port) => (host, port.parse().ok()?),
            None if after.is_empty() => (host, usual_port),
            None => return None,
        }
    } else {
        match authority.split_once(':') {
            Some((host, port)) => (host, port.parse().ok()?),
            None => (authority, usual_port),
        }
    };
    let plain = |text: &str| !text.is_empty() && !text.contains(['/', '@', '?', '#', ' ']);
    plain(host).then(|| EndpointAddress::Tcp {
        host: host.to_owned(),
        port,
        tls,
    })
}

fn ssh_address(rest: &str) -> Option<SshAddress> {
    let (authority, socket) = match rest.find('/') {
        Some(index) => rest.split_at(index),
        None => (rest, ""),
    };
    let (user, machine) = match authority.rsplit_once('@') {
        Some((user, machine)) => (Some(user), machine),
        None => (None, authority),
    };
    let (host, port) = match machine.rsplit_once(':') {
        Some((host, port)) => (host, Some(port.parse().ok()?)),
        None => (machine, None),
    };
    // ssh would take a dash for an option; a password has no place in an address.
    let plain = |text: &str| {
        !text.is_empty()
            && !text.starts_with('-')
            && !text.contains([':', '?', '#', ' ', '\'', '"', '\\'])
    };
    let is_plain = plain(host) && user.is_none_or(plain) && !socket.contains(['\'', '\n', '\0']);
    is_plain.then(|| SshAddress {
        user: user.map(str::to_owned),
        host: host.to_owned(),
        port,
        socket: Some(socket.to_owned()).filter(|socket| socket.len() > 1),
    })
}

fn unsupported(subject: &str, reason: &str) -> EngineError {
    EngineError::Unsupported {
        subject: subject.to_owned(),
        reason: reason.to_owned(),
    }
}
