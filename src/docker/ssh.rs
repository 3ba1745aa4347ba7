//! An engine on another machine, as the docker CLI reaches it: ssh starts the CLI there, which joins its standard streams
//! to the engine's socket. Names, keys and jumps are ssh's business.

use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::process::Stdio;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::task::JoinHandle;

use crate::docker::endpoint::SshAddress;
use crate::docker::tunnel::Complaint;

/// How much of what ssh says on standard error is kept, in bytes.
const COMPLAINT_LIMIT: u64 = 4096;

/// Starts ssh.
pub(crate) fn open(address: &SshAddress) -> io::Result<SshStream> {
    let mut command = Command::new("ssh");
    command.args(["-o", "ConnectTimeout=30", "-T"]);
    if let Some(user) = &address.user {
        command.args(["-l", user]);
    }
    if let Some(port) = address.port {
        command.args(["-p", &port.to_string()]);
    }
    command.args(["--", &address.host, "docker"]);
    if let Some(socket) = &address.socket {
        // The shell there reads it.
        command.arg(format!("--host='unix://{socket}'"));
    }
    command
        .args(["system", "dial-stdio"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let started = command.spawn().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => {
            io::Error::other(Complaint("there is no `ssh` on this machine".to_owned()))
        }
        _ => error,
    });
    let mut child = started?;
    let (Some(stdin), Some(stdout), Some(stderr)) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err(io::ErrorKind::BrokenPipe.into());
    };
    Ok(SshStream {
        _child: child,
        stdin: Some(stdin),
        stdout,
        complaint: Some(tokio::spawn(listen(stderr))),
    })
}

/// Reads what ssh has to say to its end, and keeps the beginning.
async fn listen(mut stderr: ChildStderr) -> String {
    let mut said = Vec::new();
    let mut beginning = (&mut stderr).take(COMPLAINT_LIMIT);
    // What was said before it broke is said.
    let _broken = beginning.read_to_end(&mut said).await;
    let _broken = tokio::io::copy(&mut stderr, &mut tokio::io::sink()).await;
    String::from_utf8_lossy(&said).trim().to_owned()
}

/// The standard streams of ssh as one stream. It ends with the stream.
#[derive(Debug)]
pub(crate) struct SshStream {
    /// Killed when it is dropped.
    _child: Child,
    /// Until the stream is shut down.
    stdin: Option<ChildStdin>,
    stdout: ChildStdout,
    /// What it says on standard error, until that is told.
    complaint: Option<JoinHandle<String>>,
}

impl AsyncRead for SshStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stdout).poll_read(context, buffer))?;
        if buffer.filled().len() > before {
            return Poll::Ready(Ok(()));
        }
        // The end: with a reason, where there is one.
        let Some(complaint) = &mut self.complaint else {
            return Poll::Ready(Ok(()));
        };
        let said = ready!(Pin::new(complaint).poll(context)).unwrap_or_default();
        self.complaint = None;
        Poll::Ready(if said.is_empty() {
            Ok(())
        } else {
            Err(io::Error::other(Complaint(said)))
        })
    }
}

impl AsyncWrite for SshStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.stdin {
            Some(stdin) => Pin::new(stdin).poll_write(context, bytes),
            None => Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stdin {
            Some(stdin) => Pin::new(stdin).poll_flush(context),
            None => Poll::Ready(Ok(())),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Some(stdin) = &mut self.stdin {
            ready!(Pin::new(stdin).poll_flush(context))?;
        }
        // Only a pipe that is closed tells the other end.
        self.stdin = None;
        Poll::Ready(Ok(()))
    }
}
