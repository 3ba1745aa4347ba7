//! The streams of a program in a container, joined to those of a user.

use std::cell::Cell;
use std::convert::Infallible;
use std::future::pending;
use std::io::{self, Cursor};

use bytes::Bytes;
use tokio::io::{
    AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadHalf, WriteHalf, split,
};

use crate::docker::opening::Opening;
use crate::docker::tunnel::FrameHead;
use crate::docker::wire::Wire;

/// How much output is moved at a time.
const PIECE: usize = 32 * 1024;

/// What is left when a program has said all.
pub(crate) struct Carried {
    /// What may be the engine's own words about a program that it did not start, not handed on yet.
    pub(crate) held: Vec<u8>,
    /// Whether some of the input is gone.
    pub(crate) has_read: bool,
}

/// Carries what a program reads and says, until it has said all: over the wire, and the bytes that came with it. What
/// tells it the sizes of the terminal goes on meanwhile.
pub(crate) async fn carry(
    (wire, early): (Wire, Bytes),
    has_terminal: bool,
    (stdin, stdout, stderr): (
        Option<&mut (impl AsyncRead + Unpin)>,
        &mut (impl AsyncWrite + Unpin),
        &mut (impl AsyncWrite + Unpin),
    ),
    resized: impl Future<Output = Infallible>,
) -> io::Result<Carried> {
    let (from_program, to_program) = split(wire);
    let mut stdout = Opening::new(stdout);
    let has_read = Cell::new(false);
    let output = tokio::select! {
        output = copy_output(from_program, early, has_terminal, &mut stdout, stderr) => output,
        never = copy_input(stdin, to_program, &has_read) => match never {},
        never = resized => match never {},
    };
    let held = stdout.into_held();
    output?;
    Ok(Carried {
        held,
        has_read: has_read.get(),
    })
}

/// Moves what the program says until it has ended. Without a terminal it comes in frames.
async fn copy_output(
    from_program: ReadHalf<Wire>,
    early: Bytes,
    has_terminal: bool,
    stdout: &mut Opening<'_, impl AsyncWrite + Unpin>,
    stderr: &mut (impl AsyncWrite + Unpin),
) -> io::Result<()> {
    let mut said = Cursor::new(early).chain(from_program);
    let mut piece = vec![0; PIECE];
    if has_terminal {
        loop {
            let count = said.read(&mut piece).await?;
            if count == 0 {
                return Ok(());
            }
            stdout.write(&piece[..count]).await?;
            stdout.flush().await?;
        }
    }
    loop {
        let mut head = [0; FrameHead::SIZE];
        match said.read_exact(&mut head).await {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            read => read?,
        };
        let head = FrameHead::parse(head)?;
        let mut left = head.length;
        while left > 0 {
            let wanted = left.min(piece.len());
            let count = said.read(&mut piece[..wanted]).await?;
            if count == 0 {
                return Ok(());
            }
            if head.is_error {
                stderr.write_all(&piece[..count]).await?;
            } else {
                stdout.write(&piece[..count]).await?;
            }
            left -= count;
        }
        if head.is_error {
            stderr.flush().await?;
        } else {
            stdout.flush().await?;
        }
    }
}

/// Moves what the program reads. It may end without having read all of it, so that a failure here says nothing, and
/// this never ends by itself.
async fn copy_input(
    stdin: Option<&mut (impl AsyncRead + Unpin)>,
    mut to_program: WriteHalf<Wire>,
    has_read: &Cell<bool>,
) -> Infallible {
    if let Some(stdin) = stdin
        && move_input(stdin, &mut to_program, has_read).await.is_ok()
    {
        // Ends what the program reads; what it says still comes.
        let _closed = to_program.shutdown().await;
    }
    pending().await
}

async fn move_input(
    stdin: &mut (impl AsyncRead + Unpin),
    to_program: &mut (impl AsyncWrite + Unpin),
    has_read: &Cell<bool>,
) -> io::Result<()> {
    let mut piece = vec![0; PIECE];
    loop {
        let count = stdin.read(&mut piece).await?;
        if count == 0 {
            return Ok(());
        }
        has_read.set(true);
        to_program.write_all(&piece[..count]).await?;
        to_program.flush().await?;
    }
}
