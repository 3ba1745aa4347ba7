//! Steps of a container's life.

use std::collections::BTreeSet;

use crate::desired::daemon::REGISTRY_LISTS;
use crate::desired::{DesiredContainer, DesiredInner};
use crate::observed::ObservedContainer;
use crate::plan::change::{Action, Change, Impact, Reason};
use crate::plan::diff::EngineDiff;
use crate::plan::lower::image::Images;
use crate::plan::lower::storage::Made;
use crate::plan::lower::{Entry, Lifecycle, Lowering};
use crate::plan::step::{Operation, Readiness};
use crate::resource::container::{
    ContainerMount, ContainerMountSource, ContainerRef, ContainerSpec,
};

impl Lowering<'_> {
    /// The steps of one container.
    pub(super) fn container(
        &mut self,
        diff: &EngineDiff<'_>,
        change: &Change,
        entry: &Entry,
        (made, images): (&Made, &Images),
    ) -> Lifecycle {
        let existing = diff
            .observed
            .and_then(|observed| observed.containers.get(&change.object));
        let Some(wanted) = diff.desired.containers.get(&change.object) else {
            return self.removed(diff, change, &entry.ready, true);
        };
        match change.action {
            Action::Create => self.created(
                diff,
                change,
                wanted,
                None,
                after_parts(entry, wanted, (made, images)),
            ),
            Action::Replace => {
                let mut after = after_parts(entry, wanted, (made, images));
                let removed = self.removed(diff, change, &after, false).removed;
                after.extend(removed);
                let lifecycle = self.created(diff, change, wanted, existing, after);
                Lifecycle {
                    removed,
                    ..lifecycle
                }
            }
            Action::Update => self.updated(diff, change, wanted, entry, made),
            Action::NoOp if entry.restarted => {
                let container = reference(change, existing);
                self.started(diff, change, wanted, &container, entry.ready.clone())
            }
            Action::NoOp | Action::Delete => Lifecycle::default(),
        }
    }

    fn removed(
        &mut self,
        diff: &EngineDiff<'_>,
        change: &Change,
        after: &[usize],
        for_good: bool,
    ) -> Lifecycle {
        let existing = diff
            .observed
            .and_then(|observed| observed.containers.get(&change.object));
        let container = reference(change, existing);
        let addresses = vec![change.address.clone()];
        let stop = Operation::StopContainer {
            container: container.clone(),
        };
        let stop = self.push(diff, addresses.clone(), after.iter().copied(), stop);
        let remove = Operation::RemoveContainer {
            container,
            anonymous_volumes: for_good,
        };
        Lifecycle {
            removed: Some(self.push(diff, addresses, [stop], remove)),
            ..Lifecycle::default()
        }
    }

    fn created(
        &mut self,
        diff: &EngineDiff<'_>,
        change: &Change,
        wanted: &DesiredContainer,
        replaced: Option<&ObservedContainer>,
        after: Vec<usize>,
    ) -> Lifecycle {
        let mut fixed = wanted.fixed.clone();
        fixed.mounts.extend(
            replaced
                .into_iter()
                .flat_map(|old| anonymous_mounts(old, wanted)),
        );
        let spec = ContainerSpec {
            name: change.object.clone(),
            labels: self.labels(
                &change.address,
                &change.object,
                &wanted.fixed.without_secrets(&diff.key),
                &wanted.fixed.labels,
            ),
            fixed,
            live: wanted.live.clone(),
        };
        let operation = Operation::CreateContainer(Box::new(spec));
        let create = self.push(diff, vec![change.address.clone()], after, operation);
        let container = ContainerRef {
            name: change.object.clone(),
            id: None,
        };
        self.started(diff, change, wanted, &container, vec![create])
    }

    /// Writes the engine's configuration, starts the container and waits until it is ready.
    fn started(
        &mut self,
        diff: &EngineDiff<'_>,
        change: &Change,
        wanted: &DesiredContainer,
        container: &ContainerRef,
        mut after: Vec<usize>,
    ) -> Lifecycle {
        let addresses = vec![change.address.clone()];
        let engine = wanted.engine.as_ref();
        if let Some(write) = engine.and_then(|inner| write_daemon_file(container, inner)) {
            after = vec![self.push(diff, addresses.clone(), after, write)];
        }
        let start = Operation::StartContainer {
            container: container.clone(),
        };
        let start = self.push(diff, addresses, after, start);
        let ready = self.wait(diff, change, wanted, container, start);
        Lifecycle {
            start: Some(start),
            ready: Some(ready),
            removed: None,
            restarted: true,
        }
    }

    fn wait(
        &mut self,
        diff: &EngineDiff<'_>,
        change: &Change,
        wanted: &DesiredContainer,
        container: &ContainerRef,
        after: usize,
    ) -> usize {
        let container = container.clone();
        let operation = match &wanted.engine {
            Some(inner) => Operation::WaitForEngine {
                container,
                readiness: readiness(inner),
            },
            None => wait_for_container(container, wanted),
        };
        self.push(diff, vec![change.address.clone()], [after], operation)
    }

    fn updated(
        &mut self,
        diff: &EngineDiff<'_>,
        change: &Change,
        wanted: &DesiredContainer,
        entry: &Entry,
        made: &Made,
    ) -> Lifecycle {
        let existing = diff
            .observed
            .and_then(|observed| observed.containers.get(&change.object));
        let container = reference(change, existing);
        let addresses = || vec![change.address.clone()];
        let mut after = entry.ready.clone();
        if let Some(update) = update(change, wanted, &container) {
            after = vec![self.push(diff, addresses(), after, update)];
        }
        for operation in connections(change, wanted, &container) {
            let network = change_network(&operation)
                .and_then(|name| made.get(name))
                .copied();
            let step = self.push(
                diff,
                addresses(),
                after.iter().copied().chain(network),
                operation,
            );
            after = vec![step];
        }
        match (&change.reason, change.impact, &wanted.engine) {
            (Some(Reason::NotRunning), ..) => self.started(diff, change, wanted, &container, after),
            (Some(Reason::NotReady(_)), ..) => {
                let wait = match &wanted.engine {
                    Some(inner) => Operation::WaitForEngine {
                        container,
                        readiness: readiness(inner),
                    },
                    None => wait_for_container(container, wanted),
                };
                let ready = self.push(diff, addresses(), after, wait);
                Lifecycle {
                    ready: Some(ready),
                    ..Lifecycle::default()
                }
            }
            (_, Impact::Reload, Some(inner)) => {
                let write = write_daemon_file(&container, inner);
                let after = match write {
                    Some(write) => vec![self.push(diff, addresses(), after, write)],
                    None => after,
                };
                let reload = Operation::ReloadEngine {
                    container,
                    readiness: readiness(inner),
                };
                let ready = self.push(diff, addresses(), after, reload);
                Lifecycle {
                    ready: Some(ready),
                    ..Lifecycle::default()
                }
            }
            (_, Impact::EngineRestart, Some(_)) => {
                let stop = Operation::StopContainer {
                    container: container.clone(),
                };
                let stop = self.push(diff, addresses(), after, stop);
                self.started(diff, change, wanted, &container, vec![stop])
            }
            _ if entry.restarted => self.started(diff, change, wanted, &container, after),
            _ => Lifecycle {
                ready: after.last().copied(),
                ..Lifecycle::default()
            },
        }
    }
}

