//! What each operation does to an engine in memory, and when it is refused.

use nest::mode::Mode;
use nest::observed::ContainerState;
use nest::plan::step::Operation;
use nest::resource::container::{
    ContainerMountSource, ContainerRef, ContainerSpec, DaemonSettings, FixedSettings, LiveSettings,
};
use nest::resource::storage::{NetworkSpec, VolumeSpec};

use crate::memory::state::{EngineState, MemoryContainer, MemoryNetwork, MemoryVolume};

impl EngineState {
    /// Performs an operation. Images that are transferred have been put here by the caller.
    pub(crate) fn perform(&mut self, operation: &Operation) -> Result<(), String> {
        match operation {
            Operation::CreateNetwork(spec) => self.create_network(spec),
            Operation::RemoveNetwork { name, .. } => self.remove_network(name),
            Operation::CreateVolume(spec) => self.create_volume(spec),
            Operation::RemoveVolume { name } => self.remove_volume(name),
            Operation::PullImage { reference } => {
                self.images
                    .insert(reference.clone(), format!("{reference} as published"));
                Ok(())
            }
            Operation::RemoveImage { reference } => {
                self.images.remove(reference);
                Ok(())
            }
            Operation::TransferImages { references, .. } => {
                let missing = references
                    .iter()
                    .find(|reference| !self.images.contains_key(*reference));
                missing.map_or(Ok(()), |missing| Err(format!("{missing} was not exported")))
            }
            Operation::LoadArchive {
                reference, content, ..
            } => {
                self.images
                    .insert(reference.clone(), content.as_str().to_owned());
                Ok(())
            }
            Operation::CreateContainer(spec) => self.create_container(spec),
            Operation::StartContainer { container } => self.start(container),
            Operation::StopContainer { container } => self.stop(container),
            Operation::RemoveContainer { container, .. } => self.remove(container),
            Operation::UpdateContainer { .. }
            | Operation::ConnectNetwork { .. }
            | Operation::DisconnectNetwork { .. }
            | Operation::WriteDaemonFile { .. }
            | Operation::ReloadEngine { .. }
            | Operation::WaitForEngine { .. }
            | Operation::WaitForContainer { .. } => self.change(operation),
        }
    }

    fn create_network(&mut self, spec: &NetworkSpec) -> Result<(), String> {
        let network = MemoryNetwork {
            id: self.new_id(),
            labels: spec.labels.clone(),
        };
        match self.networks.insert(spec.name.clone(), network) {
            None => Ok(()),
            Some(_) => Err(format!("network {} exists", spec.name)),
        }
    }

    fn remove_network(&mut self, name: &str) -> Result<(), String> {
        if self
            .containers
            .values()
            .any(|container| container.live.networks.contains_key(name))
        {
            return Err(format!("network {name} has active endpoints"));
        }
        self.networks
            .remove(name)
            .map(|_| ())
            .ok_or(format!("no network {name}"))
    }

    fn create_volume(&mut self, spec: &VolumeSpec) -> Result<(), String> {
        let volume = MemoryVolume {
            labels: spec.labels.clone(),
            data: None,
        };
        let existing = self.volumes.entry(spec.name.clone()).or_insert(volume);
        if existing.labels == spec.labels {
            Ok(())
        } else {
            Err(format!("volume {} exists", spec.name))
        }
    }

    fn remove_volume(&mut self, name: &str) -> Result<(), String> {
        if self
            .containers
            .values()
            .any(|container| mounts(&container.fixed, name))
        {
            return Err(format!("volume {name} is in use"));
        }
        self.volumes
            .remove(name)
            .map(|_| ())
            .ok_or(format!("no volume {name}"))
    }

    fn create_container(&mut self, spec: &ContainerSpec) -> Result<(), String> {
        let image = self
            .images
            .get(&spec.fixed.image)
            .cloned()
            .ok_or(format!("no image {}", spec.fixed.image))?;
        if let Some(missing) = self.missing_mount(&spec.fixed) {
            return Err(format!("no volume {missing}"));
        }
        if self.containers.contains_key(&spec.name) {
            return Err(format!("container {} exists", spec.name));
        }
        let container = MemoryContainer {
            id: self.new_id(),
            labels: spec.labels.clone(),
            image,
            state: ContainerState::Created,
            fixed: spec.fixed.clone(),
            live: LiveSettings {
                // Engines report no limit as none.
                pids: spec.live.pids.filter(|pids| *pids > 0),
                ..spec.live.clone()
            },
            ready: true,
            daemon_file: DaemonSettings::new(),
            daemon: DaemonSettings::new(),
        };
        self.containers.insert(spec.name.clone(), container);
        Ok(())
    }

