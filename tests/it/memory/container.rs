//! What operations on containers do to an engine in memory, and when they are refused.

use std::collections::BTreeMap;

use nest::observed::ContainerState;
use nest::plan::step::{Operation, ServiceWait};
use nest::resource::container::{
    ContainerMountSource, ContainerRef, ContainerSpec, DaemonSettings, Endpoint, FixedSettings,
    LiveSettings,
};
use nest::resource::label::Labels;

use crate::memory::inner::{DataPlace, data_place};
use crate::memory::operation::{Answer, refused};
use crate::memory::state::{EngineState, MemoryContainer, MemoryVolume};

impl EngineState {
    pub(super) fn create_container(&mut self, spec: &ContainerSpec) -> Result<(), Answer> {
        if let Some(existing) = self.containers.get(&spec.name) {
            // The one that a killed run asked for is taken for the one that is asked for now.
            let has = |(key, value): (&String, &String)| existing.labels.get(key) == Some(value);
            return if spec.labels.iter().all(has) {
                Ok(())
            } else {
                refused(409, format!("the name {} is taken", spec.name))
            };
        }
        let Some(image) = self.images.get(&spec.fixed.image).cloned() else {
            return refused(404, format!("no image {}", spec.fixed.image));
        };
        // A volume that is not there is made, and is nobody's.
        for mount in &spec.fixed.mounts {
            if let ContainerMountSource::Volume(name) = &mount.source {
                let volume = self.volumes.entry(name.clone());
                volume.or_insert_with(|| MemoryVolume::new(Labels::new()));
            }
        }
        let networks = spec.live.networks.keys();
        let container = MemoryContainer {
            id: self.new_id(),
            labels: spec.labels.clone(),
            image,
            state: ContainerState::Created,
            stopped_by_hand: false,
            fixed: spec.fixed.clone(),
            live: LiveSettings {
                // Engines report no limit as none.
                pids: spec.live.pids.filter(|pids| *pids > 0),
                ..spec.live.clone()
            },
            endpoints: networks.map(|name| (name.clone(), String::new())).collect(),
            ready: true,
            daemon_file: DaemonSettings::new(),
            daemon: DaemonSettings::new(),
            memory: None,
        };
        self.containers.insert(spec.name.clone(), container);
        Ok(())
    }

    pub(super) fn start(&mut self, container: &ContainerRef) -> Result<(), Answer> {
        self.find(container)?;
        self.start_named(&container.name)
    }

    /// Starts a container. Two engines on one data root would destroy it: that must never be asked for.
    pub(super) fn start_named(&mut self, name: &str) -> Result<(), Answer> {
        let Some(container) = self.containers.get(name) else {
            return refused(404, format!("no container {name}"));
        };
        match container.state {
            ContainerState::Running => return Ok(()),
            ContainerState::Paused => return refused(409, format!("{name} is paused")),
            _ => {}
        }
        let mut endpoints = BTreeMap::new();
        for (network, id) in &container.endpoints {
            let found = self.networks.get(network).map(|found| found.id.clone());
            let lives = !id.is_empty() && self.has_network(id);
            match found {
                _ if lives => drop(endpoints.insert(network.clone(), id.clone())),
                Some(found) if id.is_empty() => drop(endpoints.insert(network.clone(), found)),
                _ => return refused(404, format!("network {network} of {name} not found")),
            }
        }
        self.check_data_root(name, &container.fixed);
        if let Some(container) = self.containers.get_mut(name) {
            container.endpoints = endpoints;
            container.state = ContainerState::Running;
            container.stopped_by_hand = false;
        }
        self.boot(name);
        self.begin_copy(name);
        Ok(())
    }

    fn check_data_root(&self, name: &str, fixed: &FixedSettings) {
        let own = data_place(fixed);
        let shares = |(other_name, other): (&String, &MemoryContainer)| {
            let runs = *other_name != name && other.state == ContainerState::Running;
            runs && data_place(&other.fixed) == own
        };
        let is_shared = !matches!(own, None | Some(DataPlace::Memory));
        assert!(
            !(is_shared && self.containers.iter().any(shares)),
            "two running engines on the data root {own:?}"
        );
    }