/// The steps that creating a container waits for.
fn after_parts(
    entry: &Entry,
    wanted: &DesiredContainer,
    (made, images): (&Made, &Images),
) -> Vec<usize> {
    let volumes = wanted
        .fixed
        .mounts
        .iter()
        .filter_map(|mount| match &mount.source {
            ContainerMountSource::Volume(name) => made.get(name).copied(),
            ContainerMountSource::Bind { .. } | ContainerMountSource::Tmpfs => None,
        });
    let networks = wanted
        .live
        .networks
        .keys()
        .filter_map(|name| made.get(name).copied());
    let image = images.get(&wanted.fixed.image).copied();
    entry
        .ready
        .iter()
        .copied()
        .chain(volumes)
        .chain(networks)
        .chain(image)
        .collect()
}

fn reference(change: &Change, existing: Option<&ObservedContainer>) -> ContainerRef {
    ContainerRef {
        name: change.object.clone(),
        id: existing.map(|container| container.id.clone()),
    }
}

/// The anonymous volumes of a container that its replacement takes over.
fn anonymous_mounts(old: &ObservedContainer, wanted: &DesiredContainer) -> Vec<ContainerMount> {
    let taken: BTreeSet<&str> = wanted
        .fixed
        .mounts
        .iter()
        .map(|mount| mount.target.as_str())
        .collect();
    old.anonymous_volumes
        .iter()
        .filter(|(target, _)| !taken.contains(target.as_str()))
        .map(|(target, volume)| ContainerMount {
            target: target.clone(),
            source: ContainerMountSource::Volume(volume.clone()),
            read_only: false,
        })
        .collect()
}

