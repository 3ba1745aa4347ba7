//! The operations that a container's change comes to.

use std::collections::BTreeMap;

use crate::desired::{DesiredContainer, DesiredInner};
use crate::observed::{ObservedContainer, ObservedInner};
use crate::plan::change::{Action, Change};
use crate::plan::diff::EngineDiff;
use crate::plan::diff::container::once::is_one_shot;
use crate::plan::step::{ContainerUpdate, Operation, Readiness, ServiceWait};
use crate::resource::Kind;
use crate::resource::container::file::ContainerFile;
use crate::resource::container::{ContainerRef, DaemonCheck};

/// A command that does not end by itself: that of mode `socket`.
const LASTING: &[&str] = &["sleep", "infinity"];

/// Waits until a container is what the file wants of it.
pub(in crate::plan) fn wait(container: ContainerRef, wanted: &DesiredContainer) -> Operation {
    if let Some(inner) = &wanted.engine {
        return Operation::WaitForEngine {
            container,
            readiness: Readiness::of(inner),
        };
    }
    if wanted.kind == Kind::Service {
        let until = match is_one_shot(wanted.kind, &wanted.live) {
            _ if wanted.is_awaited => ServiceWait::Done,
            true => ServiceWait::RunningOrDone,
            false => ServiceWait::Running,
        };
        return Operation::WaitForService { container, until };
    }
    let command = &wanted.fixed.command;
    Operation::WaitForContainer {
        container,
        log_line: wanted.log_line.clone(),
        lasting: (command == LASTING).then(|| LASTING.join(" ")),
    }
}

pub(super) fn write_daemon_file(
    container: &ContainerRef,
    inner: &DesiredInner,
) -> Option<Operation> {
    Some(Operation::WriteDaemonFile {
        container: container.clone(),
        path: inner.daemon_file.clone()?,
        owner: inner.user,
        settings: inner.daemon.clone(),
    })
}

/// Asks the engine in a container, where it answers, whether one starts with its new configuration, before it is stopped
/// for it.
pub(super) fn check_daemon_file(
    change: &Change,
    container: &ContainerRef,
    (inner, existing): (&DesiredInner, &ObservedContainer),
) -> Option<Operation> {
    let mut fields = change.fields.iter();
    let changes = fields.any(|field| field.name.starts_with("daemon."));
    let is_awake = matches!(existing.engine, ObservedInner::Awake(_));
    let can = changes && is_awake && !inner.daemon_check.is_empty();
    can.then(|| {
        let command = inner.daemon_check.iter().copied();
        Operation::CheckDaemonFile(Box::new(DaemonCheck {
            container: container.clone(),
            command: command.map(str::to_owned).collect(),
            settings: inner.daemon.clone(),
        }))
    })
}

/// All files that a container is given before it is started.
pub(super) fn files(
    diff: &EngineDiff<'_>,
    change: &Change,
    wanted: &DesiredContainer,
) -> BTreeMap<String, ContainerFile> {
    let mut files = wanted.fixed.files.clone();
    files.extend(wanted.access.clone());
    if change.action == Action::Update {
        files.extend(changed_access(diff, change, wanted));
    }
    files
}

/// Writes what changes of what a container is given to use registries.
pub(super) fn access(
    diff: &EngineDiff<'_>,
    change: &Change,
    wanted: &DesiredContainer,
    container: &ContainerRef,
) -> Option<Operation> {
    let files = changed_access(diff, change, wanted);
    (!files.is_empty()).then(|| Operation::WriteFiles {
        container: container.clone(),
        files,
    })
}

/// What changes of what a container is given to use registries. Of a file that goes, nothing is left in it.
fn changed_access(
    diff: &EngineDiff<'_>,
    change: &Change,
    wanted: &DesiredContainer,
) -> BTreeMap<String, ContainerFile> {
    let record = diff.record.containers.get(&change.object);
    let changed = change.fields.iter().filter_map(|field| {
        let path = field.name.strip_prefix("registry file ")?;
        let file = match wanted.access.get(path) {
            Some(file) => file.clone(),
            None => record?.access.get(path)?.emptied(),
        };
        Some((path.to_owned(), file))
    });
    changed.collect()
}

/// The limits and the restart policy that change.
pub(super) fn update(
    change: &Change,
    wanted: &DesiredContainer,
    container: &ContainerRef,
) -> Option<Operation> {
    let changes = |name: &str| change.fields.iter().any(|field| field.name == name);
    let live = &wanted.live;
    let update = ContainerUpdate {
        nano_cpus: live.nano_cpus.filter(|_| changes("cpus")),
        memory: live.memory.filter(|_| changes("memory")),
        // One that is no longer declared is lifted.
        pids: changes("pids_limit").then(|| live.pids.unwrap_or(-1)),
        restart: changes("restart").then(|| live.restart.clone()),
    };
    (update != ContainerUpdate::default()).then(|| Operation::UpdateContainer {
        container: container.clone(),
        update,
    })
}

/// The networks that change. One whose aliases differ is left and entered again.
pub(super) fn connections(
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
            let endpoint = wanted.live.endpoints.get(&network).cloned();
            operations.push(Operation::ConnectNetwork {
                container,
                network,
                aliases,
                endpoint,
            });
        }
    }
    operations
}

pub(super) fn change_network(operation: &Operation) -> Option<&String> {
    match operation {
        Operation::ConnectNetwork { network, .. } => Some(network),
        _ => None,
    }
}
