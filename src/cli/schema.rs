//! `nest schema`

use crate::cli::exit_status::ExitStatus;
use crate::cli::output::Output;
use crate::spec::schema;

/// Prints the JSON schema of nest files.
pub(crate) fn run(output: &Output) -> ExitStatus {
    output.data(&format!("{:#}\n", schema()));
    ExitStatus::Success
}
