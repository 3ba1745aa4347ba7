//! `nest up`

use crate::cli::approval::{Caution, approve};
use crate::cli::args::{ConfirmArguments, UpArguments};
use crate::cli::error::CommandError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::named;
use crate::cli::options::Options;
use crate::cli::output::Output;
use crate::cli::plan::options_of;
use crate::cli::project::{self, Target, Warnings};
use crate::cli::run_plan;
use crate::cli::teller::Teller;
use crate::desired::Desired;
use crate::mode::Mode;
use crate::plan::PlanOptions;
use crate::resource::Kind;
use crate::resource::pattern::AddressPattern;

/// Brings the engines to what the file declares.
pub(crate) async fn run(
    arguments: &UpArguments,
    options: &Options,
    output: &Output,
) -> Result<ExitStatus, CommandError> {
    let teller = Teller::new(arguments.confirm.run.format, output);
    let plan_options = options_of(&arguments.scope, None);
    let how = (
        &arguments.confirm,
        &plan_options,
        arguments.names.as_slice(),
    );
    let result = bring_up("nest up", how, options, output, &teller).await;
    result.inspect_err(|error| teller.error(error))
}

/// What `up`, and `apply` without a saved plan, do: with all, or with those of these names.
pub(crate) async fn bring_up(
    command: &str,
    (confirm, plan_options, names): (&ConfirmArguments, &PlanOptions, &[String]),
    options: &Options,
    output: &Output,
    teller: &Teller<'_>,
) -> Result<ExitStatus, CommandError> {
    let target = project::target(options, output, Warnings::Brief).await?;
    let mut plan_options = plan_options.clone();
    if !names.is_empty() {
        for named in named::some(&target.desired, names)? {
            let target = named.wanted.address.as_str().parse::<AddressPattern>();
            plan_options
                .targets
                .push(target.map_err(|error| CommandError::Usage {
                    message: error.to_string(),
                    hint: "name it by its address, with `--target`".to_owned(),
                })?);
        }
    }
    let how = (confirm, &plan_options);
    let status = bring_to(command, how, &target, (options, output, teller)).await?;
    if status == ExitStatus::Success {
        teller.talk(&next_commands(&target.desired));
    }
    Ok(status)
}

/// Brings the engines to what is wanted of them, for a command.
pub(crate) async fn bring_to(
    command: &str,
    (confirm, plan_options): (&ConfirmArguments, &PlanOptions),
    target: &Target,
    (options, output, teller): (&Options, &Output, &Teller<'_>),
) -> Result<ExitStatus, CommandError> {
    let mut approve = |plan: &crate::plan::Plan, _wave: usize| {
        let caution = Caution::Destruction;
        approve(plan, caution, confirm.yes, teller, (options, output))
    };
    run_plan::run_plan(
        &target.engine,
        &target.desired,
        plan_options,
        &run_plan::lock_options(command, &confirm.run, options),
        (options, output, teller),
        &mut approve,
    )
    .await
}

/// The commands that are useful next.
fn next_commands(desired: &Desired) -> String {
    let first = desired
        .engine
        .containers
        .values()
        .find(|container| container.kind == Kind::Environment);
    let Some(container) = first else {
        return String::new();
    };
    let name = container
        .address
        .as_str()
        .trim_start_matches("environment.");
    let name = if name.contains('[') {
        format!("'{name}'")
    } else {
        name.to_owned()
    };
    let mode = container.fixed.mode.as_deref().and_then(Mode::named);
    let own = mode.and_then(Mode::own_engine);
    let client = own.map_or("docker", |own| own.client);
    format!("\nNext: `nest exec {name} {client} ps`, `nest status`, `nest down`\n")
}
