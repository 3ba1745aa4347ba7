//! `nest apply`

use std::path::Path;
use std::time::Instant;

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
use crate::cli::screen::Screen;
use crate::cli::{project, run_plan, show, signals, up};
use crate::docker::Docker;
use crate::engine::Engine as _;
use crate::plan::saved::SavedPlan;
use crate::up::{Approval, Outcome};

/// Does what a plan says: a saved one, or one made now.
pub(crate) async fn run(
    arguments: &ApplyArguments,
    options: &Options,
    output: &Output,
) -> Result<ExitStatus, CommandError> {
    if let Some(path) = &arguments.plan {
        let path = options.working_folder.join(path);
        return saved(&path, &arguments.confirm, options, output).await;
    }
    let plan_options = options_of(&arguments.scope, None);
    let how = (&arguments.confirm, &plan_options);
    up::bring_up("nest apply", how, options, output).await
}

async fn saved(
    path: &Path,
    confirm: &ConfirmArguments,
    options: &Options,
    output: &Output,
) -> Result<ExitStatus, CommandError> {
    let begun = Instant::now();
    let saved = show::read(path)?;
    let engine = project::connect(options).await?;
    let observed = engine.observe(&saved.question).await?;
    let files = project::file_digests(saved.files.keys().cloned());
    saved
        .check(&observed, &files)
        .map_err(CommandError::Stale)?;
    let deferred = saved.plan.deferred.clone();
    let outcome = match approve(
        &saved.plan,
        Caution::Destruction,
        confirm.yes,
        options,
        output,
    ) {
        _ if !saved.plan.is_applicable() => Outcome::Refused,
        Approval::Go => {
            let apply_options = signals::apply_options(options, output.clone());
            let lock_options = run_plan::lock_options("nest apply", confirm, options);
            let screen = Screen::new(output);
            let emit = |event: Event<'_>| screen.show(&event);
            let place = (&saved.plan.project, observed.identity.id.as_str());
            let lock = screen
                .during(Lock::take(&engine, place, &lock_options, &emit))
                .await?;
            let report = screen
                .during(locked(&engine, &saved, &apply_options, &emit))
                .await;
            drop(screen);
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
    let status = run_plan::tell(&outcome, output, begun);
    if status == ExitStatus::Success {
        for address in &deferred {
            output.talk(&format!(
                "{address} runs now; `nest up` plans and brings what its engine should hold.\n"
            ));
        }
    }
    Ok(status)
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
