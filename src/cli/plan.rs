//! `nest plan`

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use crate::cli::args::{PlanArguments, PlanFormat, PlanScope};
use crate::cli::error::CommandError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::options::Options;
use crate::cli::output::Output;
use crate::cli::project::{self, Target, Warnings};
use crate::model::name::EngineName;
use crate::plan::saved::SavedPlan;
use crate::plan::{Destroy, Plan, PlanOptions};
use crate::report;
use crate::up::{observe_and_plan, question_with};

/// Shows what would be done.
pub(crate) async fn run(
    arguments: &PlanArguments,
    options: &Options,
    output: &Output,
) -> Result<ExitStatus, CommandError> {
    let Target {
        engine,
        desired,
        files,
        ..
    } = project::target(options, output, Warnings::Brief).await?;
    let destroy = arguments.destroy.then_some(Destroy { volumes: false });
    let plan_options = options_of(&arguments.scope, destroy);
    let (_, plan) = observe_and_plan(&engine, &desired, &plan_options).await?;
    if arguments.refresh_only && arguments.format == PlanFormat::Human {
        return Ok(drift(&plan, arguments.detailed_exitcode, output));
    }
    if arguments.refresh_only {
        output.data(&shown(&plan.only_drift(), arguments.format));
        return Ok(drifted(&plan, arguments.detailed_exitcode));
    }
    output.data(&shown(&plan, arguments.format));
    if !plan.is_applicable() {
        return Ok(ExitStatus::Failed);
    }
    let status = if arguments.detailed_exitcode && plan.has_changes() {
        ExitStatus::Changes
    } else {
        ExitStatus::Success
    };
    if let Some(path) = &arguments.out {
        let saved = SavedPlan {
            nest_version: env!("CARGO_PKG_VERSION").to_owned(),
            files: project::file_digests(files),
            question: question_with(&desired, &plan_options),
            plan,
            withheld: None,
        }
        .without_secrets(&desired, &plan_options);
        save(&options.working_folder.join(path), &saved)?;
        output.talk(&format!(
            "\nSaved. Apply it with `nest apply {}`.\n",
            path.display()
        ));
    }
    Ok(status)
}

/// What to plan.
pub(super) fn options_of(scope: &PlanScope, destroy: Option<Destroy>) -> PlanOptions {
    PlanOptions {
        targets: scope.target.clone(),
        replace: scope.replace.clone(),
        allow_data_loss: scope.allow_data_loss,
        pull: scope.pull,
        forget: engine_names(&scope.forget_engine),
        ..PlanOptions::whole(destroy)
    }
}

/// Names of engines, as the command line gives them.
pub(super) fn engine_names(names: &[String]) -> Vec<EngineName> {
    names.iter().map(EngineName::new).collect()
}

/// A plan in a format.
pub(super) fn shown(plan: &Plan, format: PlanFormat) -> String {
    match format {
        PlanFormat::Human => report::plan::plan(plan),
        PlanFormat::Json => format!("{:#}\n", report::json::plan(plan)),
    }
}

/// Shows only what changed outside nest.
fn drift(plan: &Plan, detailed_exitcode: bool, output: &Output) -> ExitStatus {
    if plan.drift.is_empty() {
        output.data("Nothing changed outside nest.\n");
    } else {
        output.data(&report::plan::drift(plan));
    }
    drifted(plan, detailed_exitcode)
}

fn drifted(plan: &Plan, detailed_exitcode: bool) -> ExitStatus {
    if detailed_exitcode && !plan.drift.is_empty() {
        ExitStatus::Changes
    } else {
        ExitStatus::Success
    }
}

/// Writes the plan so that only its owner can read it, whole or not at all. What a link leads to is written; what is no
/// file, such as a pipe, is written into.
fn save(path: &Path, saved: &SavedPlan) -> Result<(), CommandError> {
    let failed = |source: std::io::Error| CommandError::File {
        path: path.to_owned(),
        attempt: "write",
        source: bare(source),
    };
    let json = serde_json::to_vec_pretty(saved).map_err(|error| failed(error.into()))?;
    let place = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if fs::symlink_metadata(&place).is_ok_and(|found| !found.is_file()) {
        let mut options = fs::OpenOptions::new();
        let opened = options.write(true).create(true).mode(0o600).open(&place);
        return opened
            .and_then(|mut file| file.write_all(&json))
            .map_err(failed);
    }
    let folder = place.parent().unwrap_or(Path::new("."));
    // The file is made with mode 0600.
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    file.write_all(&json).map_err(failed)?;
    file.persist(&place).map_err(|error| failed(error.error))?;
    Ok(())
}

/// An error without the path of the file that was to become the one that is written.
fn bare(error: std::io::Error) -> std::io::Error {
    let inner = error.get_ref().and_then(|inner| inner.source());
    let inner = inner.and_then(|inner| inner.downcast_ref::<std::io::Error>());
    let code = inner.and_then(std::io::Error::raw_os_error);
    code.map_or(error, std::io::Error::from_raw_os_error)
}
