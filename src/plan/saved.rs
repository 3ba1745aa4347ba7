//! A plan in a file: with what it takes to see later whether it still holds.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::observed::{ObservedEngine, Question};
use crate::plan::fingerprint::Fingerprint;
use crate::plan::{FORMAT_VERSION, Plan};
use crate::resource::digest::Digest;

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
    /// Something that it relied on has changed.
    #[error("the plan is stale: {}", differences.join("; "))]
    Changed {
        /// What has changed, as phrases.
        differences: Vec<String>,
    },
}

impl SavedPlan {
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
