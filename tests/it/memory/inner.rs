//! The engines inside the containers of an engine in memory: where their data is, how they begin and end.

use nest::mode::Mode;
use nest::observed::ContainerState;
use nest::resource::container::{ContainerMountSource, FixedSettings};
use nest::resource::engine_path::EnginePath;

use crate::memory::state::{EngineState, MemoryContainer};

/// Where the data root of an inner engine is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DataPlace {
    /// In the volume of this name.
    Volume(String),
    /// On the host, at this path.
    Host(String),
    /// In memory.
    Memory,
}

/// The place of the data of the engine that a container has, if it has one.
pub(crate) fn data_place(fixed: &FixedSettings) -> Option<DataPlace> {
    let own = Mode::named(fixed.mode.as_deref()?)?.own_engine()?;
    let mut mounts = fixed.mounts.iter();
    let mount = mounts.find(|mount| mount.target == own.data_root)?;
    Some(match &mount.source {
        ContainerMountSource::Volume(name) => DataPlace::Volume(name.clone()),
        ContainerMountSource::Bind { path, .. } => DataPlace::Host(path.clone()),
        ContainerMountSource::Tmpfs => DataPlace::Memory,
        ContainerMountSource::Anonymous => return None,
    })
}

impl EngineState {
    /// What the engine inside a container holds, whether it runs or not.
    pub(crate) fn data_of<'a>(&'a self, container: &'a MemoryContainer) -> Option<&'a EngineState> {
        match data_place(&container.fixed)? {
            DataPlace::Volume(name) => self.volumes.get(&name)?.data.as_deref(),
            DataPlace::Host(path) => self.host.get(&path).map(|data| &**data),
            DataPlace::Memory => container.memory.as_deref(),
        }
    }

    /// What the engine inside the container of this name holds, whether it runs or not.
    pub(crate) fn data_of_mut(&mut self, name: &str) -> Option<&mut EngineState> {
        let container = self.containers.get_mut(name)?;
        match data_place(&container.fixed)? {
            DataPlace::Volume(name) => self.volumes.get_mut(&name)?.data.as_deref_mut(),
            DataPlace::Host(path) => self.host.get_mut(&path).map(|data| &mut **data),
            DataPlace::Memory => container.memory.as_deref_mut(),
        }
    }

    /// The engine at the end of a path, if all on the way answer.
    pub(crate) fn inside(&mut self, path: &EnginePath) -> Option<&mut EngineState> {
        let mut engine = match path.outermost() {
            None => self,
            Some(name) => self.others.get_mut(&name).filter(|it| !it.is_away)?,
        };
        for name in path.containers() {
            let container = engine.containers.get(name)?;
            if container.state != ContainerState::Running || !container.ready {
                return None;
            }
            engine = engine.data_of_mut(name)?;
        }
        Some(engine)
    }

    /// Begins the engine inside a container that has been started.
    pub(super) fn boot(&mut self, name: &str) {
        let fresh = EngineState::new(&format!("inner {}", self.new_id()));
        let Some(container) = self.containers.get_mut(name) else {
            return;
        };
        container.ready = false;
        container.daemon = container.daemon_file.clone();
        // An image that holds an engine says which version.
        let version = container.image.strip_prefix("engine ").map(str::to_owned);
        let fresh = Box::new(fresh);
        match data_place(&container.fixed) {
            Some(DataPlace::Volume(volume)) => {
                if let Some(volume) = self.volumes.get_mut(&volume) {
                    volume.data.get_or_insert(fresh);
                }
            }
            Some(DataPlace::Host(path)) => drop(self.host.entry(path).or_insert(fresh)),
            Some(DataPlace::Memory) => container.memory = Some(fresh),
            None => container.ready = true,
        }
        if let Some(inner) = self.data_of_mut(name) {
            inner.version = version.unwrap_or(inner.version.clone());
            inner.end();
            inner.restart_what_should();
        }
    }

    /// Ends the engine inside a container that has been stopped.
    pub(super) fn halt(&mut self, name: &str) {
        if let Some(inner) = self.data_of_mut(name) {
            inner.end();
        }
        if let Some(container) = self.containers.get_mut(name) {
            container.memory = None;
        }
    }

    /// Starts the machine of the engine again.
    pub(crate) fn reboot(&mut self) {
        self.end();
        self.restart_what_should();
    }

    /// Ends whatever runs.
    fn end(&mut self) {
        let running = self.containers.iter().filter(|(_, container)| {
            matches!(
                container.state,
                ContainerState::Running | ContainerState::Paused
            )
        });
        let running: Vec<String> = running.map(|(name, _)| name.clone()).collect();
        for name in running {
            if let Some(container) = self.containers.get_mut(&name) {
                container.state = ContainerState::Exited(0);
            }
            self.halt(&name);
        }
    }

    /// Starts again what its restart policy says, as an engine does that begins.
    fn restart_what_should(&mut self) {
        let should = self.containers.iter().filter(|(_, container)| {
            let ended = matches!(container.state, ContainerState::Exited(_));
            match container.live.restart.name.as_str() {
                "always" => ended,
                "unless-stopped" => ended && !container.stopped_by_hand,
                _ => false,
            }
        });
        let should: Vec<String> = should.map(|(name, _)| name.clone()).collect();
        for name in should {
            // One that cannot be started stays as it is.
            let _refused = self.start_named(&name);
        }
    }
}