    pub(crate) fn stop(&mut self, container: &ContainerRef) -> Result<(), Answer> {
        let stopped = self.find(container)?;
        if matches!(
            stopped.state,
            ContainerState::Running | ContainerState::Paused
        ) {
            stopped.state = ContainerState::Exited(0);
        }
        stopped.stopped_by_hand = true;
        self.halt(&container.name);
        Ok(())
    }

    /// Removes a container. One that is gone is as good.
    pub(crate) fn remove(&mut self, container: &ContainerRef) -> Result<(), Answer> {
        match self.find(container) {
            Err(_) => Ok(()),
            Ok(found) if found.is_up() => refused(409, format!("{} runs", container.name)),
            Ok(_) => {
                self.containers.remove(&container.name);
                Ok(())
            }
        }
    }

    /// Operations that change one container in place.
    pub(super) fn change(&mut self, operation: &Operation) -> Result<(), Answer> {
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
                endpoint,
            } => self.connect(container, network, (aliases, endpoint.as_ref()))?,
            Operation::DisconnectNetwork { container, network } => {
                let is_known = self.networks.contains_key(network);
                let found = self.find(container)?;
                // What does not run may leave a network that is gone.
                if !is_known && found.is_up() {
                    return refused(404, format!("network {network} not found"));
                }
                if found.live.networks.remove(network).is_none() {
                    return refused(409, format!("it is not on network {network}"));
                }
                found.endpoints.remove(network);
                found.live.endpoints.remove(network);
            }
            Operation::WriteDaemonFile {
                container,
                settings,
                ..
            } => {
                self.find(container)?.daemon_file = settings.clone();
            }
            Operation::CheckDaemonFile(check) => {
                let container = &check.container;
                if self.find(container)?.state != ContainerState::Running {
                    return refused(409, format!("{} does not run", container.name));
                }
            }
            Operation::ReloadEngine { container, .. } => {
                let found = self.find(container)?;
                if found.state != ContainerState::Running {
                    return refused(409, format!("{} does not run", container.name));
                }
                found.daemon = found.daemon_file.clone();
            }
            Operation::WaitForEngine { container, .. } => {
                let found = self.find(container)?;
                if found.state != ContainerState::Running {
                    return refused(409, format!("{} does not run", container.name));
                }
                found.ready = true;
            }
            Operation::WaitForContainer { container, .. } => drop(self.find(container)?),
            Operation::WriteFiles { container, files } => {
                self.find(container)?.fixed.files.clone_from(files);
            }
            Operation::WaitForService { container, until } => {
                let found = self.find(container)?;
                // Work is done at once.
                if *until == ServiceWait::Done {
                    found.state = ContainerState::Exited(0);
                    self.end_copy(&container.name);
                } else if found.state != ContainerState::Running {
                    return refused(409, format!("{} does not run", container.name));
                }
            }
            _ => return refused(500, "no change of a container"),
        }
        Ok(())
    }

    pub(crate) fn connect(
        &mut self,
        container: &ContainerRef,
        network: &str,
        (aliases, endpoint): (&[String], Option<&Endpoint>),
    ) -> Result<(), Answer> {
        let Some(id) = self.networks.get(network).map(|network| network.id.clone()) else {
            return refused(404, format!("network {network} not found"));
        };
        let found = self.find(container)?;
        let is_on_it = found.endpoints.get(network) == Some(&id);
        let running = found.is_up();
        if is_on_it && running {
            return refused(403, format!("it is on network {network}"));
        }
        if !is_on_it {
            let aliases = aliases.iter().cloned().collect();
            found.live.networks.insert(network.to_owned(), aliases);
            if let Some(endpoint) = endpoint {
                let endpoint = endpoint.clone();
                found.live.endpoints.insert(network.to_owned(), endpoint);
            }
            let id = if running { id } else { String::new() };
            found.endpoints.insert(network.to_owned(), id);
        }
        Ok(())
    }

    pub(super) fn find(
        &mut self,
        container: &ContainerRef,
    ) -> Result<&mut MemoryContainer, Answer> {
        let found = self.containers.get_mut(&container.name);
        let right =
            |found: &&mut MemoryContainer| container.id.as_ref().is_none_or(|id| found.id == *id);
        match found.filter(right) {
            Some(found) => Ok(found),
            None => refused(404, format!("no container {}", container.handle())),
        }
    }
}
