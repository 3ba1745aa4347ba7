//! Files from the machine that nest runs on.

use std::io;
use std::path::Path;

use crate::source::Files;

/// Reads files from this machine's folders.
#[derive(Debug, Clone, Copy)]
pub struct LocalFiles;

impl Files for LocalFiles {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }

    fn exists(&self, path: &Path) -> bool {
        path.try_exists().unwrap_or(true)
    }
}
