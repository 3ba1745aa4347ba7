//! A history: a file, its edits, what happens to the engines besides, and the runs of nest in between.

use std::fmt;

use nest::desired::Desired;
use nest::plan::change::Change;
use nest::plan::{Plan, PlanOptions};
use nest::resource::Kind;
use nest::resource::lock::LockHolder;
use nest::up::Outcome;

use crate::histories::compare::{differences, touched, unplanned};
use crate::histories::drift::Drift;
use crate::histories::edit::Edit;
use crate::histories::file::File;
use crate::histories::neighbour;
use crate::histories::oracle::{amiss, half_seeds, is_owned};
use crate::histories::plans;
use crate::histories::steps;
use crate::histories::tally::Tally;
use crate::histories::world::{End, Run, desired, planned, run};
use crate::memory::{EngineState, Fault};
use crate::plan::{DOWN, DOWN_WITH_VOLUMES, UP, engine};

/// A history.
#[derive(Clone)]
pub(crate) struct History {
    pub(crate) file: File,
    pub(crate) seed: u16,
    pub(crate) acts: Vec<Act>,
}

/// Something that happens.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    Edit(Edit),
    Drift(Drift),
    /// `nest up`, with what goes wrong in it, and whether it is run again then.
    Up {
        faults: Vec<Fault>,
        again: bool,
    },
    Down {
        faults: Vec<Fault>,
        volumes: bool,
    },
    /// Another project with the same environments comes up and goes again, but for its data where that stays.
    Neighbour {
        faults: Vec<Fault>,
        stays: bool,
    },
    /// `nest up` or `nest down` for a part of the project. Numbers pick addresses of what there is.
    Part {
        targets: Vec<u8>,
        replace: Option<u8>,
        down: bool,
        faults: Vec<Fault>,
    },
}

/// A history as far as it has come.
struct Course {
    file: File,
    desired: Desired,
    state: EngineState,
    /// Where a refusal leads back to: the last file that was brought up, and what the engine held then.
    good: (File, EngineState),
    seed: u64,
    tally: Tally,
}

impl History {
    /// Lets it happen, and checks all the way.
    pub(crate) fn check(&self) -> Result<Tally, String> {
        let state = engine().with(|state| state.clone());
        let Ok(wanted) = desired(&self.file) else {
            return Ok(Tally {
                invalid: 1,
                ..Tally::default()
            });
        };
        let empty = File {
            archives: 1,
            ..File::default()
        };
        let mut course = Course {
            file: self.file.clone(),
            desired: wanted,
            state: state.clone(),
            good: (empty, state),
            seed: u64::from(self.seed),
            tally: Tally::default(),
        };
        let mut acts = vec![Act::Up {
            faults: Vec::new(),
            again: true,
        }];
        acts.extend(self.acts.iter().cloned());
        acts.push(Act::Up {
            faults: Vec::new(),
            again: true,
        });
        acts.push(Act::Down {
            faults: Vec::new(),
            volumes: true,
        });
        for act in &acts {
            course
                .act(act)
                .map_err(|wrong| format!("in {act:?}: {wrong}"))?;
        }
        Ok(course.tally)
    }
}

impl Course {
    fn act(&mut self, act: &Act) -> Result<(), String> {
        self.seed = self.seed.wrapping_mul(31).wrapping_add(7);
        match act {
            Act::Edit(edit) => {
                let file = edit.of(&self.file);
                match desired(&file) {
                    Ok(desired) => {
                        self.desired = desired;
                        self.file = file;
                    }
                    Err(_) => self.tally.invalid += 1,
                }
                Ok(())
            }
            Act::Drift(drift) => {
                let before = self.state.clone();
                drift.act(&mut self.state);
                let stale = plans::staleness(&self.desired, &self.file, &before, &self.state)?;
                self.tally.stale += u64::from(stale);
                Ok(())
            }
            Act::Up { faults, again } => {
                let plan = self.plan(&UP)?;
                self.bring((&UP, plan), faults, *again)
            }
            Act::Down { faults, volumes } => {
                self.file = self.file.without_protection();
                self.desired = desired(&self.file)?;
                let options = if *volumes { DOWN_WITH_VOLUMES } else { DOWN };
                plans::lists_what_is_owned(&self.state, &self.desired, *volumes)?;
                let plan = planned(&self.state, &self.desired, &options);
                self.bring((&options, plan), faults, true)
            }
            Act::Neighbour { faults, stays } => {
                let lived = neighbour::lives(&self.file, &self.state, (faults, self.seed), *stays);
                let before = std::mem::replace(&mut self.state, lived);
                plans::staleness(&self.desired, &self.file, &before, &self.state)?;
                Ok(())
            }
            Act::Part {
                targets,
                replace,
                down,
                faults,
            } => {
                let options = self.part(targets, *replace, *down)?;
                self.tally.parts += u64::from(options != UP);
                let plan = self.plan(&options)?;
                self.bring((&options, plan), faults, true)
            }
        }
    }

