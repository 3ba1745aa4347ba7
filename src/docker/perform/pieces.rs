//! What is written beside the runtime, handed over piece by piece while the engine takes it.

use std::io::{self, BufWriter, Write};

use bytes::Bytes;
use futures_util::{Stream, stream};
use tokio::sync::mpsc;

/// How much is sent at a time.
const PIECE: usize = 256 * 1024;
/// How many such pieces are made before the engine takes them.
const PIECES_AHEAD: usize = 4;

/// What writes, and where to.
pub(super) type Pieces = BufWriter<Sender>;

/// The pieces that `write` writes. An error of its own is the last of them.
pub(super) fn pieces<W>(write: W) -> impl Stream<Item = io::Result<Bytes>> + Send + use<W>
where
    W: FnOnce(Pieces) -> io::Result<()> + Send + 'static,
{
    let (sender, mut receiver) = mpsc::channel(PIECES_AHEAD);
    tokio::task::spawn_blocking(move || {
        let pieces = BufWriter::with_capacity(PIECE, Sender(sender.clone()));
        if let Err(error) = write(pieces) {
            // Where nobody listens any more, there is nobody to tell.
            drop(sender.blocking_send(Err(error)));
        }
    });
    stream::poll_fn(move |context| receiver.poll_recv(context))
}

/// Hands over what is written, piece by piece.
pub(super) struct Sender(mpsc::Sender<io::Result<Bytes>>);

impl Write for Sender {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let piece = Ok(Bytes::copy_from_slice(bytes));
        match self.0.blocking_send(piece) {
            Ok(()) => Ok(bytes.len()),
            Err(_) => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
