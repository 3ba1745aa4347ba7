//! `nest apply`

use std::path::Path;

use crate::apply::event::Event;
use crate::apply::lock::Lock;
use crate::apply::{ApplyOptions, ApplyReport, apply};
use crate::cli::approval::{Caution, approve};
use crate::cli::args::{ApplyArguments, ConfirmArguments};
use crate::cli::error::CommandError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::options::Options;
use crate::cli::output::Output;
use crate::cli::plan::options_of;
use crate::cli::project::Warnings;
use crate::cli::teller::Teller;
use crate::cli::{project, run_plan, show, signals, up};
use crate::docker::Docker;
use crate::engine::Engine as _;
use crate::plan::saved::SavedPlan;
use crate::plan::{Deferred, DeferredUntil};
use crate::up::{Approval, Outcome};

/// Does what a plan says: a saved one, or one made now.
pub(crate) async fn run(
    arguments: &ApplyArguments,
    options: &Options,
    output: &Output,
) -> Result<ExitStatus, CommandError> {
    let teller = Teller::new(arguments.confirm.run.format, output);
    let confirm = &arguments.confirm;
    let result = if let Some(path) = &arguments.plan {
        let path = options.working_folder.join(path);
        saved(&path, confirm, options, output, &teller).await
    } else {
        let plan_options = options_of(&arguments.scope, None);
        let how = up::How::whole(confirm, &plan_options);
        up::bring_up("nest apply", &how, options, output, &teller).await
    };
    result.inspect_err(|error| teller.error(error))
}

async fn saved(
    path: &Path,
    confirm: &ConfirmArguments,
    options: &Options,
    output: &Output,
    teller: &Teller<'_>,
) -> Result<ExitStatus, CommandError> {
    let mut saved = show::read(path)?;
    let endpoint = project::endpoint_here(options)?;
    let engine = project::connect_to(&endpoint, options).await?;
    let observed = engine.observe(&saved.question).await?;
    let files = project::file_digests(saved.files.keys().cloned());
    saved
        .check(&observed, &files)
        .map_err(CommandError::Stale)?;
    saved.give_keys(&observed);
    // Containers may tell secrets, also those that no step of the plan has.
    let target = project::target(options, output, Warnings::Silent).await;
    if let Ok(target) = &target {
        engine.hide(&target.desired.secret_values());
    }
    if saved.withheld.is_some() {
        let desired = target.map_err(|error| needs_file(error, &saved))?.desired;
        saved
            .restore(desired, &observed)
            .map_err(CommandError::Stale)?;
    }
    let deferred = saved.plan.deferred.clone();
    let outcome = match approve(
        &saved.plan,
        Caution::Destruction,
        confirm.yes,
        teller,
        (options, output),
    ) {
        _ if !saved.plan.is_applicable() => Outcome::Refused,
        Approval::Go => {
            let (apply_options, _listening) = signals::apply_options(options, output.clone());
            let lock_options = run_plan::lock_options("nest apply", &confirm.run, options);
            let emit = |event: Event<'_>| teller.event(&event);
            let engines = observed.told_apart();
            let place = (&saved.plan.project, &engines);
            let lock = teller
                .during(Lock::take(&engine, place, &lock_options, &emit))
                .await?;
            let report = teller
                .during(locked(&engine, &saved, &apply_options, &emit))
                .await;
            let freed = lock.free(&engine).await;
            let report = report?;
            freed?;
            if report.is_complete() {
                Outcome::Done {
                    changed: !saved.plan.steps.is_empty(),
                }
            } else {
                Outcome::Incomplete {
                    steps: saved.plan.steps,
                    report,
                }
            }
        }
        other => Outcome::NotApproved(other),
    };
    let status = teller.outcome(&outcome);
    if status == ExitStatus::Success {
        for Deferred { address, until } in &deferred {
            teller.talk(&match until {
                DeferredUntil::EngineRuns => format!(
                    "{address} runs now; `nest up` plans and brings what its engine should hold.\n"
                ),
                DeferredUntil::ImagePulled(image) => format!(
                    "{image} has been pulled; `nest up` replaces {address} if it runs another one.\n"
                ),
            });
        }
    }
    Ok(status)
}

/// Why a plan with secrets cannot be carried out where its file is not.
fn needs_file(error: CommandError, saved: &SavedPlan) -> CommandError {
    let CommandError::NoFile = error else {
        return error;
    };
    let files: Vec<String> = (saved.files.keys())
        .map(|path| format!("`-f {}`", path.display()))
        .collect();
    CommandError::Usage {
        message:
            "the plan has secrets, which are read from the nest file again, and there is none here"
                .to_owned(),
        hint: format!("name what it was made from: {}", files.join(" ")),
    }
}

/// Applies a saved plan under the lock, if it still holds there.
async fn locked(
    engine: &Docker,
    saved: &SavedPlan,
    apply_options: &ApplyOptions,
    emit: &dyn Fn(Event<'_>),
) -> Result<ApplyReport, CommandError> {
    let observed = engine.observe(&saved.question).await?;
    let files = project::file_digests(saved.files.keys().cloned());
    saved
        .check(&observed, &files)
        .map_err(CommandError::Stale)?;
    Ok(apply(engine, &saved.plan.steps, apply_options, emit).await)
}
