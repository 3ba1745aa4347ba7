//! The same thing done by nest and by Compose, several times.

use std::time::Duration;

use crate::bench::deed::Deed;
use crate::bench::sample::{Sample, megabytes};

/// Runs of both, pair by pair: what disturbs the machine disturbs both runs of a pair.
pub(crate) struct Contest {
    /// The name of the scene.
    pub(crate) scene: &'static str,
    /// The project, for people.
    pub(crate) project: String,
    /// What is done with it.
    pub(crate) deed: Deed,
    /// The first of each pair is nest's.
    pub(crate) pairs: Vec<(Sample, Sample)>,
}

impl Contest {
    /// The project and the deed.
    pub(crate) fn title(&self) -> String {
        format!("{}: {}", self.project, self.deed.title())
    }

    /// The median time of nest's runs.
    pub(crate) fn nest_time(&self) -> Duration {
        median(self.pairs.iter().map(|(nest, _)| nest.time)).unwrap_or_default()
    }

    /// The median time of Compose's runs.
    pub(crate) fn compose_time(&self) -> Duration {
        median(self.pairs.iter().map(|(_, compose)| compose.time)).unwrap_or_default()
    }

    /// The median of the ratios of time, nest's by Compose's: below 1 nest is faster.
    pub(crate) fn time_ratio(&self) -> f64 {
        median(self.ratios()).unwrap_or_default()
    }

    /// The lowest and the highest of these ratios.
    pub(crate) fn time_ratio_range(&self) -> (f64, f64) {
        self.ratios()
            .fold((f64::INFINITY, 0.0), |(low, high), ratio| {
                (low.min(ratio), high.max(ratio))
            })
    }

    /// The peak of nest's memory in all runs, in bytes.
    pub(crate) fn nest_memory(&self) -> u64 {
        let all = self.pairs.iter().map(|(nest, _)| nest.memory);
        all.max().unwrap_or_default()
    }

    /// The peak of Compose's memory in all runs, in bytes.
    pub(crate) fn compose_memory(&self) -> u64 {
        let all = self.pairs.iter().map(|(_, compose)| compose.memory);
        all.max().unwrap_or_default()
    }

    /// The ratio of these peaks.
    pub(crate) fn memory_ratio(&self) -> f64 {
        megabytes(self.nest_memory()) / megabytes(self.compose_memory())
    }

    fn ratios(&self) -> impl Iterator<Item = f64> {
        self.pairs
            .iter()
            .map(|(nest, compose)| nest.time.as_secs_f64() / compose.time.as_secs_f64())
    }
}

/// The middle one, or the higher one of two in the middle.
fn median<T: PartialOrd>(values: impl Iterator<Item = T>) -> Option<T> {
    let mut values: Vec<T> = values.collect();
    values.sort_by(|one, other| one.partial_cmp(other).unwrap_or(std::cmp::Ordering::Equal));
    let middle = values.len() / 2;
    (!values.is_empty()).then(|| values.swap_remove(middle))
}
