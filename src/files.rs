//! Files from the machine that nest runs on, and from git revisions.

pub mod git;
mod looking;
pub mod notice;
pub mod places;
pub mod recorder;
pub mod stamp;
pub mod tree;

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rustix::fs::OFlags;

use crate::source::{Files, MOST_BYTES};

/// What is no file and can be read all the same: it is how one says "no variables".
const NOTHING: &str = "/dev/null";

/// Reads files from this machine's folders.
#[derive(Debug, Clone, Copy)]
pub struct LocalFiles;

impl Files for LocalFiles {
    /// Nothing that a file names can make nest wait: neither a pipe that nobody writes to nor a device without an end.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let kind = path.metadata()?.file_type();
        if kind.is_dir() {
            return Err(ErrorKind::IsADirectory.into());
        }
        if !kind.is_file() && path != Path::new(NOTHING) {
            return Err(io::Error::other("it is a device, a pipe or a socket"));
        }
        let file = OpenOptions::new()
            .read(true)
            .custom_flags(OFlags::NONBLOCK.bits().cast_signed())
            .open(path)?;
        read_to_limit(file)
    }

    fn read_given(&self, path: &Path) -> io::Result<Vec<u8>> {
        read_to_limit(File::open(path)?)
    }

    fn exists(&self, path: &Path) -> bool {
        path.try_exists().unwrap_or(true)
    }
}

/// Reads one byte more than is allowed, at most.
fn read_to_limit(file: File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(MOST_BYTES).unwrap_or(u64::MAX);
    file.take(limit + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