    fn plan(&self, options: &PlanOptions) -> Result<Plan, String> {
        plans::deterministic(&self.file, &self.desired, &self.state, options, self.seed)
    }

    /// The options that name a part of what there is.
    fn part(
        &mut self,
        targets: &[u8],
        replace: Option<u8>,
        down: bool,
    ) -> Result<PlanOptions, String> {
        let whole = if down { DOWN } else { UP };
        if down {
            self.file = self.file.without_protection();
            self.desired = desired(&self.file)?;
        }
        let known = planned(&self.state, &self.desired, &whole).changes;
        let named = |number: &u8, changes: &[&Change]| {
            let at = usize::from(*number) % changes.len().max(1);
            changes.get(at)?.address.to_string().parse().ok()
        };
        let all: Vec<&Change> = known.iter().collect();
        let is_container =
            |change: &&Change| matches!(change.kind, Kind::Environment | Kind::Registry) && !down;
        let containers: Vec<&Change> = known.iter().filter(is_container).collect();
        Ok(PlanOptions {
            targets: targets.iter().filter_map(|it| named(it, &all)).collect(),
            replace: replace
                .iter()
                .filter_map(|it| named(it, &containers))
                .collect(),
            ..whole
        })
    }

    /// Brings the engine to what the options ask for, undisturbed and disturbed.
    fn bring(
        &mut self,
        (options, plan): (&PlanOptions, Plan),
        faults: &[Fault],
        again: bool,
    ) -> Result<(), String> {
        if !plan.is_applicable() {
            return self.refused(options);
        }
        plans::survives_saving(&self.file, (options, &plan), &self.state, &self.desired)?;
        let data_goes = options.destroy.is_some_and(|destroy| destroy.volumes);
        let undisturbed = self.settle(&self.state, options)?;
        let good = self.arrived(&undisturbed, options)?;
        plans::saved_does_the_same(&plan, &self.state, &self.desired, options, &undisturbed)?;
        wrong(
            "undisturbed, it touched",
            touched(&self.state, &undisturbed, data_goes),
        )?;
        // What goes wrong goes wrong with one of the steps there are.
        let within = |fault: &Fault| Fault {
            at: fault.at % plan.steps.len().max(1),
            ..*fault
        };
        let faults: Vec<Fault> = faults.iter().map(within).collect();
        let disturbed = run(&self.state, &self.desired, options, (&faults, self.seed));
        self.count(&disturbed);
        steps::in_order(&disturbed)?;
        let forgets = steps::forgets(&disturbed);
        wrong(
            "disturbed, it touched",
            touched(&self.state, &disturbed.state, data_goes),
        )?;
        let before = std::mem::replace(&mut self.state, disturbed.state);
        if !again {
            return Ok(());
        }
        let end = self.settle(&self.state, options)?;
        let ends_good = self.arrived(&end, options)?;
        wrong("after all, it touched", touched(&before, &end, data_goes))?;
        let differ = if !(good && ends_good) || forgets {
            // What a later wave refuses, the first plan of the next run refuses with all else.
            Vec::new()
        } else if options.targets.is_empty() {
            differences(&undisturbed, &end)
        } else {
            self.differ_when_whole(&undisturbed, &end)?
        };
        wrong("undisturbed and disturbed differ", differ)?;
        self.state = end;
        if ends_good {
            self.good = (self.file.clone(), self.state.clone());
        }
        Ok(())
    }

    /// How two ways to bring up a part differ when the whole is brought up after them. Until then what failed may lie
    /// outside of the part: what stopped with an engine around it, and what is remembered of what went.
    fn differ_when_whole(
        &self,
        one: &EngineState,
        other: &EngineState,
    ) -> Result<Vec<String>, String> {
        let refused = |state| !planned(state, &self.desired, &UP).is_applicable();
        if refused(one) || refused(other) {
            return Ok(Vec::new());
        }
        let (one, other) = (self.settle(one, &UP)?, self.settle(other, &UP)?);
        self.arrived(&one, &UP)?;
        self.arrived(&other, &UP)?;
        Ok(differences(&one, &other))
    }

