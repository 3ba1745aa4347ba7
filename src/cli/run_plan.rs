//! Bringing engines to a plan's end, and telling how it went: what `up`, `down` and `apply` share.

use std::time::{Duration, Instant};

use crate::apply::ApplyOptions;
use crate::apply::event::Event;
use crate::apply::lock::{LockOptions, this_process};
use crate::apply::patience::Patience;
use crate::cli::args::RunArguments;
use crate::cli::error::CommandError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::options::Options;
use crate::cli::output::Output;
use crate::cli::signals;
use crate::cli::teller::Teller;
use crate::desired::Desired;
use crate::engine::Engine;
use crate::plan::{Plan, PlanOptions};
use crate::report::failure::incomplete;
use crate::report::words;
use crate::up::{Approval, Outcome, up};

/// Plans, asks and applies until all is as wanted.
pub(crate) async fn run_plan(
    engine: &impl Engine,
    desired: &Desired,
    plan_options: &PlanOptions,
    (lock_options, patience): (&LockOptions, Option<Duration>),
    (options, output, teller): (&Options, &Output, &Teller<'_>),
    approve: &mut dyn FnMut(&Plan, usize) -> Approval,
) -> Result<ExitStatus, CommandError> {
    let (apply_options, _listening) = signals::apply_options(options, output.clone());
    let apply_options = ApplyOptions {
        patience: Patience::new(patience),
        ..apply_options
    };
    let emit = |event: Event<'_>| teller.event(&event);
    let how = (&apply_options, lock_options);
    let running = up(engine, desired, plan_options, how, approve, &emit);
    let outcome = teller.during(Box::pin(running)).await;
    Ok(teller.outcome(&outcome?))
}

/// How the command that runs takes the lock of the project.
pub(crate) fn lock_options(command: &str, run: &RunArguments, options: &Options) -> LockOptions {
    LockOptions {
        holder: this_process(command, options.user()),
        folder: options.lock_folder(),
        timeout: run.lock_timeout,
    }
}

/// Tells how it went.
pub(crate) fn tell(outcome: &Outcome, output: &Output, begun: Instant) -> ExitStatus {
    match outcome {
        Outcome::Done { changed: false } => {
            output.talk("No changes.\n");
            ExitStatus::Success
        }
        Outcome::Done { changed: true } => {
            output.talk(&format!("Done in {}.\n", words::duration(begun.elapsed())));
            ExitStatus::Success
        }
        Outcome::Refused => {
            output.error("the plan cannot be applied; nothing was done");
            ExitStatus::Failed
        }
        Outcome::NotApproved(Approval::Unconfirmed) => {
            output.error("this needs a confirmation, and nobody can be asked; nothing was done");
            output.insist("\nhint: read the plan above and pass `--yes`\n");
            ExitStatus::Unconfirmed
        }
        Outcome::NotApproved(_) => {
            output.error("declined; nothing was done");
            ExitStatus::Failed
        }
        Outcome::Incomplete { steps, report } => {
            output.insist(&incomplete(steps, report));
            if report.interrupted {
                ExitStatus::Interrupted
            } else {
                ExitStatus::Failed
            }
        }
        Outcome::NotSettled => {
            output.error(
                "engines stop as soon as they are started; see `nest status` and their logs",
            );
            ExitStatus::Failed
        }
    }
}
