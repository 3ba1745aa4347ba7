//! A container engine in memory, with engines inside its containers, for tests of decisions.
//!
//! What an inner engine holds lives in the volume at its data root, as it does on real engines.

mod state;

use std::cell::{Cell, RefCell};

use nest::engine::{Engine, EngineError, Progress};
use nest::mode::Mode;
use nest::model::image::ImageReference;
use nest::observed::{ContainerState, ObservedEngine, Question};
use nest::plan::step::Operation;
use nest::resource::container::{
    ContainerMountSource, ContainerRef, DaemonSettings, FixedSettings,
};
use nest::resource::engine_path::EnginePath;

pub(crate) use crate::memory::state::EngineState;
use crate::memory::state::{MemoryContainer, MemoryNetwork, MemoryVolume};

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
            Operation::TransferImages { from, references } => {
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
        apply(engine, operation).map_err(|message| Self::refused(path, &name, 409, message))
    }
}

fn apply(engine: &mut EngineState, operation: &Operation) -> Result<(), String> {
    match operation {
        Operation::CreateNetwork(spec) => {
            let id = engine.new_id();
            let network = MemoryNetwork {
                id,
                labels: spec.labels.clone(),
            };
            match engine.networks.insert(spec.name.clone(), network) {
                None => Ok(()),
                Some(_) => Err(format!("network {} exists", spec.name)),
            }
        }
        Operation::RemoveNetwork { name, .. } => {
            let used = engine
                .containers
                .values()
                .any(|container| container.live.networks.contains_key(name));
            if used {
                return Err(format!("network {name} has active endpoints"));
            }
            engine
                .networks
                .remove(name)
                .map(|_| ())
                .ok_or(format!("no network {name}"))
        }
        Operation::CreateVolume(spec) => {
            let volume = MemoryVolume {
                labels: spec.labels.clone(),
                data: None,
            };
            engine.volumes.entry(spec.name.clone()).or_insert(volume);
            Ok(())
        }
        Operation::RemoveVolume { name } => {
            if engine
                .containers
                .values()
                .any(|container| mounts(&container.fixed, name))
            {
                return Err(format!("volume {name} is in use"));
            }
            engine
                .volumes
                .remove(name)
                .map(|_| ())
                .ok_or(format!("no volume {name}"))
        }
        Operation::PullImage { reference } => {
            engine
                .images
                .insert(reference.clone(), format!("{reference} as published"));
            Ok(())
        }
        Operation::RemoveImage { reference } => {
            engine.images.remove(reference);
            Ok(())
        }
        Operation::TransferImages { references, .. } => {
            let missing = references
                .iter()
                .find(|reference| !engine.images.contains_key(*reference));
            missing.map_or(Ok(()), |missing| Err(format!("{missing} was not exported")))
        }
        Operation::LoadArchive {
            reference, content, ..
        } => {
            engine
                .images
                .insert(reference.clone(), content.as_str().to_owned());
            Ok(())
        }
        Operation::CreateContainer(spec) => {
            let Some(image) = engine.images.get(&spec.fixed.image).cloned() else {
                return Err(format!("no image {}", spec.fixed.image));
            };
            if let Some(missing) = missing_mount(engine, &spec.fixed) {
                return Err(format!("no volume {missing}"));
            }
            let container = MemoryContainer {
                id: engine.new_id(),
                labels: spec.labels.clone(),
                image,
                state: ContainerState::Created,
                fixed: spec.fixed.clone(),
                live: spec.live.clone(),
                ready: true,
                daemon_file: DaemonSettings::new(),
                daemon: DaemonSettings::new(),
            };
            match engine.containers.contains_key(&spec.name) {
                true => Err(format!("container {} exists", spec.name)),
                false => {
                    engine.containers.insert(spec.name.clone(), container);
                    Ok(())
                }
            }
        }
        Operation::StartContainer { container } => start(engine, container),
        Operation::StopContainer { container } => {
            let stopped = find(engine, container)?;
            if stopped.state == ContainerState::Running {
                stopped.state = ContainerState::Exited(0);
            }
            Ok(())
        }
        Operation::RemoveContainer { container, .. } => {
            if find(engine, container)?.state == ContainerState::Running {
                return Err(format!("container {} runs", container.name));
            }
            engine.containers.remove(&container.name);
            Ok(())
        }
        Operation::UpdateContainer {
            container,
            nano_cpus,
            memory,
            restart,
        } => {
            let live = &mut find(engine, container)?.live;
            live.nano_cpus = nano_cpus.or(live.nano_cpus);
            live.memory = memory.or(live.memory);
            live.restart = restart.clone().unwrap_or(live.restart.clone());
            Ok(())
        }
        Operation::ConnectNetwork {
            container,
            network,
            aliases,
        } => {
            let networks = &mut find(engine, container)?.live.networks;
            networks.insert(network.clone(), aliases.iter().cloned().collect());
            Ok(())
        }
        Operation::DisconnectNetwork { container, network } => {
            find(engine, container)?.live.networks.remove(network);
            Ok(())
        }
        Operation::WaitForEngine { container, .. } => {
            find(engine, container)?.ready = true;
            Ok(())
        }
        Operation::WriteDaemonFile {
            container,
            settings,
            ..
        } => {
            find(engine, container)?.daemon_file = settings.clone();
            Ok(())
        }
        Operation::ReloadEngine { container, .. } => {
            let found = find(engine, container)?;
            found.daemon = found.daemon_file.clone();
            Ok(())
        }
        Operation::WaitForContainer { container, .. } => find(engine, container).map(|_| ()),
    }
}

