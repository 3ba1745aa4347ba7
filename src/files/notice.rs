//! Being told when files change, by the system.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::Notify;

use crate::files::places::Places;

/// Tells when something changes at places that matter.
#[derive(Debug)]
pub struct Notice {
    watcher: RecommendedWatcher,
    shared: Arc<Shared>,
    /// The folders that are watched, each with what it was then: another one may have taken its name.
    watched: BTreeMap<PathBuf, Watched>,
}

#[derive(Debug, Default)]
struct Shared {
    places: Mutex<Places>,
    noise: Notify,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Watched {
    identity: (u64, u64),
    with_all_below: bool,
}

/// How watching places began.
#[derive(Debug, Default)]
pub struct Followed {
    /// Whether a folder is watched that was not.
    pub has_new: bool,
    /// The folders that cannot be watched.
    pub failed: Vec<NoticeError>,
}

/// A folder that cannot be watched.
#[derive(Debug, thiserror::Error)]
#[error("cannot watch `{}`", folder.display())]
pub struct NoticeError {
    /// The folder.
    pub folder: PathBuf,
    /// Why.
    pub source: notify::Error,
}

impl NoticeError {
    /// What helps.
    pub fn help(&self) -> &'static str {
        match self.source.kind {
            notify::ErrorKind::MaxFilesWatch => {
                "too many folders are watched on this machine: raise `fs.inotify.max_user_watches`"
            }
            _ => "what changes there is seen at the next change elsewhere",
        }
    }
}

impl Notice {
    /// Watches nothing yet.
    pub fn new() -> Result<Self, NoticeError> {
        let shared = Arc::new(Shared::default());
        let told = Arc::clone(&shared);
        let watcher = notify::recommended_watcher(move |event| told.told(&event));
        let watcher = watcher.map_err(|source| NoticeError {
            folder: PathBuf::from("."),
            source,
        })?;
        Ok(Self {
            watcher,
            shared,
            watched: BTreeMap::new(),
        })
    }

    /// Watches these places from now on, and no others. What changed in a folder before it was watched is not told.
    pub fn follow(&mut self, places: Places) -> Followed {
        let mut wanted: BTreeMap<PathBuf, Watched> = BTreeMap::new();
        let folders = places.folders().into_iter().map(|folder| (folder, false));
        let trees = places.trees.iter().filter(|tree| tree.is_dir());
        for (folder, with_all_below) in folders.chain(trees.map(|tree| (tree.clone(), true))) {
            if let Ok(metadata) = folder.metadata() {
                let identity = (metadata.dev(), metadata.ino());
                let watched = wanted.entry(folder).or_insert(Watched {
                    identity,
                    with_all_below,
                });
                watched.with_all_below |= with_all_below;
            }
        }
        // What changes from here on is told, whether it is watched anew or was.
        *self
            .shared
            .places
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = places;
        let watcher = &mut self.watcher;
        self.watched.retain(|folder, watched| {
            let stays = wanted.get(folder) == Some(watched);
            if !stays {
                // A folder that is gone is no longer watched anyway.
                let _ = watcher.unwatch(folder);
            }
            stays
        });
        let mut followed = Followed::default();
        for (folder, watched) in wanted {
            if self.watched.contains_key(&folder) {
                continue;
            }
            let mode = if watched.with_all_below {
                RecursiveMode::Recursive
            } else {
                RecursiveMode::NonRecursive
            };
            match watcher.watch(&folder, mode) {
                Ok(()) => {
                    self.watched.insert(folder, watched);
                    followed.has_new = true;
                }
                Err(source) => followed.failed.push(NoticeError { folder, source }),
            }
        }
        followed
    }

    /// Waits until something has changed at a place that matters since this was waited for last.
    pub async fn noise(&self) {
        self.shared.noise.notified().await;
    }
}

impl Shared {
    fn told(&self, event: &notify::Result<Event>) {
        let places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let matters = match event {
            Ok(event) => {
                event.need_rescan()
                    || is_change(event.kind)
                        && event.paths.iter().any(|path: &PathBuf| places.have(path))
            }
            // Something was missed.
            Err(_) => true,
        };
        if matters {
            self.noise.notify_one();
        }
    }
}

/// Whether an event can mean that a file says something else. Reading one, as nest does itself, is an event too.
fn is_change(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(kind) => kind == AccessKind::Close(AccessMode::Write),
        _ => true,
    }
}

/// What a file that is too large to be read each time was when it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    identity: (u64, u64),
    bytes: u64,
    changed: (i64, i64),
}

impl Stamp {
    /// The stamp of a file; none where there is none.
    pub fn of(path: &Path) -> Option<Self> {
        let metadata = path.metadata().ok()?;
        Some(Self {
            identity: (metadata.dev(), metadata.ino()),
            bytes: metadata.size(),
            changed: (metadata.mtime(), metadata.mtime_nsec()),
        })
    }
}
