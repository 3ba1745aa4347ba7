//! `nest down`

use crate::cli::approval::{Caution, approve};
use crate::cli::args::DownArguments;
use crate::cli::error::CommandError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::options::Options;
use crate::cli::output::Output;
use crate::cli::plan::engine_names;
use crate::cli::project::{self, Target};
use crate::cli::run_plan;
use crate::cli::teller::Teller;
use crate::plan::{Destroy, PlanOptions};

/// Takes the project down.
pub(crate) async fn run(
    arguments: &DownArguments,
    options: &Options,
    output: &Output,
) -> Result<ExitStatus, CommandError> {
    let teller = Teller::new(arguments.confirm.run.format, output);
    let result = take_down(arguments, options, output, &teller).await;
    result.inspect_err(|error| teller.error(error))
}

/// Takes the project down, telling it.
pub(crate) async fn take_down(
    arguments: &DownArguments,
    options: &Options,
    output: &Output,
    teller: &Teller<'_>,
) -> Result<ExitStatus, CommandError> {
    let Target {
        engine, desired, ..
    } = project::target_or_named(options, output).await?;
    let destroy = Destroy {
        volumes: arguments.volumes,
    };
    let plan_options = PlanOptions {
        targets: arguments.target.clone(),
        forget: engine_names(&arguments.forget_engine),
        ..PlanOptions::whole(Some(destroy))
    };
    let mut approve = |plan: &crate::plan::Plan, _wave: usize| {
        let (caution, yes) = (Caution::DataLoss, arguments.confirm.yes);
        approve(plan, caution, yes, teller, (options, output))
    };
    run_plan::run_plan(
        &engine,
        &desired,
        &plan_options,
        (
            &run_plan::lock_options("nest down", &arguments.confirm.run, options),
            None,
        ),
        (options, output, teller),
        &mut approve,
    )
    .await
}
