//! What a command that applies does, as it does it: one JSON object a line, for programs.
//!
//! The types and keys are those of <https://developer.hashicorp.com/terraform/internals/machine-readable-ui> where it has
//! one that fits. There a resource is applied in one go; here each step has its lines, and says which resources it is for.

mod line;
mod make;
mod planned;
mod watching;

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use crate::apply::ApplyReport;
use crate::apply::event::Event;
use crate::engine::{EngineError, Progress};
use crate::model::name::ProjectName;
use crate::plan::Plan;
use crate::plan::change::Action;
use crate::plan::prune::Due;
use crate::plan::step::Step;
use crate::report::problem::located::LocatedProblem;
use crate::report::progress::{running_line, title};
use crate::report::stream::line::{
    CountsJson, CountsOf, EventJson, HookJson, Level, ResourceJson, ResultJson, Severity, TallyJson,
};
use crate::report::stream::make::{
    engine_error, error, of_problem, plain, seconds, since, summary, text, told, waiting, word,
};
use crate::report::stream::planned::{planned, resources};
use crate::report::words;
use crate::resource::Address;
use crate::resource::engine_path::EnginePath;
use crate::up::Outcome;

pub use crate::report::stream::line::{UI_VERSION, schema};

/// How often bytes are told of one step at most.
const BETWEEN_BYTES: Duration = Duration::from_secs(1);

/// What has been told so far.
#[derive(Debug)]
pub struct Stream {
    begun: SystemTime,
    /// How many plans were told; the last of them is the one that runs.
    plans: usize,
    /// The wave of the plan that runs.
    wave: usize,
    /// Whether a step of the plan was started.
    started: bool,
    destroy: bool,
    resources: BTreeMap<(EnginePath, String), Told>,
    /// When each running step was started, and when its bytes were last told.
    running: BTreeMap<usize, (SystemTime, SystemTime)>,
    tally: TallyJson,
    counts: CountsJson,
}

/// A resource of the plan that runs.
#[derive(Debug)]
struct Told {
    json: ResourceJson,
    action: Action,
    /// How many steps are still to be done for it.
    left: usize,
}

impl Stream {
    /// A stream that begins now, and its first line.
    pub fn begin(now: SystemTime) -> (Self, String) {
        let stream = Self {
            begun: now,
            plans: 0,
            wave: 0,
            started: false,
            destroy: false,
            resources: BTreeMap::new(),
            running: BTreeMap::new(),
            tally: TallyJson::default(),
            counts: CountsJson::default(),
        };
        let nest = env!("CARGO_PKG_VERSION").to_owned();
        let ui = UI_VERSION.to_owned();
        let message = format!("nest {nest}");
        let first = text(now, Level::Info, message, EventJson::Version { nest, ui });
        (stream, first)
    }

    /// The lines of a plan, which is the one that runs from now on.
    pub fn plan(&mut self, plan: &Plan, now: SystemTime) -> String {
        self.begins(plan);
        planned(plan, now)
    }

    /// Notes that a plan is the one that runs from now on.
    pub fn begins(&mut self, plan: &Plan) {
        if self.started {
            self.wave += 1;
            self.started = false;
        }
        self.plans += 1;
        self.destroy = plan.destroy;
        self.resources = resources(plan);
    }

    /// The line of a project that is taken down, before its plan.
    pub fn project(&self, project: &ProjectName, due: Due, now: SystemTime) -> String {
        let because = words::due(due);
        let message = format!("project {project} {because}");
        let project = project.to_string();
        let event = EventJson::Project { project, because };
        text(now, Level::Info, message, event)
    }

    /// The line of something that somebody should know.
    pub fn warning(&self, summary: &str, now: SystemTime) -> String {
        let mut diagnostic = error(summary, "", None);
        diagnostic.severity = Severity::Warning;
        told(now, diagnostic)
    }

