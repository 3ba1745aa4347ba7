//! The ways into a container: the engine's socket itself where nest may open it, else a tunnel.

use std::io;
use std::sync::Arc;
#[cfg(target_os = "linux")]
use std::sync::{Mutex, MutexGuard, PoisonError};

#[cfg(target_os = "linux")]
use crate::docker::doorway::Doorway;
use crate::docker::transport::{Transport, TransportError};
use crate::docker::tunnel::Tunnel;
use crate::docker::way::Opened;
#[cfg(target_os = "linux")]
use crate::docker::wire::Wire;

/// How nest may enter containers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entering {
    /// By the engine's socket itself where that can be opened, else by a command in the container.
    Shortest,
    /// By a command in the container.
    Exec,
}

/// The ways into a container.
#[derive(Debug)]
pub(crate) struct Entrance {
    tunnel: Tunnel,
    #[cfg(target_os = "linux")]
    container: Container,
    #[cfg(target_os = "linux")]
    door: Mutex<Door>,
}

/// What leads to a container's socket.
#[derive(Debug, Clone)]
pub(crate) struct Container {
    /// Its id.
    pub(crate) id: String,
    /// Its first process, as the engine counts them.
    pub(crate) process: i64,
    /// Path of the socket in it.
    pub(crate) socket: String,
}

/// What is known of the way by the socket itself.
#[cfg(target_os = "linux")]
#[derive(Debug, Clone)]
enum Door {
    /// Nothing yet.
    Unknown,
    /// It leads into the container.
    Open(Arc<Doorway>),
    /// There is none.
    Shut,
}

impl Entrance {
    /// The ways into a container by a tunnel, and by its socket where that may be.
    #[cfg_attr(not(target_os = "linux"), allow(unused_variables))]
    pub(crate) fn new(tunnel: Tunnel, container: Container, entering: Entering) -> Self {
        Self {
            tunnel,
            #[cfg(target_os = "linux")]
            container,
            #[cfg(target_os = "linux")]
            door: Mutex::new(match entering {
                Entering::Shortest => Door::Unknown,
                Entering::Exec => Door::Shut,
            }),
        }
    }

    /// The engine that the container runs on.
    pub(crate) fn parent(&self) -> &Arc<Transport> {
        &self.tunnel.parent
    }

    /// The id of the container.
    pub(crate) fn container_id(&self) -> &str {
        &self.tunnel.container_id
    }

    /// Opens a stream to the container's engine.
    pub(crate) async fn open(&self) -> Result<Opened, TransportError> {
        #[cfg(target_os = "linux")]
        if let Some(opened) = self.open_socket().await? {
            return Ok(opened);
        }
        Ok(Opened {
            wire: Box::pin(self.tunnel.open()).await?,
            listener: None,
        })
    }
}

#[cfg(not(target_os = "linux"))]
impl Entrance {
    /// Whether only a tunnel leads in.
    pub(crate) fn is_tunnel(&self) -> bool {
        true
    }

    /// Whether only a tunnel leads in, found out if need be.
    pub(crate) fn needs_tunnel(&self) -> bool {
        true
    }

    /// Reads a file in the container; none where only a tunnel leads in.
    pub(crate) async fn read(&self, _path: &str, _longest: u64) -> Option<io::Result<Vec<u8>>> {
        None
    }
}

#[cfg(target_os = "linux")]
impl Entrance {
    /// Whether only a tunnel leads in, as far as that is known.
    pub(crate) fn is_tunnel(&self) -> bool {
        !matches!(*self.door(), Door::Open(_))
    }

    /// Whether only a tunnel leads in, found out if need be.
    pub(crate) fn needs_tunnel(&self) -> bool {
        self.find().is_none()
    }

    /// A way that is known already.
    #[cfg(test)]
    pub(crate) fn through(tunnel: Tunnel, container: Container, doorway: Doorway) -> Self {
        Self {
            tunnel,
            container,
            door: Mutex::new(Door::Open(Arc::new(doorway))),
        }
    }

    /// Reads a file in the container, up to a length; none where only a tunnel leads in.
    pub(crate) async fn read(&self, path: &str, longest: u64) -> Option<io::Result<Vec<u8>>> {
        let doorway = self.find()?;
        let path = path.to_owned();
        let read = tokio::task::spawn_blocking(move || doorway.read(&path, longest)).await;
        Some(read.map_err(io::Error::other).flatten())
    }

    /// Opens the socket; none where only a tunnel leads in.
    async fn open_socket(&self) -> Result<Option<Opened>, TransportError> {
        let Some(doorway) = self.find() else {
            return Ok(None);
        };
        let path = self.container.socket.clone();
        let place = Arc::clone(&doorway);
        // A file system of the container's may take its time, or never answer.
        let socket = tokio::task::spawn_blocking(move || place.socket(&path)).await;
        let unanswered = |error| TransportError::NoSocket {
            path: self.container.socket.clone(),
            source: error,
        };
        let socket = socket.map_err(io::Error::other).flatten();
        let connected = doorway.connect(socket.map_err(unanswered)?).await;
        if let Some((stream, listener)) = connected.map_err(unanswered)? {
            return Ok(Some(Opened {
                wire: Wire::Unix(stream),
                listener: Some(listener),
            }));
        }
        // Somebody else's socket, which may well lead out: the tunnel finds out, or gets there.
        *self.door() = Door::Shut;
        Ok(None)
    }

    /// Finds the way by the socket itself.
    fn find(&self) -> Option<Arc<Doorway>> {
        match &*self.door() {
            Door::Open(doorway) => return Some(Arc::clone(doorway)),
            Door::Shut => return None,
            Door::Unknown => {}
        }
        let found = self.parent().listener().and_then(|engine| {
            Doorway::find(engine, self.container.process, &self.container.id).map(Arc::new)
        });
        *self.door() = match &found {
            Some(doorway) => Door::Open(Arc::clone(doorway)),
            None => Door::Shut,
        };
        found
    }

    fn door(&self) -> MutexGuard<'_, Door> {
        self.door.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
