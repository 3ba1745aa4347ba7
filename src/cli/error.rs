//! Why a command ended early, and how that is told.

use std::path::PathBuf;

use crate::apply::lock::LockError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::output::Output;
use crate::engine::EngineError;
use crate::files::git::GitError;
use crate::plan::saved::StalePlan;
use crate::problem::{InvalidDocument, RenderOptions, render_problems};
use crate::report::failure::{failure, with_causes};
use crate::up::UpError;

/// Why a command ended early.
#[derive(Debug)]
pub(crate) enum CommandError {
    /// There is no nest file.
    NoFile,
    /// There is none in this folder or revision.
    NoFileAt { place: String },
    /// The file is invalid.
    Invalid(Box<InvalidDocument>),
    /// The file is valid, but this version acts on part of it only. These are the other parts.
    NotSupportedYet(Box<InvalidDocument>),
    /// An engine failed.
    Engine(EngineError),
    /// A file could not be written or read.
    File {
        path: PathBuf,
        attempt: &'static str,
        source: std::io::Error,
    },
    /// A git revision cannot be read.
    Git(GitError),
    /// A saved plan is not one.
    NotAPlan {
        path: PathBuf,
        source: serde_json::Error,
    },
    /// A saved plan no longer holds.
    Stale(StalePlan),
    /// The lock of the project was not to be had.
    Lock(LockError),
    /// Something about the arguments.
    Usage { message: String, hint: String },
}

impl CommandError {
    /// Tells the error and returns the status to end with.
    pub(crate) fn report(&self, output: &Output) -> ExitStatus {
        match self {
            CommandError::Invalid(invalid) | CommandError::NotSupportedYet(invalid) => {
                let options = RenderOptions {
                    color: output.has_color(),
                    width: output.width(),
                };
                output.insist(&render_problems(
                    &invalid.problems,
                    &invalid.sources,
                    options,
                ));
            }
            CommandError::Engine(error) => {
                output.insist(&failure(error));
                return self.status();
            }
            _ => {}
        }
        let (message, hint) = self.message();
        output.error(&message);
        if !hint.is_empty() {
            output.insist(&format!("\nhint: {hint}\n"));
        }
        self.status()
    }

    /// What is wrong, and what helps.
    pub(crate) fn message(&self) -> (String, String) {
        let (message, hint) = match self {
            CommandError::NoFile => (
                "no `nest.yaml` or `nest.yml` in this folder or one above".to_owned(),
                "write one, or name it with `-f FILE`",
            ),
            CommandError::NoFileAt { place } => {
                (format!("no `nest.yaml` or `nest.yml` in `{place}`"), "")
            }
            CommandError::Invalid(invalid) => (invalid.to_string(), ""),
            CommandError::NotSupportedYet(_) => (
                "the file is valid, but this version cannot carry out all of it".to_owned(),
                "nothing was done; take out the parts shown above",
            ),
            CommandError::Engine(error) => (with_causes(error), ""),
            CommandError::File {
                path,
                attempt,
                source,
            } => (
                format!("cannot {attempt} `{}`: {source}", path.display()),
                "",
            ),
            CommandError::Git(error) => (with_causes(error), ""),
            CommandError::NotAPlan { path, source } => (
                format!(
                    "`{}` is not a plan saved by this version of nest: {source}",
                    path.display()
                ),
                "make one with `nest plan --out FILE`",
            ),
            CommandError::Stale(stale) => (
                stale.to_string(),
                "nothing was done; make a new plan with `nest plan --out FILE`",
            ),
            CommandError::Lock(error @ LockError::Held(_)) => (
                with_causes(error),
                "nothing was done; wait longer with `--lock-timeout`, or free a lock that was left behind with \
                 `nest unlock`",
            ),
            CommandError::Lock(error) => (with_causes(error), ""),
            CommandError::Usage { message, hint } => (message.clone(), hint.as_str()),
        };
        (message, hint.to_owned())
    }

    /// The status to end with.
    pub(crate) fn status(&self) -> ExitStatus {
        match self {
            CommandError::NoFile
            | CommandError::NoFileAt { .. }
            | CommandError::Invalid(_)
            | CommandError::NotSupportedYet(_) => ExitStatus::InvalidFile,
            CommandError::Engine(EngineError::Unreachable { .. }) => ExitStatus::NoEngine,
            _ => ExitStatus::Failed,
        }
    }
}

impl From<LockError> for CommandError {
    fn from(error: LockError) -> Self {
        match error {
            LockError::Engine(error) => CommandError::Engine(error),
            other => CommandError::Lock(other),
        }
    }
}

impl From<UpError> for CommandError {
    fn from(error: UpError) -> Self {
        match error {
            UpError::Engine(error) => CommandError::Engine(error),
            UpError::Lock(error) => error.into(),
        }
    }
}

impl From<EngineError> for CommandError {
    fn from(error: EngineError) -> Self {
        CommandError::Engine(error)
    }
}
