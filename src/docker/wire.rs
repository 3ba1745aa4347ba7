//! A stream of bytes to an engine, whatever carries it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;
use tokio_rustls::client::TlsStream;

use crate::docker::ssh::SshStream;
use crate::docker::tunnel::TunnelStream;

/// A stream of bytes to an engine.
#[derive(Debug)]
pub(crate) enum Wire {
    /// A socket on this machine.
    #[cfg(unix)]
    Unix(UnixStream),
    /// A TCP connection.
    Tcp(TcpStream),
    /// TLS over a TCP connection.
    Tls(Box<TlsStream<TcpStream>>),
    /// The standard streams of a command on another machine.
    Ssh(Box<SshStream>),
    /// The standard streams of a command in a container.
    Tunnel(Box<TunnelStream>),
}

/// Calls the same method of whatever carries the stream.
macro_rules! carried {
    ($wire:expr, $stream:ident => $call:expr) => {
        match $wire.get_mut() {
            #[cfg(unix)]
            Wire::Unix(stream) => {
                let $stream = Pin::new(stream);
                $call
            }
            Wire::Tcp(stream) => {
                let $stream = Pin::new(stream);
                $call
            }
            Wire::Tls(stream) => {
                let $stream = Pin::new(stream.as_mut());
                $call
            }
            Wire::Ssh(stream) => {
                let $stream = Pin::new(stream.as_mut());
                $call
            }
            Wire::Tunnel(stream) => {
                let $stream = Pin::new(stream.as_mut());
                $call
            }
        }
    };
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        carried!(self, stream => stream.poll_read(context, buffer))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        carried!(self, stream => stream.poll_write(context, bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        carried!(self, stream => stream.poll_write_vectored(context, slices))
    }

    /// Most of them do: a request's body reaches the socket without being copied together first.
    fn is_write_vectored(&self) -> bool {
        !matches!(self, Wire::Ssh(_))
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        carried!(self, stream => stream.poll_flush(context))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        carried!(self, stream => stream.poll_shutdown(context))
    }
}
