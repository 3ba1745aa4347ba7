//! `nest completions`

use clap::CommandFactory as _;
use clap_complete::{Shell, generate};

use crate::cli::args::Arguments;
use crate::cli::exit_status::ExitStatus;
use crate::cli::output::Output;

/// Prints what makes a shell complete the command line.
pub(crate) fn run(shell: Shell, output: &Output) -> ExitStatus {
    let mut script = Vec::new();
    generate(shell, &mut Arguments::command(), "nest", &mut script);
    output.data(&String::from_utf8_lossy(&script));
    ExitStatus::Success
}
