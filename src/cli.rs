//! The command line: reads arguments, calls the rooms above, prints.

pub mod args;
pub mod exit_status;
pub mod options;
pub mod output;

mod apply;
mod approval;
mod completions;
mod config;
mod diff;
mod doctor;
mod down;
mod error;
mod exec;
mod explain;
mod graph;
mod init;
mod man;
mod pinned;
mod plan;
mod project;
mod run_plan;
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

use std::ffi::OsString;

use clap::Parser as _;

use crate::cli::args::{Arguments, Command};
use crate::cli::error::CommandError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::options::Options;
use crate::cli::output::Output;

/// Runs the command that the arguments name and returns the status that the process should end with.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitStatus {
    let arguments = match Arguments::try_parse_from(arguments) {
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
    let is_exec = matches!(arguments.command, Command::Exec(_));
    let result = runtime.block_on(dispatch(arguments.command, &options, &output));
    // A read of standard input that is still waiting must not keep the process alive.
    runtime.shutdown_background();
    match result {
        Ok(status) => status,
        Err(error) => {
            let status = error.report(&output);
            if is_exec {
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
        Command::Apply(arguments) => apply::run(&arguments, options, output).await,
        Command::Show(arguments) => show::run(&arguments, options, output),
        Command::Diff(arguments) => diff::run(&arguments, options, output),
        Command::Graph(arguments) => graph::run(&arguments, options, output).await,
        Command::Up(arguments) => up::run(&arguments, options, output).await,
        Command::Down(arguments) => down::run(&arguments, options, output).await,
        Command::Unlock(arguments) => unlock::run(&arguments, options, output).await,
        Command::Doctor(arguments) => doctor::run(&arguments, options, output).await,
        Command::Status => status::run(options, output).await,
        Command::Exec(arguments) => exec::run(arguments, options, output).await,
        Command::Schema(arguments) => Ok(schema::run(&arguments, output)),
        Command::Explain { code } => explain::run(&code, output),
        Command::Completions { shell } => Ok(completions::run(shell, output)),
        Command::Man(arguments) => man::run(&arguments, output),
        Command::Version { short } => Ok(version::run(short, output)),
    }
}
