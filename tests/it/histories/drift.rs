//! What happens to engines besides nest.

use nest::model::image::ImageReference;
use nest::observed::ContainerState;
use nest::resource::container::{ContainerRef, FixedSettings, LiveSettings, RestartPolicy};
use nest::resource::engine_path::EnginePath;
use nest::resource::label::{self, Labels};
use nest::resource::seed::copier_name;

use crate::histories::file::IMAGES;
use crate::memory::seed::HALF;
use crate::memory::{EngineState, MemoryContainer, MemoryNetwork, MemoryVolume};

/// Something that somebody else does. Numbers pick one of what there is.
#[derive(Debug, Clone)]
pub(crate) enum Drift {
    Stop(u8),
    Remove(u8),
    Pause(u8),
    Update {
        which: u8,
        cpus: Option<i64>,
        memory: Option<i64>,
        restart: Option<u8>,
    },
    Disconnect(u8, u8),
    Connect(u8, u8),
    /// The machine is started again.
    Reboot,
    /// Networks that nothing running uses go, as by `docker network prune`.
    PruneNetworks,
    RemoveVolume(u8),
    RemoveImage(u8, u8),
    Retag(u8, u8, u8),
    /// A file is written into a volume.
    Write(u8),
    /// Somebody's container takes the place of another.
    Relabel(u8),
    Stranger(u8, Stranger),
    StrangerGoes(u8),
    /// Engines that begin become ready.
    Wait,
}

/// Something of somebody else's that comes.
#[derive(Debug, Clone)]
pub(crate) enum Stranger {
    Container(u8),
    Volume(u8),
    Network(u8),
    Image(usize),
    /// A container from a committed image, which hands labels on.
    Copy(u8),
}

/// Names that files lead to as well.
const NAMES: [&str; 12] = [
    "theirs",
    "test-env0-1",
    "test-env1-1",
    "test-env1-2",
    "test_vol0",
    "test_default",
    "vol0",
    "inner0",
    "deep-1",
    "test-reg0-1",
    "test_env0-1-data",
    "other",
];

impl Drift {
    /// Does it.
    pub(crate) fn act(&self, state: &mut EngineState) {
        match self {
            Drift::Reboot => state.reboot(),
            Drift::Wait => every_engine(state, &mut |engine| {
                for container in engine.containers.values_mut() {
                    container.ready |= container.state == ContainerState::Running;
                }
            }),
            Drift::PruneNetworks => every_engine(state, &mut prune),
            Drift::Stop(which)
            | Drift::Remove(which)
            | Drift::Pause(which)
            | Drift::Update { which, .. }
            | Drift::Disconnect(which, _)
            | Drift::Connect(which, _)
            | Drift::RemoveVolume(which)
            | Drift::RemoveImage(which, _)
            | Drift::Retag(which, ..)
            | Drift::Write(which)
            | Drift::Relabel(which)
            | Drift::Stranger(which, _)
            | Drift::StrangerGoes(which) => {
                let paths = running_engines(state, &EnginePath::outer());
                let (path, which) = pick(&paths, *which);
                let path = path.cloned().unwrap_or_default();
                if let Some(engine) = state.inside(&path) {
                    self.act_on(engine, which);
                }
            }
        }
    }

    /// Does it to one engine. What the engine would refuse is not done.
    fn act_on(&self, engine: &mut EngineState, which: u8) {
        let names: Vec<String> = engine.containers.keys().cloned().collect();
        let container = pick(&names, which).0.cloned();
        let reference = container
            .clone()
            .map(|name| ContainerRef { name, id: None });
        match (self, reference) {
            (Drift::Stop(_), Some(container)) => drop(engine.stop(&container)),
            (Drift::Remove(_), Some(container)) => {
                drop(engine.stop(&container));
                drop(engine.remove(&container));
                // Who removes what copies a seed leaves what it had begun: a folder that no engine reads, as any other file.
                for (name, volume) in &mut engine.volumes {
                    if copier_name(name) == container.name && volume.files.remove(HALF) {
                        volume.files.insert("a copy that was begun".to_owned());
                    }
                }
            }
            (Drift::Pause(_), Some(container)) => {
                if let Some(found) = engine.containers.get_mut(&container.name) {
                    found.state = match found.state {
                        ContainerState::Running => ContainerState::Paused,
                        ContainerState::Paused => ContainerState::Running,
                        other => other,
                    };
                }
            }
            (Drift::Update { .. }, Some(container)) => {
                if let Some(found) = engine.containers.get_mut(&container.name) {
                    self.update(found);
                }
            }
            (Drift::Disconnect(_, network), Some(container)) => {
                let found = engine.containers.get_mut(&container.name);
                let names: Vec<String> = found
                    .iter()
                    .flat_map(|one| one.live.networks.keys().cloned())
                    .collect();
                if let (Some(found), (Some(network), _)) = (found, pick(&names, *network)) {
                    found.live.networks.remove(network);
                    found.endpoints.remove(network);
                }
            }
            (Drift::Connect(_, network), Some(container)) => {
                let names: Vec<String> = engine.networks.keys().cloned().collect();
                if let (Some(network), _) = pick(&names, *network) {
                    let alias = ["somebody".to_owned()];
                    drop(engine.connect(&container, network, (&alias, None)));
                }
            }
            (Drift::RemoveVolume(_), _) => {
                let names: Vec<String> = engine.volumes.keys().cloned().collect();
                if let (Some(name), _) = pick(&names, which) {
                    drop(engine.remove_volume(name));
                }
            }
            (Drift::RemoveImage(_, image), _) => {
                drop(engine.remove_image(&image_of(*image)));
            }
            (Drift::Retag(_, image, build), _) => {
                let image = image_of(*image);
                let content = format!("{image} as built {build}");
                engine.images.insert(image, content);
            }
            (Drift::Write(which), _) => {
                let mut volumes: Vec<_> = engine.volumes.values_mut().collect();
                let count = volumes.len().max(1);
                if let Some(volume) = volumes.get_mut(usize::from(*which) % count)
                    && !volume.labels.contains_key(label::RECORD)
                {
                    volume.files.insert(format!("file {which}"));
                }
            }
            (Drift::Relabel(_), Some(container)) => {
                let id = engine.new_id();
                if let Some(found) = engine.containers.get_mut(&container.name) {
                    *found = stranger(id, Labels::new());
                }
            }
            (Drift::Stranger(_, stranger), _) => stranger.comes(engine),
            (Drift::StrangerGoes(_), Some(container)) => {
                let labels = &engine.containers[&container.name].labels;
                if labels.get(label::NAME) != Some(&container.name) {
                    drop(engine.stop(&container));
                    drop(engine.remove(&container));
                }
            }
            _ => {}
        }
    }
}

