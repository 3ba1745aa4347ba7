//! Ages: durations, and days besides.

use std::time::Duration;

use crate::model::duration::parse_duration;

/// The time that an age means: `8h`, `1h30m`, or days as `7d`.
pub(super) fn parse_age(text: &str) -> Result<Duration, &'static str> {
    let Some(days) = text.trim().strip_suffix('d') else {
        return parse_duration(text);
    };
    let days: u32 = days
        .parse()
        .map_err(|_| "days are a whole number before `d`")?;
    Ok(Duration::from_hours(24) * days)
}
