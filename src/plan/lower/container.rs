//! Steps of a container's life.

mod spec;

use std::collections::BTreeMap;

use crate::desired::DesiredContainer;
use crate::observed::ObservedContainer;
use crate::plan::change::{Action, Change, Impact, Reason};
use crate::plan::diff::EngineDiff;
use crate::plan::diff::container::mounts_any;
use crate::plan::lower::image::Images;
use crate::plan::lower::operation::{
    access, change_network, check_daemon_file, connections, files, update, wait, write_daemon_file,
};
use crate::plan::lower::storage::Made;
use crate::plan::lower::{Entry, Lifecycle, Lowering};
use crate::plan::step::{Operation, Readiness};
use crate::resource::container::{ContainerMountSource, ContainerRef, ContainerSpec};

/// The steps that have to do with what a container is made of.
pub(super) struct Parts<'a> {
    /// Those that make networks and volumes.
    pub(super) made: &'a Made,
    /// Those that bring images.
    pub(super) images: &'a Images,
    /// The one that removes the container already, so that a volume of it can be replaced.
    pub(super) removed: Option<usize>,
}

impl Lowering<'_> {
    /// Removes the containers that go or are replaced and hold a volume or a network that is replaced. Returns the steps
    /// by name.
    pub(super) fn users_removed(
        &mut self,
        diff: &EngineDiff<'_>,
        entry: &Entry,
        images: &Images,
    ) -> BTreeMap<String, usize> {
        let volumes = diff.volumes_made_anew();
        let mut removed = BTreeMap::new();
        for change in &diff.containers {
            let goes = matches!(change.action, Action::Replace | Action::Delete);
            let existing = diff
                .observed
                .and_then(|observed| observed.containers.get(&change.object));
            let holds = existing.is_some_and(|existing| {
                let mut networks = existing.live.networks.keys();
                mounts_any(existing, volumes).is_some()
                    || networks.any(|network| diff.is_made_anew(network))
            });
            if !goes || !holds {
                continue;
            }
            let wanted = diff.desired.containers.get(&change.object);
            let image = wanted.and_then(|wanted| images.get(&wanted.fixed.image));
            let after: Vec<usize> = entry.ready.iter().chain(image).copied().collect();
            let for_good = wanted.is_none().then_some(entry);
            let lifecycle = self.removed(diff, change, &after, for_good);
            removed.extend(lifecycle.removed.map(|step| (change.object.clone(), step)));
        }
        removed
    }

    /// The steps of one container.
    pub(super) fn container(
        &mut self,
        diff: &EngineDiff<'_>,
        (change, spec): (&Change, Option<Box<ContainerSpec>>),
        entry: &Entry,
        parts: &Parts<'_>,
    ) -> Lifecycle {
        let existing = diff
            .observed
            .and_then(|observed| observed.containers.get(&change.object));
        let Some(wanted) = diff.desired.containers.get(&change.object) else {
            return match parts.removed {
                Some(removed) => Lifecycle {
                    removed: Some(removed),
                    ..Lifecycle::default()
                },
                None => self.removed(diff, change, &entry.ready, Some(entry)),
            };
        };
        match (change.action, spec) {
            (Action::Create, Some(spec)) => {
                let after = after_parts(entry, wanted, parts);
                self.created(diff, change, wanted, (spec, after))
            }
            (Action::Replace, Some(spec)) => {
                let mut after = after_parts(entry, wanted, parts);
                let removed = match parts.removed {
                    Some(removed) => Some(removed),
                    None => self.removed(diff, change, &after, None).removed,
                };
                after.extend(removed);
                let lifecycle = self.created(diff, change, wanted, (spec, after));
                Lifecycle {
                    removed,
                    ..lifecycle
                }
            }
            (Action::Update, _) => self.updated(diff, change, wanted, entry, parts.made),
            (Action::NoOp, _)
                if existing.is_some_and(|it| diff.is_done(wanted, (&change.object, it))) =>
            {
                Lifecycle::default()
            }
            (Action::NoOp, _) if entry.restarted && !wanted.is_one_off => {
                let container = reference(change, existing);
                self.started(diff, change, wanted, &container, entry.ready.clone())
            }
            _ => Lifecycle::default(),
        }
    }

    /// Removes a container, so that another one can be made or, with the steps that its engine begins with, for good.
    fn removed(
        &mut self,
        diff: &EngineDiff<'_>,
        change: &Change,
        after: &[usize],
        for_good: Option<&Entry>,
    ) -> Lifecycle {
        let existing = diff
            .observed
            .and_then(|observed| observed.containers.get(&change.object));
        let container = reference(change, existing);
        let addresses = vec![change.address.clone()];
        let stop = Operation::StopContainer {
            container: container.clone(),
        };
        let leaving = existing.zip(for_good);
        let noted = leaving.map(|(it, entry)| self.notes_of_leaving(diff, (change, it), entry));
        let stop = self.push(diff, addresses.clone(), after.iter().copied(), stop);
        self.step(stop)
            .after_end
            .extend(noted.into_iter().flatten());
        let remove = Operation::RemoveContainer {
            container,
            anonymous_volumes: for_good.is_some(),
        };
        let removed = self.push(diff, addresses.clone(), [stop], remove);
        // What it took over from one that it replaced it mounts by name, and the engine does not take that for its own.
        for volume in leaving
            .into_iter()
            .flat_map(|(it, _)| it.anonymous_volumes.values())
        {
            let name = volume.clone();
            let operation = Operation::RemoveVolume { name };
            self.push(diff, addresses.clone(), [removed], operation);
        }
        Lifecycle {
            removed: Some(removed),
            ..Lifecycle::default()
        }
    }

    fn created(
        &mut self,
        diff: &EngineDiff<'_>,
        change: &Change,
        wanted: &DesiredContainer,
        (spec, after): (Box<ContainerSpec>, Vec<usize>),
    ) -> Lifecycle {
        let operation = Operation::CreateContainer(spec);
        let create = self.push(diff, vec![change.address.clone()], after, operation);
        let container = ContainerRef {
            name: change.object.clone(),
            id: None,
        };
        Lifecycle {
            create: Some(create),
            ..self.started(diff, change, wanted, &container, vec![create])
        }
    }

    /// Writes the engine's configuration and the container's files, starts it and waits until it is ready. One that is
    /// made for a command is started by that command.
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
        let files = files(diff, change, wanted);
        if !files.is_empty() {
            let write = Operation::WriteFiles {
                container: container.clone(),
                files,
            };
            after = vec![self.push(diff, addresses.clone(), after, write)];
        }
        if wanted.is_one_off {
            return Lifecycle::default();
        }
        let start = Operation::StartContainer {
            container: container.clone(),
        };
        let start = self.push(diff, addresses, after, start);
        let wait = wait(container.clone(), wanted);
        let ready = self.push(diff, vec![change.address.clone()], [start], wait);
        Lifecycle {
            create: None,
            start: Some(start),
            ready: Some(ready),
            removed: None,
            restarted: true,
        }
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
            // A network that is made anew has been left already.
            if matches!(&operation, Operation::DisconnectNetwork { network, .. } if diff.is_made_anew(network))
            {
                continue;
            }
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
        if let Some(write) = access(diff, change, wanted, &container) {
            after = vec![self.push(diff, addresses(), after, write)];
        }
        let check = wanted.engine.as_ref().zip(existing);
        let check = check.and_then(|parts| check_daemon_file(change, &container, parts));
        if let Some(check) = check.filter(|_| !entry.restarted) {
            after = vec![self.push(diff, addresses(), after, check)];
        }
        // One that was never started finds its networks by their names when it is.
        let networks = wanted.live.networks.keys();
        let networks: Vec<usize> = networks
            .filter_map(|name| made.get(name).copied())
            .collect();
        match (&change.reason, change.impact, &wanted.engine) {
            (Some(Reason::NotRunning), ..) => {
                after.extend(networks);
                self.started(diff, change, wanted, &container, after)
            }
            (Some(Reason::NotReady(_) | Reason::NotWell | Reason::Unhealthy), ..)
                if !entry.restarted =>
            {
                let ready = self.push(diff, addresses(), after, wait(container, wanted));
                Lifecycle {
                    ready: Some(ready),
                    ..Lifecycle::default()
                }
            }
            (_, Impact::Reload, Some(inner)) if !entry.restarted => {
                let write = write_daemon_file(&container, inner);
                let after = match write {
                    Some(write) => vec![self.push(diff, addresses(), after, write)],
                    None => after,
                };
                let reload = Operation::ReloadEngine {
                    container,
                    readiness: Readiness::of(inner),
                };
                let ready = self.push(diff, addresses(), after, reload);
                Lifecycle {
                    ready: Some(ready),
                    ..Lifecycle::default()
                }
            }
            (Some(Reason::NeighbourRestarted(_)), ..)
            | (_, Impact::Reload | Impact::EngineRestart, Some(_)) => {
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
fn after_parts(entry: &Entry, wanted: &DesiredContainer, parts: &Parts<'_>) -> Vec<usize> {
    let (made, images) = (parts.made, parts.images);
    let volumes = wanted
        .fixed
        .mounts
        .iter()
        .filter_map(|mount| match &mount.source {
            ContainerMountSource::Volume(name) => made.get(name).copied(),
            ContainerMountSource::Bind { .. }
            | ContainerMountSource::Tmpfs
            | ContainerMountSource::Anonymous => None,
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
