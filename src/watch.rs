//! Watching: when to read the file, when to plan, and what may be applied unasked.
//!
//! A machine without a clock and without a world. Told what happens (noise of files, readings, events of engines, keys, the
//! end of runs) and when, it says what to do next: read, run, or rest. One run is done at a time; what happens meanwhile
//! waits for its end, and much of it is one. Files are read meanwhile all the same: what is wrong with them is told at once.

pub mod concern;
pub mod consent;
mod patience;
mod quiet;

use std::collections::BTreeSet;
use std::time::Duration;

use crate::plan::Plan;
use crate::plan::change::Action;
use crate::plan::fingerprint::Fingerprint;
use crate::watch::consent::is_safe;
use crate::watch::patience::Patience;
use crate::watch::quiet::Quiet;

/// How long files must be silent before they are read: a save is several operations.
pub const FILE_QUIET: Duration = Duration::from_millis(100);
/// How long noise of files puts off a reading at most.
const FILE_LONGEST: Duration = Duration::from_secs(2);
/// How long a file may be away, as in the middle of a save, before that counts.
const ABSENCE: Duration = Duration::from_millis(500);
/// The pause after a reading that could not be had.
const UNREADABLE: Duration = Duration::from_secs(1);
/// How long engines must be silent before they are looked at: a removal is several events.
const WORLD_QUIET: Duration = Duration::from_millis(150);
/// How long events of engines put off a look at most.
const WORLD_LONGEST: Duration = Duration::from_millis(600);

/// What is done without a word.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Policy {
    /// Everything that the file asks for, whatever stops for it.
    pub yes: bool,
    /// What others changed on the engines is put back, and what failed is tried again.
    pub heal: bool,
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Read the files, then tell [`Watch::read`].
    Read,
    /// Plan, and apply what [`Watch::decide`] lets through; then tell [`Watch::ran`].
    Run(Cause),
    /// Wait for something to happen, or for this time.
    Rest(Option<Duration>),
}

/// Why there is a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// Engines have changed, or may have.
    World,
    /// What was not done is tried again.
    Retry,
    /// The user wants the engines looked at.
    Look,
    /// The user wants it applied.
    Key,
    /// The files say something else, or are read for the first time.
    Files,
}

/// What a reading found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// All files say what they said.
    Same,
    /// Other text, which is a valid project.
    Valid,
    /// Other text, which has problems: the last good project goes on.
    Invalid,
    /// A file that is asked for is not there.
    Absent,
}

/// Whether a plan is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It is.
    Apply,
    /// Something stops for it, so that it needs a word.
    NeedsWord,
    /// Others made it necessary, and nest was not asked to heal.
    NeedsHeal,
    /// Healing has not helped so far, so that it waits.
    TooSoon,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// There was nothing to do.
    InStep,
    /// Everything was done.
    Done,
    /// The plan was not applied, as [`Watch::decide`] or a refusal wanted it.
    NotApplied,
    /// Some of it failed.
    Failed,
    /// An engine did not answer.
    Unanswered,
}

/// The machine.
#[derive(Debug)]
pub struct Watch {
    policy: Policy,
    files: Quiet,
    world: Quiet,
    /// Since when a file has been away.
    absent_since: Option<Duration>,
    /// Whether a valid project has been read.
    has_project: bool,
    /// Whether the files ask for a run.
    edited: bool,
    /// What a key asks for.
    key: Option<Key>,
    /// The plan that was shown and waits for a word.
    held: Option<Fingerprint>,
    /// The plan that the user agreed to.
    agreed: Option<Fingerprint>,
    /// The run that is going on.
    running: Option<Running>,
    /// Whether something that the user asked for was not done, so that what differs is not only others' doing.
    unfinished: bool,
    /// When what was not done is tried again, and why it was tried.
    retry: Option<(Duration, Cause)>,
    patience: Patience,
}

/// What a key asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// To apply the plan that was shown.
    Apply,
    /// To look at the engines now.
    Look,
}

