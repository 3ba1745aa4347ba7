//! A container engine in memory, with engines inside its containers, for tests of decisions.
//!
//! It answers as real engines do: `laws` holds both to the same. What an inner engine holds lives where its data root
//! is mounted from, as it does on real engines.

mod container;
mod fault;
mod inner;
mod observe;
mod operation;
pub(crate) mod seed;
mod state;

use std::cell::{Cell, RefCell};

use nest::engine::{Engine, EngineError, Progress};
use nest::model::image::ImageReference;
use nest::model::name::ProjectName;
use nest::observed::{ObservedEngine, Question};
use nest::plan::step::Operation;
use nest::resource::engine_path::EnginePath;
use nest::resource::lock::LockHolder;
use tokio::sync::Notify;

pub(crate) use crate::memory::fault::{Fault, FaultKind};
pub(crate) use crate::memory::observe::image_id;
pub(crate) use crate::memory::operation::Answer;
pub(crate) use crate::memory::state::{EngineState, MemoryContainer, MemoryNetwork, MemoryVolume};

/// An engine in memory.
#[derive(Debug)]
pub(crate) struct MemoryEngine {
    state: RefCell<EngineState>,
    /// Every operation that was asked for, in order.
    asked: RefCell<Vec<Asked>>,
    /// How many operations have been asked for since the faults were set.
    count: Cell<usize>,
    faults: RefCell<Vec<Fault>>,
    /// From which number that makes up how often an operation lets others go first; none for never.
    dawdles: Cell<Option<u64>>,
    /// Told when nest is killed.
    killed: Notify,
}

/// An operation that an engine was asked for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Asked {
    pub(crate) path: EnginePath,
    pub(crate) operation: Operation,
    /// Whether it was answered, and how.
    pub(crate) done: Option<bool>,
    /// The operations that had been answered well when it was asked for, by their places.
    pub(crate) after: Vec<usize>,
}

impl MemoryEngine {
    /// An engine that has these images and can pull any other.
    pub(crate) fn with_images(images: &[&str]) -> Self {
        let mut state = EngineState::new("outer");
        for image in images {
            state
                .images
                .insert(ImageReference::new(*image), format!("{image} as built"));
        }
        Self::with_state(state)
    }

    /// An engine that holds this.
    pub(crate) fn with_state(state: EngineState) -> Self {
        Self {
            state: RefCell::new(state),
            asked: RefCell::default(),
            count: Cell::new(0),
            faults: RefCell::default(),
            dawdles: Cell::new(None),
            killed: Notify::new(),
        }
    }

    /// Lets so many more operations succeed; the rest fail.
    pub(crate) fn fail_after(&self, operations: usize) {
        let fault = Fault {
            at: operations,
            kind: FaultKind::FailsFromHere,
        };
        self.set_faults(vec![fault]);
    }

    /// What goes wrong from now on, operations counted from here.
    pub(crate) fn set_faults(&self, faults: Vec<Fault>) {
        self.count.set(0);
        self.faults.replace(faults);
    }

    /// Lets operations that run at once end in an order that this number makes up.
    pub(crate) fn dawdle(&self, seed: u64) {
        self.dawdles.set(Some(seed));
    }

    /// Ends when nest is killed.
    pub(crate) async fn killed(&self) {
        self.killed.notified().await;
    }

