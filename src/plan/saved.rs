//! A plan in a file: with what it takes to see later whether it still holds.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::desired::Desired;
use crate::observed::{ObservedEngine, Question};
use crate::plan::diff::current_record;
use crate::plan::fingerprint::Fingerprint;
use crate::plan::step::{Operation, Step};
use crate::plan::{FORMAT_VERSION, Plan, PlanOptions, plan};
use crate::resource::digest::Digest;
use crate::resource::engine_path::EnginePath;
use crate::resource::label::{self, Labels};
use crate::resource::record::Record;
use crate::resource::secret::SecretKey;

/// A plan that is applied later, or never.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedPlan {
    /// The version of nest that made the plan.
    pub nest_version: String,
    /// The files that the plan was made from, with their digests.
    pub files: BTreeMap<PathBuf, Digest>,
    /// What the engines were asked.
    pub question: Question,
    /// The plan.
    pub plan: Plan,
    /// Where there are secrets in the steps of the plan, what it takes to make them again: they are not here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withheld: Option<Withheld>,
}

/// What it takes to make the steps of a plan again, and to know that they are the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Withheld {
    /// What was planned.
    pub options: PlanOptions,
    /// What secrets were hashed under where the outer engine had no key yet.
    pub key: SecretKey,
    /// The hash of the steps under that key.
    pub hash: String,
}

impl Withheld {
    fn new(desired: &Desired, options: &PlanOptions, steps: &[Step]) -> Self {
        let key = desired.secret_key.clone();
        let text = serde_json::to_vec(steps).unwrap_or_default();
        Self {
            options: options.clone(),
            hash: key.hash(&text),
            key,
        }
    }
}

/// Why a saved plan cannot be applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StalePlan {
    /// It has another form.
    #[error("the plan was saved by nest {nest_version}, whose plans this version cannot read")]
    OtherFormat {
        /// The version that saved it.
        nest_version: String,
    },
    /// It was made for another engine.
    #[error("the plan was made for the engine `{planned}`, and this is `{found}`")]
    OtherEngine {
        /// The engine that it was made for.
        planned: String,
        /// The engine that was found.
        found: String,
    },
    /// It needs secrets that are not those that it was made with.
    #[error(
        "the plan was made with other secrets than those that the file, its variables and its files say now"
    )]
    OtherSecrets,
    /// Something that it relied on has changed.
    #[error("the plan is stale: {}", differences.join("; "))]
    Changed {
        /// What has changed, as phrases.
        differences: Vec<String>,
    },
}

impl SavedPlan {
    /// The plan without what must not be in a file: steps with secrets in them are made again when they are needed. What
    /// takes away only needs the key of the records that it writes meanwhile, which the engines have.
    #[must_use]
    pub fn without_secrets(mut self, desired: &Desired, options: &PlanOptions) -> Self {
        if options.destroy.is_some() {
            for (_, labels) in records(&mut self.plan.steps) {
                Record::change(labels, |record| record.key = SecretKey::default());
            }
            return self;
        }
        let makes = |step: &Step| {
            matches!(
                step.operation,
                Operation::CreateContainer(_)
                    | Operation::BuildImage(_)
                    | Operation::CreateVolume(_)
                    | Operation::CreateNetwork(_)
                    | Operation::WriteFiles { .. }
                    | Operation::WriteDaemonFile { .. }
                    | Operation::CheckDaemonFile(_)
                    | Operation::PullImage { login: Some(_), .. }
                    | Operation::PushImage { login: Some(_), .. }
            )
        };
        if desired.engine.has_secrets() && self.plan.steps.iter().any(makes) {
            self.withheld = Some(Withheld::new(desired, options, &self.plan.steps));
            self.plan.steps.clear();
        }
        self
    }

    /// Gives the records that the plan writes the keys that their engines have.
    pub fn give_keys(&mut self, observed: &ObservedEngine) {
        let project = &self.plan.project;
        for (path, labels) in records(&mut self.plan.steps) {
            let engine = observed.at(path);
            let known = engine.map(|engine| current_record(engine, project).1.key);
            Record::change(labels, |record| {
                if let Some(known) = known.filter(|_| record.key.is_empty()) {
                    record.key = known;
                }
            });
        }
    }

    /// Makes the steps again that are withheld, from what the file says now and from what the plan was made from. They must
    /// come out the same.
    pub fn restore(
        &mut self,
        mut desired: Desired,
        observed: &ObservedEngine,
    ) -> Result<(), StalePlan> {
        let Some(withheld) = &self.withheld else {
            return Ok(());
        };
        desired.secret_key = withheld.key.clone();
        let steps = plan(&desired, observed, &withheld.options).steps;
        if Withheld::new(&desired, &withheld.options, &steps) != *withheld {
            return Err(StalePlan::OtherSecrets);
        }
        self.plan.steps = steps;
        self.withheld = None;
        Ok(())
    }

    /// Checks that everything the plan relied on is as it was. `files` are the same files as they are now; one that is
    /// not there any more is left out, and is no reason to refuse: a plan may be applied on another machine.
    pub fn check(
        &self,
        observed: &ObservedEngine,
        files: &BTreeMap<PathBuf, Digest>,
    ) -> Result<(), StalePlan> {
        if self.plan.format_version != FORMAT_VERSION {
            return Err(StalePlan::OtherFormat {
                nest_version: self.nest_version.clone(),
            });
        }
        if self.plan.engine.id != observed.identity.id {
            let (planned, found) = (
                self.plan.engine.name.clone(),
                observed.identity.name.clone(),
            );
            return Err(StalePlan::OtherEngine { planned, found });
        }
        let edited = files
            .iter()
            .filter(|(path, digest)| self.files.get(*path).is_some_and(|old| old != *digest));
        let mut differences: Vec<String> = edited
            .map(|(path, _)| format!("`{}` has changed", path.display()))
            .collect();
        let now = Fingerprint::of(observed, &self.plan.project, &self.plan.names);
        differences.extend(self.plan.fingerprint.differences(&now));
        if differences.is_empty() {
            Ok(())
        } else {
            Err(StalePlan::Changed { differences })
        }
    }
}

/// The labels in which steps write records, and on which engines.
fn records(steps: &mut [Step]) -> impl Iterator<Item = (&EnginePath, &mut Labels)> {
    steps
        .iter_mut()
        .filter_map(|step| match &mut step.operation {
            Operation::CreateVolume(volume) if volume.labels.contains_key(label::RECORD) => {
                Some((&step.engine, &mut volume.labels))
            }
            _ => None,
        })
}
