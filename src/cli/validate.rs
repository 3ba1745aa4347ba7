//! `nest validate`

use crate::cli::args::ValidateArguments;
use crate::cli::error::CommandError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::options::Options;
use crate::cli::output::Output;
use crate::cli::project::{self, Warnings};

/// Finds every problem in the file.
pub(crate) fn run(
    arguments: &ValidateArguments,
    options: &Options,
    output: &Output,
) -> Result<ExitStatus, CommandError> {
    let read = project::read(options, output, Warnings::Full)?;
    if arguments.deny_warnings && !read.warnings.is_empty() {
        output.error("the file has warnings, and `--deny-warnings` is given");
        return Ok(ExitStatus::InvalidFile);
    }
    output.talk(&format!("`{}` is valid.\n", read.project.file.display()));
    Ok(ExitStatus::Success)
}
