//! The one door to the terminal: data goes to stdout, talk to stderr.

use std::fmt::Display;
use std::io::Write;

/// Writes a line that a script may read.
pub(crate) fn data(line: impl Display) {
    // A reader that went away is no reason to fail.
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Writes a line for the person who waits.
pub(crate) fn talk(line: impl Display) {
    let _ = writeln!(std::io::stderr(), "xtask: {line}");
}
