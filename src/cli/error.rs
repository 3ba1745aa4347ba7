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
            CommandError::NoFile => {
                output.error("no `nest.yaml` or `nest.yml` in this folder or one above");
                output.insist("\nhint: write one, or name it with `-f FILE`\n");
                ExitStatus::InvalidFile
            }
            CommandError::NoFileAt { place } => {
                output.error(&format!("no `nest.yaml` or `nest.yml` in `{place}`"));
                ExitStatus::InvalidFile
            }
            CommandError::Invalid(invalid) => {
                let options = RenderOptions {
                    color: output.has_color(),
                    width: output.width(),
                };
                output.insist(&render_problems(
                    &invalid.problems,
                    &invalid.sources,
                    options,
                ));
                output.error(&invalid.to_string());
                ExitStatus::InvalidFile
            }
            CommandError::NotSupportedYet(parts) => {
                let options = RenderOptions {
                    color: output.has_color(),
                    width: output.width(),
                };
                output.insist(&render_problems(&parts.problems, &parts.sources, options));
                output.error("the file is valid, but this version cannot carry out all of it");
                output.insist("\nhint: nothing was done; take out the parts shown above\n");
                ExitStatus::InvalidFile
            }
            CommandError::Engine(error) => {
                output.insist(&failure(error));
                match error {
                    EngineError::Unreachable { .. } => ExitStatus::NoEngine,
                    _ => ExitStatus::Failed,
                }
            }
            CommandError::File {
                path,
                attempt,
                source,
            } => {
                output.error(&format!("cannot {attempt} `{}`: {source}", path.display()));
                ExitStatus::Failed
            }
            CommandError::Git(error) => {
                output.error(&with_causes(error));
                ExitStatus::Failed
            }
            CommandError::NotAPlan { path, source } => {
                output.error(&format!(
                    "`{}` is not a plan saved by this version of nest: {source}",
                    path.display()
                ));
                output.insist("\nhint: make one with `nest plan --out FILE`\n");
                ExitStatus::Failed
            }
            CommandError::Stale(stale) => {
                output.error(&stale.to_string());
                output.insist(
                    "\nhint: nothing was done; make a new plan with `nest plan --out FILE`\n",
                );
                ExitStatus::Failed
            }
            CommandError::Lock(error) => {
                output.error(&with_causes(error));
                if matches!(error, LockError::Held(_)) {
                    output.insist(
                        "\nhint: nothing was done; wait longer with `--lock-timeout`, or free a lock that was left \
                         behind with `nest unlock`\n",
                    );
                }
                ExitStatus::Failed
            }
            CommandError::Usage { message, hint } => {
                output.error(message);
                output.insist(&format!("\nhint: {hint}\n"));
                ExitStatus::Failed
            }
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
