//! `nest apply`

use std::path::Path;
use std::time::Instant;

use crate::apply::apply;
use crate::apply::event::Event;
use crate::cli::approval::{Caution, approve};
use crate::cli::args::ApplyArguments;
use crate::cli::error::CommandError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::options::Options;
use crate::cli::output::Output;
use crate::cli::screen::Screen;
use crate::cli::{project, run_plan, signals, up};
use crate::engine::Engine as _;
use crate::plan::saved::SavedPlan;
use crate::up::{Approval, Outcome};

/// Does what a plan says: a saved one, or one made now.
pub(crate) async fn run(
    arguments: &ApplyArguments,
    options: &Options,
    output: &Output,
) -> Result<ExitStatus, CommandError> {
    match &arguments.plan {
        Some(path) => {
            saved(
                &options.working_folder.join(path),
                arguments.confirm.yes,
                options,
                output,
            )
            .await
        }
        None => up::bring_up(arguments.confirm.yes, options, output).await,
    }
}

async fn saved(
    path: &Path,
    yes: bool,
    options: &Options,
    output: &Output,
) -> Result<ExitStatus, CommandError> {
    let begun = Instant::now();
    let bytes = std::fs::read(path).map_err(|source| CommandError::File {
        path: path.to_owned(),
        attempt: "read",
        source,
    })?;
    let saved: SavedPlan =
        serde_json::from_slice(&bytes).map_err(|source| CommandError::NotAPlan {
            path: path.to_owned(),
            source,
        })?;
    let engine = project::connect(options).await?;
    let observed = engine.observe(&saved.question).await?;
    let files = project::file_digests(saved.files.keys().cloned());
    saved
        .check(&observed, &files)
        .map_err(CommandError::Stale)?;
    let plan = saved.plan;
    let outcome = match approve(&plan, Caution::Destruction, yes, options, output) {
        _ if !plan.is_applicable() => Outcome::Refused,
        Approval::Go => {
            let apply_options = signals::apply_options(options, output.clone());
            let screen = Screen::new(output);
            let emit = |event: Event<'_>| screen.show(&event);
            let report = screen
                .during(apply(&engine, &plan.steps, &apply_options, &emit))
                .await;
            drop(screen);
            if report.is_complete() {
                Outcome::Done {
                    changed: !plan.steps.is_empty(),
                }
            } else {
                Outcome::Incomplete {
                    steps: plan.steps,
                    report,
                }
            }
        }
        other => Outcome::NotApproved(other),
    };
    let status = run_plan::tell(&outcome, output, begun);
    if status == ExitStatus::Success {
        for address in &plan.deferred {
            output.talk(&format!(
                "{address} runs now; `nest up` plans and brings what its engine should hold.\n"
            ));
        }
    }
    Ok(status)
}
