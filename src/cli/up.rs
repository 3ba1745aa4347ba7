//! `nest up`

use std::fmt::Write as _;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::cli::approval::{Caution, approve};
use crate::cli::args::{ConfirmArguments, ExpiryArgument, UpArguments};
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
use crate::plan::{Expiry, PlanOptions};
use crate::report::words;
use crate::resource::Kind;
use crate::resource::pattern::AddressPattern;

/// Brings the engines to what the file declares.
pub(crate) async fn run(
    arguments: &UpArguments,
    options: &Options,
    output: &Output,
) -> Result<ExitStatus, CommandError> {
    let teller = Teller::new(arguments.confirm.run.format, output);
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let plan_options = PlanOptions {
        no_wait: arguments.no_wait,
        expiry: expiry(arguments.expires, now.unwrap_or_default()),
        ..options_of(&arguments.scope, None)
    };
    let how = How {
        confirm: &arguments.confirm,
        plan_options: &plan_options,
        names: &arguments.names,
        patience: arguments.timeout,
    };
    let result = bring_up("nest up", &how, options, output, &teller).await;
    result.inspect_err(|error| teller.error(error))
}

/// When the project expires from now on.
fn expiry(argument: Option<ExpiryArgument>, now: Duration) -> Expiry {
    match argument {
        None => Expiry::Kept,
        Some(ExpiryArgument::Never) => Expiry::Never,
        Some(ExpiryArgument::After(time)) => Expiry::At(now.saturating_add(time).as_secs()),
    }
}

/// How the engines are brought to what the file declares.
pub(crate) struct How<'a> {
    /// Whether to ask.
    pub(crate) confirm: &'a ConfirmArguments,
    /// What to plan.
    pub(crate) plan_options: &'a PlanOptions,
    /// What to bring up; all where there are none.
    pub(crate) names: &'a [String],
    /// How long all waiting may take.
    pub(crate) patience: Option<Duration>,
}

impl<'a> How<'a> {
    /// All, with any time for waiting.
    pub(crate) fn whole(confirm: &'a ConfirmArguments, plan_options: &'a PlanOptions) -> Self {
        Self {
            confirm,
            plan_options,
            names: &[],
            patience: None,
        }
    }
}

/// What `up`, and `apply` without a saved plan, do: with all, or with those of these names.
pub(crate) async fn bring_up(
    command: &str,
    how: &How<'_>,
    options: &Options,
    output: &Output,
    teller: &Teller<'_>,
) -> Result<ExitStatus, CommandError> {
    let target = project::target(options, output, Warnings::Brief).await?;
    let mut plan_options = how.plan_options.clone();
    if !how.names.is_empty() {
        for named in named::some(&target.desired, how.names)? {
            let target = named.wanted.address.as_str().parse::<AddressPattern>();
            plan_options
                .targets
                .push(target.map_err(|error| CommandError::Usage {
                    message: error.to_string(),
                    hint: "name it by its address, with `--target`".to_owned(),
                })?);
        }
    }
    let how = How {
        plan_options: &plan_options,
        ..*how
    };
    let status = bring_to(command, &how, &target, (options, output, teller)).await?;
    if status == ExitStatus::Success {
        teller.talk(&remarks(&plan_options));
        teller.talk(&next_commands(&target.desired));
    }
    Ok(status)
}

/// Brings the engines to what is wanted of them, for a command.
pub(crate) async fn bring_to(
    command: &str,
    how: &How<'_>,
    target: &Target,
    (options, output, teller): (&Options, &Output, &Teller<'_>),
) -> Result<ExitStatus, CommandError> {
    let mut approve = |plan: &crate::plan::Plan, _wave: usize| {
        let caution = Caution::Destruction;
        approve(plan, caution, how.confirm.yes, teller, (options, output))
    };
    run_plan::run_plan(
        &target.engine,
        &target.desired,
        how.plan_options,
        (
            &run_plan::lock_options(command, &how.confirm.run, options),
            how.patience,
        ),
        (options, output, teller),
        &mut approve,
    )
    .await
}

/// What there is to know about a project that was brought up so.
fn remarks(plan_options: &PlanOptions) -> String {
    let mut remarks = String::new();
    if plan_options.no_wait {
        remarks.push_str(
            "Not waited for, as `--no-wait` says: what was started may not be ready yet. `nest status` shows it, \
             `nest up` waits for it.\n",
        );
    }
    match plan_options.expiry {
        Expiry::Kept => {}
        Expiry::At(time) => {
            let time = UNIX_EPOCH.checked_add(Duration::from_secs(time));
            let time = time.and_then(words::moment);
            let time = time.unwrap_or_else(|| "a time that no calendar has".to_owned());
            let _ = writeln!(
                remarks,
                "The project expires at {time}: then `nest prune` takes it down."
            );
        }
        Expiry::Never => remarks.push_str("The project does not expire.\n"),
    }
    remarks
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
