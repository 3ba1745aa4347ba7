//! Words for numbers and operations.

use std::time::{Duration, SystemTime};

use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::model::place::Place;
use crate::plan::prune::Due;
use crate::plan::step::{Operation, ServiceWait};
use crate::plan::{Deferred, DeferredUntil, KeptBecause};
use crate::resource::secret::is_sensitive;
use crate::source::HIDDEN;

/// Rows of a table in columns, the last as long as it is.
pub fn columns(rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or_default()
    };
    let line = |row: &Vec<String>| {
        let cells = row.iter().enumerate().map(|(column, cell)| {
            let width = match width(column) {
                0 => 2,
                width => width + 3,
            };
            format!("{cell:width$}")
        });
        format!("{}\n", cells.collect::<String>().trim_end())
    };
    rows.iter().map(line).collect()
}

/// `1 engine`, `2 engines`.
pub(crate) fn count(number: u64, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{number} {noun}s")
    }
}

/// A duration as people say it: `0.4s`, `12s`, `1m05s`.
pub fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..10 => format!("{:.1}s", duration.as_secs_f64()),
        10..60 => format!("{seconds}s"),
        _ => format!("{}m{:02}s", seconds / 60, seconds % 60),
    }
}

/// A number of bytes as Compose writes sizes, exact: `4g`, `512m`, `1234567`.
pub(crate) fn size(bytes: i64) -> String {
    let units = [(1 << 30, "g"), (1 << 20, "m"), (1 << 10, "k")];
    let exact = units
        .into_iter()
        .find(|(unit, _)| bytes != 0 && bytes % unit == 0);
    exact.map_or_else(
        || bytes.to_string(),
        |(unit, letter)| format!("{}{letter}", bytes / unit),
    )
}

/// A number of bytes, rounded, for progress: `3.2 MB`.
#[allow(clippy::cast_precision_loss)] // rounded to one digit anyway
pub(crate) fn bytes(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes / 1000),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.2} GB", bytes as f64 / 1e9),
    }
}

/// The value of an attribute as the file would write it. Control characters are escaped.
pub(crate) fn value(attribute: &str, value: &Value) -> String {
    match (attribute, value) {
        ("pids_limit" | "memswap_limit", Value::Number(number)) if number.as_i64() == Some(-1) => {
            "unlimited".to_owned()
        }
        ("memory" | "shm_size" | "mem_reservation" | "memswap_limit", Value::Number(number))
            if number.as_i64() != Some(-1) =>
        {
            number.as_i64().map_or_else(|| number.to_string(), size)
        }
        ("cpus", Value::Number(number)) => cpus(number.as_i64().unwrap_or_default()),
        (_, Value::String(text)) if text.is_empty() => "\"\"".to_owned(),
        (_, Value::String(text)) => escaped(text),
        (_, Value::Array(items)) => {
            format!(
                "[{}]",
                items
                    .iter()
                    .map(|item| self::value("", item))
                    .collect::<Vec<_>>()
                    .join(", ")
            )
        }
        (_, value) if is_sensitive(value) => HIDDEN.to_owned(),
        (_, other) => other.to_string(),
    }
}

