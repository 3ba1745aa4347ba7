//! The time of the processor: what others do on the machine is not in it.

use std::time::Duration;

use rustix::param::clock_ticks_per_second;
use rustix::time::{ClockId, clock_gettime};

/// How long a processor has worked for this thread.
pub(crate) fn time_of_thread() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).expect("it began at 0")
}

/// How long processors have worked for a child that has ended and was not waited for yet; none while it runs.
pub(crate) fn time_of_ended(child: u32) -> Option<Duration> {
    let told = std::fs::read_to_string(format!("/proc/{child}/stat")).expect("it is a child");
    // Behind the program's name, which may hold anything: the state, ten others, then the time for itself and for calls.
    let (_, told) = told.rsplit_once(") ").expect("it has a name");
    let told: Vec<&str> = told.split(' ').collect();
    let ticks = told[11..13].iter().map(|ticks| ticks.parse::<u64>());
    let ticks: u64 = ticks.map(|ticks| ticks.expect("a number")).sum();
    (told[0] == "Z").then(|| Duration::from_millis(ticks * 1000 / clock_ticks_per_second()))
}
