//! What lies around the scope under validation: the engine that holds it, and those further out.
//!
//! A mode that shares the engine outside shares all of this; any other opens an engine of its own.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::path::PathBuf;

use ipnet::IpNet;

use crate::mode::OwnEngine;
use crate::model::mount::{BESIDE_MEMORY, Mount, MountSettings, MountSource};
use crate::model::validate::Validation;
use crate::model::validate::container::limits::written_cpus;
use crate::source::Span;
use crate::spec::decode::TableEntry;
use crate::spec::environment::EnvironmentSpec;
use crate::spec::outer::OuterSpec;

/// An engine, as far as what is inside it must fit to it.
#[derive(Default)]
pub(super) struct EngineAround {
    /// The container that it runs in; none for the outer engine.
    pub(super) container: Option<ContainerAround>,
    /// The subnets of its networks.
    pub(super) networks: Subnets,
    /// What networks without a subnet take theirs from.
    pub(super) pools: Subnets,
    /// The largest packet that the network of its container lets through, where the file says.
    pub(super) mtu: Option<(u32, Span)>,
}

/// The container that an engine runs in.
pub(super) struct ContainerAround {
    /// The environment's name.
    pub(super) name: String,
    /// Where it is written.
    pub(super) name_span: Span,
    /// The registries that it lists.
    pub(super) registries: Vec<String>,
    /// The folders of the engine outside that it mounts, each with the path inside.
    folders: HashMap<PathBuf, PathBuf>,
    /// Where it mounts memory when it starts, which hides what is mounted below.
    memory_folder: Option<&'static str>,
    /// How many processors it has, in billionths, where the file says.
    pub(super) cpus: Option<(i64, Span)>,
    /// What it must mount besides, so that what is inside finds it, and where that is asked for.
    pub(super) on_the_way: Vec<(Mount, Span)>,
}

/// Subnets of which none overlaps another.
#[derive(Default)]
pub(super) struct Subnets {
    by_first_address: BTreeMap<IpAddr, (IpNet, Span)>,
}

impl Validation<'_> {
    /// Goes into the engine of an environment.
    pub(super) fn enter(
        &mut self,
        entry: &TableEntry<EnvironmentSpec>,
        spec: &EnvironmentSpec,
        volumes: &[Mount],
        engine: &OwnEngine,
    ) {
        let outer = match &spec.outer.value {
            Some(OuterSpec::Mapping(outer)) => Some(outer),
            _ => None,
        };
        let registries = spec.registries.items();
        let folders = volumes.iter().filter_map(|mount| match &mount.source {
            MountSource::Bind { path, .. } => Some((path.into(), (&mount.target).into())),
            _ => None,
        });
        let container = ContainerAround {
            name: entry.name.clone(),
            name_span: entry.name_span.clone(),
            registries: registries.map(|name| name.value.clone()).collect(),
            folders: folders.collect(),
            memory_folder: engine.memory_folder,
            cpus: outer.and_then(|outer| written_cpus(&outer.shared)),
            on_the_way: Vec::new(),
        };
        let mtu = self.packet_size(outer.map(|outer| &outer.shared));
        self.engines.push(EngineAround {
            container: Some(container),
            mtu,
            ..EngineAround::default()
        });
        if let Some(outer) = outer {
            self.check_daemon_networks(&outer.own.daemon);
        }
    }

    /// Goes out of the engine of an environment. What its container must mount besides, for what is inside.
    pub(super) fn leave(&mut self) -> Vec<(Mount, Span)> {
        let container = self.engines.pop().and_then(|engine| engine.container);
        container.map_or_else(Vec::new, |container| container.on_the_way)
    }
}

impl Subnets {
    /// One of the subnets that overlaps another subnet, if there is one.
    pub(super) fn overlap(&self, subnet: IpNet) -> Option<(IpNet, Span)> {
        let (first, last) = (subnet.network(), subnet.broadcast());
        let before = self.by_first_address.range(..=first).next_back();
        let after = self.by_first_address.range(first..=last).next();
        let mut near = before.into_iter().chain(after).map(|(_, found)| found);
        let overlap = near.find(|(other, _)| other.contains(&subnet) || subnet.contains(other));
        overlap.cloned()
    }

    /// Adds a subnet, unless it overlaps one.
    pub(super) fn add(&mut self, subnet: IpNet, place: Span) {
        if self.overlap(subnet).is_none() {
            self.by_first_address
                .insert(subnet.network(), (subnet, place));
        }
    }
}

impl ContainerAround {
    /// The path inside at which a path outside is found: by a folder that is mounted, or else by one that has to be.
    pub(super) fn path_inside(&mut self, outside: PathBuf, at: &Span) -> PathBuf {
        for folder in outside.ancestors() {
            if let Some(target) = self.folders.get(folder)
                && let Ok(rest) = outside.strip_prefix(folder)
            {
                return target.join(rest).components().collect();
            }
        }
        let path = outside.display().to_string();
        let hidden = self
            .memory_folder
            .filter(|memory| outside.starts_with(memory));
        let target = hidden.map_or_else(|| path.clone(), |_| format!("{BESIDE_MEMORY}{path}"));
        self.folders.insert(outside, target.clone().into());
        let mount = Mount {
            source: MountSource::Bind { path, create: true },
            target: target.clone(),
            read_only: false,
            settings: MountSettings::default(),
            inner_name: None,
        };
        self.on_the_way.push((mount, at.clone()));
        target.into()
    }
}
