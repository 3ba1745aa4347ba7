//! `nest doctor`

use std::cell::RefCell;
use std::time::Duration;

use crate::cli::args::{DoctorArguments, DoctorFormat, ReplicaArguments};
use crate::cli::error::CommandError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::named::{self, NameOf};
use crate::cli::options::Options;
use crate::cli::output::Output;
use crate::cli::project::{self, Target, Warnings};
use crate::doctor::examine;
use crate::engine::{Engine as _, EngineError, Progress};
use crate::plan::step::{Operation, Readiness};
use crate::report::doctor::{Climb, climb, examination, json};
use crate::report::failure::{failure, with_causes};
use crate::resource::container::ContainerRef;

/// How long each environment's engine is given to answer: it is looked at, not waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// Tells what the engine can run, and how far an environment's engine has come.
pub(crate) async fn run(
    arguments: &DoctorArguments,
    options: &Options,
    output: &Output,
) -> Result<ExitStatus, CommandError> {
    let (engine, climbed) = match &arguments.environment {
        None => {
            let endpoint = project::endpoint_here(options)?;
            (project::connect_to(&endpoint, options).await?, None)
        }
        Some(name) => {
            let target = project::target(options, output, Warnings::Silent).await?;
            let climbed = climbed(&target, name).await?;
            (target.engine, Some(climbed))
        }
    };
    let profile = engine.profile().await?;
    let found = examine(&profile);
    let (climbed, error) = climbed.unzip();
    let error = error.flatten();
    match (arguments.format, &climbed) {
        (DoctorFormat::Json, climbed) => {
            let value = json(&profile, &found, climbed.as_ref());
            output.data(&format!("{value:#}\n"));
        }
        (DoctorFormat::Human, None) => output.data(&examination(&profile, &found)),
        (DoctorFormat::Human, Some(climbed)) => {
            output.data(&climb(climbed));
            if let Some(error) = &error {
                output.insist(&failure(error));
            }
        }
    }
    Ok(match error {
        None => ExitStatus::Success,
        Some(_) => ExitStatus::Failed,
    })
}

/// Follows the ladder of an environment's engine. It starts nothing, and changes nothing.
async fn climbed(
    target: &Target,
    name: &str,
) -> Result<(Climb, Option<EngineError>), CommandError> {
    let found = named::one(
        &target.desired,
        (NameOf::Environment, name),
        ReplicaArguments { index: None },
    )?;
    let inner = found.wanted.engine.as_ref();
    let rungs = RefCell::new(Vec::new());
    let report = |progress| {
        if let Progress::Rung(rung) = progress {
            rungs.borrow_mut().push(rung);
        }
    };
    let operation = Operation::WaitForEngine {
        container: ContainerRef {
            name: found.container.to_owned(),
            id: None,
        },
        readiness: Readiness {
            timeout: PATIENCE,
            ..inner
                .map(Readiness::of)
                .ok_or_else(|| CommandError::Usage {
                    message: format!("`{name}` has no engine of its own"),
                    hint: "`nest doctor` without a name tells of the engine that it uses"
                        .to_owned(),
                })?
        },
    };
    let waited = target
        .engine
        .perform(&found.engine, &operation, &report)
        .await;
    let error = waited.err();
    let climb = Climb {
        environment: found.name,
        fall: error.as_ref().map(|error| with_causes(error)),
        rungs: rungs.into_inner(),
    };
    Ok((climb, error))
}
