//! Looking at places again and again, where the system does not tell of changes.
//!
//! A library would do this by times in whole seconds, and by folders with all that is in them. What is put in place of a
//! file may be older than it, and a second is long for somebody who saves.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::files::places::Places;
use crate::files::stamp::Stamp;

/// The pause between two looks, unless one is asked for.
pub(crate) const PAUSE: Duration = Duration::from_secs(2);
/// The shortest pause.
const SHORTEST: Duration = Duration::from_millis(50);
/// The pause lasts so many times as long as the look before it: looking takes few of a processor's time.
const REST: u32 = 20;

/// What was there when it was looked last.
#[derive(Debug)]
pub(crate) struct Looking {
    pause: Duration,
    next: Instant,
    places: Places,
    seen: BTreeMap<PathBuf, Option<Stamp>>,
}

impl Looking {
    /// Looks at nothing yet.
    pub(crate) fn new(pause: Duration) -> Self {
        let pause = pause.max(SHORTEST);
        Self {
            pause,
            next: Instant::now() + pause,
            places: Places::default(),
            seen: BTreeMap::new(),
        }
    }

    /// Looks at these places from now on. Whether there is one that was not looked at: what changed there before is not
    /// told.
    pub(crate) fn follow(&mut self, places: Places) -> bool {
        self.seen.retain(|path, _| places.have(path));
        let before = self.seen.len();
        for (path, stamp) in look(&places) {
            self.seen.entry(path).or_insert(stamp);
        }
        self.places = places;
        self.seen.len() != before
    }

    /// Waits until something has changed since it was looked last, or followed.
    pub(crate) async fn changed(&mut self) {
        loop {
            sleep_until(self.next).await;
            let begun = Instant::now();
            let seen = look(&self.places);
            let taken = begun.elapsed();
            self.next = begun + taken + self.pause.max(taken * REST);
            if seen != self.seen {
                self.seen = seen;
                return;
            }
        }
    }
}

/// What is at these places: links themselves, and of folders only which they are.
fn look(places: &Places) -> BTreeMap<PathBuf, Option<Stamp>> {
    let names = places.names.iter();
    let mut seen: BTreeMap<_, _> = names
        .map(|name| (name.clone(), Stamp::of_link(name)))
        .collect();
    for tree in &places.trees {
        look_below(tree, &mut seen);
    }
    seen
}

fn look_below(folder: &Path, seen: &mut BTreeMap<PathBuf, Option<Stamp>>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            look_below(&path, seen);
        }
        let stamp = Stamp::of_link(&path);
        seen.insert(path, stamp);
    }
}
