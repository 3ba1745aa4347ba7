//! The engines as the rest of nest sees them: something to observe and something that performs operations.

use std::time::Duration;

use crate::model::name::ProjectName;
use crate::observed::{ObservedEngine, Question};
use crate::plan::step::Operation;
use crate::resource::engine_path::EnginePath;
use crate::resource::lock::LockHolder;

/// A container engine with all engines inside it.
///
/// The outer engine and the inner ones are the same to the caller: a path says which one is meant.
pub trait Engine {
    /// Reads the outer engine, the others that the project is on, and every running engine of the project inside them. Of
    /// the others, one that cannot be read is no error. Sends nothing that changes an
    /// engine, except the exec that a tunnel is.
    fn observe(
        &self,
        question: &Question,
    ) -> impl Future<Output = Result<ObservedEngine, EngineError>>;

    /// Takes the lock of a project on an outer engine, unless somebody has it. Tells who has it then.
    fn take_lock(
        &self,
        at: &EnginePath,
        project: &ProjectName,
        holder: &LockHolder,
    ) -> impl Future<Output = Result<LockHolder, EngineError>>;

    /// Who has the lock of a project on an outer engine.
    fn lock_holder(
        &self,
        at: &EnginePath,
        project: &ProjectName,
    ) -> impl Future<Output = Result<Option<LockHolder>, EngineError>>;

    /// Frees the lock of a project on an outer engine, whoever has it.
    fn free_lock(
        &self,
        at: &EnginePath,
        project: &ProjectName,
    ) -> impl Future<Output = Result<(), EngineError>>;

    /// Performs one operation on the engine at `path`.
    fn perform(
        &self,
        path: &EnginePath,
        operation: &Operation,
        report: &dyn Fn(Progress),
    ) -> impl Future<Output = Result<(), EngineError>>;
}

/// What an operation tells while it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// So many bytes have been moved in all.
    Bytes(u64),
    /// A rung of the readiness ladder is being tried.
    Rung(Rung),
    /// A line of what a build tells, control characters escaped.
    Output(String),
    /// A registry has what was pushed to it, by this digest.
    Pushed(String),
    /// Something the user should know that is no failure.
    Warning(String),
}

/// The rungs of the readiness ladder, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rung {
    /// The container runs and is not restarting.
    Running,
    /// The container's log says that the engine listens.
    LogLine,
    /// The tunnel to the engine opens.
    Transport,
    /// The engine answers `/_ping`.
    Ping,
    /// `/info` shows a working engine with the settings that were declared.
    Info,
}

impl Rung {
    /// What is waited for, as a phrase.
    pub fn phrase(self) -> &'static str {
        match self {
            Rung::Running => "the container runs",
            Rung::LogLine => "the log says that the engine listens",
            Rung::Transport => "the tunnel to the engine opens",
            Rung::Ping => "the engine answers a ping",
            Rung::Info => "the engine reports the declared settings",
        }
    }
}

/// Why an engine could not be observed, or an operation could not be performed.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// Nothing answers at the endpoint of the outer engine.
    #[error("no container engine answers at {endpoint}")]
    Unreachable {
        /// The endpoint that was tried and where it came from, such as `unix:///var/run/docker.sock (the default)`.
        endpoint: String,
        /// What the user can do.
        help: String,
        /// What went wrong.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The endpoint, or the engine, cannot be used by this version of nest.
    #[error("cannot use {subject}: {reason}")]
    Unsupported {
        /// The endpoint or engine.
        subject: String,
        /// Why it cannot be used, and what would work.
        reason: String,
    },
    /// The engine answered with an error.
    #[error("{engine} refused to {attempt}: {message}")]
    Refused {
        /// What was attempted, as a phrase that follows “to”.
        attempt: String,
        /// The engine.
        engine: EnginePath,
        /// The HTTP status.
        status: u16,
        /// The engine's own words, control characters escaped.
        message: String,
    },
    /// The connection to the engine failed.
    #[error("the connection to {engine} failed while trying to {attempt}")]
    Broken {
        /// What was attempted, as a phrase that follows “to”.
        attempt: String,
        /// The engine.
        engine: EnginePath,
        /// What went wrong.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// An inner engine did not become ready.
    #[error("the engine in `{container}` is not ready after {}: failed at “{}”: {reason}", humane(*.waited), .rung.phrase())]
    NotReady {
        /// The container.
        container: String,
        /// The rung of the ladder that failed.
        rung: Rung,
        /// Why it failed.
        reason: String,
        /// Whether the container has ended.
        has_ended: bool,
        /// How long it was waited for.
        waited: Duration,
        /// The container's last log lines, control characters escaped.
        log: Vec<String>,
    },
    /// The time for all waiting of the run was over before a container was as it was to be.
    #[error("the time for waiting, {}, is over: still waiting for `{container}` {awaited}", humane(*.limit))]
    OutOfPatience {
        /// The container.
        container: String,
        /// What it was to be or to do.
        awaited: &'static str,
        /// How long all waiting was to take.
        limit: Duration,
    },
    /// A build did not come to its end.
    #[error("{engine} failed to build `{image}`: {reason}")]
    BuildFailed {
        /// The image.
        image: String,
        /// The engine.
        engine: EnginePath,
        /// Why it failed, control characters escaped.
        reason: String,
        /// The last lines that the build told, control characters escaped.
        log: Vec<String>,
    },
    /// The way into a container ended at an engine that is already on the path.
    #[error(
        "the way into `{container}` leads to the engine that it runs on, not to one of its own; nothing was sent to it"
    )]
    WrongEngine {
        /// The container.
        container: String,
    },
    /// A file on this machine could not be read.
    #[error("cannot read {path}")]
    Unreadable {
        /// The file.
        path: String,
        /// What went wrong.
        source: std::io::Error,
    },
    /// An operation ended without an error from the engine, and yet its effect is not there.
    #[error("{engine} did not {attempt}: {reason}")]
    NoEffect {
        /// What was attempted, as a phrase that follows “did not”.
        attempt: String,
        /// The engine.
        engine: EnginePath,
        /// What is missing.
        reason: String,
    },
}

fn humane(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match (seconds / 60, seconds % 60) {
        (0, 0..10) => format!("{:.1}s", duration.as_secs_f64()),
        (0, seconds) => format!("{seconds}s"),
        (minutes, 0) => format!("{minutes}m"),
        (minutes, seconds) => format!("{minutes}m{seconds}s"),
    }
}
