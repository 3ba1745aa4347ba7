//! `nest run`

use crate::cli::args::{
    ConfirmArguments, DownArguments, FetchedFile, PlanScope, RunFormat, RunInArguments,
};
use crate::cli::error::CommandError;
use crate::cli::exec::InContainer;
use crate::cli::exit_status::ExitStatus;
use crate::cli::named::Named;
use crate::cli::options::Options;
use crate::cli::output::Output;
use crate::cli::plan::options_of;
use crate::cli::project::{self, Target, Warnings};
use crate::cli::teller::Teller;
use crate::cli::{cp, down, named, signals, up};
use crate::desired::Desired;
use crate::docker::Docker;
use crate::resource::pattern::AddressPattern;

/// Brings up what an environment needs, runs a command in it, fetches files, and takes all down again; the last two
/// whatever became of the first.
pub(crate) async fn run(
    arguments: RunInArguments,
    options: &Options,
    output: &Output,
) -> Result<ExitStatus, CommandError> {
    let Target {
        engine, desired, ..
    } = project::target(options, output, Warnings::Silent).await?;
    let asked = ("environment", arguments.name.as_str());
    let found = named::one(named::environments(&desired), asked, arguments.how.index)?;
    // What is to be fetched is understood before anything is done.
    for copy in &arguments.copy {
        cp::there(&desired, &copy.from, options)?;
    }
    let command = InContainer::of(arguments.command.clone(), &arguments.how, options);
    let ran = match Box::pin(bring_up(&arguments, &found, options, output)).await {
        Ok(ExitStatus::Success) => tokio::select! {
            ended = command.run(&engine, &found) => ended,
            () = signals::asked_to_end() => Ok(ExitStatus::Interrupted),
        },
        Ok(ExitStatus::Interrupted) => Ok(ExitStatus::Interrupted),
        Ok(_) => Ok(FAILED),
        Err(error) => Err(error),
    };
    let mut status = match ran {
        Ok(status) => status,
        Err(error) => {
            error.report(output);
            FAILED
        }
    };
    // The command's own code says more than that something could not be fetched.
    let mut or_failed = |result: Result<(), CommandError>| {
        if let Err(error) = result {
            error.report(output);
            if status == ExitStatus::Command(0) {
                status = FAILED;
            }
        }
    };
    for copy in &arguments.copy {
        or_failed(fetch(copy, &desired, &engine, options, output).await);
    }
    if arguments.down {
        or_failed(take_down(&arguments, options, output).await);
    }
    Ok(status)
}

/// nest itself failed.
const FAILED: ExitStatus = ExitStatus::Command(125);

async fn bring_up(
    arguments: &RunInArguments,
    found: &Named<'_>,
    options: &Options,
    output: &Output,
) -> Result<ExitStatus, CommandError> {
    let address = found.wanted.address.as_str();
    let target: AddressPattern = address.parse().map_err(|error| CommandError::Usage {
        message: format!("`{address}`: {error}"),
        hint: String::new(),
    })?;
    let scope = PlanScope {
        target: vec![target],
        ..PlanScope::default()
    };
    let teller = Teller::new(RunFormat::Human, output);
    let how = (&arguments.confirm(), &options_of(&scope, None));
    up::bring_up("nest run", how, options, output, &teller).await
}

async fn fetch(
    copy: &FetchedFile,
    desired: &Desired,
    engine: &Docker,
    options: &Options,
    output: &Output,
) -> Result<(), CommandError> {
    let (one, path) = cp::there(desired, &copy.from, options)?;
    let target = options.working_folder.join(&copy.to);
    cp::copy_out(engine, (&one, &path), &target, false, output).await
}

async fn take_down(
    arguments: &RunInArguments,
    options: &Options,
    output: &Output,
) -> Result<(), CommandError> {
    let teller = Teller::new(RunFormat::Human, output);
    let down = DownArguments {
        volumes: arguments.volumes,
        target: Vec::new(),
        confirm: ConfirmArguments {
            // What it takes down it was told to.
            yes: true,
            ..arguments.confirm()
        },
    };
    match down::take_down(&down, options, output, &teller).await? {
        ExitStatus::Success => Ok(()),
        _ => Err(CommandError::Usage {
            message: "not all was taken down".to_owned(),
            hint: "`nest down` goes on from there".to_owned(),
        }),
    }
}