fn cpus(nano_cpus: i64) -> String {
    let text = format!(
        "{}.{:09}",
        nano_cpus / 1_000_000_000,
        nano_cpus % 1_000_000_000
    );
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Text from outside, with control characters escaped so that it cannot move the cursor, forge lines, or turn the
/// direction of what follows.
pub fn escaped(text: &str) -> String {
    let turns = |character: char| matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let escape = |character: char| {
        if character.is_control() || turns(character) {
            character.escape_default().to_string()
        } else {
            character.to_string()
        }
    };
    text.chars().map(escape).collect()
}

/// A moment to the second; none where the calendar does not have it.
pub fn moment(time: SystemTime) -> Option<String> {
    let seconds = time.duration_since(SystemTime::UNIX_EPOCH).ok()?.as_secs();
    let time = OffsetDateTime::from_unix_timestamp(i64::try_from(seconds).ok()?).ok()?;
    time.format(&Rfc3339).ok()
}

/// What an operation is doing, as a phrase.
pub(crate) fn doing(operation: &Operation) -> String {
    match operation {
        Operation::CreateNetwork(spec) => format!("creating network {}", spec.name),
        Operation::RemoveNetwork { name, .. } => format!("removing network {name}"),
        Operation::CreateVolume(spec) => format!("creating volume {}", spec.name),
        Operation::RemoveVolume { name } => format!("removing volume {name}"),
        Operation::KeepSeed { seed, .. } => format!("keeping the seed {seed}"),
        Operation::PullImage { reference, .. } => format!("pulling {reference}"),
        Operation::PushImage {
            reference, place, ..
        } => format!("pushing {reference} to {}", place.registry),
        Operation::EndPush(left) => format!("removing {}", left.kept),
        Operation::BuildImage(build) => format!("building {}", build.reference),
        Operation::RemoveUnnamedImage { id } => format!("removing the old image {id}"),
        Operation::NameImage { reference, name } => format!("naming {reference} {name}"),
        Operation::RemoveImage { reference } => format!("removing image {reference}"),
        Operation::TransferImages { references, .. } => {
            format!("transferring {}", listed(references))
        }
        Operation::LoadArchive { reference, .. } => format!("loading {reference}"),
        Operation::CreateContainer(spec) => format!("creating container {}", spec.name),
        Operation::WriteDaemonFile { .. } => "writing the engine's configuration".to_owned(),
        Operation::CheckDaemonFile(_) => "checking the engine's new configuration".to_owned(),
        Operation::WriteFiles { container, .. } => format!("writing files into {}", container.name),
        Operation::StartContainer { container } => format!("starting {}", container.name),
        Operation::StopContainer { container } => format!("stopping {}", container.name),
        Operation::RemoveContainer { container, .. } => {
            format!("removing container {}", container.name)
        }
        Operation::UpdateContainer { container, .. } => format!("updating {}", container.name),
        Operation::ConnectNetwork { network, .. } => format!("connecting to network {network}"),
        Operation::DisconnectNetwork { network, .. } => {
            format!("disconnecting from network {network}")
        }
        Operation::ReloadEngine { .. } => "reloading the engine's configuration".to_owned(),
        Operation::WaitForEngine { .. } => "waiting for the engine".to_owned(),
        Operation::WaitForContainer { container, .. }
        | Operation::WaitForService { container, .. } => format!("waiting for {}", container.name),
    }
}

/// What an operation has done, as a phrase.
pub(crate) fn done(operation: &Operation) -> String {
    match operation {
        Operation::CreateNetwork(spec) => format!("network {} created", spec.name),
        Operation::RemoveNetwork { name, .. } => format!("network {name} removed"),
        Operation::CreateVolume(spec) => format!("volume {} created", spec.name),
        Operation::RemoveVolume { name } => format!("volume {name} removed"),
        Operation::KeepSeed { seed, .. } => format!("the seed {seed} kept"),
        Operation::PullImage { reference, .. } => format!("{reference} pulled"),
        Operation::PushImage {
            reference, place, ..
        } => format!("{reference} pushed to {}", place.registry),
        Operation::EndPush(left) => format!("{} removed", left.kept),
        Operation::BuildImage(build) => format!("{} built", build.reference),
        Operation::RemoveUnnamedImage { id } => format!("the old image {id} removed"),
        Operation::NameImage { reference, name } => format!("{reference} named {name}"),
        Operation::RemoveImage { reference } => format!("image {reference} removed"),
        Operation::TransferImages { references, .. } => {
            format!("{} transferred", listed(references))
        }
        Operation::LoadArchive { reference, .. } => format!("{reference} loaded"),
        Operation::CreateContainer(spec) => format!("container {} created", spec.name),
        Operation::WriteDaemonFile { .. } => "engine configured".to_owned(),
        Operation::CheckDaemonFile(_) => "engine can start with its new configuration".to_owned(),
        Operation::WriteFiles { container, .. } => format!("files written into {}", container.name),
        Operation::StartContainer { container } => format!("{} started", container.name),
        Operation::StopContainer { container } => format!("{} stopped", container.name),
        Operation::RemoveContainer { container, .. } => {
            format!("container {} removed", container.name)
        }
        Operation::UpdateContainer { container, .. } => {
            format!("{} updated in place", container.name)
        }
        Operation::ConnectNetwork { network, .. } => format!("connected to network {network}"),
        Operation::DisconnectNetwork { network, .. } => {
            format!("disconnected from network {network}")
        }
        Operation::ReloadEngine { .. } => "engine configuration reloaded".to_owned(),
        Operation::WaitForEngine { .. } => "engine ready".to_owned(),
        Operation::WaitForContainer { container, .. } => format!("{} is up", container.name),
        Operation::WaitForService { container, until } => match until {
            ServiceWait::Running | ServiceWait::RunningOrDone => {
                format!("{} is up", container.name)
            }
            ServiceWait::Done => format!("{} has done its work", container.name),
        },
    }
}

fn listed(items: &[impl std::fmt::Display]) -> String {
    items
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}

/// Why a project is taken down.
pub(crate) fn due(due: Due) -> String {
    match due {
        Due::Expired(time) => match moment(time) {
            Some(time) => format!("expired at {time}"),
            None => "has expired".to_owned(),
        },
        Due::Old(age) => format!("is {} old", age_in_words(age)),
    }
}

/// How long, in the largest unit only.
pub fn age_in_words(age: Duration) -> String {
    let seconds = age.as_secs();
    let (number, unit) = match seconds {
        0..60 => (seconds, "second"),
        60..3600 => (seconds / 60, "minute"),
        3600..86400 => (seconds / 3600, "hour"),
        _ => (seconds / 86400, "day"),
    };
    count(number, unit)
}

/// Why something stays.
pub(crate) fn kept(because: &KeptBecause) -> String {
    match because {
        KeptBecause::NotDeclared => "kept (not declared)".to_owned(),
        KeptBecause::Data => "kept: `--volumes` removes it".to_owned(),
        KeptBecause::InUse(container) => {
            let container = escaped(container);
            format!("kept: somebody else's container `{container}` was made from it")
        }
        KeptBecause::LastName(container) => {
            let container = escaped(container);
            format!("kept: container `{container}` was made from it, and it has no other name")
        }
        KeptBecause::Moved => "kept: somebody gave its name to another image".to_owned(),
        KeptBecause::Mounted(container) => {
            format!("kept: container `{}` mounts it", escaped(container))
        }
        KeptBecause::Wanted(project) => {
            let project = escaped(project);
            format!(
                "kept: project `{project}` has environments that run the engine it was made with"
            )
        }
        KeptBecause::Locked(holder) => {
            format!(
                "kept: {} holds a lock, and may be using it",
                escaped(holder)
            )
        }
    }
}

/// What is planned later, and when; `written` is how an address is written.
pub(crate) fn deferred(deferred: &Deferred, written: fn(&str) -> String) -> String {
    let address = written(deferred.address.as_str());
    match &deferred.until {
        DeferredUntil::EngineRuns => {
            format!("{address} is read when its engine runs; what it holds is planned then")
        }
        DeferredUntil::ImagePulled(image) => {
            let image = written(image.as_str());
            format!(
                "{address} is compared with {image} when that is pulled again; whether it is replaced is planned then"
            )
        }
    }
}

/// A place in a file, as people and their editors write it.
pub(crate) fn place(place: &Place) -> String {
    let (line, column) = place.start;
    format!("{}:{line}:{column}", place.file)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use crate::report::words::{duration, escaped, size, value};

    #[test]
    fn sizes_are_exact_and_short() {
        assert_eq!(
            [size(4 << 30), size(512 << 20), size(1_234_567), size(0)],
            ["4g", "512m", "1234567", "0"]
        );
    }

    #[test]
    fn durations_get_coarser_as_they_get_longer() {
        let texts =
            [400, 12_300, 65_000].map(|milliseconds| duration(Duration::from_millis(milliseconds)));
        assert_eq!(texts, ["0.4s", "12s", "1m05s"]);
    }

    #[test]
    fn values_read_as_the_file_writes_them() {
        assert_eq!(value("cpus", &json!(1_500_000_000)), "1.5");
        assert_eq!(value("memory", &json!(2_147_483_648_i64)), "2g");
        assert_eq!(
            value("command", &json!(["sleep", "infinity"])),
            "[sleep, infinity]"
        );
    }

    #[test]
    fn control_characters_are_shown_not_obeyed() {
        assert_eq!(escaped("a\u{1b}[2Jb\n"), "a\\u{1b}[2Jb\\n");
        assert_eq!(escaped("\u{202e}evil"), "\\u{202e}evil");
    }
}