/// Starts a container. Two engines on one data root would destroy it: that must never be asked for.
fn start(engine: &mut EngineState, container: &ContainerRef) -> Result<(), String> {
    let data = |fixed: &FixedSettings| data_volume(fixed).map(str::to_owned);
    let own = data(&find(engine, container)?.fixed);
    let shares = |(name, other): (&String, &MemoryContainer)| {
        *name != container.name
            && other.state == ContainerState::Running
            && own.is_some()
            && data(&other.fixed) == own
    };
    assert!(
        !engine.containers.iter().any(shares),
        "two running engines on the data root {own:?}"
    );
    let started = find(engine, container)?;
    if started.state != ContainerState::Running {
        started.daemon = started.daemon_file.clone();
    }
    started.state = ContainerState::Running;
    let identity = engine.new_id();
    if let Some(volume) = own.and_then(|volume| engine.volumes.get_mut(&volume)) {
        volume
            .data
            .get_or_insert_with(|| Box::new(EngineState::new(&format!("inner {identity}"))));
    }
    Ok(())
}

fn find<'a>(
    engine: &'a mut EngineState,
    container: &ContainerRef,
) -> Result<&'a mut MemoryContainer, String> {
    let found = engine.containers.get_mut(&container.name);
    let right =
        |found: &&mut MemoryContainer| container.id.as_ref().is_none_or(|id| found.id == *id);
    found
        .filter(right)
        .ok_or(format!("no container {}", container.handle()))
}

fn missing_mount(engine: &EngineState, fixed: &FixedSettings) -> Option<String> {
    fixed.mounts.iter().find_map(|mount| match &mount.source {
        ContainerMountSource::Volume(name) if !engine.volumes.contains_key(name) => {
            Some(name.clone())
        }
        _ => None,
    })
}

fn mounts(fixed: &FixedSettings, volume: &str) -> bool {
    let is_it = |source: &ContainerMountSource| matches!(source, ContainerMountSource::Volume(name) if name == volume);
    fixed.mounts.iter().any(|mount| is_it(&mount.source))
}

/// The volume at the container's data root, if it has an engine.
fn data_volume(fixed: &FixedSettings) -> Option<&str> {
    let own = Mode::named(fixed.mode.as_deref()?)?.own_engine()?;
    fixed
        .mounts
        .iter()
        .find(|mount| mount.target == own.data_root)
        .and_then(|mount| match &mount.source {
            ContainerMountSource::Volume(name) => Some(name.as_str()),
            _ => None,
        })
}
