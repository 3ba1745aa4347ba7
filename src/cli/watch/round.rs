//! One run: look, plan, and apply what may be applied.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Instant;

use tokio::process::Command;

use crate::apply::event::Event;
use crate::cli::error::CommandError;
use crate::cli::signals::STOPPING;
use crate::cli::teller::Teller;
use crate::cli::watch::Session;
use crate::cli::watch::world::{Input, World};
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
    absent: Option<PathBuf>,
    in_step: bool,
}

impl Shown {
    /// Something else is read: all of it is news.
    pub(crate) fn begin_anew(&mut self) {
        *self = Self::default();
    }

    /// Tells what is wrong.
    pub(crate) fn trouble(&mut self, teller: &Teller<'_>, error: &CommandError) -> bool {
        let (message, _) = error.message();
        let is_of_file = matches!(error, CommandError::Invalid(_));
        let is_new = is_of_file || self.trouble.as_ref() != Some(&message);
        if is_new {
            teller.trouble(error);
        }
        self.in_step = false;
        self.trouble = Some(message);
        is_new
    }

    /// How it stands, in a few words.
    fn stand(&self, phrase: &'static str) -> Stand<'_> {
        Stand {
            phrase,
            changes: self.plan.as_ref().map_or(&[], |(changes, _)| changes),
            trouble: self.trouble.as_deref(),
        }
    }

    /// All files are there.
    pub(crate) fn present(&mut self) {
        self.absent = None;
    }

    /// Tells that a file is away.
    pub(crate) fn absent(&mut self, teller: &Teller<'_>, file: &Path, has_project: bool) {
        if self.absent.as_deref() == Some(file) {
            return;
        }
        self.absent = Some(file.to_owned());
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
        let Some(desired) = &self.desired else { return };
        let shown = self.shown.borrow();
        self.teller.stay(|| board(desired, &shown.stand(phrase)));
    }

    /// Plans, and applies what may be applied. What happens meanwhile is noted.
    pub(crate) async fn round(
        &mut self,
        cause: Cause,
        world: &mut World,
    ) -> Result<(), CommandError> {
        let Some(desired) = self.desired.clone() else {
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
        let mut stopping = false;
        let outcome = loop {
            tokio::select! {
                biased;
                outcome = &mut running => break outcome,
                input = world.next(), if !stopping => {
                    stopping = matches!(input, Input::End);
                    self.heed(input);
                    if stopping {
                        self.teller.talk(&format!("{STOPPING}\n"));
                    }
                }
            }
        };
        drop(running);
        let ended = self.tell(cause, begun, outcome);
        // An engine that was started, or made anew, is there to be listened to.
        world.streams.want(&engines(&desired));
        if matches!(ended, Ended::InStep | Ended::Done) {
            self.ready.tell()?;
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
                self.teller.news(&News::Failed { retry });
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
    async fn run_command(&self, command: &str, world: &mut World) {
        let child = Command::new("sh")
            .arg("-c")
            .arg(command)
            .stdin(Stdio::null())
            // Standard output is nest's own data.
            .stdout(std::io::stderr())
            .kill_on_drop(true)
            .spawn();
        let code = match child {
            Ok(mut child) => loop {
                tokio::select! {
                    ended = child.wait() => break ended.ok().and_then(|status| status.code()),
                    input = world.next() => match input {
                        Input::End => return,
                        input => self.heed(input),
                    },
                }
            },
            Err(_) => None,
        };
        self.teller.news(&News::Command { command, code });
    }
}
