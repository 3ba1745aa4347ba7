//! Colours. All of them are stripped where the output has none, so text must read well without.

use std::fmt;

use anstyle::{AnsiColor, Style};

/// What is made.
pub(crate) const ADD: Style = AnsiColor::Green.on_default();
/// What changes.
pub(crate) const CHANGE: Style = AnsiColor::Yellow.on_default();
/// What goes, and what fails.
pub(crate) const REMOVE: Style = AnsiColor::Red.on_default();
/// Headings.
pub(crate) const BOLD: Style = Style::new().bold();
/// What matters less.
pub(crate) const DIM: Style = Style::new().dimmed();

/// Text in a style.
pub(crate) fn styled(style: Style, text: impl fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}
