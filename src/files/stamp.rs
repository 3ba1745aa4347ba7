//! Telling whether a file is still the same without reading it.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::SystemTime;

/// Which file or folder it is. A number is used again when a file is gone: the time of its birth is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity {
    number: (u64, u64),
    born: Option<SystemTime>,
}

impl Identity {
    /// The identity of what this tells of.
    pub(crate) fn of(metadata: &Metadata) -> Self {
        Self {
            number: (metadata.dev(), metadata.ino()),
            born: metadata.created().ok(),
        }
    }
}

/// What a file that is not read each time was when it was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    identity: Identity,
    /// Nothing of a folder, whose files tell it themselves.
    state: Option<State>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct State {
    bytes: u64,
    written: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    /// The stamp of a file, along links; none where there is none.
    pub fn of(path: &Path) -> Option<Self> {
        path.metadata().ok().map(|it| Self::told(&it))
    }

    /// The same of a link itself.
    pub(crate) fn of_link(path: &Path) -> Option<Self> {
        path.symlink_metadata().ok().map(|it| Self::told(&it))
    }

    fn told(metadata: &Metadata) -> Self {
        let state = State {
            bytes: metadata.size(),
            written: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        };
        Self {
            identity: Identity::of(metadata),
            state: (!metadata.is_dir()).then_some(state),
        }
    }
}
