//! Decisions: what to do so that the engines hold what the file declares.
//!
//! [`plan`] is pure and infallible. It compares (`diff`), words the result as changes that a user reads, and lowers it
//! to steps that the executor runs without deciding anything. What cannot be done is a [`Refusal`].

pub mod applied;
pub mod change;
pub mod decision;
mod diff;
pub mod drift;
pub mod fingerprint;
mod lower;
pub mod prune;
pub mod refusal;
mod route;
pub mod rule;
pub mod running;
pub mod saved;
pub mod step;
pub mod summary;
mod target;

use serde::{Deserialize, Serialize};

use crate::desired::{Desired, DesiredEngine};
use crate::model::image::ImageReference;
use crate::model::name::{EngineName, ProjectName};
use crate::observed::{EngineIdentity, ObservedEngine};
use crate::parallel;
use crate::plan::change::{Action, Change, Reason};
use crate::plan::diff::other::others;
use crate::plan::diff::seed::seeds;
use crate::plan::diff::{Around, EngineDiff, InnerDiff, Terms};
use crate::plan::drift::Drift;
use crate::plan::fingerprint::{Fingerprint, Names};
use crate::plan::refusal::Refusal;
use crate::plan::step::Step;
use crate::plan::summary::Interruption;
use crate::plan::target::Selection;
use crate::resource::engine_path::EnginePath;
use crate::resource::pattern::AddressPattern;
use crate::resource::record::Record;
use crate::resource::{Address, Kind};

/// The version of the plan's JSON form.
pub const FORMAT_VERSION: &str = "0.4";

/// What to plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanOptions {
    /// Take the project down instead of bringing it up.
    pub destroy: Option<Destroy>,
    /// Plan only what these name, with what it needs; all where there are none.
    pub targets: Vec<AddressPattern>,
    /// Containers to replace whatever the file says.
    pub replace: Vec<AddressPattern>,
    /// Whether data may be lost where what the file asks for cannot be had otherwise.
    pub allow_data_loss: bool,
    /// Whether registries are asked anew what they have of all images that engines pull.
    #[serde(default)]
    pub pull: bool,
    /// Whether nothing is waited for that no other step needs.
    #[serde(default)]
    pub no_wait: bool,
    /// What becomes of the time when the project expires.
    #[serde(default)]
    pub expiry: Expiry,
    /// Other outer engines that are gone for good: what the project had there is not looked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forget: Vec<EngineName>,
    /// Which wave of one run this is, counted from 0.
    pub wave: usize,
}

impl PlanOptions {
    /// Everything that the file declares, or the end of it.
    pub const fn whole(destroy: Option<Destroy>) -> Self {
        Self {
            destroy,
            targets: Vec::new(),
            replace: Vec::new(),
            allow_data_loss: false,
            pull: false,
            no_wait: false,
            expiry: Expiry::Kept,
            forget: Vec::new(),
            wave: 0,
        }
    }

    /// The options of the wave after the one that this plan was: what it has replaced is not replaced again.
    #[must_use]
    pub fn after(&self, plan: &Plan) -> Self {
        let mut options = self.clone();
        options.wave += 1;
        options.replace.retain(|pattern| {
            !plan
                .changes
                .iter()
                .any(|change| pattern.is(&change.address))
        });
        options
    }
}

/// What becomes of the time when the project expires.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expiry {
    /// It stays as it is.
    #[default]
    Kept,
    /// It is this, in seconds since 1970.
    At(u64),
    /// It is none.
    Never,
}

/// How far a project is taken down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destroy {
    /// Whether volumes with data go too.
    pub volumes: bool,
}

