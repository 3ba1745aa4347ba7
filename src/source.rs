//! Text with a place: files as they were read, and spans in them.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A range of bytes in a source text.
pub type Span = Range<usize>;

/// A file as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceText {
    /// The path as the user would write it.
    pub path: PathBuf,
    /// The text.
    pub text: Arc<str>,
}

/// Where files come from: a folder, a git revision, or a test's table.
pub trait Files {
    /// Reads a file whole.
    fn read(&self, path: &Path) -> std::io::Result<Vec<u8>>;
}
