//! One run: look, plan, and apply what may be applied.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Instant;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::Command;

use crate::apply::event::Event;
use crate::cli::error::CommandError;
use crate::cli::signals::STOPPING;
use crate::cli::teller::Teller;
use crate::cli::watch::Session;
use crate::cli::watch::world::World;
use crate::plan::change::Change;
use crate::plan::drift::Drift;
use crate::plan::{Plan, PlanOptions};
use crate::report::board::{Stand, board};
use crate::report::watch::{Held, News};
use crate::up::{Approval, Outcome, UpError, up};
use crate::watch::concern::engines;
use crate::watch::{Cause, Decision, Ended};

/// What was told last. What is so still is not told again.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    plan: Option<(Vec<Change>, Vec<Drift>)>,
    held: Option<Decision>,
    trouble: Option<String>,
    /// What is wrong with the files, until they are well.
    invalid: Option<String>,
    absent: Option<(PathBuf, String)>,
    in_step: bool,
}

impl Shown {
    /// Other files are read, which are well: all that comes of them is news.
    pub(crate) fn valid(&mut self) {
        *self = Self::default();
    }

    /// A run is over, and all that comes after it is news.
    fn begin_anew(&mut self) {
        let (invalid, absent) = (self.invalid.take(), self.absent.take());
        *self = Self {
            invalid,
            absent,
            ..Self::default()
        };
    }

    /// Tells what is wrong.
    pub(crate) fn trouble(&mut self, teller: &Teller<'_>, error: &CommandError) -> bool {
        let (message, _) = error.message();
        let is_of_file = matches!(error, CommandError::Invalid(_));
        let is_new = is_of_file || self.trouble.as_ref() != Some(&message);
        if is_new {
            teller.trouble(error);
        }
        if is_of_file {
            self.absent = None;
            self.invalid = Some(message);
        } else {
            self.in_step = false;
            self.trouble = Some(message);
        }
        is_new
    }

    /// How it stands, in a few words.
    fn stand(&self, phrase: &'static str) -> Stand<'_> {
        let absent = self.absent.as_ref().map(|(_, message)| message);
        let trouble = self.trouble.as_ref().or(absent);
        Stand {
            phrase,
            changes: self.plan.as_ref().map_or(&[], |(changes, _)| changes),
            trouble: trouble.or(self.invalid.as_ref()).map(String::as_str),
        }
    }

    /// All files are there.
    pub(crate) fn present(&mut self) {
        self.absent = None;
    }

    /// Tells that a file is away.
    pub(crate) fn absent(&mut self, teller: &Teller<'_>, file: &Path, has_project: bool) {
        if self.absent.as_ref().is_some_and(|(told, _)| told == file) {
            return;
        }
        let message = format!("{} is not there", file.display());
        self.absent = Some((file.to_owned(), message));
        teller.news(&News::Absent { file });
        if has_project {
            teller.news(&News::KeptLast);
        }
    }

    fn plan(&mut self, teller: &Teller<'_>, plan: &Plan, is_applied: bool) {
        let key = (plan.changes.clone(), plan.drift.clone());
        let is_new = self.plan.as_ref() != Some(&key);
        // Programs are told the plan whose steps they are told next.
        if is_new || is_applied && !teller.is_for_people() {
            teller.plan(plan);
        }
        if is_new {
            self.held = None;
        }
        self.plan = Some(key);
    }
}

impl Session<'_> {
    /// Draws how it stands, where that can be drawn.
    pub(crate) fn draw(&self, phrase: &'static str) {
        self.phrase.set(phrase);
        let Some(desired) = self.desired() else {
            return;
        };
        let shown = self.shown.borrow();
        self.teller.stay(|| board(&desired, &shown.stand(phrase)));
    }

    /// Plans, and applies what may be applied. What happens meanwhile is noted.
    pub(crate) async fn round(
        &mut self,
        cause: Cause,
        world: &mut World<'_>,
    ) -> Result<(), CommandError> {
        let Some(desired) = self.desired() else {
            return Ok(());
        };
        let begun = Instant::now();
        self.teller.next_run();
        let engine = Arc::clone(&self.engine);
        let options = PlanOptions::whole(None);
        let mut approve = |plan: &Plan, _: usize| self.approve(plan);
        let emit = |event: Event<'_>| self.teller.event(&event);
        let how = (&self.apply_options, &self.lock_options);
        let running = up(&*engine, &desired, &options, how, &mut approve, &emit);
        let mut running = Box::pin(self.teller.during(running));
        let outcome = match self.meanwhile(&mut running, world).await {
            Some(outcome) => outcome,
            // A look can be given up; what is applied cannot.
            None if !self.machine.borrow().is_applying() => return Ok(()),
            None => {
                self.teller.talk(&format!("{STOPPING}\n"));
                (&mut running).await
            }
        };
        drop(running);
        let ended = self.tell(cause, begun, outcome);
        // An engine that was started, or made anew, is there to be listened to.
        if let Some(desired) = self.desired() {
            world.streams.want(&engines(&desired));
        }
        if matches!(ended, Ended::InStep | Ended::Done)
            && let Err(error) = self.ready.tell()
        {
            self.trouble(&error);
        }
        if let (Ended::Done, Some(command)) = (ended, self.command) {
            self.run_command(command, world).await;
        }
        Ok(())
    }

