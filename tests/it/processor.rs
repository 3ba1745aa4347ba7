//! The time of the processor: what others do on the machine is not in it.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// How long a processor has worked for this thread.
pub(crate) fn time_of_thread() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).expect("it began at 0")
}
