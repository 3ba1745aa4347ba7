//! `nest prune`

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use crate::apply::event::Event;
use crate::apply::lock::{Lock, LockError, LockOptions, has_ended};
use crate::apply::{ApplyOptions, ApplyReport, apply};
use crate::cli::approval::{Caution, consent};
use crate::cli::args::PruneArguments;
use crate::cli::error::CommandError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::options::Options;
use crate::cli::output::Output;
use crate::cli::project;
use crate::cli::run_plan;
use crate::cli::signals;
use crate::cli::teller::Teller;
use crate::desired::Desired;
use crate::docker::{Docker, Endpoint};
use crate::engine::Engine as _;
use crate::model::name::ProjectName;
use crate::observed::Question;
use crate::plan::prune::{Due, Prune, PruneOptions, Stays, prune};
use crate::plan::{Destroy, Plan, PlanOptions};
use crate::up::{Approval, Outcome, UpError, observe_and_plan, up};

/// The mark of a seed goes, then its volume, and then there is nothing left.
const MOST_ROUNDS: usize = 3;

/// Takes away projects whose time has come, and what nobody uses.
pub(crate) async fn run(
    arguments: &PruneArguments,
    options: &Options,
    output: &Output,
) -> Result<ExitStatus, CommandError> {
    let teller = Teller::new(arguments.confirm.run.format, output);
    let pruning = Pruning {
        arguments,
        options,
        output,
        teller: &teller,
        endpoint: project::endpoint_here(options)?,
        lock_options: run_plan::lock_options("nest prune", &arguments.confirm.run, options),
    };
    let result = pruning.to_the_end().await;
    result.inspect_err(|error| teller.error(error))
}

/// One run.
struct Pruning<'a> {
    arguments: &'a PruneArguments,
    options: &'a Options,
    output: &'a Output,
    teller: &'a Teller<'a>,
    endpoint: Endpoint,
    lock_options: LockOptions,
}

/// A project that is taken down.
struct Doomed {
    /// Reached for this project alone: another may mean another engine by the same name.
    engine: Docker,
    desired: Desired,
    plan: Plan,
    due: Due,
}

/// How it went so far.
#[derive(Default)]
struct Course {
    changed: bool,
    failed: bool,
    interrupted: bool,
}

