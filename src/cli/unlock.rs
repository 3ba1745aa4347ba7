//! `nest unlock`

use std::time::SystemTime;

use crate::apply::lock::{has_ended, this_process};
use crate::cli::approval::ask;
use crate::cli::args::UnlockArguments;
use crate::cli::error::CommandError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::options::Options;
use crate::cli::output::Output;
use crate::cli::project;
use crate::engine::Engine as _;
use crate::report::words;
use crate::up::{Approval, question};

/// Frees the lock of the project on the engine.
pub(crate) async fn run(
    arguments: &UnlockArguments,
    options: &Options,
    output: &Output,
) -> Result<ExitStatus, CommandError> {
    let target = project::target_or_named(options, output).await?;
    let project = &target.desired.project;
    let observed = target.engine.observe(&question(&target.desired)).await?;
    let mut held = Vec::new();
    for (at, _) in observed.outermost() {
        if let Some(holder) = target.engine.lock_holder(&at, project).await? {
            held.push((at, holder));
        }
    }
    if held.is_empty() {
        output.talk(&format!("Nobody holds the lock of `{project}`.\n"));
        return Ok(ExitStatus::Success);
    }
    let own = this_process("nest unlock", options.user());
    for (at, holder) in &held {
        let age = words::duration(holder.age(SystemTime::now()));
        let place = at.outermost().map(|_| format!(" on {at}"));
        output.talk(&format!(
            "{holder} has held the lock of `{project}`{} for {age}.\n",
            place.unwrap_or_default()
        ));
        if own.machine == holder.machine && !has_ended(holder, &own.machine) {
            output.error("that process still runs, on this machine; nothing was done");
            output.insist("\nhint: stop it with Ctrl-C, or wait until it ends\n");
            return Ok(ExitStatus::Failed);
        }
    }
    let approval = match (arguments.yes, options.interactive) {
        (true, _) => Approval::Go,
        (false, true) => ask(
            "Free it? If that process still runs, two will change the project at once",
            output,
        ),
        (false, false) => Approval::Unconfirmed,
    };
    match approval {
        Approval::Go => {
            for (at, _) in &held {
                target.engine.free_lock(at, project).await?;
            }
            output.talk("The lock is free.\n");
            Ok(ExitStatus::Success)
        }
        Approval::Declined => {
            output.error("declined; nothing was done");
            Ok(ExitStatus::Failed)
        }
        Approval::Unconfirmed => {
            output.error("this needs a confirmation, and nobody can be asked; nothing was done");
            output.insist("\nhint: make sure that the process has ended and pass `--yes`\n");
            Ok(ExitStatus::Unconfirmed)
        }
    }
}
