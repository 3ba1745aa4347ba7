//! What containers have said, for a user.

use bollard::container::LogOutput;
use bollard::query_parameters::LogsOptionsBuilder;
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};

use crate::docker::Docker;
use crate::engine::EngineError;
use crate::resource::engine_path::EnginePath;

/// Which part of a container's log is asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LogQuestion {
    /// Whether to go on with what is said from now on, until the container ends.
    pub follow: bool,
    /// The number of last lines to begin with; all of them where it is not given.
    pub tail: Option<u64>,
    /// Only what was said since, in seconds after the beginning of 1970 (UTC).
    pub since: Option<i64>,
    /// Only what was said before, in seconds after the beginning of 1970 (UTC).
    pub until: Option<i64>,
    /// Whether each entry begins with its time, in RFC 3339 with nine digits of a second, and a space.
    pub timestamps: bool,
}

/// A piece of a log: an entry, mostly a line with its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogPiece {
    /// Whether it was said on standard error.
    pub is_error: bool,
    /// What was said.
    pub bytes: Bytes,
}

impl Docker {
    /// The log of a container of the engine at `path`. That there is no such container is the stream's first answer.
    pub async fn logs(
        &self,
        path: &EnginePath,
        container: &str,
        question: LogQuestion,
    ) -> Result<impl Stream<Item = Result<LogPiece, EngineError>> + Unpin + use<>, EngineError>
    {
        let client = self.client(path).await?;
        let seconds = |time: Option<i64>| {
            let time = time.unwrap_or_default();
            i32::try_from(time).unwrap_or(if time < 0 { 0 } else { i32::MAX })
        };
        let tail = question.tail.map(|count| count.to_string());
        let options = LogsOptionsBuilder::default()
            .stdout(true)
            .stderr(true)
            .follow(question.follow)
            .tail(tail.as_deref().unwrap_or("all"))
            .since(seconds(question.since))
            .until(seconds(question.until))
            .timestamps(question.timestamps)
            .build();
        let phrase = format!("read the log of container `{container}`");
        let log = client.patient().logs(container, Some(options));
        let pieces = log.map(move |piece| match piece {
            Ok(piece) => Ok(LogPiece {
                is_error: matches!(piece, LogOutput::StdErr { .. }),
                bytes: piece.into_bytes(),
            }),
            Err(error) => Err(client.attempt(&phrase).failed(error)),
        });
        Ok(Box::pin(pieces))
    }
}
