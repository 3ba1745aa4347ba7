//! A course of things that happen to a watched project, with a clock of its own.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::time::Duration;

use nest::apply::ApplyOptions;
use nest::apply::patience::Patience;
use nest::desired::Desired;
use nest::observed::ContainerState;
use nest::plan::{Plan, PlanOptions};
use nest::up::{Approval, Outcome, up};
use nest::watch::{Cause, Decision, Ended, FILE_QUIET, Key, Policy, Reading, Task, Watch};
use tokio_util::sync::CancellationToken;

use crate::apply::lock_options;
use crate::histories::drift::Drift;
use crate::histories::edit::Edit;
use crate::histories::file::File;
use crate::histories::world::{desired, planned};
use crate::memory::Fault;
use crate::plan::UP;
use crate::watch::Engine;
use crate::yaml::wanted;

/// Something that happens, and when.
#[derive(Debug, Clone)]
pub(crate) struct When {
    /// So many milliseconds after what happened before.
    pub(crate) gap: u64,
    /// Whether it happens in the middle of the next run, if there is one before its time.
    pub(crate) during_a_run: bool,
    pub(crate) act: Act,
}

/// Something that happens.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// The file is edited, and saved.
    Edit(Box<Edit>),
    /// The file is saved with text that is no YAML.
    Spoil,
    /// The file is removed.
    Vanish,
    /// The file is saved as it is, or as it was before it was spoiled.
    Touch,
    /// Somebody does something to the engines. Whether the engine tells it may be up to the connection.
    Drift { drift: Drift, told: bool },
    /// Somebody stops a container.
    Stop(String),
    /// Something goes wrong in the operations that follow.
    Fault(Fault),
    /// Nothing goes wrong any more, and the connection is made anew.
    Well,
    /// A key is pressed.
    Press(Key),
}

/// What the file says.
#[derive(Debug, Clone, PartialEq)]
enum Text {
    Of(Box<File>),
    Plain(String),
    Broken,
    None,
}

/// A watched project.
pub(crate) struct Course {
    pub(crate) watch: Watch,
    /// How many runs there were.
    pub(crate) runs: usize,
    /// The numbers of the runs in which a plan was applied.
    pub(crate) applied: Vec<usize>,
    engine: Engine,
    now: Duration,
    text: Text,
    file: File,
    /// What was read last.
    read: Option<Text>,
    /// The last valid project that was read.
    desired: Option<Desired>,
    /// How often other text was read that was valid.
    valid_readings: usize,
    /// How many runs the files asked for that came to an end.
    runs_for_files: usize,
    /// How often a file was read in the middle of a run.
    pub(crate) readings_in_runs: usize,
}

impl Course {
    /// A project of this text, which is valid.
    pub(crate) fn begin(policy: Policy, engine: Engine, yaml: &str) -> Self {
        Self::of_text(
            policy,
            engine,
            Text::Plain(yaml.to_owned()),
            File::default(),
        )
    }

    /// A project of this file, if it is valid.
    pub(crate) fn of_file(policy: Policy, engine: Engine, file: File) -> Option<Self> {
        desired(&file).ok()?;
        let text = Text::Of(Box::new(file.clone()));
        Some(Self::of_text(policy, engine, text, file))
    }

    fn of_text(policy: Policy, engine: Engine, text: Text, file: File) -> Self {
        Self {
            watch: Watch::new(policy, Duration::ZERO),
            runs: 0,
            applied: Vec::new(),
            engine,
            now: Duration::ZERO,
            text,
            file,
            read: None,
            desired: None,
            valid_readings: 0,
            runs_for_files: 0,
            readings_in_runs: 0,
        }
    }

    /// Whether a container runs.
    pub(crate) fn runs_with(&self, name: &str) -> bool {
        self.engine
            .with(|state| state.containers[name].state == ContainerState::Running)
    }

