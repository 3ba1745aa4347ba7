//! Patience: what does not help is tried again after ever longer pauses.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// The first pause.
const SHORTEST: Duration = Duration::from_secs(1);
/// The longest pause.
const LONGEST: Duration = Duration::from_mins(1);
/// How long all must be well, besides the last pause, before the next trouble is a new one.
const WELL: Duration = Duration::from_secs(10);
/// What stands for everything, where nothing is named.
const EVERYTHING: &str = "";

/// What was tried lately, subject by subject.
#[derive(Debug, Default)]
pub(crate) struct Patience(BTreeMap<String, Tried>);

/// How often something was tried lately, and when last.
#[derive(Debug, Clone, Copy, Default)]
struct Tried {
    times: u32,
    last: Duration,
}

impl Patience {
    /// Nothing has been tried.
    pub(crate) fn reset(&mut self) {
        self.0.clear();
    }

    /// It was tried to bring these in order.
    pub(crate) fn tried(&mut self, now: Duration, subjects: &BTreeSet<String>) {
        self.0.retain(|_, tried| !tried.is_long_ago(now));
        for subject in named(subjects) {
            let tried = self.0.entry(subject.to_owned()).or_default();
            tried.times = tried.times.saturating_add(1);
            tried.last = now;
        }
    }

    /// Whether it may be tried now.
    pub(crate) fn allows(&self, now: Duration, subjects: &BTreeSet<String>) -> bool {
        self.until(subjects).is_none_or(|until| until <= now)
    }

    /// When it may be tried again.
    pub(crate) fn until(&self, subjects: &BTreeSet<String>) -> Option<Duration> {
        let tried = named(subjects).filter_map(|subject| self.0.get(subject));
        tried.map(|tried| tried.last + tried.pause()).max()
    }
}

fn named(subjects: &BTreeSet<String>) -> impl Iterator<Item = &str> {
    let everything = subjects.is_empty().then_some(EVERYTHING);
    everything
        .into_iter()
        .chain(subjects.iter().map(String::as_str))
}

impl Tried {
    fn pause(self) -> Duration {
        let doubled = SHORTEST.saturating_mul(1 << self.times.saturating_sub(1).min(16));
        doubled.min(LONGEST)
    }

    fn is_long_ago(self, now: Duration) -> bool {
        now >= self.last + self.pause() + WELL
    }
}
