//! The command line: reads arguments, calls the rooms above, prints.

pub mod args;
pub mod exit_status;
pub mod options;
pub mod output;

mod accounts;
mod apply;
mod approval;
mod completions;
mod config;
mod connect;
mod cp;
mod diff;
mod doctor;
mod down;
mod error;
mod exec;
mod explain;
mod graph;
mod images;
mod init;
mod logs;
mod ls;
mod man;
mod named;
mod pinned;
mod plan;
mod port;
mod project;
mod prune;
mod relay;
mod run;
mod run_plan;
mod running;
mod schema;
mod screen;
mod show;
mod signals;
mod status;
mod teller;
mod terminal;
mod unlock;
mod up;
mod validate;
mod version;
mod watch;

use std::ffi::OsString;

use clap::{CommandFactory as _, FromArgMatches as _};

use crate::cli::args::follow::written_out;
use crate::cli::args::{Arguments, Command};
use crate::cli::error::CommandError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::options::{Options, without_empty_variables};
use crate::cli::output::Output;
use crate::cli::running::Wish;

/// Runs the command that the arguments name and returns the status that the process should end with.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitStatus {
    let command = without_empty_variables(Arguments::command());
    let matches = command.try_get_matches_from(written_out(arguments));
    let arguments = match matches.and_then(|it| Arguments::from_arg_matches(&it)) {
        Ok(arguments) => arguments,
        Err(message) => return output::usage(&message),
    };
    let output = Output::new(&arguments.global);
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            output.error(&format!("cannot start the event loop: {error}"));
            return ExitStatus::Failed;
        }
    };
    let options = Options::from_process(arguments.global);
    let ends_as_a_command = arguments.command.ends_as_another();
    let result = runtime.block_on(dispatch(arguments.command, &options, &output));
    // A read of standard input that is still waiting must not keep the process alive.
    runtime.shutdown_background();
    match result {
        Ok(status) => output.ended(status),
        Err(error) => {
            let status = error.report(&output);
            if ends_as_a_command {
                ExitStatus::Command(125)
            } else {
                status
            }
        }
    }
}

async fn dispatch(
    command: Command,
    options: &Options,
    output: &Output,
) -> Result<ExitStatus, CommandError> {
    match command {
        Command::Init(arguments) => init::run(&arguments, options, output),
        Command::Validate(arguments) => validate::run(&arguments, options, output),
        Command::Config(arguments) => config::run(&arguments, options, output).await,
        Command::Plan(arguments) => plan::run(&arguments, options, output).await,
        Command::Apply(arguments) => Box::pin(apply::run(&arguments, options, output)).await,
        Command::Show(arguments) => show::run(&arguments, options, output),
        Command::Diff(arguments) => diff::run(&arguments, options, output),
        Command::Graph(arguments) => graph::run(&arguments, options, output).await,
        Command::Up(arguments) => Box::pin(up::run(&arguments, options, output)).await,
        Command::Watch(arguments) => watch::run(&arguments, options, output).await,
        Command::Down(arguments) => down::run(&arguments, options, output).await,
        Command::Prune(arguments) => Box::pin(prune::run(&arguments, options, output)).await,
        Command::Unlock(arguments) => unlock::run(&arguments, options, output).await,
        Command::Ls(arguments) => ls::run(&arguments, options, output).await,
        Command::Images(arguments) => images::run(&arguments, options, output).await,
        Command::Status(arguments) => status::run(&arguments, options, output).await,
        Command::Run(arguments) => Box::pin(run::run(arguments, options, output)).await,
        Command::Doctor(arguments) => doctor::run(&arguments, options, output).await,
        Command::Exec(arguments) => exec::run(arguments, options, output).await,
        Command::Docker(arguments) => connect::docker(arguments, options, output).await,
        Command::Connect(arguments) => connect::run(&arguments, options, output).await,
        Command::Cp(arguments) => cp::run(&arguments, options, output).await,
        Command::Port(arguments) => port::run(&arguments, options, output).await,
        Command::Forward(arguments) => port::forward(&arguments, options, output).await,
        Command::Logs(arguments) => logs::run(&arguments, options, output).await,
        Command::Stop(arguments) => running::run(Wish::Stop, &arguments, options, output).await,
        Command::Start(arguments) => running::run(Wish::Start, &arguments, options, output).await,
        Command::Restart(arguments) => {
            running::run(Wish::Restart, &arguments, options, output).await
        }
        Command::Schema(arguments) => Ok(schema::run(&arguments, output)),
        Command::Explain { code } => explain::run(&code, output),
        Command::Completions { shell } => Ok(completions::run(shell, output)),
        Command::Man(arguments) => man::run(&arguments, output),
        Command::Version { short } => Ok(version::run(short, output)),
    }
}
