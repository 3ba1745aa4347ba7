//! What a container said.

use std::time::{SystemTime, UNIX_EPOCH};

use bollard::query_parameters::{LogsOptions, LogsOptionsBuilder};
use futures_util::TryStreamExt as _;

use crate::docker::client::Client;
use crate::docker::error::printable;
use crate::docker::identity::parse_time;
use crate::engine::EngineError;

/// How long a line may be before the rest of it is left out.
const LINE_LIMIT: usize = 4096;

/// Cuts the stream of a log into lines and leaves out those of an earlier run of the container.
///
/// The engine compares whole seconds only, so that the end of that run may come first.
#[derive(Debug)]
pub(crate) struct LogLines {
    /// Whether each line begins with its time.
    has_times: bool,
    since: Option<SystemTime>,
    partial: Vec<u8>,
}

impl LogLines {
    /// Lines since a time.
    pub(crate) fn since(since: Option<SystemTime>) -> Self {
        Self {
            has_times: true,
            since,
            partial: Vec::new(),
        }
    }

    /// All lines of a log that is read without times.
    fn without_times() -> Self {
        Self {
            has_times: false,
            ..Self::since(None)
        }
    }

    /// Takes the next piece of the log and hands over the lines that it completes.
    pub(crate) fn push(&mut self, bytes: &[u8], mut line: impl FnMut(&str)) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let room = LINE_LIMIT.saturating_sub(self.partial.len());
            let end = piece.strip_suffix(b"\n");
            let text = end.unwrap_or(piece);
            self.partial
                .extend_from_slice(&text[..text.len().min(room)]);
            if end.is_some() {
                let whole = String::from_utf8_lossy(&self.partial).into_owned();
                self.partial.clear();
                if let Some(said) = self.recent(&whole) {
                    line(said);
                }
            }
        }
    }

    /// The line without its time, where it is recent enough.
    fn recent<'line>(&self, line: &'line str) -> Option<&'line str> {
        let line = line.trim_end_matches('\r');
        if !self.has_times {
            return Some(line);
        }
        let Some((time, said)) = line.split_once(' ') else {
            return Some(line);
        };
        match (parse_time(time), self.since) {
            (Some(time), Some(since)) => (time >= since).then_some(said),
            (Some(_), None) => Some(said),
            (None, _) => Some(line),
        }
    }
}

/// Options that read a log since a time, with the time of each line.
pub(crate) fn log_options(since: Option<SystemTime>, follow: bool) -> LogsOptions {
    let seconds = since
        .and_then(|since| since.duration_since(UNIX_EPOCH).ok())
        .and_then(|since| i32::try_from(since.as_secs()).ok())
        .unwrap_or_default();
    LogsOptionsBuilder::default()
        .stdout(true)
        .stderr(true)
        .timestamps(true)
        .since(seconds)
        .follow(follow)
        .build()
}

/// Whether the container's log says `wanted` since a time.
pub(crate) async fn log_says(
    client: &Client,
    container_id: &str,
    since: Option<SystemTime>,
    wanted: &str,
) -> Result<bool, EngineError> {
    let mut lines = LogLines::since(since);
    let mut said = false;
    let mut log = client
        .bollard
        .logs(container_id, Some(log_options(since, false)));
    while let Some(piece) = log
        .try_next()
        .await
        .map_err(|error| client.attempt("read the log of a container").failed(error))?
    {
        lines.push(piece.as_ref(), |line| said |= line.contains(wanted));
        if said {
            break;
        }
    }
    Ok(said)
}

/// The last lines of a container's log, printable. They are read without times, since podman puts one before each piece
/// in which a line was written. A log that cannot be read is empty: it explains another error.
pub(crate) async fn log_tail(client: &Client, container_id: &str, count: usize) -> Vec<String> {
    let options = LogsOptionsBuilder::default()
        .stdout(true)
        .stderr(true)
        .tail(&count.to_string())
        .build();
    let mut lines = LogLines::without_times();
    let mut tail = Vec::new();
    let mut log = client.bollard.logs(container_id, Some(options));
    while let Ok(Some(piece)) = log.try_next().await {
        lines.push(piece.as_ref(), |line| tail.push(printable(line)));
    }
    tail.drain(..tail.len().saturating_sub(count));
    tail
}

#[cfg(test)]
mod tests {
    use crate::docker::identity::parse_time;
    use crate::docker::log::LogLines;

    fn lines(since: &str, pieces: &[&str]) -> Vec<String> {
        let mut lines = LogLines::since(parse_time(since));
        let mut said = Vec::new();
        for piece in pieces {
            lines.push(piece.as_bytes(), |line| said.push(line.to_owned()));
        }
        said
    }

    #[test]
    fn lines_of_an_earlier_run_in_the_same_second_are_left_out() {
        let pieces = [
            "2026-01-02T03:04:05.100000000Z old\n2026-01-02T03:04:05.3",
            "00000000Z new\r\n2026-01-02T03:04:06Z ne",
            "wer\nunfinished",
        ];
        assert_eq!(lines("2026-01-02T03:04:05.2Z", &pieces), ["new", "newer"]);
        assert_eq!(lines("", &pieces), ["old", "new", "newer"]);
    }

    #[test]
    fn a_line_without_end_is_cut() {
        let said = lines("", &[&"x".repeat(100_000), "\nshort\n"]);
        assert_eq!(said.len(), 2);
        assert!(said[0].len() < 5000);
        assert_eq!(said[1], "short");
    }
}