    /// Lets these happen, and goes on until all is quiet.
    pub(crate) fn go(&mut self, acts: &[When]) {
        let mut acts: VecDeque<When> = acts.iter().cloned().collect();
        let mut due = acts.front().map(|next| self.now + milliseconds(next.gap));
        let mut quiet_runs = 0;
        loop {
            match self.watch.next(self.now) {
                Task::Read => {
                    let reading = self.reading();
                    self.watch.read(self.now, reading);
                }
                Task::Run(cause) => {
                    if acts.is_empty() {
                        quiet_runs += 1;
                        assert!(quiet_runs < 60, "it does not come to rest");
                    }
                    let before = acts.len();
                    self.run(cause, &mut acts);
                    self.now += milliseconds(20);
                    if acts.len() != before {
                        due = acts.front().map(|next| self.now + milliseconds(next.gap));
                    }
                }
                Task::Rest(until) => match (due, until) {
                    (Some(due), Some(until)) if until < due => self.now = self.now.max(until),
                    (Some(at), _) => {
                        self.now = self.now.max(at);
                        if let Some(next) = acts.pop_front() {
                            self.act(&next.act);
                        }
                        due = acts.front().map(|next| self.now + milliseconds(next.gap));
                    }
                    (None, Some(until)) => self.now = self.now.max(until),
                    (None, None) => return,
                },
            }
        }
    }

    /// Checks that the engine holds what the last valid file says. True where that is refused.
    pub(crate) fn check(&self) -> Result<bool, String> {
        let is_read = self.read.as_ref() == Some(&self.text);
        if !is_read && self.text != Text::None {
            return Err("the last text was not read".to_owned());
        }
        if self.runs_for_files > self.valid_readings {
            return Err("a file was run for twice".to_owned());
        }
        let desired = self.desired.as_ref().ok_or("nothing was read")?;
        let state = self.engine.with(|state| state.clone());
        let plan = planned(&state, desired, &UP);
        if !plan.is_applicable() {
            return Ok(true);
        }
        if plan.steps.is_empty() {
            return Ok(false);
        }
        Err(format!("{:?} at {:?}", plan.steps, self.now))
    }

    fn reading(&mut self) -> Reading {
        let what = (&mut self.read, &mut self.desired);
        let reading = reading(&self.text, what);
        self.valid_readings += usize::from(reading == Reading::Valid);
        reading
    }

    fn act(&mut self, act: &Act) {
        act_on(
            act,
            &self.engine,
            &mut self.watch,
            (&mut self.file, &mut self.text),
            self.now,
        );
    }