    /// The lines of something that happens, if it is told.
    pub fn event(&mut self, event: &Event<'_>, now: SystemTime) -> String {
        match event {
            Event::Waiting { holder } => {
                let held = holder.age(now);
                let message = format!("waiting for the lock, held by {holder}");
                let event = EventJson::LockWait {
                    holder: holder.to_string(),
                    held_seconds: seconds(held),
                };
                text(now, Level::Info, message, event)
            }
            Event::Started {
                index,
                step,
                waited,
            } => {
                self.started = true;
                self.running.insert(*index, (now, self.begun));
                let mut hook = self.hook(*index, step);
                hook.waited = Some(waiting(waited));
                let event = EventJson::ApplyStart { hook };
                text(now, Level::Info, plain(&title(step)), event)
            }
            Event::Progress {
                index,
                step,
                progress,
            } => self.progress((*index, step), progress, now),
            Event::Done { step, done } => {
                self.running.remove(&done.step);
                self.tally.done += 1;
                self.count(step);
                let mut hook = self.hook(done.step, step);
                hook.waited = Some(waiting(&done.waited));
                hook.elapsed_seconds = Some(seconds(done.elapsed));
                hook.bytes = Some(done.bytes);
                let elapsed = words::duration(done.elapsed);
                let message = format!("{}: done after {elapsed}", plain(&title(step)));
                let event = EventJson::ApplyComplete { hook };
                text(now, Level::Info, message, event)
            }
            Event::Failed { step, failed } => {
                self.running.remove(&failed.step);
                self.tally.failed += 1;
                let mut hook = self.hook(failed.step, step);
                hook.waited = Some(waiting(&failed.waited));
                hook.elapsed_seconds = Some(seconds(failed.elapsed));
                hook.bytes = Some(failed.bytes);
                let elapsed = words::duration(failed.elapsed);
                let message = format!("{}: failed after {elapsed}", plain(&title(step)));
                let event = EventJson::ApplyErrored { hook };
                let address = step.addresses.first();
                let line = text(now, Level::Error, message, event);
                line + &engine_error(now, &failed.error, address)
            }
        }
    }

    fn progress(
        &mut self,
        (index, step): (usize, &Step),
        progress: &Progress,
        now: SystemTime,
    ) -> String {
        let mut hook = self.hook(index, step);
        let Some((started, told_at)) = self.running.get_mut(&index) else {
            return String::new();
        };
        hook.elapsed_seconds = Some(seconds(since(*started, now)));
        match progress {
            Progress::Warning(warning) => {
                let mut diagnostic = error(warning, "", step.addresses.first());
                diagnostic.severity = Severity::Warning;
                return told(now, diagnostic);
            }
            Progress::Pushed(_) => return String::new(),
            Progress::Bytes(_) if since(*told_at, now) < BETWEEN_BYTES => return String::new(),
            Progress::Bytes(bytes) => {
                *told_at = now;
                hook.bytes = Some(*bytes);
            }
            Progress::Output(line) => hook.output = Some(words::escaped(line)),
            Progress::Rung(rung) => hook.waiting_for = Some(rung.phrase().to_owned()),
        }
        let message = plain(&running_line(step, Some(progress)));
        let event = EventJson::ApplyProgress { hook };
        text(now, Level::Info, message, event)
    }

    /// The lines of how it ended, the last of all.
    pub fn outcome(&mut self, outcome: &Outcome, exit_code: u8, now: SystemTime) -> String {
        let mut lines = String::new();
        let result = match outcome {
            Outcome::Done { changed: true } => ResultJson::Done,
            Outcome::Done { changed: false } => ResultJson::NoChanges,
            Outcome::Refused => ResultJson::Refused,
            Outcome::NotApproved(_) => ResultJson::Unconfirmed,
            Outcome::NotSettled => ResultJson::NotSettled,
            Outcome::Incomplete { steps, report } => {
                lines += &self.skipped(steps, report, now);
                if report.interrupted {
                    ResultJson::Interrupted
                } else {
                    ResultJson::Incomplete
                }
            }
        };
        lines + &self.end(result, exit_code, now)
    }

