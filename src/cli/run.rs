//! `nest run`

mod one_off;

use crate::cli::args::{
    ConfirmArguments, DownArguments, FetchedFile, PlanScope, RunFormat, RunInArguments,
};
use crate::cli::error::CommandError;
use crate::cli::exec::InContainer;
use crate::cli::exit_status::ExitStatus;
use crate::cli::named::{self, NameOf, Named};
use crate::cli::options::Options;
use crate::cli::output::Output;
use crate::cli::plan::options_of;
use crate::cli::project::{self, Target, Warnings};
use crate::cli::run::one_off::Made;
use crate::cli::teller::Teller;
use crate::cli::{cp, down, signals, up};
use crate::resource::Kind;
use crate::resource::pattern::AddressPattern;

/// Brings up what a command needs, runs it, fetches files, and takes all down again; the last two whatever became of
/// the first.
pub(crate) async fn run(
    arguments: RunInArguments,
    options: &Options,
    output: &Output,
) -> Result<ExitStatus, CommandError> {
    let mut target = Box::pin(target(&arguments, options, output)).await?;
    let found = find(&arguments, &target)?;
    let made = if found.wanted.kind == Kind::Service {
        let service = (found.engine.clone(), found.container.to_owned());
        Made::want(&mut target.desired, service, &arguments, options)?
    } else if arguments.command.is_empty() {
        return Err(no_command(&found));
    } else {
        None
    };
    let run = Run {
        arguments: &arguments,
        target: &target,
        made: made.as_ref(),
        options,
        output,
    };
    // What is to be fetched is understood before anything is done.
    for copy in &arguments.copy {
        run.source(copy)?;
    }
    Ok(Box::pin(run.to_the_end()).await)
}

/// nest itself failed.
const FAILED: ExitStatus = ExitStatus::Command(125);

/// The project and its engines. To name a thing activates its profiles, as in Compose.
async fn target(
    arguments: &RunInArguments,
    options: &Options,
    output: &Output,
) -> Result<Target, CommandError> {
    let mut options = options.clone();
    let target = project::target(&options, output, Warnings::Silent).await?;
    if find(arguments, &target).is_err() {
        let every = vec!["*".to_owned()];
        let given = std::mem::replace(&mut options.global.profile, every);
        let wider = project::target(&options, output, Warnings::Silent).await;
        let own = wider.as_ref().ok().and_then(|wider| {
            let found = find(arguments, wider).ok()?;
            let address = found.wanted.address.as_str();
            Some(wider.desired.places.profiles(address))
        });
        options.global.profile = given.into_iter().chain(own.into_iter().flatten()).collect();
    }
    project::target(&options, output, Warnings::Brief).await
}

/// What the user names.
fn find<'a>(arguments: &RunInArguments, target: &'a Target) -> Result<Named<'a>, CommandError> {
    named::one(
        &target.desired,
        (NameOf::Place, &arguments.name),
        arguments.how.replica,
    )
}

fn no_command(found: &Named<'_>) -> CommandError {
    CommandError::Usage {
        message: format!("there is no command to run in environment `{}`", found.name),
        hint: format!(
            "write it after the name: `nest run {} docker ps`",
            found.name
        ),
    }
}

/// A command, and what is done before it and after it.
struct Run<'a> {
    arguments: &'a RunInArguments,
    target: &'a Target,
    /// The container that is made for the command alone, where it is a service's.
    made: Option<&'a Made>,
    options: &'a Options,
    output: &'a Output,
}