/// What to do so that the engines hold what the file declares.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The version of this form.
    pub format_version: String,
    /// The project.
    pub project: ProjectName,
    /// The outer engine that was observed.
    pub engine: EngineIdentity,
    /// Whether the project is taken down.
    pub destroy: bool,
    /// The addresses that it is limited to; none where it is about everything.
    pub targets: Vec<String>,
    /// Whether whoever asked for it allows that data is lost.
    pub allows_data_loss: bool,
    /// What changed outside nest since it was last applied.
    pub drift: Vec<Drift>,
    /// What becomes of each resource, in the order in which it is shown.
    pub changes: Vec<Change>,
    /// What stays although nothing declares or uses it any more.
    pub kept: Vec<Kept>,
    /// What is planned when this plan is carried out.
    pub deferred: Vec<Deferred>,
    /// What cannot be done.
    pub refusals: Vec<Refusal>,
    /// Engines inside containers that stop for a while, and what runs in them.
    pub interruptions: Vec<Interruption>,
    /// What runs.
    pub steps: Vec<Step>,
    /// What the plan relied on.
    pub fingerprint: Fingerprint,
    /// The names that it needs on each engine.
    pub names: Vec<Names>,
}

/// A resource that cannot be planned whole before this plan is carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deferred {
    /// Its address.
    pub address: Address,
    /// What has to happen first.
    pub until: DeferredUntil,
}

/// What has to happen before a resource can be planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeferredUntil {
    /// Its engine runs: what that should hold is planned then.
    EngineRuns,
    /// The image that it runs is pulled again, for another container: the name may stand for another image then.
    ImagePulled(ImageReference),
}

/// Something that stays although nothing declares or uses it any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Its address.
    pub address: Address,
    /// What sort of thing it is.
    pub kind: Kind,
    /// Its real name.
    pub object: String,
    /// The engine that holds it.
    pub engine: EnginePath,
    /// Why it is mentioned.
    pub because: KeptBecause,
}

/// Why something that nothing uses any more stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeptBecause {
    /// The file no longer declares it.
    NotDeclared,
    /// The project is taken down without its data.
    Data,
    /// This container is somebody else's and was made from it.
    InUse(String),
    /// This container was made from it, and it has no other name.
    LastName(String),
    /// Somebody else gave its name to another image.
    Moved,
    /// This container mounts it.
    Mounted(String),
    /// This project has environments that run the engine that it was made with.
    Wanted(String),
    /// This one holds the lock of a project, and may be using it.
    Locked(String),
}

/// What nest remembers of an engine for a project.
pub fn remembered(observed: &ObservedEngine, project: &ProjectName) -> Record {
    diff::current_record(observed, project).1
}

/// Compares and decides.
pub fn plan(desired: &Desired, observed: &ObservedEngine, options: &PlanOptions) -> Plan {
    let terms = Terms { desired, options };
    let nothing = DesiredEngine::default();
    let wanted = if options.destroy.is_some() {
        &nothing
    } else {
        &desired.engine
    };
    let around = Around {
        is_podman: false,
        outward: &[],
        given: None,
        fresh_key: &desired.secret_key,
        stops: false,
    };
    let outer = EnginePath::outer();
    let mut diff = diff::diff(terms, &outer, wanted, Some(observed), &around);
    others(&mut diff, terms, (wanted, &nothing));
    let is_large = parallel::is_large(diff.containers.len());
    let (mut names, mut drift) = parallel::both(
        is_large,
        || fingerprint::names(&diff, terms),
        || drift::drift(&diff, terms),
    );
    let misnamed = target::check(&diff, terms);
    let selection = target::select(&diff, terms);
    drift.retain(|drift| selection.has(&drift.address));
    target::narrow(&mut diff, terms, &selection);
    if selection == Selection::All {
        seeds(&mut diff, terms);
    }
    fingerprint::add_seeds(&mut names, &diff, terms);
    let (fingerprint, (steps, interruptions)) = parallel::both(
        is_large,
        || Fingerprint::of(observed, &desired.project, &names),
        || {
            let steps = lower::lower(terms, &selection, &diff);
            (steps, summary::interruptions(&diff, terms))
        },
    );
    let mut plan = Plan {
        format_version: FORMAT_VERSION.to_owned(),
        project: desired.project.clone(),
        engine: observed.identity.clone(),
        destroy: options.destroy.is_some(),
        targets: options.targets.iter().map(ToString::to_string).collect(),
        allows_data_loss: options.allow_data_loss,
        drift,
        changes: Vec::new(),
        kept: Vec::new(),
        deferred: Vec::new(),
        refusals: misnamed,
        interruptions,
        steps,
        fingerprint,
        names,
    };
    plan.collect(diff, &selection);
    for refusal in &mut plan.refusals {
        let keys = refusal.cause.keys();
        let place = desired.places.of_address(refusal.address.as_str(), keys);
        refusal.place = place.cloned();
    }
    plan
}

