//! `nest doctor`

use std::cell::RefCell;
use std::fmt::Write as _;
use std::time::Duration;

use crate::cli::args::{DoctorArguments, DoctorFormat, ReplicaArguments};
use crate::cli::error::CommandError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::named::{self, NameOf};
use crate::cli::options::Options;
use crate::cli::output::Output;
use crate::cli::project::{self, Target, Warnings};
use crate::docker::Docker;
use crate::doctor::examine;
use crate::engine::{Engine as _, EngineError, Progress};
use crate::model::name::EngineName;
use crate::plan::step::{Operation, Readiness};
use crate::report::doctor::{Climb, climb, examination, json};
use crate::report::failure::{failure, with_causes};
use crate::resource::container::ContainerRef;
use crate::resource::engine_path::EnginePath;

/// How long each environment's engine is given to answer: it is looked at, not waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// Tells what the engine can run, and how far an environment's engine has come.
pub(crate) async fn run(
    arguments: &DoctorArguments,
    options: &Options,
    output: &Output,
) -> Result<ExitStatus, CommandError> {
    let Some(name) = &arguments.environment else {
        let here = project::engines_here(options).await?;
        return Ok(all(&here, arguments.format, output).await?);
    };
    let target = project::target(options, output, Warnings::Silent).await?;
    let (climbed, root, error) = climbed(&target, name).await?;
    if arguments.format == DoctorFormat::Json {
        let profile = target.engine.profile(&root).await?;
        let value = json(&profile, &examine(&profile), Some(&climbed));
        output.data(&format!("{value:#}\n"));
    } else {
        output.data(&climb(&climbed));
        if let Some(error) = &error {
            output.insist(&failure(error));
        }
    }
    Ok(match error {
        None => ExitStatus::Success,
        Some(_) => ExitStatus::Failed,
    })
}

/// Tells of the engine that nest connects to, and of the others that the file here names.
async fn all(
    (engine, others): &(Docker, Vec<EngineName>),
    format: DoctorFormat,
    output: &Output,
) -> Result<ExitStatus, EngineError> {
    let profile = engine.profile(&EnginePath::outer()).await?;
    let found = examine(&profile);
    let mut value = json(&profile, &found, None);
    let mut text = examination(&profile, &found);
    let mut status = ExitStatus::Success;
    for name in others {
        let told = match engine.profile(&EnginePath::other(name)).await {
            Ok(profile) => {
                let found = examine(&profile);
                let _ = write!(text, "\n`{name}`:\n{}", examination(&profile, &found));
                json(&profile, &found, None)
            }
            Err(error) => {
                let _ = write!(text, "\n`{name}`:\n{}", failure(&error));
                status = ExitStatus::Failed;
                serde_json::json!({ "error": with_causes(&error) })
            }
        };
        value["engines"][name.as_str()] = told;
    }
    match format {
        DoctorFormat::Json => output.data(&format!("{value:#}\n")),
        DoctorFormat::Human => output.data(&text),
    }
    Ok(status)
}

/// Follows the ladder of an environment's engine. It starts nothing, and changes nothing.
async fn climbed(
    target: &Target,
    name: &str,
) -> Result<(Climb, EnginePath, Option<EngineError>), CommandError> {
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
    Ok((climb, found.engine.root(), error))
}
