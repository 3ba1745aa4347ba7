//! `nest graph`

use crate::cli::args::{GraphArguments, GraphFormat};
use crate::cli::error::CommandError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::options::Options;
use crate::cli::output::Output;
use crate::cli::project::{self, Target, Warnings};
use crate::cli::show;
use crate::desired::desired;
use crate::desired::facts::Facts;
use crate::plan::{Plan, PlanOptions};
use crate::report::graph;
use crate::up::observe_and_plan;

/// Draws what the file declares, or a plan.
pub(crate) async fn run(
    arguments: &GraphArguments,
    options: &Options,
    output: &Output,
) -> Result<ExitStatus, CommandError> {
    let graph = match plan(arguments, options, output).await? {
        Some(plan) if arguments.steps => graph::steps(&plan),
        Some(plan) => graph::changes(&plan),
        None => {
            let read = project::read(options, output, Warnings::Brief)?;
            // Archives need not be there to be drawn.
            graph::declared(&desired(&read.project, &Facts::default()))
        }
    };
    output.data(&match arguments.format {
        GraphFormat::Dot => graph::dot(&graph),
        GraphFormat::Mermaid => graph::mermaid(&graph),
    });
    Ok(ExitStatus::Success)
}

/// The plan that is asked for: a saved one, or one made now.
async fn plan(
    arguments: &GraphArguments,
    options: &Options,
    output: &Output,
) -> Result<Option<Plan>, CommandError> {
    if let Some(path) = &arguments.plan_file {
        let saved = show::read(&options.working_folder.join(path))?;
        if arguments.steps && saved.withheld.is_some() {
            return Err(CommandError::Usage {
                message: format!(
                    "`{}` does not hold the steps of its plan: some have secrets",
                    path.display()
                ),
                hint: "`nest graph --plan --steps` draws those of a plan that is made now"
                    .to_owned(),
            });
        }
        return Ok(Some(saved.plan));
    }
    if !arguments.plan {
        return Ok(None);
    }
    let Target {
        engine, desired, ..
    } = project::target(options, output, Warnings::Brief).await?;
    let plan_options = PlanOptions::whole(None);
    let (_, plan) = observe_and_plan(&engine, &desired, &plan_options).await?;
    Ok(Some(plan))
}