impl Drift {
    fn update(&self, container: &mut MemoryContainer) {
        let Drift::Update {
            cpus,
            memory,
            restart,
            ..
        } = self
        else {
            return;
        };
        let live = &mut container.live;
        live.nano_cpus = cpus.map(|cpus| cpus * 500_000_000).or(live.nano_cpus);
        live.memory = memory.map(|memory| memory << 30).or(live.memory);
        if let Some(restart) = restart {
            let name = ["no", "always", "unless-stopped"][usize::from(*restart)];
            live.restart = RestartPolicy {
                name: name.to_owned(),
                retries: 0,
            };
        }
    }
}

impl Stranger {
    fn comes(&self, engine: &mut EngineState) {
        let id = engine.new_id();
        match self {
            Stranger::Container(name) => {
                let container = stranger(id, Labels::new());
                let name = NAMES[usize::from(*name)].to_owned();
                engine.containers.entry(name).or_insert(container);
            }
            Stranger::Volume(name) => {
                let name = NAMES[usize::from(*name)].to_owned();
                let volume = engine.volumes.entry(name);
                volume.or_insert_with(|| MemoryVolume::new(Labels::new()));
            }
            Stranger::Network(name) => {
                let labels = Labels::new();
                let network = MemoryNetwork { id, labels };
                let name = NAMES[usize::from(*name)].to_owned();
                engine.networks.entry(name).or_insert(network);
            }
            Stranger::Image(image) => {
                let image = ImageReference::new(IMAGES[*image]);
                let content = format!("{image} of theirs");
                engine.images.entry(image).or_insert(content);
            }
            Stranger::Copy(which) => {
                let names: Vec<String> = engine.containers.keys().cloned().collect();
                if let (Some(name), _) = pick(&names, *which) {
                    let container = stranger(id, engine.containers[name].labels.clone());
                    let copy = "debugging".to_owned();
                    engine.containers.entry(copy).or_insert(container);
                }
            }
        }
    }
}

/// Somebody's container, which runs.
fn stranger(id: String, labels: Labels) -> MemoryContainer {
    MemoryContainer {
        id,
        labels,
        image: "theirs".to_owned(),
        state: ContainerState::Running,
        stopped_by_hand: false,
        fixed: FixedSettings::default(),
        live: LiveSettings::default(),
        endpoints: std::collections::BTreeMap::new(),
        ready: true,
        daemon_file: std::collections::BTreeMap::new(),
        daemon: std::collections::BTreeMap::new(),
        memory: None,
    }
}

fn image_of(number: u8) -> ImageReference {
    ImageReference::new(IMAGES[usize::from(number) % IMAGES.len()])
}

/// One of these, and what is left of the number to pick more with.
fn pick<T>(all: &[T], number: u8) -> (Option<&T>, u8) {
    let count = all.len().max(1);
    let left = usize::from(number) / count;
    let left = u8::try_from(left).unwrap_or_default();
    (all.get(usize::from(number) % count), left)
}

/// The ways to all engines that answer.
fn running_engines(engine: &mut EngineState, path: &EnginePath) -> Vec<EnginePath> {
    let mut paths = vec![path.clone()];
    let names: Vec<String> = engine.containers.keys().cloned().collect();
    for name in names {
        if let Some(inner) = engine.inside(&EnginePath::outer().inside(&name)) {
            paths.extend(running_engines(inner, &path.inside(&name)));
        }
    }
    paths
}

fn every_engine(state: &mut EngineState, act: &mut dyn FnMut(&mut EngineState)) {
    act(state);
    let names: Vec<String> = state.containers.keys().cloned().collect();
    for name in names {
        if let Some(inner) = state.inside(&EnginePath::outer().inside(&name)) {
            every_engine(inner, act);
        }
    }
}

fn prune(engine: &mut EngineState) {
    let ids: Vec<String> = engine.networks.values().map(|it| it.id.clone()).collect();
    for id in ids {
        drop(engine.remove_network(&id));
    }
}