impl Pruning<'_> {
    async fn to_the_end(&self) -> Result<ExitStatus, CommandError> {
        let engine = self.connect().await?;
        let found = self.decide(&engine, None).await?;
        let mut doomed = Vec::new();
        for (project, due) in &found.projects {
            let engine = self.connect().await?;
            let desired = Desired::of_nothing(project.clone());
            let (_, plan) = observe_and_plan(&engine, &desired, &self.plan_options()).await?;
            doomed.push(Doomed {
                engine,
                desired,
                plan,
                due: *due,
            });
        }
        self.show(&found, &doomed);
        let does_something = |plan: &Plan| !plan.steps.is_empty() || !plan.refusals.is_empty();
        doomed.retain(|one| does_something(&one.plan));
        if doomed.is_empty() && !found.rest.has_changes() {
            self.teller.talk("Nothing to prune.\n");
            return Ok(self.teller.outcome(&Outcome::Done { changed: false }));
        }
        let plans = doomed.iter().map(|one| &one.plan);
        let plans: Vec<&Plan> = plans.chain([&found.rest]).collect();
        let how = (self.options, self.output);
        let yes = self.arguments.confirm.yes;
        match consent(&plans, Caution::DataLoss, yes, self.teller, how) {
            Approval::Go => {}
            other => return Ok(self.teller.outcome(&Outcome::NotApproved(other))),
        }
        let (apply_options, _listening) = signals::apply_options(self.options, self.output.clone());
        let mut course = Course::default();
        for one in &doomed {
            if !apply_options.drain.is_cancelled() {
                self.take_down(one, &apply_options, &mut course).await;
            }
        }
        for project in &found.locks {
            if let Err(error) = self.free_lock(&engine, project).await {
                course.failed = true;
                self.teller.trouble(&error);
            }
            course.changed = true;
        }
        self.clear(&engine, &found.rest, &apply_options, &mut course)
            .await?;
        course.interrupted |= apply_options.drain.is_cancelled();
        Ok(self.ended(&course))
    }

    async fn connect(&self) -> Result<Docker, CommandError> {
        project::connect_to(&self.endpoint, self.options).await
    }

    fn plan_options(&self) -> PlanOptions {
        let volumes = self.arguments.volumes;
        PlanOptions::whole(Some(Destroy { volumes }))
    }

    /// Looks at the engine, and decides.
    async fn decide(
        &self,
        engine: &Docker,
        only: Option<BTreeSet<String>>,
    ) -> Result<Prune, CommandError> {
        let holdings = engine.holdings().await?;
        let machine = &self.lock_options.holder.machine;
        let locks = holdings.locks.iter();
        let ended = locks.filter(|(_, holder)| has_ended(holder, machine));
        let options = PruneOptions {
            now: SystemTime::now(),
            older_than: self.arguments.older_than,
            ended: ended.map(|(name, _)| name.clone()).collect(),
            only,
        };
        Ok(prune(&holdings, &options))
    }

    fn show(&self, found: &Prune, doomed: &[Doomed]) {
        for one in doomed {
            self.teller.project(&one.desired.project, one.due);
            self.teller.plan(&one.plan);
        }
        for (project, stays) in &found.staying {
            let because = match stays {
                Stays::Locked(holder) => format!("{holder} holds its lock"),
                Stays::Part => "only a part of it is here, which goes with the rest of it, by the engine that holds that".to_owned(),
            };
            let text = format!("project `{project}` is left as it is: {because}");
            self.teller.warning(&text);
        }
        if found.rest.has_changes() || !found.rest.kept.is_empty() {
            self.teller.talk("What belongs to no project:\n\n");
            self.teller.plan(&found.rest);
        }
    }

    /// Takes a project down, if it still is as it was shown.
    async fn take_down(&self, one: &Doomed, apply_options: &ApplyOptions, course: &mut Course) {
        let mut approve = |plan: &Plan, _: usize| {
            self.teller.begins(plan);
            let is_shown = plan.fingerprint == one.plan.fingerprint || plan.steps.is_empty();
            if is_shown {
                Approval::Go
            } else {
                Approval::Declined
            }
        };
        let emit = |event: Event<'_>| self.teller.event(&event);
        let how = (apply_options, &self.lock_options);
        let plan_options = self.plan_options();
        let running = up(
            &one.engine,
            &one.desired,
            &plan_options,
            how,
            &mut approve,
            &emit,
        );
        let project = &one.desired.project;
        match self.teller.during(Box::pin(running)).await {
            Ok(Outcome::Done { changed }) => course.changed |= changed,
            Ok(Outcome::Incomplete { steps, report }) => {
                self.incomplete(&steps, &report, course);
            }
            Ok(Outcome::NotApproved(_)) => {
                course.failed = true;
                self.teller.warning(&format!(
                    "project `{project}` has changed since it was shown, and is left as it is"
                ));
            }
            Ok(Outcome::Refused | Outcome::NotSettled) => {
                course.failed = true;
                self.teller
                    .warning(&format!("project `{project}` cannot be taken down"));
            }
            Err(error) => {
                course.failed = true;
                self.teller.trouble(&error.into());
            }
        }
    }

    /// Frees a lock that was left, unless somebody has taken it over meanwhile.
    async fn free_lock(&self, engine: &Docker, project: &ProjectName) -> Result<(), CommandError> {
        let observed = engine.observe(&Question::about(project)).await?;
        let options = LockOptions {
            timeout: Duration::ZERO,
            ..self.lock_options.clone()
        };
        let place = (project, &observed.told_apart());
        match Lock::take(engine, place, &options, &|_| {}).await {
            Ok(lock) => Ok(lock.free(engine).await?),
            Err(LockError::Held(_) | LockError::Contested) => Ok(()),
            Err(error) => Err(UpError::from(error).into()),
        }
    }

    /// Removes what belongs to no project, of what was shown.
    async fn clear(
        &self,
        engine: &Docker,
        shown: &Plan,
        apply_options: &ApplyOptions,
        course: &mut Course,
    ) -> Result<(), CommandError> {
        let objects = shown.changes.iter().map(|change| change.object.clone());
        let objects: BTreeSet<String> = objects.collect();
        for _ in 0..MOST_ROUNDS {
            if objects.is_empty() || apply_options.drain.is_cancelled() {
                break;
            }
            let plan = self.decide(engine, Some(objects.clone())).await?.rest;
            if plan.steps.is_empty() {
                break;
            }
            self.teller.begins(&plan);
            let emit = |event: Event<'_>| self.teller.event(&event);
            let running = apply(engine, &plan.steps, apply_options, &emit);
            let report = self.teller.during(running).await;
            course.changed |= !report.done.is_empty();
            if !report.is_complete() {
                self.incomplete(&plan.steps, &report, course);
                break;
            }
        }
        Ok(())
    }

    fn incomplete(
        &self,
        steps: &[crate::plan::step::Step],
        report: &ApplyReport,
        course: &mut Course,
    ) {
        course.changed |= !report.done.is_empty();
        course.failed = true;
        course.interrupted |= report.interrupted;
        self.teller.incomplete(steps, report);
    }

    fn ended(&self, course: &Course) -> ExitStatus {
        if !course.failed && !course.interrupted {
            let changed = course.changed;
            return self.teller.outcome(&Outcome::Done { changed });
        }
        let status = if course.interrupted {
            ExitStatus::Interrupted
        } else {
            self.output
                .error("not all of it was removed; `nest prune` goes on from here");
            ExitStatus::Failed
        };
        let report = ApplyReport {
            interrupted: course.interrupted,
            ..ApplyReport::default()
        };
        let steps = Vec::new();
        self.teller
            .watched(&Outcome::Incomplete { steps, report }, status);
        status
    }
}
