//! `nest status`

use crate::cli::args::{ListFormat, StatusArguments};
use crate::cli::error::CommandError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::options::Options;
use crate::cli::output::Output;
use crate::cli::project::{self, Target, Warnings};
use crate::plan::PlanOptions;
use crate::report::status::Found;
use crate::up::observe_and_plan;

/// Shows what is, against what should be.
pub(crate) async fn run(
    arguments: &StatusArguments,
    options: &Options,
    output: &Output,
) -> Result<ExitStatus, CommandError> {
    let Target {
        engine, desired, ..
    } = project::target(options, output, Warnings::Silent).await?;
    let plan_options = PlanOptions::whole(None);
    let (planned, sizes) = tokio::join!(
        observe_and_plan(&engine, &desired, &plan_options),
        engine.volume_sizes(),
    );
    let (observed, plan) = planned?;
    let found = Found {
        plan: &plan,
        observed: &observed,
        sizes: &sizes.unwrap_or_default(),
    };
    output.data(&match arguments.format {
        ListFormat::Human => found.tree(),
        ListFormat::Json => format!("{:#}\n", found.json()),
    });
    Ok(ExitStatus::Success)
}
