//! Text with a place: files as they were read, and spans in them.

mod alias;
mod map;
mod secret;

use std::ops::Range;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

pub(crate) use crate::source::alias::AliasUse;
pub use crate::source::map::{Position, SourceMap};
pub use crate::source::secret::HIDDEN;
pub(crate) use crate::source::secret::{names_a_secret, secret_values};

/// A range of bytes in a source text, or, where several files are read together, in their [`SourceMap`].
pub type Span = Range<usize>;

/// A file as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceText {
    /// The path as the user would write it.
    pub path: PathBuf,
    /// The folder that relative paths in the text start from.
    pub folder: PathBuf,
    /// The text.
    pub text: Arc<str>,
}

/// The most bytes that all files of a project may have.
pub const MOST_BYTES: usize = 16 * 1024 * 1024;

/// Where files come from: a folder, a git revision, or a test's table.
pub trait Files {
    /// Reads a file that another one names, or that is looked for. What has more than [`MOST_BYTES`] need not be read to
    /// its end.
    fn read(&self, path: &Path) -> std::io::Result<Vec<u8>>;

    /// Reads a file that the user names, who may have put a pipe there.
    fn read_given(&self, path: &Path) -> std::io::Result<Vec<u8>> {
        self.read(path)
    }

    /// Whether there is a file or a folder of this path. What cannot be found out counts as there.
    fn exists(&self, path: &Path) -> bool;
}

/// A path without `.` and `..`, as it is written: links are not followed.
pub(crate) fn normalized(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}

/// The place of a part of a value, where `written` is the value's text in the file, `value` what it means and `part` a
/// range of bytes of `value`. Falls back to the whole where the two differ by more than quotes.
pub(crate) fn part_of(span: &Span, written: &str, value: &str, part: Range<usize>) -> Span {
    let quoted = |quote: char| {
        written
            .strip_prefix(quote)
            .and_then(|rest| rest.strip_suffix(quote))
    };
    let start = if written == value {
        span.start
    } else if quoted('"') == Some(value) || quoted('\'') == Some(value) {
        span.start + 1
    } else {
        return span.clone();
    };
    start + part.start..start + part.end
}