    /// Tells a plan, and whether it is applied.
    fn approve(&self, plan: &Plan) -> Approval {
        let mut shown = self.shown.borrow_mut();
        if !plan.is_applicable() {
            shown.plan(self.teller, plan, false);
            return Approval::Declined;
        }
        if plan.steps.is_empty() {
            return Approval::Go;
        }
        let now = self.now();
        let mut machine = self.machine.borrow_mut();
        let decision = machine.decide(now, plan);
        shown.plan(self.teller, plan, decision == Decision::Apply);
        let keys = self.has_keys;
        let held = match decision {
            Decision::Apply => {
                drop((shown, machine));
                self.draw("applying");
                return Approval::Go;
            }
            Decision::NeedsWord => Held::ForWord { keys },
            Decision::NeedsHeal => Held::ForHeal { keys },
            Decision::TooSoon => {
                let retry = machine.heals_at(plan).unwrap_or(now).saturating_sub(now);
                Held::ForTime { retry }
            }
        };
        let phrase = match decision {
            Decision::TooSoon => "healing has not helped so far; waiting",
            _ if keys => "waits for the key `y`",
            _ => "waits for a word",
        };
        if shown.held.replace(decision) != Some(decision) {
            self.teller.news(&News::Held(held));
        }
        drop((shown, machine));
        self.draw(phrase);
        Approval::Unconfirmed
    }

    /// Tells the machine and the user how a run ended.
    fn tell(&mut self, cause: Cause, begun: Instant, outcome: Result<Outcome, UpError>) -> Ended {
        let ended = match &outcome {
            Ok(Outcome::Done { changed: false }) => Ended::InStep,
            Ok(Outcome::Done { changed: true }) => Ended::Done,
            Ok(Outcome::Refused | Outcome::NotApproved(_)) => Ended::NotApplied,
            Ok(Outcome::Incomplete { .. } | Outcome::NotSettled) => Ended::Failed,
            Err(_) => Ended::Unanswered,
        };
        let now = self.now();
        self.machine.borrow_mut().ran(now, ended);
        let mut shown = self.shown.borrow_mut();
        let mut phrase = None;
        match outcome {
            Ok(Outcome::Done { changed: false }) => {
                if cause >= Cause::Look || !shown.in_step {
                    self.teller.news(&News::InStep);
                }
                shown.begin_anew();
                shown.in_step = true;
                phrase = Some("in step");
            }
            Ok(Outcome::Done { changed: true }) => {
                let elapsed = begun.elapsed();
                self.teller.news(&News::Applied { elapsed });
                shown.begin_anew();
                shown.in_step = true;
                self.changed = true;
                phrase = Some("in step");
            }
            Ok(Outcome::Refused) => {
                shown.in_step = false;
                phrase = Some("the plan cannot be applied");
                self.teller.news(&News::Refused);
            }
            Ok(Outcome::NotApproved(_)) => shown.in_step = false,
            Ok(Outcome::Incomplete { steps, report }) => {
                shown.in_step = false;
                self.changed |= !report.done.is_empty();
                self.interrupted |= report.interrupted;
                self.teller.incomplete(&steps, &report);
                let retry = self.machine.borrow().retries_at();
                let retry = retry.map(|at| at.saturating_sub(now));
                let keys = self.has_keys;
                self.teller.news(&News::Failed { retry, keys });
                phrase = Some("not all was done");
            }
            Ok(Outcome::NotSettled) => {
                shown.in_step = false;
                let reason =
                    "engines stop as soon as they are started; see `nest status` and their logs";
                self.teller.news(&News::Unanswered { reason });
            }
            Err(error) => {
                let error = CommandError::from(error);
                let is_told = self.lost.get() || !shown.trouble(self.teller, &error);
                if !is_told && !self.teller.is_for_people() {
                    let reason = error.message().0;
                    self.teller.news(&News::Unanswered { reason: &reason });
                }
                shown.in_step = false;
                phrase = Some("waiting for an engine");
            }
        }
        drop(shown);
        if let Some(phrase) = phrase {
            self.draw(phrase);
        }
        ended
    }

    /// Runs the user's command, and notes what happens meanwhile.
    async fn run_command(&self, command: &str, world: &mut World<'_>) {
        let child = Command::new("sh")
            .arg("-c")
            .arg(command)
            .stdin(Stdio::null())
            // Standard output is nest's own data.
            .stdout(std::io::stderr())
            .kill_on_drop(true)
            .process_group(0)
            .spawn();
        let code = match child {
            Ok(mut child) => {
                let group = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
                let mut ended = Box::pin(child.wait());
                let Some(ended) = self.meanwhile(&mut ended, world).await else {
                    // What the shell has started ends with it.
                    if let Some(group) = group {
                        let _ = kill_process_group(group, Signal::TERM);
                    }
                    return;
                };
                ended.ok().and_then(|status| status.code())
            }
            Err(_) => None,
        };
        self.teller.news(&News::Command { command, code });
    }
}
