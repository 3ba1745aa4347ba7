//! Where a transport leads, and how a stream of bytes gets there.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;

use crate::docker::endpoint::SshAddress;
use crate::docker::entrance::Entrance;
use crate::docker::ssh;
use crate::docker::tls::Tls;
use crate::docker::transport::{Transport, TransportError};
use crate::docker::wire::Wire;

/// How many answers may be read at once, each over a connection of its own, where connections are cheap.
pub(crate) const SIDE_BY_SIDE: usize = 8;
/// How many where they are not.
const FEW_SIDE_BY_SIDE: usize = 2;

/// Where a transport leads.
#[derive(Debug)]
pub(crate) enum Way {
    /// A socket on this machine.
    Unix(PathBuf),
    /// A TCP port, with TLS or without.
    Tcp(String, u16, Option<Tls>),
    /// A command on another machine.
    Ssh(SshAddress),
    /// Into a container.
    Inside(Entrance),
}

/// A way that is open.
#[derive(Debug)]
pub(crate) struct Opened {
    /// The stream.
    pub(crate) wire: Wire,
    /// The process at its other end, as this machine counts them; none where that cannot be seen.
    pub(crate) listener: Option<i32>,
}

impl Way {
    /// Opens it.
    pub(crate) async fn open(&self) -> Result<Opened, TransportError> {
        match self {
            #[cfg(unix)]
            Way::Unix(path) => {
                let stream = UnixStream::connect(path).await;
                let stream = stream.map_err(TransportError::Io)?;
                let listener = stream.peer_cred().ok().and_then(|peer| peer.pid());
                Ok(Opened {
                    wire: Wire::Unix(stream),
                    listener,
                })
            }
            #[cfg(not(unix))]
            Way::Unix(_) => Err(TransportError::Io(io::ErrorKind::Unsupported.into())),
            Way::Tcp(host, port, tls) => {
                let connected = async {
                    let stream = TcpStream::connect((host.as_str(), *port)).await?;
                    stream.set_nodelay(true)?;
                    Ok::<_, io::Error>(match tls {
                        Some(tls) => Wire::Tls(Box::new(tls.speak(host, stream).await?)),
                        None => Wire::Tcp(stream),
                    })
                };
                Ok(Opened {
                    wire: connected.await.map_err(TransportError::Io)?,
                    listener: None,
                })
            }
            Way::Ssh(address) => Ok(Opened {
                wire: Wire::Ssh(Box::new(ssh::open(address).map_err(TransportError::Io)?)),
                listener: None,
            }),
            Way::Inside(entrance) => entrance.open().await,
        }
    }

    /// How many answers may be read at once, each over a connection of its own.
    pub(crate) fn side_by_side(&self) -> usize {
        match self {
            Way::Unix(_) | Way::Tcp(..) => SIDE_BY_SIDE,
            // Each takes some 100 ms to open, and a server drops what comes all at once.
            Way::Ssh(_) => FEW_SIDE_BY_SIDE,
            // Many engines are read at once.
            Way::Inside(_) => 1,
        }
    }

    /// Whether a stream is opened by starting a command, so that there is one only.
    pub(crate) fn is_tunnel(&self) -> bool {
        match self {
            Way::Unix(_) | Way::Tcp(..) | Way::Ssh(_) => false,
            Way::Inside(entrance) => entrance.is_tunnel(),
        }
    }

    /// The engine that it goes through, where it leads into a container.
    pub(crate) fn parent(&self) -> Option<&Arc<Transport>> {
        match self {
            Way::Unix(_) | Way::Tcp(..) | Way::Ssh(_) => None,
            Way::Inside(entrance) => Some(entrance.parent()),
        }
    }
}