#[derive(Debug)]
struct Running {
    cause: Cause,
    /// The plan that the user agreed to.
    agreed: Option<Fingerprint>,
    /// What its plans change.
    subjects: BTreeSet<String>,
    /// Whether a plan of this run was applied.
    applied: bool,
    /// Whether a plan waits for its time.
    too_soon: bool,
}

impl Watch {
    /// A machine that begins with a reading.
    pub fn new(policy: Policy, now: Duration) -> Self {
        let mut files = Quiet::new(FILE_QUIET, FILE_LONGEST);
        files.due(now);
        Self {
            policy,
            files,
            world: Quiet::new(WORLD_QUIET, WORLD_LONGEST),
            absent_since: None,
            has_project: false,
            edited: false,
            key: None,
            held: None,
            agreed: None,
            running: None,
            unfinished: false,
            retry: None,
            patience: Patience::default(),
        }
    }

    /// Something happened to a file that matters, or beside it.
    pub fn noise(&mut self, now: Duration) {
        self.files.noise(now);
    }

    /// Something happened on an engine that matters, or may have.
    pub fn moved(&mut self, now: Duration) {
        self.world.noise(now);
    }

    /// The user pressed a key.
    pub fn pressed(&mut self, key: Key) {
        // Only what is shown is agreed to: a plan that is being made is not.
        if key == Key::Apply && self.held.is_some() {
            self.agreed.clone_from(&self.held);
        }
        self.key = Some(key);
    }

    /// Whether a plan was shown that waits for a word.
    pub fn waits_for_word(&self) -> bool {
        self.held.is_some()
    }

    /// When what was not done is tried again.
    pub fn retries_at(&self) -> Option<Duration> {
        self.retry.map(|(at, _)| at)
    }

    /// What to do now. Nothing else is to be done before its end is told, but for what [`Watch::beside`] says.
    pub fn next(&mut self, now: Duration) -> Task {
        // What is being saved is waited for: what it says may be what to do.
        let beside = self.beside(now);
        if beside != Task::Rest(None) {
            return beside;
        }
        if let Some(cause) = self.cause(now) {
            return self.begin(cause);
        }
        let world = self.world.at().filter(|_| self.has_project);
        Task::Rest([world, self.retries_at()].into_iter().flatten().min())
    }

    /// What to do now beside a run: to read files, or to rest. What they want is done after it.
    pub fn beside(&mut self, now: Duration) -> Task {
        if self.files.is_due(now) {
            self.files.clear();
            return Task::Read;
        }
        Task::Rest(self.files.at())
    }

    /// Whether a plan of the run that goes on was let through.
    pub fn is_applying(&self) -> bool {
        self.running.as_ref().is_some_and(|running| running.applied)
    }

    fn cause(&self, now: Duration) -> Option<Cause> {
        if !self.has_project {
            return None;
        }
        let is_past = |at: Duration| at <= now;
        let causes = [
            (self.edited, Cause::Files),
            (self.key == Some(Key::Apply), Cause::Key),
            (self.key == Some(Key::Look), Cause::Look),
            (self.retries_at().is_some_and(is_past), Cause::Retry),
            (self.world.is_due(now), Cause::World),
        ];
        let due = causes.into_iter().find(|(is_due, _)| *is_due);
        due.map(|(_, cause)| cause)
    }

    fn begin(&mut self, cause: Cause) -> Task {
        if cause >= Cause::Look {
            self.patience.reset();
        }
        let retried = self.retry.take().map(|(_, cause)| cause);
        let cause = retried.map_or(cause, |retried| retried.max(cause));
        // What comes from now on may be missed by this look, and is followed by another.
        self.world.clear();
        self.edited = false;
        self.key = None;
        self.held = None;
        self.running = Some(Running {
            cause,
            agreed: self.agreed.take(),
            subjects: BTreeSet::new(),
            applied: false,
            too_soon: false,
        });
        Task::Run(cause)
    }

