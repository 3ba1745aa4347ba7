//! Modes: how an environment's outer container is made and how its engine is reached.
//!
//! A mode is data. Nothing outside its file knows its name; the rest of the code reads the description.

mod dind;
mod dockerd;
pub mod log_level;
mod podman;
mod rootless;
mod socket;
mod sysbox;

use std::time::Duration;

/// One way to run a container engine for an environment.
#[derive(Debug, PartialEq, Eq)]
pub struct Mode {
    /// The word that `outer` takes.
    pub name: &'static str,
    /// One sentence for the schema, completions and the book.
    pub summary: &'static str,
    /// A commented nest file to start from.
    pub starter: &'static str,
    /// The image of the outer container where the file names none.
    pub image: &'static str,
    /// What the container runs where the file gives no `command`; empty for the image's own.
    pub command: &'static [&'static str],
    /// The home folder of the user that the container runs as.
    pub home: &'static str,
    /// Whether the container runs under the engine's init, which reaps and forwards signals.
    pub init: bool,
    /// Whether the container is created `--privileged` where the file does not say.
    pub privileged: bool,
    /// What the container needs when it is not privileged, where that can do.
    pub unprivileged: Option<SmallerSet>,
    /// The runtime on the engine's host that isolates the container. It refuses containers that are privileged, share
    /// the host's namespaces or keep their data elsewhere, and does not run inside itself.
    pub runtime: Option<&'static str>,
    /// What would work where the engine's host has no such runtime.
    pub without_runtime: &'static str,
    /// Which engine the environment has.
    pub engine: ModeEngine,
}

/// Privileges that are less than all.
#[derive(Debug, PartialEq, Eq)]
pub struct SmallerSet {
    /// Capabilities besides the engine's defaults.
    pub capabilities: &'static [&'static str],
    /// Security options.
    pub security_options: &'static [&'static str],
    /// Devices of the host.
    pub devices: &'static [&'static str],
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
    Own(&'static OwnEngine),
}

/// How to start, reach and recognise an engine that runs inside the outer container.
#[derive(Debug, PartialEq, Eq)]
pub struct OwnEngine {
    /// Whether it is podman's service.
    pub is_podman: bool,
    /// Path of the engine's socket in the container.
    pub socket: &'static str,
    /// Folder, a volume's mount point, that holds the second socket for clients beside the container.
    pub client_folder: &'static str,
    /// The user that the engine runs as, by number: what nest gives to it belongs to that user.
    pub user: u32,
    /// Path of the engine's data root in the container.
    pub data_root: &'static str,
    /// Folder in which the engine looks for certificates of registries' authorities, in one folder for each host.
    pub certificates_folder: &'static str,
    /// Path of the engine's `daemon.json` in the container; none for an engine that has no such file.
    pub daemon_file: Option<&'static str>,
    /// A command that reads a `daemon.json` on its standard input and fails where the engine does not start with it
    /// (<https://docs.docker.com/reference/cli/dockerd/#validate-configuration>); empty where there is none.
    pub daemon_check: &'static [&'static str],
    /// Path of the file in TOML that tells it of registries, where it has one for them
    /// (<https://github.com/containers/image/blob/main/docs/containers-registries.conf.d.5.md>).
    pub registries_file: Option<&'static str>,
    /// The program in the image that speaks with the engine.
    pub client: &'static str,
    /// The command that the container runs; flags given as the file's `command` are appended.
    pub daemon_command: &'static [&'static str],
    /// Variables of the container that lead commands in it to the engine, where they would not find it.
    pub environment: &'static [(&'static str, &'static str)],
    /// Command that joins its standard streams to the engine's socket.
    pub dial: &'static [&'static str],
    /// Variables for `dial`, so that nothing set in the image leads it to another engine.
    pub dial_environment: &'static [&'static str],
    /// What the container's log says when the engine listens.
    pub log_line: &'static str,
    /// How the image makes certificates for TLS; none where it makes none.
    pub certificates: Option<Certificates>,
    /// Folder on which the image mounts memory when it starts, so that mounts below it are hidden.
    pub memory_folder: Option<&'static str>,
    /// The lowest port that the engine can publish with the rights it has.
    pub lowest_port: u16,
    /// How long to wait for readiness where the file says nothing.
    pub ready_timeout: Duration,
    /// How long the engine may take to stop.
    pub stop_timeout: Duration,
    /// What a new data root takes of a seed; none where one engine's data root is not another's to copy.
    pub seed: Option<SeedFiles>,
}

/// What holds the images in an engine's data root.
#[derive(Debug, PartialEq, Eq)]
pub struct SeedFiles {
    /// The folders that hold the images, those that name them last. Folders that are not there are none.
    pub folders: &'static [&'static str],
    /// Folders, those or below them, with layers and contents, in which no file is ever written to again: such files may
    /// be shared.
    pub immutable: &'static [&'static str],
    /// Options of an overlay to which the attributes by which layers hide what is below them are as any other, each with a
    /// comma behind it (<https://docs.kernel.org/filesystems/overlayfs.html#user-xattr>).
    pub overlay_options: &'static str,
    /// Keys of `daemon.json` that say how images are kept.
    pub store_keys: &'static [&'static str],
    /// Keys of `daemon.json` that make the data root another's: with them there is no seed.
    pub foreign_keys: &'static [&'static str],
    /// Variables that say how images are kept.
    pub store_variables: &'static [&'static str],
}

/// How an image makes certificates for an engine that listens with TLS.
#[derive(Debug, PartialEq, Eq)]
pub struct Certificates {
    /// The variable that says where they are put.
    pub folder_variable: &'static str,
    /// The variable with further names, each with `DNS:` or `IP:` before it.
    pub names_variable: &'static str,
    /// The names that they hold always, besides the container's host name and addresses.
    pub names: &'static [&'static str],
}

/// Every mode, in the order in which they are documented.
pub const MODES: &[&Mode] = &[
    &socket::SOCKET,
    &dind::DIND,
    &rootless::ROOTLESS,
    &sysbox::SYSBOX,
    &podman::PODMAN,
];

impl OwnEngine {
    /// Path of the file that nest writes for it, where it has one.
    pub fn written_file(&self) -> Option<&'static str> {
        self.daemon_file.or(self.registries_file)
    }

    /// Whether it can ask a mirror in place of any registry. Docker's own setting serves Docker Hub only.
    pub fn mirrors_every_host(&self) -> bool {
        self.registries_file.is_some()
    }
}

impl Mode {
    /// The mode of this name, if there is one.
    pub fn named(name: &str) -> Option<&'static Mode> {
        MODES.iter().copied().find(|mode| mode.name == name)
    }

    /// The mode whose containers run under this runtime, if there is one.
    pub fn of_runtime(runtime: &str) -> Option<&'static Mode> {
        let runs_under = |mode: &&Mode| mode.runtime == Some(runtime);
        MODES.iter().copied().find(runs_under)
    }

    /// The description of the environment's own engine, or none where it shares the outer one.
    pub fn own_engine(&self) -> Option<&'static OwnEngine> {
        match &self.engine {
            ModeEngine::Own(engine) => Some(engine),
            ModeEngine::Shared { .. } => None,
        }
    }

    /// Path of the engine's socket in the container where the file does not say.
    pub fn socket(&self) -> &'static str {
        match &self.engine {
            ModeEngine::Own(engine) => engine.socket,
            ModeEngine::Shared { socket } => socket,
        }
    }
}
