//! A container that is made of a service for one command.

use std::future::pending;
use std::time::Duration;

use tokio::pin;
use tokio::time::{Instant, sleep_until};

use crate::cli::args::RunInArguments;
use crate::cli::error::CommandError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::named::{NameOf, Named};
use crate::cli::options::Options;
use crate::cli::project;
use crate::cli::signals::Meant;
use crate::cli::terminal::{self, RawTerminal};
use crate::desired::Desired;
use crate::desired::one_off::OneOff;
use crate::docker::{Docker, Streams};
use crate::engine::EngineError;
use crate::resource::engine_path::EnginePath;

/// How long a command that was asked to end may take, where its service does not say.
const ENDING: Duration = Duration::from_secs(10);
/// What a shell says where there is no such command, and where there is one that cannot be run.
const NO_COMMAND: ExitStatus = ExitStatus::Command(127);
const NOT_RUNNABLE: ExitStatus = ExitStatus::Command(126);

/// The container, and the service that it is made of.
pub(super) struct Made {
    engine: EnginePath,
    /// The real name of the service's own container.
    service: String,
    /// Its own.
    name: String,
}

impl Made {
    /// The one of a service, added to what is wanted of its engine; none where there is no such service.
    pub(super) fn want(
        desired: &mut Desired,
        (engine, service): (EnginePath, String),
        arguments: &RunInArguments,
        options: &Options,
    ) -> Result<Option<Self>, CommandError> {
        let how = &arguments.how;
        let suffix = u32::from_be_bytes(project::random()?);
        let variables = how.variables(options);
        let variables = variables.iter().filter_map(|it| it.split_once('='));
        let one_off = OneOff {
            suffix: format!("{suffix:08x}"),
            command: arguments.command.clone(),
            environment: variables
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            working_folder: how.workdir.clone(),
            user: how.user.clone(),
            has_terminal: !how.no_tty && terminal::is_there(),
            has_ports: arguments.service_ports,
        };
        let name = desired.add_one_off((&engine, &service), &one_off);
        Ok(name.map(|name| Self {
            engine,
            service,
            name,
        }))
    }

    /// It among what is wanted.
    pub(super) fn named<'a>(&self, desired: &'a Desired) -> Option<Named<'a>> {
        let is_it = |it: &Named<'_>| it.engine == self.engine && it.container == self.name;
        NameOf::Place.all(desired).into_iter().find(is_it)
    }

    /// Whether it is made of this service.
    pub(super) fn is_of(&self, place: &Named<'_>) -> bool {
        place.engine == self.engine && place.container == self.service
    }

    /// Removes it, with the volumes that are its alone.
    pub(super) async fn take_away(&self, engine: &Docker) -> Result<(), CommandError> {
        Ok(engine.take_away(&self.engine, &self.name).await?)
    }
}

/// Starts it, joined to nest's own streams, and ends as it ends. A signal is handed on; at the second, or when the time
/// to end is over, it is not waited for any more.
pub(super) async fn run(engine: &Docker, place: &Named<'_>) -> Result<ExitStatus, CommandError> {
    let has_terminal = place.wanted.fixed.process.tty;
    let _raw = has_terminal.then(RawTerminal::enter).flatten();
    let streams = Streams {
        terminal: has_terminal.then(terminal::size),
        resizes: has_terminal.then(terminal::resizes).flatten(),
        stdin: Box::new(tokio::io::stdin()),
        stdout: Box::new(tokio::io::stdout()),
        stderr: Box::new(tokio::io::stderr()),
    };
    let running = engine.run_attached(&place.engine, place.container, streams);
    pin!(running);
    let mut meant = Meant::listen();
    let mut end = None;
    loop {
        let signal = tokio::select! {
            // What it said is told before it is called interrupted.
            biased;
            ended = &mut running => return status(ended, end.is_some()),
            signal = next(meant.as_mut()) => signal,
            () = over(end) => return Ok(ExitStatus::Interrupted),
        };
        if end.is_some() {
            return Ok(ExitStatus::Interrupted);
        }
        let own = place.wanted.fixed.stop_timeout;
        let time = own.map_or(ENDING, |seconds| Duration::from_secs(seconds.into()));
        end = Some(Instant::now() + time);
        // One that has not been started, or has ended, gets none; it is removed in the end.
        let _sent = engine.signal(&place.engine, place.container, signal).await;
    }
}

async fn next(meant: Option<&mut Meant>) -> &'static str {
    match meant {
        Some(meant) => meant.next().await,
        None => pending().await,
    }
}

async fn over(end: Option<Instant>) {
    match end {
        Some(end) => sleep_until(end).await,
        None => pending().await,
    }
}

fn status(
    ended: Result<i64, EngineError>,
    is_interrupted: bool,
) -> Result<ExitStatus, CommandError> {
    match ended {
        Ok(_) if is_interrupted => Ok(ExitStatus::Interrupted),
        Ok(code) => Ok(ExitStatus::of_process(code)),
        Err(error) => Err(error.into()),
    }
}

/// The code of a command that the engine could not start, as docker and shells have it; none where that is not why.
pub(super) fn code_of(error: &CommandError) -> Option<ExitStatus> {
    let CommandError::Engine(EngineError::Refused { message, .. }) = error else {
        return None;
    };
    let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
    if says(&["executable file not found", "no such file or directory"]) {
        Some(NO_COMMAND)
    } else if says(&["permission denied", "is a directory", "exec format error"]) {
        Some(NOT_RUNNABLE)
    } else {
        None
    }
}