    /// A reading has ended.
    pub fn read(&mut self, now: Duration, reading: Reading) {
        if reading != Reading::Absent {
            self.absent_since = None;
        }
        match reading {
            Reading::Absent => {
                let since = *self.absent_since.get_or_insert(now);
                if now < since + ABSENCE {
                    self.files.due(since + ABSENCE);
                }
            }
            Reading::Same | Reading::Invalid => {}
            Reading::Valid => {
                self.has_project = true;
                self.edited = true;
            }
        }
    }

    /// A reading could not be had: it is tried again soon.
    pub fn read_again(&mut self, now: Duration) {
        self.files.due(now + UNREADABLE);
    }

    /// Whether a file that is away counts as gone now.
    pub fn is_gone(&self, now: Duration) -> bool {
        self.absent_since
            .is_some_and(|since| now >= since + ABSENCE)
    }

    /// Whether a plan of the run that goes on is applied.
    pub fn decide(&mut self, now: Duration, plan: &Plan) -> Decision {
        let Some(running) = &mut self.running else {
            return Decision::NeedsWord;
        };
        let subjects = subjects(plan);
        let agreed = running.agreed.as_ref() == Some(&plan.fingerprint);
        let by_others = running.cause < Cause::Key && !running.applied;
        let decision = if agreed {
            Decision::Apply
        } else if by_others && !self.policy.heal && plan.has_changes() {
            if self.unfinished {
                Decision::NeedsWord
            } else {
                Decision::NeedsHeal
            }
        } else if !self.policy.yes && !is_safe(plan) {
            Decision::NeedsWord
        } else if by_others && !self.patience.allows(now, &subjects) {
            Decision::TooSoon
        } else {
            Decision::Apply
        };
        running.subjects.extend(subjects);
        match decision {
            Decision::Apply => running.applied = true,
            Decision::NeedsWord | Decision::NeedsHeal => {
                self.held = Some(plan.fingerprint.clone());
            }
            Decision::TooSoon => running.too_soon = true,
        }
        decision
    }

    /// When a plan that waits for its time is made again.
    pub fn heals_at(&self, plan: &Plan) -> Option<Duration> {
        self.patience.until(&subjects(plan))
    }

    /// A run has ended.
    pub fn ran(&mut self, now: Duration, ended: Ended) {
        let Some(running) = self.running.take() else {
            return;
        };
        let Running {
            cause, subjects, ..
        } = &running;
        if running.applied {
            // What was applied is looked at once more, after the events that came of it.
            self.world.noise(now);
            if *cause < Cause::Key || ended == Ended::Failed {
                self.patience.tried(now, subjects);
            }
        }
        let by_user = self.unfinished || *cause >= Cause::Key;
        match ended {
            Ended::InStep | Ended::Done => self.unfinished = false,
            Ended::NotApplied | Ended::Failed => self.unfinished = by_user,
            Ended::Unanswered => {}
        }
        match ended {
            Ended::InStep | Ended::Done => {}
            Ended::NotApplied => {
                let until = self.patience.until(subjects).filter(|_| running.too_soon);
                self.retry = until.map(|until| (until, Cause::Retry));
            }
            Ended::Failed => {
                let until = self.patience.until(subjects).filter(|_| self.policy.heal);
                self.retry = until.map(|until| (until, Cause::Retry));
                // What is left is known: to be told of it once is enough.
                self.world.clear();
            }
            // Looking is no healing, and needs no policy: an engine that is away comes back.
            Ended::Unanswered => {
                let nothing = BTreeSet::new();
                self.patience.tried(now, &nothing);
                let until = self.patience.until(&nothing);
                self.retry = until.map(|until| (until, *cause));
            }
        }
    }
}

/// What a plan changes.
fn subjects(plan: &Plan) -> BTreeSet<String> {
    let all = plan.changes.iter();
    let changed = all.filter(|change| change.action != Action::NoOp);
    changed.map(|change| change.address.to_string()).collect()
}
