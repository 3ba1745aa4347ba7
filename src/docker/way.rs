//! Where a transport leads, and how a stream of bytes gets there.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;

use crate::docker::entrance::Entrance;
use crate::docker::transport::{Transport, TransportError};
use crate::docker::wire::Wire;

/// Where a transport leads.
#[derive(Debug)]
pub(crate) enum Way {
    /// A socket on this machine.
    Unix(PathBuf),
    /// A plain TCP port.
    Tcp(String, u16),
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
            Way::Tcp(host, port) => {
                let connected = async {
                    let stream = TcpStream::connect((host.as_str(), *port)).await?;
                    stream.set_nodelay(true)?;
                    Ok::<_, io::Error>(stream)
                };
                Ok(Opened {
                    wire: Wire::Tcp(connected.await.map_err(TransportError::Io)?),
                    listener: None,
                })
            }
            Way::Inside(entrance) => entrance.open().await,
        }
    }

    /// Whether a stream is opened by starting a command, so that there is one only.
    pub(crate) fn is_tunnel(&self) -> bool {
        match self {
            Way::Unix(_) | Way::Tcp(..) => false,
            Way::Inside(entrance) => entrance.is_tunnel(),
        }
    }

    /// The engine that it goes through, where it leads into a container.
    pub(crate) fn parent(&self) -> Option<&Arc<Transport>> {
        match self {
            Way::Unix(_) | Way::Tcp(..) => None,
            Way::Inside(entrance) => Some(entrance.parent()),
        }
    }
}
