//! Reading files, and remembering what was found where.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::files::LocalFiles;
use crate::source::Files;

/// What was found in place of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A file with this digest.
    Text([u8; 32]),
    /// Something of which only that it is there was asked.
    Something,
    /// Nothing.
    Nothing,
    /// What cannot be read, for this reason.
    Unreadable(String),
}

/// This machine's files, with a memory.
#[derive(Debug, Default)]
pub struct Recorder {
    found: RefCell<BTreeMap<PathBuf, Found>>,
}

impl Recorder {
    /// What was found at every path that was looked at.
    pub fn into_found(self) -> BTreeMap<PathBuf, Found> {
        self.found.into_inner()
    }

    fn note(&self, path: &Path, read: &io::Result<Vec<u8>>) {
        let found = match read {
            Ok(bytes) => Found::Text(Sha256::digest(bytes).into()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Found::Nothing,
            Err(error) => Found::Unreadable(error.to_string()),
        };
        self.found.borrow_mut().insert(path.to_owned(), found);
    }
}

impl Files for Recorder {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let read = LocalFiles.read(path);
        self.note(path, &read);
        read
    }

    fn read_given(&self, path: &Path) -> io::Result<Vec<u8>> {
        let read = LocalFiles.read_given(path);
        self.note(path, &read);
        read
    }

    fn exists(&self, path: &Path) -> bool {
        let exists = LocalFiles.exists(path);
        let found = if exists {
            Found::Something
        } else {
            Found::Nothing
        };
        self.found
            .borrow_mut()
            .entry(path.to_owned())
            .or_insert(found);
        exists
    }
}