    /// Runs, and lets what is to happen in the middle of it happen there.
    fn run(&mut self, cause: Cause, acts: &mut VecDeque<When>) {
        self.runs += 1;
        let desired = self.desired.clone().expect("a valid file was read");
        let (now, engine) = (Cell::new(self.now), &self.engine);
        let watch = RefCell::new(&mut self.watch);
        let applied = RefCell::new(false);
        let mut approve = |plan: &Plan, _: usize| {
            if !plan.is_applicable() {
                return Approval::Declined;
            }
            if plan.steps.is_empty() {
                return Approval::Go;
            }
            match watch.borrow_mut().decide(now.get(), plan) {
                Decision::Apply => {
                    applied.replace(true);
                    Approval::Go
                }
                _ => Approval::Unconfirmed,
            }
        };
        let apply_options = ApplyOptions {
            parallel: 3,
            patience: Patience::new(None),
            drain: CancellationToken::new(),
            abort: CancellationToken::new(),
        };
        let (lock_options, _folder) = lock_options("nest watch");
        let options = PlanOptions::whole(None);
        let how = (&apply_options, &lock_options);
        let place = RefCell::new((&mut self.file, &mut self.text));
        let running = up(engine, &desired, &options, how, &mut approve, &|_| {});
        let happening = async {
            while acts.front().is_some_and(|next| next.during_a_run) {
                for _ in 0..3 {
                    tokio::task::yield_now().await;
                }
                if let Some(next) = acts.pop_front() {
                    now.set(now.get() + milliseconds(next.gap));
                    let mut place = place.borrow_mut();
                    let (file, text) = &mut *place;
                    let mut watch = watch.borrow_mut();
                    act_on(&next.act, engine, &mut watch, (file, text), now.get());
                    // Some saves are over while the run goes on, others are not.
                    if next.gap % 2 == 0 {
                        now.set(now.get() + FILE_QUIET);
                    }
                    if watch.beside(now.get()) == Task::Read {
                        let reading = reading(text, (&mut self.read, &mut self.desired));
                        watch.read(now.get(), reading);
                        self.valid_readings += usize::from(reading == Reading::Valid);
                        self.readings_in_runs += 1;
                    }
                }
            }
            std::future::pending::<()>().await;
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .expect("a runtime");
        let outcome = runtime.block_on(async {
            tokio::select! {
                biased;
                outcome = running => outcome,
                () = happening => unreachable!("it never ends"),
            }
        });
        let ended = match outcome {
            Ok(Outcome::Done { changed: false }) => Ended::InStep,
            Ok(Outcome::Done { changed: true }) => Ended::Done,
            Ok(Outcome::Refused | Outcome::NotApproved(_)) => Ended::NotApplied,
            Ok(Outcome::Incomplete { .. } | Outcome::NotSettled) => Ended::Failed,
            Err(_) => Ended::Unanswered,
        };
        let applied = applied.into_inner();
        if applied {
            self.applied.push(self.runs);
        }
        self.now = now.get();
        let later = self.now + milliseconds(20);
        let is_for_files = cause == Cause::Files && ended != Ended::Unanswered;
        self.runs_for_files += usize::from(is_for_files);
        self.watch.ran(later, ended);
        // What nest does itself is told by the engine too, late.
        if applied {
            self.watch.moved(later);
        }
    }
}

/// Reads the text, and keeps what it says.
fn reading(text: &Text, (read, kept): (&mut Option<Text>, &mut Option<Desired>)) -> Reading {
    if *text == Text::None {
        return Reading::Absent;
    }
    if read.as_ref() == Some(text) {
        return Reading::Same;
    }
    *read = Some(text.clone());
    let wanted = match text {
        Text::Of(file) => desired(file).ok(),
        Text::Plain(yaml) => Some(wanted(yaml)),
        Text::Broken | Text::None => None,
    };
    if wanted.is_none() {
        return Reading::Invalid;
    }
    *kept = wanted;
    Reading::Valid
}

fn act_on(
    act: &Act,
    engine: &Engine,
    watch: &mut Watch,
    (file, text): (&mut File, &mut Text),
    now: Duration,
) {
    match act {
        Act::Edit(edit) => {
            *file = edit.of(file);
            *text = Text::Of(Box::new(file.clone()));
            watch.noise(now);
        }
        Act::Spoil => {
            *text = Text::Broken;
            watch.noise(now);
        }
        Act::Vanish => {
            *text = Text::None;
            watch.noise(now);
        }
        Act::Touch => {
            *text = Text::Of(Box::new(file.clone()));
            watch.noise(now);
        }
        Act::Drift { drift, told } => {
            engine.with(|state| drift.act(state));
            if *told {
                watch.moved(now);
            }
        }
        Act::Stop(name) => {
            engine.with(|state| {
                if let Some(container) = state.containers.get_mut(name) {
                    container.state = ContainerState::Exited(137);
                }
            });
            watch.moved(now);
        }
        Act::Fault(fault) => engine.set_faults(vec![*fault]),
        Act::Well => {
            engine.set_faults(Vec::new());
            watch.moved(now);
        }
        Act::Press(key) => watch.pressed(*key),
    }
}

fn milliseconds(count: u64) -> Duration {
    Duration::from_millis(count)
}
