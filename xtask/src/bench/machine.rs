//! The machine that figures come from.

use std::fmt;
use std::fs;
use std::thread::available_parallelism;

/// What a reader has to know of a machine to judge its figures.
pub(crate) struct Machine {
    cores: usize,
    gigabytes: u64,
    processor: String,
    kernel: String,
}

impl Machine {
    /// This machine.
    pub(crate) fn this() -> Self {
        let kilobytes = field("/proc/meminfo", "MemTotal")
            .and_then(|text| text.split(' ').next()?.parse::<u64>().ok());
        Self {
            cores: available_parallelism().map_or(1, usize::from),
            gigabytes: kilobytes.unwrap_or_default().div_ceil(1 << 20),
            processor: field("/proc/cpuinfo", "model name")
                .unwrap_or_else(|| std::env::consts::ARCH.to_owned()),
            kernel: fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default(),
        }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            cores,
            gigabytes,
            processor,
            kernel,
        } = self;
        let kernel = kernel.trim();
        write!(
            formatter,
            "{cores} cores ({processor}), {gigabytes} GB of memory, Linux {kernel}"
        )
    }
}

/// The value of a line `NAME : VALUE`.
fn field(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    text.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == name).then(|| value.trim().to_owned())
    })
}
