//! What one run of a program took.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, Result};

/// The time and the memory of one run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sample {
    /// From its start to its end.
    pub(crate) time: Duration,
    /// The most memory that it, or a program that it waited for, had resident at once, in bytes.
    pub(crate) memory: u64,
}

impl Sample {
    /// This run and then another, seen as one.
    pub(crate) fn then(self, next: Self) -> Self {
        Self {
            time: self.time + next.time,
            memory: self.memory.max(next.memory),
        }
    }
}

impl fmt::Display for Sample {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.time.as_micros(), self.memory)
    }
}

impl FromStr for Sample {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let parsed = text.trim().split_once(' ').and_then(|(time, memory)| {
            Some(Self {
                time: Duration::from_micros(time.parse().ok()?),
                memory: memory.parse().ok()?,
            })
        });
        parsed.with_context(|| format!("`{text}` is no measurement"))
    }
}

/// Bytes as people read them.
pub(crate) fn megabytes(bytes: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "no program has petabytes")]
    let bytes = bytes as f64;
    bytes / 1_000_000.0
}
