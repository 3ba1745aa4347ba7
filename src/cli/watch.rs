//! `nest watch`

mod ready;
mod round;
mod source;
mod streams;
mod world;

use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::{Either, select};
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
use crate::cli::watch::source::{Read, Source, Wanted};
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
    let notice = Notice::new(arguments.poll);
    let (apply_options, listening) = signals::listen(options, || {});
    let can_press = options.interactive && teller.is_for_people();
    let keys = can_press.then(KeyTerminal::enter).flatten();
    let end = apply_options.drain.clone();
    let mut world = World::new((source, notice), Arc::clone(&engine), keys, end);
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
        ready,
        desired: RefCell::default(),
        warnings: RefCell::default(),
        phrase: Cell::default(),
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
        return run_plan::run_plan(
            engine,
            &desired,
            &down,
            (lock_options, None),
            how,
            &mut approve,
        )
        .await;
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
    desired: RefCell<Option<Arc<Desired>>>,
    /// The warnings that were told last.
    warnings: RefCell<String>,
    /// How it stands, as it was drawn last.
    phrase: Cell<&'static str>,
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

    /// The last good project.
    fn desired(&self) -> Option<Arc<Desired>> {
        self.desired.borrow().clone()
    }

    async fn go(&mut self, world: &mut World<'_>) -> Result<(), CommandError> {
        let end = self.apply_options.drain.clone();
        loop {
            if end.is_cancelled() {
                return Ok(());
            }
            let now = self.now();
            let task = self.machine.borrow_mut().next(now);
            match task {
                Task::Read => {
                    let read = tokio::select! {
                        () = end.cancelled() => return Ok(()),
                        read = world.source.read(&self.engine) => read,
                    };
                    self.heed_reading(read, world, "the last good project goes on");
                }
                Task::Run(cause) => self.round(cause, world).await?,
                Task::Rest(until) => {
                    tokio::select! {
                        () = rest(until, now) => {}
                        input = world.next() => self.heed(input),
                    }
                }
            }
        }
    }

    /// Waits for something, and heeds what happens meanwhile: files are read when they are saved, and what is wrong with
    /// them is told. Nothing where nest is asked to end before.
    async fn meanwhile<T>(
        &self,
        awaited: &mut (impl Future<Output = T> + Unpin),
        world: &mut World<'_>,
    ) -> Option<T> {
        loop {
            let now = self.now();
            let task = self.machine.borrow_mut().beside(now);
            let Task::Rest(until) = task else {
                let (read, ended) = {
                    let reading = pin!(world.source.read(&self.engine));
                    match select(reading, &mut *awaited).await {
                        Either::Left((read, _)) => (read, None),
                        Either::Right((ended, reading)) => (reading.await, Some(ended)),
                    }
                };
                self.heed_reading(read, world, self.phrase.get());
                if ended.is_some() {
                    return ended;
                }
                continue;
            };
            tokio::select! {
                biased;
                ended = &mut *awaited => return Some(ended),
                () = rest(until, now) => {}
                input = world.next() => {
                    let is_end = matches!(input, Input::End);
                    self.heed(input);
                    if is_end {
                        return None;
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
            Input::Key(b'y' | b'Y') => machine.pressed(Key::Apply),
            Input::Key(b'r' | b'R') => machine.pressed(Key::Look),
            Input::Key(b'q' | b'Q') => self.apply_options.drain.cancel(),
            Input::End | Input::Key(_) => {}
            Input::Engine(path, EngineNews::Happened(happening)) => {
                let desired = self.desired();
                if desired.is_some_and(|desired| concerns(&desired, &path, &happening)) {
                    machine.moved(now);
                }
            }
            Input::Engine(path, news) => {
                machine.moved(now);
                let is_back = matches!(news, EngineNews::Opened);
                // That an inner engine has gone shows in the plan.
                if path == EnginePath::outer() && self.lost.replace(!is_back) == is_back {
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

    /// Takes note of what a reading of the files found. `kept` is how it stands where that changes nothing.
    fn heed_reading(
        &self,
        read: Result<Read, CommandError>,
        world: &mut World<'_>,
        kept: &'static str,
    ) {
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
                    let file = world.source.shown(&file);
                    let has_project = self.desired().is_some();
                    let mut shown = self.shown.borrow_mut();
                    shown.absent(self.teller, &file, has_project);
                    drop(shown);
                    self.draw(kept);
                }
                Reading::Absent
            }
            Ok(Read::Invalid(invalid)) => {
                self.trouble(&CommandError::Invalid(invalid));
                if self.desired().is_some() {
                    self.teller.news(&News::KeptLast);
                }
                self.draw(kept);
                Reading::Invalid
            }
            Ok(Read::Valid(wanted)) => {
                self.wants(*wanted, world);
                Reading::Valid
            }
        };
        let followed = world.notice.follow(world.source.places());
        if let Some(failed) = &followed.failed {
            self.trouble(&CommandError::Usage {
                message: with_causes(failed),
                hint: failed.help(),
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

    /// Takes note of what the files want now.
    fn wants(&self, wanted: Wanted, world: &mut World<'_>) {
        if self.desired().is_some() {
            let files = &wanted.changed;
            self.teller.news(&News::Changed { files });
        } else {
            let files = &world.source.files();
            self.teller.news(&News::Watching { files });
        }
        if self.warnings.replace(wanted.warnings.clone()) != wanted.warnings {
            self.teller.talk(&wanted.warnings);
        }
        world.streams.want(&engines(&wanted.desired));
        self.desired.replace(Some(Arc::new(wanted.desired)));
        self.shown.borrow_mut().valid();
    }

    /// Tells what is wrong, once.
    fn trouble(&self, error: &CommandError) {
        self.shown.borrow_mut().trouble(self.teller, error);
    }
}

/// Waits until this time, which is told by the same clock as `now`; for ever where there is none.
async fn rest(until: Option<Duration>, now: Duration) {
    match until {
        Some(until) => sleep(until.saturating_sub(now)).await,
        None => std::future::pending().await,
    }
}
