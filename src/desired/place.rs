//! Where containers of a scope stand: how they, and what they use, are called on their engine.

use std::collections::{BTreeMap, BTreeSet};

use crate::desired::facts::Facts;
use crate::desired::{Condition, DesiredEngine, volume};
use crate::model::container::Container;
use crate::model::container::network::Neighbour;
use crate::model::dependency::{Dependency, DependencyCondition};
use crate::model::mount::{Mount, MountSource};
use crate::model::name::{EnvironmentName, MemberName, ServiceName, VolumeName};
use crate::model::naming::Naming;
use crate::model::{Project, Scope};
use crate::resource::Address;
use crate::resource::container::{ContainerMount, ContainerMountSource, MountOptions};

/// Where containers of a scope stand: the scope, and how it is named on its engine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) project: &'a Project,
    pub(crate) facts: &'a Facts,
    pub(crate) scope: &'a Scope,
    pub(crate) address: Option<&'a Address>,
    pub(crate) naming: &'a Naming,
    /// The real names of volumes that the environment around shares with the scope, where both are on one engine.
    pub(crate) shared: &'a BTreeMap<VolumeName, String>,
    /// The largest packet that the engine of the scope can send, where the file says.
    pub(crate) packet_size: Option<u32>,
}

/// No volumes that are shared.
pub(crate) const UNSHARED: &BTreeMap<VolumeName, String> = &BTreeMap::new();

/// What a container waits for, by real names.
#[derive(Debug, Default)]
pub(crate) struct Dependencies {
    /// How far each of them must be.
    pub(crate) conditions: BTreeMap<String, Condition>,
    /// Those that it is started without where they do not come up.
    pub(crate) optional: BTreeSet<String>,
    /// Those that it is started again with.
    pub(crate) restarts_with: BTreeSet<String>,
}

impl Place<'_> {
    /// The real name of a replica of a service or an environment.
    pub(crate) fn container(&self, name: &str, container: &Container, replica: u32) -> String {
        let own = container.container_name.clone();
        own.unwrap_or_else(|| self.naming.container(name, replica))
    }

    /// The real names of all replicas of something of the scope.
    fn members(&self, name: &str) -> Vec<String> {
        let service = self.scope.services.get(&ServiceName::new(name));
        let environment = self.scope.environments.get(&EnvironmentName::new(name));
        let found = match (service, environment) {
            (Some(service), _) => (&service.container, service.replicas),
            (None, Some(environment)) => (&environment.outer.container, environment.replicas),
            (None, None) => return Vec::new(),
        };
        let (container, replicas) = found;
        (1..=replicas)
            .map(|replica| self.container(name, container, replica))
            .collect()
    }

    /// The real name of the container whose namespaces replica `number` of another one shares.
    pub(crate) fn neighbour(&self, neighbour: &Neighbour, number: u32) -> String {
        let name = neighbour.to_string();
        let mut members = self.members(&name);
        let own = usize::try_from(number).unwrap_or_default();
        if members.len() >= own && own > 0 {
            return members.swap_remove(own - 1);
        }
        members
            .into_iter()
            .next()
            .unwrap_or_else(|| self.naming.container(&name, 1))
    }

    /// What a container waits for, by real names.
    pub(crate) fn dependencies<'d>(
        &self,
        depends_on: impl IntoIterator<Item = (&'d MemberName, &'d Dependency)>,
    ) -> Dependencies {
        let mut found = Dependencies::default();
        for (name, dependency) in depends_on {
            let condition = match dependency.condition {
                DependencyCondition::Started => Condition::Started,
                DependencyCondition::Healthy => Condition::Ready,
                DependencyCondition::Completed => Condition::Done,
            };
            for member in self.members(name.as_str()) {
                if dependency.restart {
                    found.restarts_with.insert(member.clone());
                }
                if !dependency.required {
                    found.optional.insert(member.clone());
                }
                found.conditions.insert(member, condition);
            }
        }
        found
    }

    /// The real name of a volume, for replica `number` of what mounts it.
    pub(crate) fn volume(
        &self,
        engine: &mut DesiredEngine,
        name: &VolumeName,
        number: u32,
    ) -> String {
        if let Some(shared) = self.shared.get(name) {
            return shared.clone();
        }
        let declared = self.scope.volumes.get(name);
        match declared.filter(|volume| volume.per_replica) {
            Some(declared) => {
                volume::add_replica(engine, (self.naming, self.address), name, declared, number)
            }
            None => self.naming.volume(name, declared),
        }
    }

    /// The real names of the volumes that replica `number` of what mounts them shares with what is inside, by their names
    /// there.
    pub(crate) fn shares(
        &self,
        engine: &mut DesiredEngine,
        mounts: &[Mount],
        number: u32,
    ) -> BTreeMap<VolumeName, String> {
        let mut shared = BTreeMap::new();
        for mount in mounts {
            if let (MountSource::Volume(name), Some(inside)) = (&mount.source, &mount.inner_name) {
                shared.insert(inside.clone(), self.volume(engine, name, number));
            }
        }
        shared
    }

    /// What is mounted in replica `number` of a container.
    pub(crate) fn mounts(
        &self,
        engine: &mut DesiredEngine,
        mounts: &[Mount],
        number: u32,
    ) -> Vec<ContainerMount> {
        let mut made = Vec::new();
        for mount in mounts {
            let settings = &mount.settings;
            let source = match &mount.source {
                MountSource::Volume(name) => {
                    ContainerMountSource::Volume(self.volume(engine, name, number))
                }
                MountSource::Bind { path, create } => ContainerMountSource::Bind {
                    path: path.clone(),
                    create: *create,
                },
                MountSource::Tmpfs => ContainerMountSource::Tmpfs,
                MountSource::AnonymousVolume => ContainerMountSource::Anonymous,
            };
            made.push(ContainerMount {
                target: mount.target.clone(),
                source,
                read_only: mount.read_only,
                options: MountOptions {
                    subpath: settings.subpath.clone(),
                    nocopy: settings.nocopy,
                    propagation: settings.propagation,
                    size: settings.tmpfs_size,
                    mode: settings.tmpfs_mode,
                    consistency: settings.consistency,
                },
            });
        }
        made
    }
}