    /// Starts a container. Two engines on one data root would destroy it: that must never be asked for.
    fn start(&mut self, container: &ContainerRef) -> Result<(), String> {
        let data = |fixed: &FixedSettings| data_volume(fixed).map(str::to_owned);
        let own = data(&self.find(container)?.fixed);
        let shares = |(name, other): (&String, &MemoryContainer)| {
            let runs = *name != container.name && other.state == ContainerState::Running;
            runs && own.is_some() && data(&other.fixed) == own
        };
        assert!(
            !self.containers.iter().any(shares),
            "two running engines on the data root {own:?}"
        );
        let started = self.find(container)?;
        if started.state != ContainerState::Running {
            started.daemon = started.daemon_file.clone();
        }
        started.state = ContainerState::Running;
        // An image that holds an engine says which version.
        let version = started.image.strip_prefix("engine ").map(str::to_owned);
        let identity = self.new_id();
        if let Some(volume) = own.and_then(|volume| self.volumes.get_mut(&volume)) {
            let inner = volume
                .data
                .get_or_insert_with(|| Box::new(EngineState::new(&format!("inner {identity}"))));
            inner.version = version.unwrap_or(inner.version.clone());
        }
        Ok(())
    }

    fn stop(&mut self, container: &ContainerRef) -> Result<(), String> {
        let stopped = self.find(container)?;
        if stopped.state == ContainerState::Running {
            stopped.state = ContainerState::Exited(0);
        }
        Ok(())
    }

    fn remove(&mut self, container: &ContainerRef) -> Result<(), String> {
        if self.find(container)?.state == ContainerState::Running {
            return Err(format!("container {} runs", container.name));
        }
        self.containers.remove(&container.name);
        Ok(())
    }

    /// Operations that change one container in place.
    fn change(&mut self, operation: &Operation) -> Result<(), String> {
        match operation {
            Operation::UpdateContainer { container, update } => {
                let live = &mut self.find(container)?.live;
                live.nano_cpus = update.nano_cpus.or(live.nano_cpus);
                live.memory = update.memory.or(live.memory);
                live.pids = update.pids.or(live.pids).filter(|pids| *pids > 0);
                live.restart = update.restart.clone().unwrap_or(live.restart.clone());
            }
            Operation::ConnectNetwork {
                container,
                network,
                aliases,
            } => {
                let networks = &mut self.find(container)?.live.networks;
                networks.insert(network.clone(), aliases.iter().cloned().collect());
            }
            Operation::DisconnectNetwork { container, network } => {
                self.find(container)?.live.networks.remove(network);
            }
            Operation::WriteDaemonFile {
                container,
                settings,
                ..
            } => {
                self.find(container)?.daemon_file = settings.clone();
            }
            Operation::ReloadEngine { container, .. } => {
                let found = self.find(container)?;
                found.daemon = found.daemon_file.clone();
            }
            Operation::WaitForEngine { container, .. } => self.find(container)?.ready = true,
            Operation::WaitForContainer { container, .. } => drop(self.find(container)?),
            _ => return Err("no change of a container".to_owned()),
        }
        Ok(())
    }

    fn find(&mut self, container: &ContainerRef) -> Result<&mut MemoryContainer, String> {
        let found = self.containers.get_mut(&container.name);
        let right =
            |found: &&mut MemoryContainer| container.id.as_ref().is_none_or(|id| found.id == *id);
        found
            .filter(right)
            .ok_or(format!("no container {}", container.handle()))
    }

    fn missing_mount(&self, fixed: &FixedSettings) -> Option<String> {
        fixed.mounts.iter().find_map(|mount| match &mount.source {
            ContainerMountSource::Volume(name) if !self.volumes.contains_key(name) => {
                Some(name.clone())
            }
            _ => None,
        })
    }
}

fn mounts(fixed: &FixedSettings, volume: &str) -> bool {
    let is_it = |source: &ContainerMountSource| matches!(source, ContainerMountSource::Volume(name) if name == volume);
    fixed.mounts.iter().any(|mount| is_it(&mount.source))
}

/// The volume at the container's data root, if it has an engine.
pub(crate) fn data_volume(fixed: &FixedSettings) -> Option<&str> {
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