impl<'a> Run<'a> {
    /// Does all of it.
    async fn to_the_end(&self) -> ExitStatus {
        let ran = match self.bring_up().await {
            Ok(ExitStatus::Success) => self.command().await,
            Ok(ExitStatus::Interrupted) => Ok(ExitStatus::Interrupted),
            Ok(_) => Ok(FAILED),
            Err(error) => Err(error),
        };
        let mut status = match ran {
            Ok(status) => status,
            Err(error) => {
                error.report(self.output);
                let code = self.made.and_then(|_| one_off::code_of(&error));
                code.unwrap_or(FAILED)
            }
        };
        // The command's own code says more than that something could not be fetched.
        let mut or_failed = |result: Result<(), CommandError>| {
            if let Err(error) = result {
                error.report(self.output);
                if status == ExitStatus::Command(0) {
                    status = FAILED;
                }
            }
        };
        for copy in &self.arguments.copy {
            or_failed(self.fetch(copy).await);
        }
        if let Some(made) = self.made {
            or_failed(made.take_away(&self.target.engine).await);
        }
        if self.arguments.down {
            or_failed(Box::pin(self.take_down()).await);
        }
        status
    }

    /// The container of the command.
    fn place(&self) -> Result<Named<'a>, CommandError> {
        let made = self.made.and_then(|it| it.named(&self.target.desired));
        made.map_or_else(|| find(self.arguments, self.target), Ok)
    }

    async fn bring_up(&self) -> Result<ExitStatus, CommandError> {
        let place = self.place()?;
        let engine = self.target.desired.engine.at(&place.engine);
        let needed = engine.map(|it| it.with_environments(place.container));
        let needed = needed.into_iter().flatten();
        let target = needed.map(|address| {
            let pattern: Result<AddressPattern, _> = address.as_str().parse();
            pattern.map_err(|error| CommandError::Usage {
                message: format!("`{address}`: {error}"),
                hint: String::new(),
            })
        });
        let scope = PlanScope {
            target: target.collect::<Result<_, _>>()?,
            ..PlanScope::default()
        };
        let teller = Teller::new(RunFormat::Human, self.output);
        let (confirm, plan_options) = (self.arguments.confirm(), options_of(&scope, None));
        let how = up::How::whole(&confirm, &plan_options);
        let talk = (self.options, self.output, &teller);
        up::bring_to("nest run", &how, self.target, talk).await
    }

    async fn command(&self) -> Result<ExitStatus, CommandError> {
        let place = self.place()?;
        let engine = &self.target.engine;
        if self.made.is_some() {
            return one_off::run(engine, &place).await;
        }
        let command = self.arguments.command.clone();
        let command = InContainer::of(command, &self.arguments.how, self.options);
        tokio::select! {
            ended = command.run(engine, &place) => ended,
            () = signals::asked_to_end() => Ok(ExitStatus::Interrupted),
        }
    }

    /// The container and the path that something is fetched from. The service's name means the container that was made
    /// for the command.
    fn source(&self, copy: &FetchedFile) -> Result<(Named<'a>, String), CommandError> {
        let (place, path) = cp::there(&self.target.desired, &copy.from, self.options)?;
        match self.made {
            Some(made) if made.is_of(&place) => Ok((self.place()?, path)),
            _ => Ok((place, path)),
        }
    }

    async fn fetch(&self, copy: &FetchedFile) -> Result<(), CommandError> {
        let (place, path) = self.source(copy)?;
        let target = self.options.working_folder.join(&copy.to);
        let engine = &self.target.engine;
        cp::copy_out(engine, (&place, &path), &target, false, self.output).await
    }

    async fn take_down(&self) -> Result<(), CommandError> {
        let teller = Teller::new(RunFormat::Human, self.output);
        let down = DownArguments {
            volumes: self.arguments.volumes,
            target: Vec::new(),
            forget_engine: Vec::new(),
            confirm: ConfirmArguments {
                // What it takes down it was told to.
                yes: true,
                ..self.arguments.confirm()
            },
        };
        match down::take_down(&down, self.options, self.output, &teller).await? {
            ExitStatus::Success => Ok(()),
            _ => Err(CommandError::Usage {
                message: "not all was taken down".to_owned(),
                hint: "`nest down` goes on from there".to_owned(),
            }),
        }
    }
}