    /// A plan with refusals does nothing at all. What led to it is undone.
    fn refused(&mut self, options: &PlanOptions) -> Result<(), String> {
        let run = run(&self.state, &self.desired, options, (&[], self.seed));
        self.tally.refused += 1;
        if !matches!(run.end, End::Ended(Outcome::Refused)) || !run.asked.is_empty() {
            return Err(format!("a refused plan was carried out: {:?}", run.end));
        }
        wrong(
            "a refused plan changed",
            differences(&self.state, &run.state),
        )?;
        (self.file, self.state) = self.good.clone();
        self.desired = desired(&self.file)?;
        Ok(())
    }

    /// Runs without disturbance until all is done, which one run is enough for.
    fn settle(&self, state: &EngineState, options: &PlanOptions) -> Result<EngineState, String> {
        let run = run(state, &self.desired, options, (&[], self.seed));
        steps::in_order(&run)?;
        wrong(
            "nobody planned it, and yet it changed",
            unplanned(&run, state),
        )?;
        match run.end {
            // What an engine holds that had to be started first may be refused.
            End::Ended(Outcome::Done { .. } | Outcome::Refused) => Ok(run.state),
            other => Err(format!("nothing went wrong, and yet: {other:?}")),
        }
    }

    /// What must hold when all is done. Tells whether it can be planned for: a later wave may have been refused, or what was
    /// to be replaced is gone, and is not known any more.
    fn arrived(&self, state: &EngineState, options: &PlanOptions) -> Result<bool, String> {
        let mut plan = planned(state, &self.desired, options);
        if !plan.is_applicable() {
            return Ok(false);
        }
        if !options.replace.is_empty() {
            let mut options = options.clone();
            options.replace.clear();
            plan = planned(state, &self.desired, &options);
        }
        if !plan.is_applicable() {
            return Ok(true);
        }
        if !plan.steps.is_empty() || plan.has_changes() || !plan.drift.is_empty() {
            return Err(format!("the plan is not empty: {}", worded(&plan)));
        }
        wrong("half made", half_seeds(state))?;
        if !options.targets.is_empty() {
            return Ok(true);
        }
        if options.destroy.is_none() {
            wrong("amiss", amiss(state, &self.desired.engine, &[]))?;
            return Ok(true);
        }
        let containers = state
            .containers
            .iter()
            .filter(|(name, it)| is_owned(&it.labels, name));
        let networks = state
            .networks
            .iter()
            .filter(|(name, it)| is_owned(&it.labels, name));
        let left: Vec<String> = containers
            .map(|(name, _)| name.clone())
            .chain(networks.map(|(name, _)| name.clone()))
            .collect();
        let lock = LockHolder::volume_name(&self.desired.project);
        let lock = Some(lock).filter(|name| state.volumes.contains_key(name));
        wrong(
            "left",
            left.into_iter().chain(lock).collect::<Vec<String>>(),
        )?;
        Ok(true)
    }

    fn count(&mut self, run: &Run) {
        self.tally.runs += 1;
        self.tally.steps += run.asked.len() as u64;
        match &run.end {
            End::Killed => self.tally.killed += 1,
            End::Ended(Outcome::Incomplete { .. }) => self.tally.failed += 1,
            End::Ended(_) => {}
        }
    }
}

/// A plan as users read it.
pub(crate) fn worded(plan: &Plan) -> String {
    let steps: Vec<String> = plan.steps.iter().map(|step| format!("{step:?}")).collect();
    format!("{}\n{}", crate::plan::rendered(plan), steps.join("\n"))
}

/// An error, if there is anything in the list.
pub(crate) fn wrong(what: &str, list: impl AsRef<[String]>) -> Result<(), String> {
    let list = list.as_ref();
    if list.is_empty() {
        Ok(())
    } else {
        Err(format!("{what}:\n{}", list.join("\n")))
    }
}

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "a history, seed {}:{:?}", self.seed, self.file)?;
        let mut file = self.file.clone();
        for act in &self.acts {
            match act {
                Act::Edit(edit) => {
                    file = edit.of(&file);
                    writeln!(f, "    then the file is:{file:?}")?;
                }
                other => writeln!(f, "    then {other:?}")?,
            }
        }
        Ok(())
    }
}
