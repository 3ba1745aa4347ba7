//! `nest watch`

mod ready;
mod round;
mod source;
mod streams;
mod world;

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::apply::ApplyOptions;
use crate::apply::lock::LockOptions;
use crate::cli::args::WatchArguments;
use crate::cli::error::CommandError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::options::Options;
use crate::cli::output::Output;
use crate::cli::teller::Teller;
use crate::cli::terminal::KeyTerminal;
use crate::cli::watch::ready::Ready;
use crate::cli::watch::round::Shown;
use crate::cli::watch::source::{Read, Source};
use crate::cli::watch::streams::News as EngineNews;
use crate::cli::watch::world::{Input, World};
use crate::cli::{project, run_plan, signals};
use crate::desired::Desired;
use crate::docker::Docker;
use crate::files::notice::Notice;
use crate::plan::{Destroy, PlanOptions};
use crate::report::failure::with_causes;
use crate::report::watch::News;
use crate::resource::engine_path::EnginePath;
use crate::up::{Approval, Outcome};
use crate::watch::concern::{concerns, engines};
use crate::watch::{Key, Policy, Reading, Task, Watch};

/// Follows the files and the engines until it is asked to end.
pub(crate) async fn run(
    arguments: &WatchArguments,
    options: &Options,
    output: &Output,
) -> Result<ExitStatus, CommandError> {
    let teller = Teller::new(arguments.confirm.run.format, output);
    let result = Box::pin(watch(arguments, options, output, &teller)).await;
    result.inspect_err(|error| teller.error(error))
}

async fn watch(
    arguments: &WatchArguments,
    options: &Options,
    output: &Output,
    teller: &Teller<'_>,
) -> Result<ExitStatus, CommandError> {
    let endpoint = project::endpoint_here(options)?;
    let source = Source::new(options, endpoint.clone())?;
    let ready = Ready::new(arguments, options)?;
    let engine = Arc::new(project::connect_to(&endpoint, options).await?);
    let notice = Notice::new().map_err(|error| CommandError::Usage {
        message: with_causes(&error),
        hint: error.help().to_owned(),
    })?;
    let (apply_options, listening) = signals::listen(options, || {});
    let can_press = options.interactive && teller.is_for_people();
    let keys = can_press.then(KeyTerminal::enter).flatten();
    let end = apply_options.drain.clone();
    let mut world = World::new(notice, Arc::clone(&engine), keys, end);
    world.streams.want(&[EnginePath::outer()]);
    let policy = Policy {
        yes: arguments.confirm.yes,
        heal: arguments.heal,
    };
    let mut session = Session {
        command: arguments.exec.as_deref(),
        lock_options: run_plan::lock_options("nest watch", &arguments.confirm.run, options),
        has_keys: world.has_keys(),
        machine: RefCell::new(Watch::new(policy, Duration::ZERO)),
        begun: Instant::now(),
        shown: RefCell::new(Shown::default()),
        lost: Cell::new(false),
        apply_options,
        teller,
        engine,
        source,
        ready,
        desired: None,
        warnings: String::new(),
        changed: false,
        interrupted: false,
    };
    let gone = session.go(&mut world).await;
    teller.stay(Vec::new);
    gone?;
    // Keys are the terminal's again, and signals those of what comes.
    drop((world, listening));
    let desired = session.desired.take().filter(|_| arguments.down_on_exit);
    if let Some(desired) = desired {
        let down = PlanOptions::whole(Some(Destroy { volumes: false }));
        let lock_options = &session.lock_options;
        let how = (options, output, teller);
        let engine = &*session.engine;
        let mut approve = |plan: &crate::plan::Plan, _: usize| {
            teller.plan(plan);
            Approval::Go
        };
        return run_plan::run_plan(engine, &desired, &down, lock_options, how, &mut approve).await;
    }
    let status = if session.interrupted {
        ExitStatus::Interrupted
    } else {
        ExitStatus::Success
    };
    let changed = session.changed;
    teller.watched(&Outcome::Done { changed }, status);
    Ok(status)
}

/// A run of `nest watch`.
struct Session<'a> {
    teller: &'a Teller<'a>,
    command: Option<&'a str>,
    engine: Arc<Docker>,
    source: Source<'a>,
    ready: Ready,
    machine: RefCell<Watch>,
    begun: Instant,
    apply_options: ApplyOptions,
    lock_options: LockOptions,
    has_keys: bool,
    /// What was told last, so that it is not told again.
    shown: RefCell<Shown>,
    /// Whether the outer engine has gone.
    lost: Cell<bool>,
    /// The last good project.
    desired: Option<Arc<Desired>>,
    /// The warnings that were told last.
    warnings: String,
    /// Whether anything was applied.
    changed: bool,
    /// Whether an apply was interrupted.
    interrupted: bool,
}

