//! Health checks.

use std::time::Duration;

/// How an engine finds out whether a container is healthy, where the file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Healthcheck {
    /// Not at all, whatever the image brings.
    Off,
    /// By running a command.
    On(Check),
}

/// A health check. What is left out is as the image has it, or else the engine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Check {
    /// The command: `CMD` and words, or `CMD-SHELL` and a line.
    pub test: Option<Vec<String>>,
    /// The time between two checks.
    pub interval: Option<Duration>,
    /// How long a check may take.
    pub timeout: Option<Duration>,
    /// After how many failures in a row it is unhealthy.
    pub retries: Option<u32>,
    /// The time after the start in which failures do not count.
    pub start_period: Option<Duration>,
    /// The time between two checks during `start_period`.
    pub start_interval: Option<Duration>,
}
