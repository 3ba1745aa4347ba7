//! The way into a container: a command there joins its standard streams to the engine's socket.
//!
//! It needs no port and no certificates, works over any outer transport, and recursively: a command started over a
//! tunnel is a tunnel. The engine passes standard input as it is and puts standard output into frames.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use http::Request;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::docker::transport::{Transport, TransportError};
use crate::docker::wire::Wire;

/// How much of what a tunnel's command says on standard error is kept.
const COMPLAINT_LIMIT: usize = 2048;

/// A command in a container that leads to an engine.
#[derive(Debug)]
pub(crate) struct Tunnel {
    /// The transport to the engine that the container runs on.
    pub(crate) parent: Arc<Transport>,
    /// The container's id.
    pub(crate) container_id: String,
    /// The command.
    pub(crate) command: Vec<String>,
    /// Its environment, as `NAME=value`.
    pub(crate) environment: Vec<String>,
}

impl Tunnel {
    /// Starts the command and joins it.
    pub(crate) async fn open(&self) -> Result<Wire, TransportError> {
        let exec = ExecRequest {
            attach_stdin: true,
            attach_stdout: true,
            attach_stderr: true,
            tty: false,
            env: &self.environment,
            cmd: &self.command,
        };
        let created: ExecCreated = self
            .parent
            .post(&format!("/containers/{}/exec", self.container_id), &exec)
            .await?;
        let (wire, early) = join_exec(&self.parent, &created.id, false).await?;
        Ok(Wire::Tunnel(Box::new(TunnelStream::new(wire, early))))
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ExecRequest<'a> {
    attach_stdin: bool,
    attach_stdout: bool,
    attach_stderr: bool,
    tty: bool,
    env: &'a [String],
    cmd: &'a [String],
}

#[derive(Deserialize)]
struct ExecCreated {
    #[serde(rename = "Id")]
    id: String,
}

/// Starts an exec and takes its streams over: the wire, and bytes that came with the answer.
pub(crate) async fn join_exec(
    transport: &Transport,
    exec_id: &str,
    tty: bool,
) -> Result<(Wire, Bytes), TransportError> {
    let body = format!("{{\"Detach\":false,\"Tty\":{tty}}}");
    let request = Request::post(format!("/exec/{exec_id}/start"));
    transport.take_over(request, "tcp", Bytes::from(body)).await
}

/// The head of a frame: which stream it belongs to, and how many bytes follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FrameHead {
    /// Whether it is standard error.
    pub(crate) is_error: bool,
    /// How many bytes follow.
    pub(crate) length: usize,
}

impl FrameHead {
    /// The size of a head.
    pub(crate) const SIZE: usize = 8;

    /// Reads a head.
    pub(crate) fn parse(bytes: [u8; Self::SIZE]) -> io::Result<Self> {
        let [stream, 0, 0, 0, length @ ..] = bytes else {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "the engine sent no frame where one was due",
            ));
        };
        Ok(Self {
            is_error: stream == 2,
            length: u32::from_be_bytes(length) as usize,
        })
    }
}

/// What a tunnel's command, or the engine in its place, said instead of an engine's answer.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Complaint(pub(crate) String);

impl Complaint {
    /// Whether there is no such command in the container, so that trying again is of no use.
    pub(crate) fn is_missing_command(&self) -> bool {
        self.0.contains("executable file not found")
            || self.0.contains("exec") && self.0.contains("no such file or directory")
    }
}

/// What a tunnel's standard output turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Opening {
    /// Nothing has come yet.
    Due,
    /// It began as HTTP answers do.
    Answer,
    /// It began otherwise.
    Complaint,
}

/// The standard streams of a tunnel's command as one stream.
#[derive(Debug)]
pub(crate) struct TunnelStream {
    wire: Wire,
    /// Bytes that came with the engine's answer to the exec.
    early: Bytes,
    /// The head of the next frame, as far as it has come.
    head: ([u8; FrameHead::SIZE], usize),
    /// The frame that is being read.
    frame: Option<FrameHead>,
    /// What the first byte of standard output showed.
    opening: Opening,
    /// What came on standard error, or in place of an answer.
    complaint: Vec<u8>,
}

impl TunnelStream {
    fn new(wire: Wire, early: Bytes) -> Self {
        Self {
            wire,
            early,
            head: ([0; FrameHead::SIZE], 0),
            frame: None,
            opening: Opening::Due,
            complaint: Vec::new(),
        }
    }

    fn poll_raw(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.early.is_empty() {
            return Pin::new(&mut self.wire).poll_read(context, buffer);
        }
        let count = self.early.len().min(buffer.remaining());
        buffer.put_slice(&self.early[..count]);
        self.early.advance(count);
        Poll::Ready(Ok(()))
    }