impl Plan {
    /// Whether applying the plan would change something that the user sees.
    pub fn has_changes(&self) -> bool {
        self.changes
            .iter()
            .any(|change| change.action != Action::NoOp)
    }

    /// Whether the plan can be applied.
    pub fn is_applicable(&self) -> bool {
        self.refusals.is_empty()
    }

    /// Whether something is removed or replaced, so that the user should be asked.
    pub fn destroys(&self) -> bool {
        self.changes.iter().any(Change::removes)
    }

    /// Whether a step waits for an engine that runs and did not answer when the plan was made.
    pub(crate) fn waits_for_silent(&self, step: &Step) -> bool {
        let is_about = |change: &&Change| step.addresses.contains(&change.address);
        let mut changes = self.changes.iter().filter(is_about);
        changes.any(|change| matches!(change.reason, Some(Reason::NotReady(_))))
    }

    /// Only what changed outside nest, and nothing to do about it.
    #[must_use]
    pub fn only_drift(&self) -> Self {
        Self {
            drift: self.drift.clone(),
            project: self.project.clone(),
            engine: self.engine.clone(),
            targets: self.targets.clone(),
            fingerprint: self.fingerprint.clone(),
            ..Self::empty()
        }
    }

    /// One without anything in it.
    pub(in crate::plan) fn empty() -> Self {
        Self {
            format_version: FORMAT_VERSION.to_owned(),
            project: ProjectName::new(""),
            engine: EngineIdentity::default(),
            destroy: false,
            targets: Vec::new(),
            allows_data_loss: false,
            drift: Vec::new(),
            changes: Vec::new(),
            kept: Vec::new(),
            deferred: Vec::new(),
            refusals: Vec::new(),
            interruptions: Vec::new(),
            steps: Vec::new(),
            fingerprint: Fingerprint::default(),
            names: Vec::new(),
        }
    }

    /// Takes the changes of an engine, each container followed by what the engine inside it holds.
    fn collect(&mut self, diff: EngineDiff<'_>, selection: &Selection) {
        let awaiting = diff.awaiting_images();
        let awaiting = awaiting.into_iter().filter(|it| selection.has(&it.address));
        self.deferred.extend(awaiting);
        let mut inner = diff.inner;
        self.changes.extend(diff.networks);
        self.changes.extend(diff.volumes);
        self.changes.extend(diff.images);
        self.changes.extend(diff.pushes);
        for change in diff.containers {
            let inside = inner.remove(&change.object);
            let address = change.address.clone();
            if selection.has(&address) {
                self.changes.push(change);
            }
            match inside {
                Some(InnerDiff::Planned(inside)) => self.collect(*inside, selection),
                Some(InnerDiff::Deferred) => self.deferred.push(Deferred {
                    address,
                    until: DeferredUntil::EngineRuns,
                }),
                Some(InnerDiff::None) | None => {}
            }
        }
        self.kept.extend(diff.kept);
        self.refusals.extend(diff.refusals);
        self.refusals
            .extend(diff.unread.into_iter().map(|unread| unread.refusal));
        for other in diff.others {
            self.collect(other, selection);
        }
    }
}
