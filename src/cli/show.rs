//! `nest show`

use std::path::Path;

use crate::cli::args::ShowArguments;
use crate::cli::error::CommandError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::options::Options;
use crate::cli::output::Output;
use crate::cli::plan::shown;
use crate::plan::saved::SavedPlan;

/// Shows a saved plan. Whether it still holds, `nest apply` finds out.
pub(crate) fn run(
    arguments: &ShowArguments,
    options: &Options,
    output: &Output,
) -> Result<ExitStatus, CommandError> {
    let saved = read(&options.working_folder.join(&arguments.plan))?;
    output.data(&shown(&saved.plan, arguments.format));
    Ok(ExitStatus::Success)
}

/// Reads a saved plan.
pub(super) fn read(path: &Path) -> Result<SavedPlan, CommandError> {
    let bytes = std::fs::read(path).map_err(|source| CommandError::File {
        path: path.to_owned(),
        attempt: "read",
        source,
    })?;
    serde_json::from_slice(&bytes).map_err(|source| CommandError::NotAPlan {
        path: path.to_owned(),
        source,
    })
}
