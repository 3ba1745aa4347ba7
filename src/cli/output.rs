//! The one door to standard output and standard error. Standard output is data, standard error is everything else.

use std::io::{ErrorKind, IsTerminal as _, Write as _};
use std::sync::{Arc, OnceLock};

use anstream::AutoStream;
use clap::ColorChoice;

use crate::cli::args::GlobalArguments;
use crate::cli::exit_status::ExitStatus;
use crate::report::words;

/// Where a command's text goes.
#[derive(Debug, Clone)]
pub struct Output {
    choice: anstream::ColorChoice,
    quiet: bool,
    /// Whether nest's own bookkeeping is told too.
    pub verbose: bool,
    /// Why some data could not be written.
    lost: Arc<OnceLock<String>>,
}

impl Output {
    /// The output that the arguments ask for.
    pub fn new(arguments: &GlobalArguments) -> Self {
        let choice = match arguments.color {
            ColorChoice::Auto => anstream::ColorChoice::Auto,
            ColorChoice::Always => anstream::ColorChoice::Always,
            ColorChoice::Never => anstream::ColorChoice::Never,
        };
        Self {
            choice,
            quiet: arguments.quiet,
            verbose: arguments.verbose,
            lost: Arc::default(),
        }
    }

    /// The same, for errors and results only.
    pub(super) fn quiet(&self) -> Self {
        Self {
            quiet: true,
            ..self.clone()
        }
    }

    /// Writes data. That nobody reads it any more is no error; what else goes wrong is told when the command ends.
    pub fn data(&self, text: &str) {
        self.write(
            AutoStream::new(std::io::stdout(), self.choice),
            text.as_bytes(),
        );
    }

    /// Writes data that is somebody else's, as it stands.
    pub(super) fn pass_on(&self, bytes: &[u8]) {
        self.write(std::io::stdout(), bytes);
    }

    fn write(&self, mut stream: impl std::io::Write, bytes: &[u8]) {
        let written = stream.write_all(bytes).and_then(|()| stream.flush());
        if let Err(error) = written
            && error.kind() != ErrorKind::BrokenPipe
        {
            // The first reason counts.
            let _ = self.lost.set(error.to_string());
        }
    }

    /// Tells that data was lost, if some was; how a command ends that would have ended so.
    pub(super) fn ended(&self, status: ExitStatus) -> ExitStatus {
        let Some(reason) = self.lost.get() else {
            return status;
        };
        self.error(&format!("cannot write to standard output: {reason}"));
        match status {
            ExitStatus::Success | ExitStatus::Changes => ExitStatus::Failed,
            other => other,
        }
    }

    /// Writes what is no data, unless the user wants quiet.
    pub fn talk(&self, text: &str) {
        if !self.quiet {
            self.insist(text);
        }
    }

    /// Writes what is no data, however quiet the user wants it.
    pub fn insist(&self, text: &str) {
        let _ = AutoStream::new(std::io::stderr(), self.choice).write_all(text.as_bytes());
    }

    /// Writes an error of one line.
    pub fn error(&self, message: &str) {
        self.insist(&format!("error: {}\n", words::escaped(message)));
    }

    /// Whether standard error has colours.
    pub fn has_color(&self) -> bool {
        match self.choice {
            anstream::ColorChoice::Auto => {
                AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never
            }
            choice => choice != anstream::ColorChoice::Never,
        }
    }

    /// Whether lines of standard error can be drawn over.
    pub fn is_live(&self) -> bool {
        !self.quiet && std::io::stderr().is_terminal()
    }

    /// How many columns standard error has.
    pub fn width(&self) -> usize {
        let size = rustix::termios::tcgetwinsize(std::io::stderr()).ok();
        size.map(|size| usize::from(size.ws_col))
            .filter(|columns| *columns >= 40)
            .unwrap_or(100)
    }
}

/// Prints help or what is wrong with the command line.
pub fn usage(message: &clap::Error) -> ExitStatus {
    let _ = message.print();
    if message.use_stderr() {
        ExitStatus::Failed
    } else {
        ExitStatus::Success
    }
}
