//! `nest status`

use crate::cli::error::CommandError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::options::Options;
use crate::cli::output::Output;
use crate::cli::project::{self, Target, Warnings};
use crate::plan::PlanOptions;
use crate::report;
use crate::up::observe_and_plan;

/// Shows what is, against what should be.
pub(crate) async fn run(options: &Options, output: &Output) -> Result<ExitStatus, CommandError> {
    let Target {
        engine, desired, ..
    } = project::target(options, output, Warnings::Silent).await?;
    let (observed, plan) = observe_and_plan(&engine, &desired, &PlanOptions::whole(None)).await?;
    output.data(&report::status::status(&plan, &observed));
    Ok(ExitStatus::Success)
}