    /// Reads the head of the next frame; none at the end of the stream.
    fn poll_head(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Option<FrameHead>>> {
        loop {
            let (mut bytes, filled) = self.head;
            if filled == bytes.len() {
                self.head.1 = 0;
                return Poll::Ready(FrameHead::parse(bytes).map(Some));
            }
            let mut rest = ReadBuf::new(&mut bytes[filled..]);
            ready!(self.poll_raw(context, &mut rest))?;
            let count = rest.filled().len();
            if count == 0 {
                return Poll::Ready(Ok(None));
            }
            self.head = (bytes, filled + count);
        }
    }

    /// Reads what is no answer, so that it can be told.
    fn poll_complaint(
        &mut self,
        context: &mut Context<'_>,
        head: FrameHead,
    ) -> Poll<io::Result<()>> {
        let mut bytes = [0; 512];
        let wanted = bytes.len().min(head.length);
        let mut buffer = ReadBuf::new(&mut bytes[..wanted]);
        ready!(self.poll_raw(context, &mut buffer))?;
        let read = buffer.filled();
        let room = COMPLAINT_LIMIT.saturating_sub(self.complaint.len());
        self.complaint
            .extend_from_slice(&read[..read.len().min(room)]);
        let left = if read.is_empty() {
            0
        } else {
            head.length - read.len()
        };
        self.frame = Some(FrameHead {
            length: left,
            ..head
        });
        Poll::Ready(Ok(()))
    }

    /// The end of the stream, which is an error where the command complained.
    fn end(&mut self) -> io::Result<()> {
        if self.complaint.is_empty() {
            return Ok(());
        }
        let complaint = std::mem::take(&mut self.complaint);
        let text = String::from_utf8_lossy(&complaint).trim().to_owned();
        Err(io::Error::other(Complaint(text)))
    }
}

impl AsyncRead for TunnelStream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        loop {
            let head = match this.frame {
                Some(head) if head.length > 0 => head,
                _ => match ready!(this.poll_head(context))? {
                    Some(head) => {
                        this.frame = Some(head);
                        continue;
                    }
                    None => return Poll::Ready(this.end()),
                },
            };
            // What the engine itself has to say about an exec that failed comes on standard output too.
            if head.is_error || this.opening == Opening::Complaint {
                ready!(this.poll_complaint(context, head))?;
                continue;
            }
            let wanted = buffer.remaining().min(head.length);
            let mut part = ReadBuf::new(buffer.initialize_unfilled_to(wanted));
            ready!(this.poll_raw(context, &mut part))?;
            let read = part.filled();
            let count = read.len();
            if this.opening == Opening::Due && read.first().is_some_and(|first| *first != b'H') {
                this.opening = Opening::Complaint;
                this.complaint
                    .extend_from_slice(&read[..count.min(COMPLAINT_LIMIT)]);
                this.frame = Some(FrameHead {
                    length: head.length - count,
                    ..head
                });
                continue;
            }
            if count == 0 {
                return Poll::Ready(this.end());
            }
            this.opening = Opening::Answer;
            this.frame = Some(FrameHead {
                length: head.length - count,
                ..head
            });
            buffer.advance(count);
            return Poll::Ready(Ok(()));
        }
    }
}

impl AsyncWrite for TunnelStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.wire).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.wire).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::{TcpListener, TcpStream};

    use crate::docker::tunnel::TunnelStream;
    use crate::docker::wire::Wire;

    fn frame(stream: u8, text: &str) -> Vec<u8> {
        let length = u32::try_from(text.len())
            .expect("a short text")
            .to_be_bytes();
        [&[stream, 0, 0, 0][..], &length, text.as_bytes()].concat()
    }

    /// What comes out where `sent` goes in, `early` of it with the engine's answer, the rest byte by byte.
    async fn read(sent: Vec<u8>, early: usize) -> Result<String, String> {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let sending = async {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            for byte in &sent[early..] {
                stream.write_all(&[*byte]).await.expect("it is read");
            }
        };
        let reading = async {
            let wire = Wire::Tcp(TcpStream::connect(address).await.expect("a connection"));
            let mut stream = TunnelStream::new(wire, Bytes::copy_from_slice(&sent[..early]));
            let mut text = String::new();
            match stream.read_to_string(&mut text).await {
                Ok(_) => Ok(text),
                Err(error) => Err(error.to_string()),
            }
        };
        tokio::join!(sending, reading).1
    }

    #[tokio::test]
    async fn frames_are_taken_apart_wherever_they_break() {
        let sent = [frame(1, "HTTP/1.1 "), frame(1, ""), frame(1, "200 OK")].concat();
        for early in 0..sent.len() {
            assert_eq!(
                read(sent.clone(), early).await,
                Ok("HTTP/1.1 200 OK".to_owned())
            );
        }
    }

    #[tokio::test]
    async fn what_is_no_answer_is_an_error_that_says_it() {
        let refused = frame(1, "OCI runtime exec failed: no docker\r\n");
        assert_eq!(
            read(refused, 0).await,
            Err("OCI runtime exec failed: no docker".to_owned())
        );
        let complaint = frame(2, "cannot connect\n");
        assert_eq!(read(complaint, 3).await, Err("cannot connect".to_owned()));
        assert!(read(b"HTTP/1.1 200 OK".to_vec(), 0).await.is_err());
    }
}
