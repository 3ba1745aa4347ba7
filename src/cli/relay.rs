//! An engine served on a socket of this machine, and programs that use it.

use std::io;
#[cfg(not(target_os = "linux"))]
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitStatus as ProcessStatus;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
#[cfg(target_os = "linux")]
use rustix::fs::{Mode, fchmod};
use tempfile::TempDir;
use tokio::io::copy_bidirectional;
use tokio::net::{UnixListener, UnixSocket, UnixStream};
use tokio::process::{Child, Command};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::cli::error::CommandError;
use crate::cli::exit_status::ExitStatus;
use crate::docker::Docker;
use crate::report::failure::with_causes;
use crate::resource::engine_path::EnginePath;

/// What else leads a docker client to an engine; none of it may outdo the socket.
const OTHER_WAYS: [&str; 4] = [
    "DOCKER_CONTEXT",
    "DOCKER_TLS",
    "DOCKER_TLS_VERIFY",
    "DOCKER_CERT_PATH",
];

/// How many connections may wait to be taken.
const BACKLOG: u32 = 1024;

/// A socket that leads to an engine. It goes when this is dropped.
pub(crate) struct Relay {
    listener: UnixListener,
    path: PathBuf,
    _folder: Option<TempDir>,
}

impl Relay {
    /// Opens a socket that only this user can connect to, at `path`, or else in a folder of its own.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self, CommandError> {
        let (path, folder) = if let Some(path) = path {
            (path.to_owned(), None)
        } else {
            let folder = tempfile::Builder::new().prefix("nest-").tempdir();
            let folder = folder.map_err(|error| failed(Path::new("docker.sock"), error))?;
            (folder.path().join("docker.sock"), Some(folder))
        };
        remove_dead_socket(&path);
        let listener = bind(&path).map_err(|error| failed(&path, error))?;
        Ok(Self {
            listener,
            path,
            _folder: folder,
        })
    }

    /// What `DOCKER_HOST` must be.
    pub(crate) fn endpoint(&self) -> String {
        format!("unix://{}", self.path.display())
    }

    /// Serves until it is dropped. What goes wrong with one connection is told and ends that one only.
    pub(crate) async fn serve(&self, docker: &Docker, engine: &EnginePath, tell: &dyn Fn(&str)) {
        let mut connections = FuturesUnordered::new();
        loop {
            tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => connections.push(carry(docker, engine, stream, tell)),
                    Err(error) => tell(&format!("a connection was lost: {error}")),
                },
                Some(()) = connections.next() => {}
            }
        }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _gone = std::fs::remove_file(&self.path);
    }
}

/// Makes a socket that nobody else can connect to at any time.
fn bind(path: &Path) -> io::Result<UnixListener> {
    let socket = UnixSocket::new_stream()?;
    // Here a socket's file is made with the socket's own mode.
    #[cfg(target_os = "linux")]
    fchmod(&socket, Mode::RUSR | Mode::WUSR)?;
    socket.bind(path)?;
    // Elsewhere the file gets its mode late, but before anybody is listened to.
    #[cfg(not(target_os = "linux"))]
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    socket.listen(BACKLOG)
}

fn failed(path: &Path, source: io::Error) -> CommandError {
    CommandError::File {
        path: path.to_owned(),
        attempt: "make a socket at",
        source,
    }
}

/// Removes a socket at which nobody listens any more.
fn remove_dead_socket(path: &Path) {
    use std::os::unix::fs::FileTypeExt as _;
    let is_socket = path
        .symlink_metadata()
        .is_ok_and(|it| it.file_type().is_socket());
    let answer = std::os::unix::net::UnixStream::connect(path);
    let is_dead = answer.is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused);
    if is_socket && is_dead {
        let _gone = std::fs::remove_file(path);
    }
}

async fn carry(docker: &Docker, engine: &EnginePath, mut near: UnixStream, tell: &dyn Fn(&str)) {
    match docker.stream(engine).await {
        // That one end hangs up is how connections end.
        Ok(mut far) => drop(copy_bidirectional(&mut near, &mut far).await),
        Err(error) => tell(&with_causes(&error)),
    }
}

/// A command of this machine whose docker clients use the engine at the endpoint.
pub(crate) fn client(program: &str, arguments: &[String], endpoint: &str) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).env("DOCKER_HOST", endpoint);
    for variable in OTHER_WAYS {
        command.env_remove(variable);
    }
    command
}

/// Waits for a command of this machine. It gets Ctrl-C from the terminal, as nest does, and what nest is sent.
pub(crate) async fn wait(mut child: Child) -> io::Result<ExitStatus> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    let id = child.id().and_then(|id| i32::try_from(id).ok());
    let id = id.and_then(rustix::process::Pid::from_raw);
    loop {
        let sent = tokio::select! {
            status = child.wait() => return status.map(code),
            () = received(&mut interrupt) => None,
            () = received(&mut terminate) => Some(rustix::process::Signal::TERM),
            () = received(&mut hang_up) => Some(rustix::process::Signal::HUP),
        };
        if let (Some(id), Some(sent)) = (id, sent) {
            let _sent = rustix::process::kill_process(id, sent);
        }
    }
}

async fn received(signal: &mut Signal) {
    if signal.recv().await.is_none() {
        std::future::pending::<()>().await;
    }
}

/// The code that a shell would give.
fn code(status: ProcessStatus) -> ExitStatus {
    use std::os::unix::process::ExitStatusExt as _;
    let code = status.code().or(status.signal().map(|signal| 128 + signal));
    let code = code.and_then(|code| u8::try_from(code).ok());
    ExitStatus::Command(code.unwrap_or(u8::MAX))
}