    /// The lines of an early end, after those that say why.
    pub fn failed(&mut self, why: &Failure<'_>, exit_code: u8, now: SystemTime) -> String {
        let lines = self.why(why, now);
        lines + &self.end(ResultJson::Failed, exit_code, now)
    }

    /// The lines that say why something failed.
    pub fn why(&self, why: &Failure<'_>, now: SystemTime) -> String {
        let mut lines = String::new();
        match why {
            Failure::Problems(problems) => {
                for problem in *problems {
                    lines += &told(now, of_problem(problem));
                }
            }
            Failure::Engine(error) => lines += &engine_error(now, error, None),
            Failure::Other { summary, help } => lines += &told(now, error(summary, help, None)),
        }
        lines
    }

    /// The lines of the steps that a run did not come to.
    pub fn skipped(&mut self, steps: &[Step], report: &ApplyReport, now: SystemTime) -> String {
        let mut lines = String::new();
        for skipped in &report.skipped {
            self.tally.skipped += 1;
            let step = &steps[skipped.step];
            let hook = self.hook(skipped.step, step);
            let because_of = skipped.because_of.clone();
            let message = format!("{}: not done", plain(&title(step)));
            let event = EventJson::ApplySkipped { hook, because_of };
            lines += &text(now, Level::Warn, message, event);
        }
        lines
    }

    fn end(&mut self, result: ResultJson, exit_code: u8, now: SystemTime) -> String {
        self.counts.operation = if self.destroy {
            CountsOf::Destroy
        } else {
            CountsOf::Apply
        };
        let mut lines = String::new();
        if self.plans > 0 {
            lines += &summary(now, self.counts);
        }
        let event = EventJson::Outcome {
            result,
            exit_code,
            steps: self.tally,
            elapsed_seconds: seconds(since(self.begun, now)),
        };
        let TallyJson {
            done,
            failed,
            skipped,
        } = self.tally;
        let steps = words::count(done as u64, "step");
        let message = format!("{steps} done, {failed} failed, {skipped} skipped");
        let level = if exit_code == 0 {
            Level::Info
        } else {
            Level::Error
        };
        lines + &text(now, level, message, event)
    }

    fn hook(&self, index: usize, step: &Step) -> HookJson {
        let told = |address: &Address| {
            let key = (step.engine.clone(), address.to_string());
            self.resources.get(&key)
        };
        let resources: Vec<&Told> = step.addresses.iter().filter_map(told).collect();
        HookJson {
            wave: self.wave,
            step: index,
            operation: step.operation.word().to_owned(),
            action: resources.first().map(|told| word(told.action)),
            resources: resources.iter().map(|told| told.json.clone()).collect(),
            waited: None,
            elapsed_seconds: None,
            bytes: None,
            waiting_for: None,
            output: None,
        }
    }

    /// Counts the resources for which this was the last step.
    fn count(&mut self, step: &Step) {
        for address in &step.addresses {
            let key = (step.engine.clone(), address.to_string());
            let Some(told) = self.resources.get_mut(&key) else {
                continue;
            };
            told.left = told.left.saturating_sub(1);
            if told.left > 0 {
                continue;
            }
            match told.action {
                Action::NoOp => {}
                Action::Create => self.counts.add += 1,
                Action::Update => self.counts.change += 1,
                Action::Delete => self.counts.remove += 1,
                Action::Replace => {
                    self.counts.add += 1;
                    self.counts.remove += 1;
                }
            }
        }
    }
}

/// Why a command ended early.
#[derive(Debug)]
pub enum Failure<'a> {
    /// The file has problems.
    Problems(&'a [LocatedProblem]),
    /// An engine failed.
    Engine(&'a EngineError),
    /// Anything else.
    Other {
        /// What, in one line.
        summary: &'a str,
        /// What helps.
        help: &'a str,
    },
}
