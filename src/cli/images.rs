//! `nest images`

use futures_util::future::join_all;

use crate::cli::args::{ImagesArguments, ListFormat};
use crate::cli::error::CommandError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::named::{self, Named};
use crate::cli::options::Options;
use crate::cli::output::Output;
use crate::cli::project::{self, Target};
use crate::docker::Docker;
use crate::engine::Engine as _;
use crate::model::name::ProjectName;
use crate::observed::{ObservedEngine, ObservedInner, ObservedOther};
use crate::plan::remembered;
use crate::report::failure::with_causes;
use crate::report::images::{self, EngineImages};
use crate::resource::Address;
use crate::resource::engine_path::EnginePath;
use crate::resource::label;
use crate::up::question;

/// Shows what each engine of the project holds of images, and the seeds.
pub(crate) async fn run(
    arguments: &ImagesArguments,
    options: &Options,
    output: &Output,
) -> Result<ExitStatus, CommandError> {
    let Target {
        engine, desired, ..
    } = project::target_or_named(options, output).await?;
    let wanted = match arguments.names.as_slice() {
        [] => None,
        names => {
            let places = named::some(&desired, names)?;
            let paths = places.iter().map(Named::own_engine);
            Some(paths.collect::<Vec<_>>())
        }
    };
    let asked = question(&desired);
    let (observed, holdings) = tokio::join!(engine.observe(&asked), engine.holdings());
    let (observed, holdings) = (observed?, holdings?);
    let mut engines = Vec::new();
    let project = &desired.project;
    add(
        &mut engines,
        project,
        (EnginePath::outer(), None),
        &observed,
    );
    for (name, other) in &observed.others {
        let path = EnginePath::other(name);
        match other {
            ObservedOther::Read(other) => add(&mut engines, project, (path, None), other),
            ObservedOther::Unread(reason) => engines.push(unread((path, None), reason)),
        }
    }
    if let Some(wanted) = &wanted {
        engines.retain(|engine| wanted.contains(&engine.path));
    }
    look(&engine, &mut engines).await;
    // They are kept on the outer engine.
    let has_outer = engines.iter().any(|it| it.path == EnginePath::outer());
    let seeds = has_outer.then_some(&holdings);
    let text = match arguments.format {
        _ if options.global.quiet => {
            let images = engines
                .iter()
                .flat_map(|engine| engine.images.iter().flatten());
            images.flat_map(|image| [image.id.as_str(), "\n"]).collect()
        }
        ListFormat::Human => images::text(&engines, seeds),
        ListFormat::Json => format!("{:#}\n", images::json(&engines, seeds)),
    };
    output.data(&text);
    Ok(ExitStatus::Success)
}

/// Adds an engine and those inside it.
fn add(
    engines: &mut Vec<EngineImages>,
    project: &ProjectName,
    (path, address): (EnginePath, Option<Address>),
    observed: &ObservedEngine,
) {
    engines.push(EngineImages {
        path: path.clone(),
        address,
        version: observed.identity.version.clone(),
        images: Ok(Vec::new()),
        record: remembered(observed, project),
    });
    for (name, container) in &observed.containers {
        let address = container.labels.get(label::ADDRESS);
        let address = address.map(|address| Address::from_label(address));
        let inside = (path.inside(name), address);
        match &container.engine {
            ObservedInner::None => {}
            ObservedInner::Asleep => engines.push(unread(inside, "it does not run")),
            ObservedInner::Silent(reason) => engines.push(unread(inside, reason)),
            ObservedInner::Awake(inner) => add(engines, project, inside, inner),
        }
    }
}

/// An engine that cannot be asked.
fn unread((path, address): (EnginePath, Option<Address>), reason: &str) -> EngineImages {
    EngineImages {
        path,
        address,
        version: "?".to_owned(),
        images: Err(reason.to_owned()),
        record: crate::resource::record::Record::default(),
    }
}

/// Asks the engines that can be asked.
async fn look(docker: &Docker, engines: &mut [EngineImages]) {
    let asked = engines.iter().map(|engine| async {
        match &engine.images {
            Ok(_) => Some(docker.images(&engine.path).await),
            Err(_) => None,
        }
    });
    let found = join_all(asked).await;
    for (engine, found) in engines.iter_mut().zip(found) {
        if let Some(found) = found {
            engine.images = found.map_err(|error| with_causes(&error));
        }
    }
}
