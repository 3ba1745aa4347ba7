//! `nest exec`

use crate::cli::args::{CommandOptions, ExecArguments};
use crate::cli::error::CommandError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::named::{self, NameOf, Named};
use crate::cli::options::Options;
use crate::cli::output::Output;
use crate::cli::project::{self, Target, Warnings};
use crate::cli::terminal::{self, RawTerminal};
use crate::docker::{Docker, ExecOptions};

/// Runs a command in an environment or a service.
pub(crate) async fn run(
    arguments: ExecArguments,
    options: &Options,
    output: &Output,
) -> Result<ExitStatus, CommandError> {
    let Target {
        engine, desired, ..
    } = project::target(options, output, Warnings::Silent).await?;
    let found = named::one(
        &desired,
        (NameOf::Place, &arguments.name),
        arguments.how.replica,
    )?;
    let command = InContainer::of(arguments.command, &arguments.how, options);
    command.run(&engine, &found).await
}

/// A command in a container, with nest's own streams.
pub(crate) struct InContainer {
    /// The command and its arguments.
    pub(crate) command: Vec<String>,
    /// Variables, as `NAME=value`.
    pub(crate) environment: Vec<String>,
    /// The folder to run in, where it is not the container's own.
    pub(crate) working_folder: Option<String>,
    /// The user to run as, where it is not the container's own.
    pub(crate) user: Option<String>,
    /// Whether it gets nest's terminal.
    pub(crate) has_terminal: bool,
}

impl InContainer {
    /// A command that runs as the user says.
    pub(crate) fn of(command: Vec<String>, how: &CommandOptions, options: &Options) -> Self {
        Self {
            command,
            environment: how.variables(options),
            working_folder: how.workdir.clone(),
            user: how.user.clone(),
            has_terminal: !how.no_tty && terminal::is_there(),
        }
    }

    /// Runs it, to end as it ends.
    pub(crate) async fn run(
        self,
        engine: &Docker,
        place: &Named<'_>,
    ) -> Result<ExitStatus, CommandError> {
        let raw = self.has_terminal.then(RawTerminal::enter).flatten();
        let exec_options = ExecOptions {
            command: self.command,
            environment: self.environment,
            working_folder: self.working_folder,
            user: self.user,
            terminal: self.has_terminal.then(terminal::size),
            resizes: self.has_terminal.then(terminal::resizes).flatten(),
            stdin: Some(Box::new(tokio::io::stdin())),
            stdout: Box::new(tokio::io::stdout()),
            stderr: Box::new(tokio::io::stderr()),
        };
        let ended = engine.exec(&place.engine, place.container, exec_options);
        let ended = ended.await;
        drop(raw);
        match ended {
            Ok(code) => Ok(ExitStatus::of_process(code)),
            Err(error) => Err(place.failed(error)),
        }
    }
}

impl CommandOptions {
    /// The variables of the command, as `NAME=value`; one without a value is passed on from this process.
    pub(crate) fn variables(&self, options: &Options) -> Vec<String> {
        let pass_on = |variable: &String| match options.variables.get(variable) {
            Some(value) if !variable.contains('=') => Some(format!("{variable}={value}")),
            None if !variable.contains('=') => None,
            _ => Some(variable.clone()),
        };
        self.env.iter().filter_map(pass_on).collect()
    }
}
