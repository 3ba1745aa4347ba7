//! The terminal that nest runs in: raw while a command inside has it, and its size.

use std::io::IsTerminal as _;

use rustix::process::getpgrp;
use rustix::termios::{
    LocalModes, OptionalActions, Termios, tcgetattr, tcgetpgrp, tcgetwinsize, tcsetattr,
};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::{Receiver, channel};

use crate::docker::TerminalSize;

/// A terminal in raw mode: every key goes to the command inside. It is put back when this is dropped.
#[derive(Debug)]
pub(crate) struct RawTerminal {
    before: Termios,
}

impl RawTerminal {
    /// Puts the terminal of standard input in raw mode. None where it has none.
    pub(crate) fn enter() -> Option<Self> {
        let before = tcgetattr(std::io::stdin()).ok()?;
        let mut raw = before.clone();
        raw.make_raw();
        tcsetattr(std::io::stdin(), OptionalActions::Now, &raw).ok()?;
        Some(Self { before })
    }
}

impl Drop for RawTerminal {
    fn drop(&mut self) {
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Drain, &self.before);
    }
}

/// Whether a command can have a terminal: both ends of nest's own are one.
pub(crate) fn is_there() -> bool {
    std::io::stdin().is_terminal() && std::io::stdout().is_terminal()
}

/// The size of the terminal.
pub(crate) fn size() -> TerminalSize {
    tcgetwinsize(std::io::stdout()).map_or(
        TerminalSize {
            rows: 24,
            columns: 80,
        },
        |size| TerminalSize {
            rows: size.ws_row,
            columns: size.ws_col,
        },
    )
}

/// The sizes that the terminal takes from now on.
pub(crate) fn resizes() -> Option<Receiver<TerminalSize>> {
    let mut changed = signal(SignalKind::window_change()).ok()?;
    let (sender, receiver) = channel(1);
    tokio::spawn(async move {
        while changed.recv().await.is_some() {
            if sender.send(size()).await.is_err() {
                break;
            }
        }
    });
    Some(receiver)
}

/// A terminal whose keys are read one by one, unseen; Ctrl-C still interrupts. It is put back when this is dropped.
#[derive(Debug)]
pub(crate) struct KeyTerminal {
    before: Termios,
    /// The keys.
    pub(crate) input: tokio::io::Stdin,
}

impl KeyTerminal {
    /// Reads keys of standard input's terminal. None where it has none, or where it belongs to another job of the shell.
    pub(crate) fn enter() -> Option<Self> {
        let stdin = std::io::stdin();
        let own_job = tcgetpgrp(&stdin).ok()? == getpgrp();
        let before = tcgetattr(&stdin).ok().filter(|_| own_job)?;
        let mut keys = before.clone();
        keys.local_modes
            .remove(LocalModes::ICANON | LocalModes::ECHO);
        tcsetattr(&stdin, OptionalActions::Now, &keys).ok()?;
        let input = tokio::io::stdin();
        Some(Self { before, input })
    }
}

impl Drop for KeyTerminal {
    fn drop(&mut self) {
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &self.before);
    }
}
