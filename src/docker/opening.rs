//! The first words of a command's output, held back until it is clear that they are the command's own.
//!
//! What the engine says of a command that it could not start comes on the command's own output. Where it can be started
//! again, nobody is to have seen that.

use std::io;

use tokio::io::{AsyncWrite, AsyncWriteExt as _};

/// How the engine begins.
const ENGINE: &[u8] = b"OCI runtime exec failed";
/// The most that is held back; the engine says less.
const MOST: usize = 4096;

/// Output on its way, the beginning of which may be held back.
pub(crate) struct Opening<'w, W> {
    target: &'w mut W,
    held: Vec<u8>,
    is_open: bool,
}

impl<'w, W: AsyncWrite + Unpin> Opening<'w, W> {
    pub(crate) fn new(target: &'w mut W) -> Self {
        Self {
            target,
            held: Vec::new(),
            is_open: true,
        }
    }

    /// Takes the next piece of output.
    pub(crate) async fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        if !self.is_open {
            return self.target.write_all(piece).await;
        }
        self.held.extend_from_slice(piece);
        let compared = ENGINE.len().min(self.held.len());
        self.is_open = self.held[..compared] == ENGINE[..compared] && self.held.len() <= MOST;
        if self.is_open {
            return Ok(());
        }
        let held = std::mem::take(&mut self.held);
        self.target.write_all(&held).await
    }

    /// What is held back, at the end of all output; none if all went on.
    pub(crate) fn into_held(self) -> Vec<u8> {
        self.held
    }

    /// Hands on what need not be held.
    pub(crate) async fn flush(&mut self) -> io::Result<()> {
        self.target.flush().await
    }
}

#[cfg(test)]
mod tests {
    use crate::docker::opening::Opening;

    async fn sent_and_held(pieces: &[&str]) -> (String, String) {
        let mut sent = Vec::new();
        let mut opening = Opening::new(&mut sent);
        for piece in pieces {
            opening
                .write(piece.as_bytes())
                .await
                .expect("memory takes all");
        }
        let held = opening.into_held();
        let text = |bytes| String::from_utf8(bytes).expect("it is text");
        (text(sent), text(held))
    }

    #[tokio::test]
    async fn only_what_the_engine_says_is_held() {
        let both = |sent: &str, held: &str| (sent.to_owned(), held.to_owned());
        assert_eq!(sent_and_held(&["Off", "er"]).await, both("Offer", ""));
        assert_eq!(
            sent_and_held(&["O", "CI", " image"]).await,
            both("OCI image", "")
        );
        let said = "OCI runtime exec failed: read init-p";
        assert_eq!(
            sent_and_held(&[&said[..7], &said[7..]]).await,
            both("", said)
        );
        let long = format!("{said}{}", "x".repeat(5000));
        assert_eq!(sent_and_held(&[&long]).await, both(&long, ""));
    }
}