    /// Looks at the state or changes it, as somebody other than nest would.
    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut EngineState) -> T) -> T {
        act(&mut self.state.borrow_mut())
    }

    /// The words for the operations asked for since the last call.
    pub(crate) fn take_log(&self) -> Vec<String> {
        let asked = self.take_asked();
        asked.iter().map(|one| word(&one.operation)).collect()
    }

    /// The operations asked for since the last call.
    pub(crate) fn take_asked(&self) -> Vec<Asked> {
        self.asked.take()
    }

    fn note(&self, path: &EnginePath, operation: &Operation) -> usize {
        let mut asked = self.asked.borrow_mut();
        let done = asked.iter().enumerate();
        let after = done.filter(|(_, one)| one.done == Some(true));
        let after = after.map(|(place, _)| place).collect();
        asked.push(Asked {
            path: path.clone(),
            operation: operation.clone(),
            done: None,
            after,
        });
        asked.len() - 1
    }

    async fn act(&self, path: &EnginePath, operation: &Operation) -> Result<(), EngineError> {
        let number = self.count.get();
        self.count.set(number + 1);
        for _ in 0..self.pauses() {
            tokio::task::yield_now().await;
        }
        let name = word(operation);
        let fault = fault::of(&self.faults.borrow(), number);
        if matches!(fault, Some(FaultKind::Fails | FaultKind::FailsFromHere)) {
            return Err(refused(path, &name, 500, "the test wants it so"));
        }
        if fault == Some(FaultKind::KilledBefore) {
            // A push is more than one request: it is killed on its way.
            if let Some(engine) = self.state.borrow_mut().inside(path) {
                engine.leave_push(operation);
            }
            return self.die().await;
        }
        if fault == Some(FaultKind::Hangs) {
            return std::future::pending().await;
        }
        let answer = self.state.borrow_mut().perform_at(path, operation);
        match fault {
            Some(FaultKind::KilledAfter) => self.die().await,
            Some(FaultKind::Breaks) => Err(EngineError::Broken {
                attempt: name,
                engine: path.clone(),
                source: "the test wants it so".into(),
            }),
            _ => answer.map_err(|answer| match answer {
                Answer::Refused(status, message) => refused(path, &name, status, message),
                Answer::NoEffect(reason) => EngineError::NoEffect {
                    attempt: name,
                    engine: path.clone(),
                    reason,
                },
            }),
        }
    }

    /// Nothing is answered to who was killed.
    async fn die(&self) -> Result<(), EngineError> {
        self.killed.notify_one();
        std::future::pending().await
    }

    /// How often the next operation lets others go first.
    fn pauses(&self) -> u64 {
        let Some(seed) = self.dawdles.get() else {
            return 0;
        };
        // A step of a linear congruential generator, of which the high bits are good enough.
        let next = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        self.dawdles.set(Some(next));
        (next >> 33) % 6
    }
}

/// The word for an operation.
pub(crate) fn word(operation: &Operation) -> String {
    let words = format!("{operation:?}");
    let word = words.split([' ', '(']).next();
    word.unwrap_or_default().to_owned()
}

fn refused(
    path: &EnginePath,
    attempt: &str,
    status: u16,
    message: impl Into<String>,
) -> EngineError {
    let (attempt, message) = (attempt.to_owned(), message.into());
    EngineError::Refused {
        attempt,
        engine: path.clone(),
        status,
        message,
    }
}

impl Engine for MemoryEngine {
    async fn observe(&self, question: &Question) -> Result<ObservedEngine, EngineError> {
        Ok(self.state.borrow().observed(question))
    }

    async fn take_lock(
        &self,
        at: &EnginePath,
        project: &ProjectName,
        holder: &LockHolder,
    ) -> Result<LockHolder, EngineError> {
        let phrase = "take the lock";
        let mut state = self.state.borrow_mut();
        let engine = state.inside(at);
        let engine = engine.ok_or_else(|| refused(at, phrase, 503, "it does not answer"))?;
        let volume = engine
            .volumes
            .entry(LockHolder::volume_name(project))
            .or_insert_with(|| MemoryVolume::new(holder.labels(project)));
        LockHolder::of_labels(&volume.labels).ok_or_else(|| EngineError::NoEffect {
            attempt: phrase.to_owned(),
            engine: at.clone(),
            reason: "a volume of that name exists, made by someone else".to_owned(),
        })
    }

    async fn lock_holder(
        &self,
        at: &EnginePath,
        project: &ProjectName,
    ) -> Result<Option<LockHolder>, EngineError> {
        let mut state = self.state.borrow_mut();
        let engine = state.inside(at);
        let engine = engine.ok_or_else(|| refused(at, "look", 503, "it does not answer"))?;
        let volume = engine.volumes.get(&LockHolder::volume_name(project));
        Ok(volume.and_then(|volume| LockHolder::of_labels(&volume.labels)))
    }

    async fn free_lock(&self, at: &EnginePath, project: &ProjectName) -> Result<(), EngineError> {
        if self.lock_holder(at, project).await?.is_some() {
            let mut state = self.state.borrow_mut();
            if let Some(engine) = state.inside(at) {
                engine.volumes.remove(&LockHolder::volume_name(project));
            }
        }
        Ok(())
    }

    async fn perform(
        &self,
        path: &EnginePath,
        operation: &Operation,
        report: &dyn Fn(Progress),
    ) -> Result<(), EngineError> {
        let place = self.note(path, operation);
        let done = self.act(path, operation).await;
        if let (Ok(()), Operation::PushImage { place, .. }) = (&done, operation) {
            let mut state = self.state.borrow_mut();
            let engine = state.inside(path).expect("it has just pushed");
            let content = engine.pushed[&operation::pushed_name(place)].clone();
            report(Progress::Pushed(content));
        }
        if let Some(asked) = self.asked.borrow_mut().get_mut(place) {
            asked.done = Some(done.is_ok());
        }
        done
    }
}
