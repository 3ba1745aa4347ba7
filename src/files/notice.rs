//! Being told when files change, by the system; where it does not tell, by looking again and again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::Notify;

use crate::files::looking::{Looking, PAUSE};
use crate::files::places::Places;
use crate::files::stamp::Identity;

/// Tells when something changes at places that matter.
#[derive(Debug)]
pub struct Notice {
    /// The system's; none where it is not asked, or has none to give.
    watcher: Option<RecommendedWatcher>,
    /// Begins when the system does not tell of all.
    looking: Option<Looking>,
    /// Why the system has none to give.
    failed: Option<NoticeError>,
    shared: Arc<Shared>,
    /// The folders that are watched, each with what it was then: another one may have taken its name.
    watched: BTreeMap<PathBuf, Watched>,
}

#[derive(Debug, Default)]
struct Shared {
    places: Mutex<Places>,
    noise: Notify,
    /// Whether something was missed, so that folders may have been made that are not watched.
    missed: AtomicBool,
    /// What the system says that it cannot do any more.
    failed: Mutex<Option<notify::Error>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Watched {
    identity: Identity,
    with_all_below: bool,
}

/// How watching places began.
#[derive(Debug, Default)]
pub struct Followed {
    /// Whether a place is watched that was not.
    pub has_new: bool,
    /// Why the system does not tell of all, when that shows first. It is looked from then on.
    pub failed: Option<NoticeError>,
}

/// A folder that cannot be watched.
#[derive(Debug, thiserror::Error)]
#[error("cannot be told of changes in `{}`", folder.display())]
pub struct NoticeError {
    /// The folder.
    pub folder: PathBuf,
    /// Why.
    pub source: notify::Error,
}

impl NoticeError {
    /// What helps.
    pub fn help(&self) -> String {
        let raise = match &self.source.kind {
            notify::ErrorKind::MaxFilesWatch => Some("fs.inotify.max_user_watches"),
            notify::ErrorKind::Io(error) if is_out_of_files(error) => {
                Some("fs.inotify.max_user_instances")
            }
            _ => None,
        };
        let raise = raise.map_or_else(String::new, |limit| {
            format!("; to be told of them at once, raise `{limit}`")
        });
        let pause = PAUSE.as_secs();
        format!("nest looks for changes every {pause} s instead, as with `--poll`{raise}")
    }
}

fn is_out_of_files(error: &std::io::Error) -> bool {
    let code = error.raw_os_error();
    code == Some(rustix::io::Errno::MFILE.raw_os_error())
}

impl Notice {
    /// Watches nothing yet. With a pause, it does not ask the system, but looks after each.
    pub fn new(pause: Option<Duration>) -> Self {
        let shared = Arc::new(Shared::default());
        let told = Arc::clone(&shared);
        let watcher = match pause {
            Some(_) => None,
            None => Some(notify::recommended_watcher(move |event| told.told(event))),
        };
        let (watcher, failed) = match watcher.transpose() {
            Ok(watcher) => (watcher, None),
            Err(source) => {
                let folder = PathBuf::from(".");
                (None, Some(NoticeError { folder, source }))
            }
        };
        Self {
            watcher,
            looking: pause.map(Looking::new),
            failed,
            shared,
            watched: BTreeMap::new(),
        }
    }

    /// Watches these places from now on, and no others. What changed in a folder before it was watched is not told.
    pub fn follow(&mut self, places: Places) -> Followed {
        let wanted = wanted(&places);
        // What changes from here on is told, whether it is watched anew or was.
        lock(&self.shared.places).clone_from(&places);
        let mut failed = self.failed.take();
        if let Some(mut source) = lock(&self.shared.failed).take() {
            let folder = source.paths.drain(..).next();
            let folder = folder.unwrap_or_else(|| PathBuf::from("."));
            failed.get_or_insert(NoticeError { folder, source });
        }
        let mut has_new = false;
        if let Some(watcher) = &mut self.watcher {
            let missed = self.shared.missed.swap(false, Ordering::Relaxed);
            self.watched.retain(|folder, watched| {
                let is_whole = !(missed && watched.with_all_below);
                let stays = is_whole && wanted.get(folder) == Some(watched);
                if !stays {
                    // A folder that is gone is no longer watched anyway.
                    let _ = watcher.unwatch(folder);
                }
                stays
            });
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
                        has_new = true;
                    }
                    Err(mut source) => {
                        // They are the folder.
                        source.paths.clear();
                        failed.get_or_insert(NoticeError { folder, source });
                    }
                }
            }
        }
        let failed = failed.filter(|_| self.looking.is_none());
        let is_far = || self.watched.keys().any(|folder| is_remote(folder));
        if self.looking.is_none() && (failed.is_some() || is_far()) {
            self.looking = Some(Looking::new(PAUSE));
        }
        if let Some(looking) = &mut self.looking {
            has_new |= looking.follow(places);
        }
        Followed { has_new, failed }
    }

    /// Waits until something has changed at a place that matters since this was waited for last.
    pub async fn noise(&mut self) {
        let looked = async {
            match &mut self.looking {
                Some(looking) => looking.changed().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = self.shared.noise.notified() => {}
            () = looked => {}
        }
    }
}

/// The folders to watch for these places.
fn wanted(places: &Places) -> BTreeMap<PathBuf, Watched> {
    let mut wanted: BTreeMap<PathBuf, Watched> = BTreeMap::new();
    let folders = places.folders().into_iter().map(|folder| (folder, false));
    let trees = places.trees.iter().filter(|tree| tree.is_dir());
    for (folder, with_all_below) in folders.chain(trees.map(|tree| (tree.clone(), true))) {
        if let Ok(metadata) = folder.metadata() {
            let watched = wanted.entry(folder).or_insert(Watched {
                identity: Identity::of(&metadata),
                with_all_below,
            });
            watched.with_all_below |= with_all_below;
        }
    }
    wanted
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// File systems whose files others change without this machine's system being told of it
/// (<https://man7.org/linux/man-pages/man2/statfs.2.html>): NFS, SMB of three kinds, 9P, FUSE, Ceph, AFS and that of
/// `VirtualBox`.
#[cfg(target_os = "linux")]
const REMOTE: [u64; 9] = [
    0x6969,
    0x517b,
    0xff53_4d42,
    0xfe53_4d42,
    0x0102_1997,
    0x6573_5546,
    0x00c3_6400,
    0x5346_414f,
    0x786f_4256,
];

/// Whether others may change a folder without this machine's system being told of it.
#[cfg(target_os = "linux")]
fn is_remote(folder: &Path) -> bool {
    let kind = rustix::fs::statfs(folder).map(|it| u64::try_from(it.f_type));
    kind.is_ok_and(|kind| kind.is_ok_and(|kind| REMOTE.contains(&kind)))
}

#[cfg(not(target_os = "linux"))]
fn is_remote(_folder: &Path) -> bool {
    false
}

impl Shared {
    fn told(&self, event: notify::Result<Event>) {
        let matters = match event {
            Ok(event) if event.need_rescan() => {
                self.missed.store(true, Ordering::Relaxed);
                true
            }
            Ok(event) => {
                let places = lock(&self.places);
                is_change(event.kind) && event.paths.iter().any(|path| places.have(path))
            }
            Err(error) => {
                lock(&self.failed).get_or_insert(error);
                true
            }
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