fn wait_for_container(container: ContainerRef, wanted: &DesiredContainer) -> Operation {
    Operation::WaitForContainer {
        container,
        log_line: wanted.log_line.clone(),
    }
}

fn write_daemon_file(container: &ContainerRef, inner: &DesiredInner) -> Option<Operation> {
    Some(Operation::WriteDaemonFile {
        container: container.clone(),
        path: inner.daemon_file.clone()?,
        settings: inner.daemon.clone(),
    })
}

fn readiness(inner: &DesiredInner) -> Readiness {
    let visible = |key: &&str| inner.daemon.contains_key(*key);
    let expected = REGISTRY_LISTS.iter().map(|(key, _)| *key).filter(visible);
    Readiness {
        timeout: inner.ready_timeout,
        log_line: inner.log_line.clone(),
        expected: expected
            .map(|key| (key.to_owned(), inner.daemon[key].clone()))
            .collect(),
    }
}

/// The limits and the restart policy that change.
fn update(
    change: &Change,
    wanted: &DesiredContainer,
    container: &ContainerRef,
) -> Option<Operation> {
    let changes = |name: &str| change.fields.iter().any(|field| field.name == name);
    let live = &wanted.live;
    (changes("cpus") || changes("memory") || changes("restart")).then(|| {
        Operation::UpdateContainer {
            container: container.clone(),
            nano_cpus: live.nano_cpus.filter(|_| changes("cpus")),
            memory: live.memory.filter(|_| changes("memory")),
            restart: changes("restart").then(|| live.restart.clone()),
        }
    })
}

/// The networks that change. One whose aliases differ is left and entered again.
fn connections(
    change: &Change,
    wanted: &DesiredContainer,
    container: &ContainerRef,
) -> Vec<Operation> {
    let mut operations = Vec::new();
    for field in &change.fields {
        let Some(network) = field.name.strip_prefix("network ") else {
            continue;
        };
        let (container, network) = (container.clone(), network.to_owned());
        if field.before.is_some() {
            let (container, network) = (container.clone(), network.clone());
            operations.push(Operation::DisconnectNetwork { container, network });
        }
        if let Some(aliases) = wanted
            .live
            .networks
            .get(&network)
            .filter(|_| field.after.is_some())
        {
            let aliases = aliases.iter().cloned().collect();
            operations.push(Operation::ConnectNetwork {
                container,
                network,
                aliases,
            });
        }
    }
    operations
}

fn change_network(operation: &Operation) -> Option<&String> {
    match operation {
        Operation::ConnectNetwork { network, .. } => Some(network),
        _ => None,
    }
}
