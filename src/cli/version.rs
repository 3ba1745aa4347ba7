//! `nest version`

use crate::cli::exit_status::ExitStatus;
use crate::cli::output::Output;

/// Prints the version.
pub(crate) fn run(short: bool, output: &Output) -> ExitStatus {
    let number = env!("CARGO_PKG_VERSION");
    let line = if short {
        format!("{number}\n")
    } else {
        format!("nest {number}\n")
    };
    output.data(&line);
    ExitStatus::Success
}
