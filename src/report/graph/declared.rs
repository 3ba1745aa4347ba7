//! What a file declares, and what each resource needs.

use std::collections::{BTreeMap, BTreeSet};

use crate::desired::{Desired, DesiredContainer, DesiredEngine};
use crate::report::graph::{Graph, Node};
use crate::resource::container::ContainerMountSource;
use crate::resource::engine_path::EnginePath;
use crate::resource::{Address, Kind};

/// The graph of what a project declares, on every engine.
pub fn declared(desired: &Desired) -> Graph {
    let mut graph = Graph::new(&desired.project);
    let mut taken = BTreeSet::new();
    for (path, outermost) in desired.engine.outermost() {
        engine(&mut graph, &mut taken, outermost, (&path, None));
    }
    graph
}

/// Adds an engine, which runs in the container that is the node `holder`.
fn engine(
    graph: &mut Graph,
    taken: &mut BTreeSet<String>,
    desired: &DesiredEngine,
    (path, holder): (&EnginePath, Option<usize>),
) {
    let mut add = |graph: &mut Graph, address: &Address, kind: Kind| {
        let node = Node {
            id: address.to_string(),
            label: vec![address.to_string()],
            kind: Some(kind),
            action: None,
            engine: path.clone(),
        };
        graph.add(node, taken)
    };
    let mut nodes = BTreeMap::new();
    for (name, network) in &desired.networks {
        let node = add(graph, &network.address, Kind::Network);
        nodes.insert((Kind::Network, name.as_str()), node);
    }
    for (name, volume) in &desired.volumes {
        let node = add(graph, &volume.address, Kind::Volume);
        nodes.insert((Kind::Volume, name.as_str()), node);
    }
    for (reference, image) in &desired.images {
        let node = add(graph, &image.address, Kind::Image);
        nodes.insert((Kind::Image, reference.as_str()), node);
    }
    let mut containers = BTreeMap::new();
    for (name, container) in &desired.containers {
        let node = add(graph, &container.address, container.kind);
        containers.insert(name.as_str(), node);
    }
    let needed = nodes.values().chain(containers.values());
    graph
        .edges
        .extend(needed.filter_map(|node| Some((*node, holder?))));
    for (name, container) in &desired.containers {
        let node = containers[name.as_str()];
        let objects = objects(container).filter_map(|object| nodes.get(&object));
        let others = container.depends_on.keys().chain(&container.registries);
        let others = others.filter_map(|other| containers.get(other.as_str()));
        graph
            .edges
            .extend(objects.chain(others).map(|needed| (node, *needed)));
    }
    for (name, container) in &desired.containers {
        if let Some(inner) = &container.engine {
            let holder = Some(containers[name.as_str()]);
            let inside = path.inside(name);
            engine(graph, taken, &inner.engine, (&inside, holder));
        }
    }
}

/// The objects of its engine that a container needs, by their real names.
fn objects(container: &DesiredContainer) -> impl Iterator<Item = (Kind, &str)> {
    let networks = container.live.networks.keys();
    let volumes = container
        .fixed
        .mounts
        .iter()
        .filter_map(|mount| match &mount.source {
            ContainerMountSource::Volume(name) => Some((Kind::Volume, name.as_str())),
            ContainerMountSource::Bind { .. }
            | ContainerMountSource::Tmpfs
            | ContainerMountSource::Anonymous => None,
        });
    networks
        .map(|name| (Kind::Network, name.as_str()))
        .chain(volumes)
        .chain([(Kind::Image, container.fixed.image.as_str())])
}
