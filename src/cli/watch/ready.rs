//! Telling others that the engines are as the file declares, so that they can wait for it.

use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use crate::cli::args::WatchArguments;
use crate::cli::error::CommandError;
use crate::cli::options::Options;

/// Who waits, until they are told.
#[derive(Debug)]
pub(crate) struct Ready {
    descriptor: Option<PathBuf>,
    file: Option<PathBuf>,
    /// The socket of the service manager, as systemd names it to its services.
    manager: Option<String>,
    told: bool,
}

impl Ready {
    /// Who waits. A file of an earlier run is removed.
    pub(crate) fn new(arguments: &WatchArguments, options: &Options) -> Result<Self, CommandError> {
        let descriptor = arguments.ready_fd;
        let descriptor = descriptor.map(|number| PathBuf::from(format!("/dev/fd/{number}")));
        let file = arguments.ready_file.as_ref();
        let file = file.map(|file| options.working_folder.join(file));
        if let Some(path) = &descriptor {
            open(path).map_err(|source| failed(path, source))?;
        }
        if let Some(path) = &file {
            match std::fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(failed(path, error));
                }
                _ => {}
            }
        }
        Ok(Self {
            descriptor,
            file,
            manager: options.variables.get("NOTIFY_SOCKET").cloned(),
            told: false,
        })
    }

    /// Tells everybody, the first time.
    pub(crate) fn tell(&mut self) -> Result<(), CommandError> {
        if std::mem::replace(&mut self.told, true) {
            return Ok(());
        }
        if let Some(path) = &self.descriptor {
            let written = open(path).and_then(|mut file| file.write_all(b"ready\n"));
            written.map_err(|source| failed(path, source))?;
        }
        if let Some(path) = &self.file {
            std::fs::write(path, "ready\n").map_err(|source| failed(path, source))?;
        }
        if let Some(name) = &self.manager {
            let sent = send(name, b"READY=1\nSTATUS=in step with the file\n");
            sent.map_err(|source| failed(Path::new(name), source))?;
        }
        Ok(())
    }
}

impl Drop for Ready {
    fn drop(&mut self) {
        if let Some(path) = self.file.as_ref().filter(|_| self.told) {
            let _ = std::fs::remove_file(path);
        }
    }
}

/// Opens a descriptor that nest was started with once more: what is written goes where that one leads. A pipe that nobody
/// reads any more is an error, and is not waited for.
fn open(path: &Path) -> io::Result<std::fs::File> {
    std::fs::File::options()
        .append(true)
        .custom_flags(OFlags::NONBLOCK.bits().cast_signed())
        .open(path)
}

/// Sends to a socket by its path, or by its name where that begins with `@`
/// (<https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html>).
fn send(name: &str, message: &[u8]) -> io::Result<()> {
    let address = match name.strip_prefix('@') {
        Some(name) => without_path(name)?,
        None => SocketAddr::from_pathname(name)?,
    };
    let socket = UnixDatagram::unbound()?;
    socket.send_to_addr(message, &address)?;
    Ok(())
}

#[cfg(target_os = "linux")]
fn without_path(name: &str) -> io::Result<SocketAddr> {
    <SocketAddr as std::os::linux::net::SocketAddrExt>::from_abstract_name(name)
}

#[cfg(not(target_os = "linux"))]
fn without_path(_name: &str) -> io::Result<SocketAddr> {
    Err(io::ErrorKind::Unsupported.into())
}

fn failed(path: &Path, source: io::Error) -> CommandError {
    CommandError::File {
        path: path.to_owned(),
        attempt: "write",
        source,
    }
}