impl Session<'_> {
    /// The time, as the machine counts it.
    fn now(&self) -> Duration {
        self.begun.elapsed()
    }

    async fn go(&mut self, world: &mut World) -> Result<(), CommandError> {
        loop {
            if self.apply_options.drain.is_cancelled() {
                return Ok(());
            }
            let now = self.now();
            let task = self.machine.borrow_mut().next(now);
            match task {
                Task::Read => self.read(world).await,
                Task::Run(cause) => self.round(cause, world).await?,
                Task::Rest(until) => {
                    let rested = async {
                        match until {
                            Some(until) => sleep(until.saturating_sub(now)).await,
                            None => std::future::pending().await,
                        }
                    };
                    tokio::select! {
                        () = rested => {}
                        input = world.next() => self.heed(input),
                    }
                }
            }
        }
    }

    /// Takes note of something that happened.
    fn heed(&self, input: Input) {
        let now = self.now();
        let mut machine = self.machine.borrow_mut();
        match input {
            Input::Noise => machine.noise(now),
            Input::Key(b'y' | b'Y' | b'\n' | b'\r') => machine.pressed(Key::Apply),
            Input::Key(b'r' | b'R') => machine.pressed(Key::Look),
            Input::Key(b'q' | b'Q') => self.apply_options.drain.cancel(),
            Input::End | Input::Key(_) => {}
            Input::Engine(path, EngineNews::Happened(happening)) => {
                let desired = self.desired.as_ref();
                if desired.is_some_and(|desired| concerns(desired, &path, &happening)) {
                    machine.moved(now);
                }
            }
            Input::Engine(path, news) => {
                machine.moved(now);
                let is_back = matches!(news, EngineNews::Opened);
                // That an inner engine has gone shows in the plan.
                if path.containers().is_empty() && self.lost.replace(!is_back) == is_back {
                    let news = if is_back {
                        News::EngineBack
                    } else {
                        News::EngineLost
                    };
                    self.teller.news(&news);
                }
            }
        }
    }

    /// Reads the files.
    async fn read(&mut self, world: &mut World) {
        let read = self.source.read(&self.engine).await;
        let now = self.now();
        let reading = match read {
            // Archives are read for the platform of an engine that does not answer, or the file is for another engine.
            Err(error) => {
                self.trouble(&error);
                self.machine.borrow_mut().read_again(now);
                return;
            }
            Ok(Read::Same) => {
                self.shown.borrow_mut().present();
                Reading::Same
            }
            Ok(Read::Absent(file)) => {
                let mut machine = self.machine.borrow_mut();
                machine.read(now, Reading::Absent);
                if machine.is_gone(now) {
                    let file = self.source.shown(&file);
                    self.shown
                        .borrow_mut()
                        .absent(self.teller, &file, self.desired.is_some());
                }
                Reading::Absent
            }
            Ok(Read::Invalid(invalid)) => {
                self.trouble(&CommandError::Invalid(invalid));
                if self.desired.is_some() {
                    self.teller.news(&News::KeptLast);
                }
                self.draw("the last good project goes on");
                Reading::Invalid
            }
            Ok(Read::Valid(wanted)) => {
                if self.desired.is_some() {
                    let files = &wanted.changed;
                    self.teller.news(&News::Changed { files });
                } else {
                    let files = &self.source.files();
                    self.teller.news(&News::Watching { files });
                }
                if self.warnings != wanted.warnings {
                    self.teller.talk(&wanted.warnings);
                    self.warnings = wanted.warnings;
                }
                world.streams.want(&engines(&wanted.desired));
                self.desired = Some(Arc::new(wanted.desired));
                self.shown.borrow_mut().begin_anew();
                Reading::Valid
            }
        };
        let followed = world.notice.follow(self.source.places());
        for failed in &followed.failed {
            self.trouble(&CommandError::Usage {
                message: with_causes(failed),
                hint: failed.help().to_owned(),
            });
        }
        let mut machine = self.machine.borrow_mut();
        if reading != Reading::Absent {
            machine.read(now, reading);
        }
        // What changed in a new folder before it was watched is found by reading once more.
        if followed.has_new {
            machine.noise(now);
        }
    }

    /// Tells what is wrong, once.
    fn trouble(&self, error: &CommandError) {
        self.shown.borrow_mut().trouble(self.teller, error);
    }
}
