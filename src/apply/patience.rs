//! How long all waiting for what was started may take.

use std::cell::Cell;
use std::time::{Duration, Instant};

use crate::engine::EngineError;
use crate::plan::step::Step;

/// How long all waiting in a run may take. Time in which nothing is waited for does not count, and time in which several
/// things are counts once.
#[derive(Debug, Clone)]
pub struct Patience {
    limit: Option<Duration>,
    used: Cell<Duration>,
    /// How much is being waited for.
    waits: Cell<usize>,
    /// Since when something has been.
    since: Cell<Instant>,
}

impl Patience {
    /// All waiting may take so long; any time where there is no limit.
    pub fn new(limit: Option<Duration>) -> Self {
        Self {
            limit,
            used: Cell::new(Duration::ZERO),
            waits: Cell::new(0),
            since: Cell::new(Instant::now()),
        }
    }

    /// Waits for what a step does, for as long as there is time if the step waits itself.
    pub async fn during(
        &self,
        step: &Step,
        done: impl Future<Output = Result<(), EngineError>>,
    ) -> Result<(), EngineError> {
        let (Some(limit), Some(container)) = (self.limit, step.awaited()) else {
            return done.await;
        };
        if self.waits.get() == 0 {
            self.since.set(Instant::now());
        }
        self.waits.set(self.waits.get() + 1);
        let used = self.used.get() + self.since.get().elapsed();
        let left = limit.saturating_sub(used);
        let result = tokio::time::timeout(left, done).await;
        self.waits.set(self.waits.get() - 1);
        if self.waits.get() == 0 {
            self.used.set(self.used.get() + self.since.get().elapsed());
        }
        result.unwrap_or_else(|_| {
            Err(EngineError::OutOfPatience {
                container: container.name.clone(),
                awaited: step.operation.awaited(),
                limit,
            })
        })
    }
}
