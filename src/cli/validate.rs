//! `nest validate`

use crate::cli::args::{ProblemFormat, ValidateArguments};
use crate::cli::error::CommandError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::options::Options;
use crate::cli::output::Output;
use crate::cli::project::{self, Warnings};
use crate::files::LocalFiles;
use crate::model::read_project;
use crate::report::problem::github::github;
use crate::report::problem::json::json;
use crate::report::problem::located::located;
use crate::report::problem::sarif::sarif;

/// Finds every problem in the file.
pub(crate) fn run(
    arguments: &ValidateArguments,
    options: &Options,
    output: &Output,
) -> Result<ExitStatus, CommandError> {
    if arguments.format != ProblemFormat::Human {
        return for_tools(arguments, options, output);
    }
    let read = project::read(options, output, Warnings::Full)?;
    if arguments.deny_warnings && !read.warnings.is_empty() {
        output.error("the file has warnings, and `--deny-warnings` is given");
        return Ok(ExitStatus::InvalidFile);
    }
    output.talk(&format!("`{}` is valid.\n", read.project.file.display()));
    // The process ends: that frees it sooner than piece by piece.
    std::mem::forget(read);
    Ok(ExitStatus::Success)
}

/// Prints what was found as data.
fn for_tools(
    arguments: &ValidateArguments,
    options: &Options,
    output: &Output,
) -> Result<ExitStatus, CommandError> {
    let request = project::request(options)?;
    let (problems, sources, usable) = match read_project(&LocalFiles, &request) {
        Ok(read) => (read.warnings, read.sources, true),
        Err(invalid) => (invalid.problems, invalid.sources, false),
    };
    let problems = located(&problems, &sources);
    let text = match arguments.format {
        ProblemFormat::Json | ProblemFormat::Human => json(&problems),
        ProblemFormat::Sarif => sarif(&problems),
        ProblemFormat::Github => github(&problems),
    };
    output.data(&text);
    let denied = arguments.deny_warnings && !problems.is_empty();
    Ok(if usable && !denied {
        ExitStatus::Success
    } else {
        ExitStatus::InvalidFile
    })
}
