//! Waiting until it is quiet, but not for ever: a burst becomes one.

use std::time::Duration;

/// Noise, and when it is over.
#[derive(Debug, Clone)]
pub(crate) struct Quiet {
    silence: Duration,
    longest: Duration,
    /// When the first and when the last of the burst came.
    burst: Option<(Duration, Duration)>,
    /// A time that was set.
    set: Option<Duration>,
}

impl Quiet {
    /// Noise is over when there was none for `silence`, or when it has lasted for `longest`.
    pub(crate) fn new(silence: Duration, longest: Duration) -> Self {
        Self {
            silence,
            longest,
            burst: None,
            set: None,
        }
    }

    /// There is noise.
    pub(crate) fn noise(&mut self, now: Duration) {
        let first = self.burst.map_or(now, |(first, _)| first);
        self.burst = Some((first, now));
    }

    /// It counts as over at this time, without noise.
    pub(crate) fn due(&mut self, at: Duration) {
        self.set = Some(at);
    }

    /// When it is over; nothing where there is none.
    pub(crate) fn at(&self) -> Option<Duration> {
        let burst = self
            .burst
            .map(|(first, last)| (last + self.silence).min(first + self.longest));
        [burst, self.set].into_iter().flatten().min()
    }

    /// Whether it is over.
    pub(crate) fn is_due(&self, now: Duration) -> bool {
        self.at().is_some_and(|at| at <= now)
    }

    /// It has been heeded.
    pub(crate) fn clear(&mut self) {
        self.burst = None;
        self.set = None;
    }
}
