//! Modes: how an environment's outer container is made and how its engine is reached.
//!
//! A mode is data. Nothing outside its file knows its name; the rest of the code reads the description.

mod dind;
mod socket;

use std::time::Duration;

/// One way to run a container engine for an environment.
#[derive(Debug, PartialEq, Eq)]
pub struct Mode {
    /// The word that `outer` takes.
    pub name: &'static str,
    /// One sentence for the schema, completions and the book.
    pub summary: &'static str,
    /// The image of the outer container where the file names none.
    pub image: &'static str,
    /// What the container runs where the file gives no `command`; empty for the image's own.
    pub command: &'static [&'static str],
    /// Whether the container runs under the engine's init, which reaps and forwards signals.
    pub init: bool,
    /// Whether the container is created `--privileged`.
    pub privileged: bool,
    /// Which engine the environment has.
    pub engine: ModeEngine,
}

/// Which engine an environment of a mode has.
#[derive(Debug, PartialEq, Eq)]
pub enum ModeEngine {
    /// The engine that the outer container itself runs on, through its socket mounted at this path.
    Shared {
        /// Path of the socket, on the host and in the container.
        socket: &'static str,
    },
    /// An engine of its own, inside the outer container.
    Own(OwnEngine),
}

/// How to start, reach and recognise an engine that runs inside the outer container.
#[derive(Debug, PartialEq, Eq)]
pub struct OwnEngine {
    /// Path of the engine's socket in the container.
    pub socket: &'static str,
    /// Folder, a volume's mount point, that holds the second socket for clients beside the container.
    pub client_folder: &'static str,
    /// Path of the engine's data root in the container.
    pub data_root: &'static str,
    /// Path of the engine's configuration file in the container.
    pub daemon_file: &'static str,
    /// The command that the container runs; flags given as the file's `command` are appended.
    pub daemon_command: &'static [&'static str],
    /// Command that joins its standard streams to the engine's socket.
    pub dial: &'static [&'static str],
    /// Variables for `dial`, so that nothing set in the image leads it to another engine.
    pub dial_environment: &'static [&'static str],
    /// What the container's log says when the engine listens.
    pub log_line: &'static str,
    /// How long to wait for readiness where the file says nothing.
    pub ready_timeout: Duration,
    /// How long the engine may take to stop.
    pub stop_timeout: Duration,
}

/// Every mode, in the order in which they are documented.
pub const MODES: &[&Mode] = &[&socket::SOCKET, &dind::DIND];

impl Mode {
    /// The mode of this name, if there is one.
    pub fn named(name: &str) -> Option<&'static Mode> {
        MODES.iter().copied().find(|mode| mode.name == name)
    }

    /// The description of the environment's own engine, or none where it shares the outer one.
    pub fn own_engine(&self) -> Option<&OwnEngine> {
        match &self.engine {
            ModeEngine::Own(engine) => Some(engine),
            ModeEngine::Shared { .. } => None,
        }
    }
}
