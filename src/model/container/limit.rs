//! What a container may use.

use indexmap::IndexMap;

use crate::model::size::parse_size;

/// What a container may use. Nothing is limited where the file does not say so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limits {
    /// Processor time, in billionths of a processor.
    pub nano_cpus: Option<i64>,
    /// Processor time that is kept for it, in billionths of a processor.
    pub reserved_nano_cpus: Option<i64>,
    /// The processors that it may run on, such as `0-3,7`.
    pub cpuset: Option<String>,
    /// Its weight when processors are short.
    pub cpu_shares: Option<i64>,
    /// Memory in bytes.
    pub memory: Option<i64>,
    /// The memory in bytes that it is brought back to when memory is short.
    pub memory_reservation: Option<i64>,
    /// Memory and swap together.
    pub memory_and_swap: Option<Most>,
    /// The size of `/dev/shm` in bytes.
    pub shm_size: Option<i64>,
    /// Processes.
    pub pids: Option<Most>,
    /// Limits of its processes, by name.
    pub ulimits: IndexMap<String, Ulimit>,
}

/// The most of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Most {
    /// As much as there is.
    Unlimited,
    /// This much.
    Of(i64),
}

/// A limit of processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ulimit {
    /// The limit that holds.
    pub soft: Most,
    /// The limit that processes may raise it to.
    pub hard: Most,
}

/// The limits of processes that Linux has, as engines call them.
pub(crate) const ULIMITS: [&str; 15] = [
    "core",
    "cpu",
    "data",
    "fsize",
    "locks",
    "memlock",
    "msgqueue",
    "nice",
    "nofile",
    "nproc",
    "rss",
    "rtprio",
    "rttime",
    "sigpending",
    "stack",
];

impl Most {
    /// Reads a number, `-1` for no limit.
    pub(crate) fn parse_count(text: &str) -> Result<Self, &'static str> {
        match text.trim().parse::<i64>() {
            Ok(-1) => Ok(Self::Unlimited),
            Ok(count) if count >= 0 => Ok(Self::Of(count)),
            Ok(_) => Err("it is negative"),
            Err(_) => Err("it is no whole number"),
        }
    }

    /// Reads a size, `-1` for no limit.
    pub(crate) fn parse_size(text: &str) -> Result<Self, &'static str> {
        if text.trim() == "-1" {
            return Ok(Self::Unlimited);
        }
        parse_size(text).map(Self::Of)
    }

    /// The number, as engines and Compose have it.
    pub fn number(self) -> i64 {
        match self {
            Self::Unlimited => -1,
            Self::Of(number) => number,
        }
    }

    /// Whether it is above another.
    pub(crate) fn is_above(self, other: Self) -> bool {
        match (self, other) {
            (_, Self::Unlimited) => false,
            (Self::Unlimited, Self::Of(_)) => true,
            (Self::Of(this), Self::Of(other)) => this > other,
        }
    }
}

/// Reads how many processors, in billionths.
pub(crate) fn parse_nano_cpus(text: &str) -> Result<i64, &'static str> {
    match text.trim().parse::<f64>() {
        Ok(number) if !number.is_finite() => Err("it is no number"),
        Ok(number) if number < 0.01 => Err("it is less than 0.01"),
        Ok(number) if number > 100_000.0 => Err("no machine has so many"),
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the range is checked above"
        )]
        Ok(number) => Ok((number * 1e9).round() as i64),
        Err(_) => Err("it is no number"),
    }
}

/// Reads which processors, such as `0-3,7`.
pub(crate) fn parse_cpuset(text: &str) -> Result<String, String> {
    let number = |text: &str| {
        let number = text.parse::<u16>();
        number.map_err(|_| format!("`{text}` is no processor's number"))
    };
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        if number(first)? > number(last)? {
            return Err(format!("the range `{part}` goes backwards"));
        }
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use crate::model::container::limit::{Most, parse_cpuset, parse_nano_cpus};

    #[test]
    fn processors_are_numbers_and_ranges() {
        for right in ["0", "0-3", "0-3,7", "1,2,3"] {
            assert_eq!(parse_cpuset(right).as_deref(), Ok(right));
        }
        for wrong in ["", "a", "3-1", "0-", "-1", "0,,1", "0-1-2", "99999"] {
            assert!(parse_cpuset(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn half_a_processor_is_half_a_billion() {
        assert_eq!(parse_nano_cpus("0.5"), Ok(500_000_000));
        for wrong in ["", "0", "-1", "NaN", "inf", "two", "1e9"] {
            assert!(parse_nano_cpus(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn no_limit_is_above_every_limit() {
        assert!(Most::Unlimited.is_above(Most::Of(i64::MAX)));
        assert!(!Most::Unlimited.is_above(Most::Unlimited));
        assert!(!Most::Of(1).is_above(Most::Unlimited));
        assert!(Most::Of(2).is_above(Most::Of(1)));
    }
}
