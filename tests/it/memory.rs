//! A container engine in memory, with engines inside its containers, for tests of decisions.
//!
//! What an inner engine holds lives in the volume at its data root, as it does on real engines.

mod operation;
mod state;

use std::cell::{Cell, RefCell};

use nest::engine::{Engine, EngineError, Progress};
use nest::model::image::ImageReference;
use nest::model::name::ProjectName;
use nest::observed::{ObservedEngine, Question};
use nest::plan::step::Operation;
use nest::resource::engine_path::EnginePath;
use nest::resource::lock::LockHolder;

pub(crate) use crate::memory::state::{EngineState, MemoryVolume};

/// An engine in memory.
#[derive(Debug)]
pub(crate) struct MemoryEngine {
    state: RefCell<EngineState>,
    /// Every operation that was performed, worded.
    log: RefCell<Vec<String>>,
    /// How many more operations succeed.
    budget: Cell<usize>,
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
        Self {
            state: RefCell::new(state),
            log: RefCell::default(),
            budget: Cell::new(usize::MAX),
        }
    }

    /// Lets so many more operations succeed; the rest fail.
    pub(crate) fn fail_after(&self, operations: usize) {
        self.budget.set(operations);
    }

    /// Looks at the state or changes it, as somebody other than nest would.
    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut EngineState) -> T) -> T {
        act(&mut self.state.borrow_mut())
    }

    /// The operations performed since the last call.
    pub(crate) fn take_log(&self) -> Vec<String> {
        self.log.take()
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
}

impl Engine for MemoryEngine {
    async fn observe(&self, question: &Question) -> Result<ObservedEngine, EngineError> {
        Ok(self.state.borrow().observed(question))
    }

    async fn take_lock(
        &self,
        project: &ProjectName,
        holder: &LockHolder,
    ) -> Result<LockHolder, EngineError> {
        let mut state = self.state.borrow_mut();
        let volume = state
            .volumes
            .entry(LockHolder::volume_name(project))
            .or_insert_with(|| MemoryVolume {
                labels: holder.labels(project),
                data: None,
            });
        Ok(LockHolder::of_labels(&volume.labels).expect("only nest makes it here"))
    }

    async fn lock_holder(&self, project: &ProjectName) -> Result<Option<LockHolder>, EngineError> {
        let state = self.state.borrow();
        let volume = state.volumes.get(&LockHolder::volume_name(project));
        Ok(volume.and_then(|volume| LockHolder::of_labels(&volume.labels)))
    }

    async fn free_lock(&self, project: &ProjectName) -> Result<(), EngineError> {
        let mut state = self.state.borrow_mut();
        state.volumes.remove(&LockHolder::volume_name(project));
        Ok(())
    }

    async fn perform(
        &self,
        path: &EnginePath,
        operation: &Operation,
        _report: &dyn Fn(Progress),
    ) -> Result<(), EngineError> {
        let words = format!("{operation:?}");
        let name = words
            .split([' ', '('])
            .next()
            .unwrap_or_default()
            .to_owned();
        self.log.borrow_mut().push(name.clone());
        if self.budget.get() == 0 {
            return Err(Self::refused(path, &name, 500, "the test wants it so"));
        }
        self.budget.set(self.budget.get() - 1);
        let mut outer = self.state.borrow_mut();
        let transferred = match operation {
            Operation::TransferImages {
                from, references, ..
            } => {
                let source = outer
                    .inside(from)
                    .ok_or_else(|| Self::refused(from, "export", 404, "no such engine"))?;
                let content = |reference: &ImageReference| {
                    Some((reference.clone(), source.images.get(reference)?.clone()))
                };
                references.iter().filter_map(content).collect()
            }
            _ => Vec::new(),
        };
        let engine = outer
            .inside(path)
            .ok_or_else(|| Self::refused(path, &name, 503, "the engine does not run"))?;
        engine.images.extend(transferred);
        engine
            .perform(operation)
            .map_err(|message| Self::refused(path, &name, 409, message))
    }
}
