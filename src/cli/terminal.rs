//! The terminal that nest runs in: raw while a command inside has it, and its size.

use std::io::IsTerminal as _;

use rustix::process::{getpgrp, getpid, kill_process};
use rustix::termios::{
    LocalModes, OptionalActions, Termios, tcgetattr, tcgetpgrp, tcgetwinsize, tcsetattr,
};
use tokio::io::AsyncReadExt as _;
use tokio::signal::unix::{Signal, SignalKind, signal};
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

/// A terminal whose keys are read one by one, unseen; Ctrl-C still interrupts. It is put back when this is dropped, and
/// while nest is stopped, as by Ctrl-Z.
#[derive(Debug)]
pub(crate) struct KeyTerminal {
    before: Termios,
    keys: Termios,
    input: tokio::io::Stdin,
    stops: Signal,
}

impl KeyTerminal {
    /// Reads keys of standard input's terminal. None where it has none, or where it belongs to another job of the shell.
    pub(crate) fn enter() -> Option<Self> {
        let stdin = std::io::stdin();
        let before = tcgetattr(&stdin).ok().filter(|_| is_own())?;
        let mut keys = before.clone();
        keys.local_modes
            .remove(LocalModes::ICANON | LocalModes::ECHO);
        let stop = SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw());
        let entered = Self {
            before,
            keys,
            input: tokio::io::stdin(),
            stops: signal(stop).ok()?,
        };
        set(&entered.keys).then_some(entered)
    }

    /// The next key.
    pub(crate) async fn pressed(&mut self) -> u8 {
        loop {
            let mut byte = [0];
            tokio::select! {
                read = self.input.read(&mut byte) => match read {
                    Ok(1) => return byte[0],
                    // Nobody presses keys any more.
                    _ => std::future::pending().await,
                },
                _ = self.stops.recv() => self.stop(),
            }
        }
    }

    /// Stops nest, and leaves the terminal to the shell until it goes on.
    fn stop(&self) {
        set(&self.before);
        // It is this thread that gets it, since it is the first one: what follows happens when nest goes on.
        let _ = kill_process(getpid(), rustix::process::Signal::STOP);
        if is_own() {
            set(&self.keys);
        }
    }
}

/// Sets the modes of standard input's terminal. Whether it has one.
fn set(modes: &Termios) -> bool {
    tcsetattr(std::io::stdin(), OptionalActions::Now, modes).is_ok()
}

/// Whether standard input's terminal is for nest, and not for another job of the shell.
fn is_own() -> bool {
    tcgetpgrp(std::io::stdin()).is_ok_and(|job| job == getpgrp())
}

impl Drop for KeyTerminal {
    fn drop(&mut self) {
        if is_own() {
            set(&self.before);
        }
    }
}
