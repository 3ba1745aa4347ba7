//! The engine whose laws are checked, and what is made on it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use nest::engine::{Engine, EngineError};
use nest::mode::Mode;
use nest::model::image::ImageReference;
use nest::model::name::ProjectName;
use nest::observed::{ObservedContainer, ObservedEngine, ObservedInner, Question};
use nest::plan::step::{Operation, Readiness};
use nest::resource::container::{
    ContainerMount, ContainerMountSource, ContainerRef, ContainerSpec, FixedSettings, LiveSettings,
    MountOptions, RestartPolicy,
};
use nest::resource::engine_path::EnginePath;
use nest::resource::label::{self, Labels};
use nest::resource::storage::{NetworkSettings, NetworkSpec, VolumeSettings, VolumeSpec};

use crate::docker::sandbox::by_name;

/// What the container is called that has an engine inside.
pub(super) const ENGINE: &str = "engine";

/// An engine and a project of its own on it.
pub(super) struct Subject<'a, E> {
    pub(super) engine: &'a E,
    pub(super) project: ProjectName,
}

/// How an engine answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Says {
    Done,
    /// It refuses, with this status.
    No(u16),
    /// It says that it did, and did not.
    NoEffect,
    /// It cannot be asked.
    Unreachable,
}

impl<'a, E: Engine> Subject<'a, E> {
    pub(super) fn new(engine: &'a E, name: &str) -> Self {
        let project = ProjectName::new(format!("nest-laws-{name}"));
        Self { engine, project }
    }

    pub(super) fn name(&self, name: &str) -> String {
        format!("{}-{name}", self.project)
    }

    pub(super) fn labels(&self, real_name: &str) -> Labels {
        Labels::from([
            (label::PROJECT.to_owned(), self.project.to_string()),
            (label::ADDRESS.to_owned(), format!("test.{real_name}")),
            (label::NAME.to_owned(), real_name.to_owned()),
        ])
    }

    /// What the outer engine, and the one inside the container [`ENGINE`], hold, with these images.
    pub(super) async fn look(&self) -> ObservedEngine {
        let images = ["alpine:3.20", "busybox:1.36"];
        let mut question = Question {
            project: self.project.clone(),
            platforms: BTreeMap::new(),
            pushes: BTreeMap::new(),
            published: BTreeSet::new(),
            images: images.into_iter().map(ImageReference::new).collect(),
            inner: BTreeMap::new(),
            others: BTreeMap::new(),
        };
        let inside = question.clone();
        question.inner = BTreeMap::from([(self.name(ENGINE), inside)]);
        self.engine
            .observe(&question)
            .await
            .expect("the engine is observed")
    }

    /// What they hold once it is so, or after ten seconds: an engine's list of containers is behind what it answered by
    /// a moment.
    pub(super) async fn look_until(&self, so: impl Fn(&ObservedEngine) -> bool) -> ObservedEngine {
        let patience = Instant::now() + Duration::from_secs(10);
        loop {
            let found = self.look().await;
            if so(&found) || Instant::now() > patience {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Asks the outer engine.
    pub(super) async fn ask(&self, operation: Operation) -> Says {
        self.ask_at(&EnginePath::outer(), operation).await
    }

    /// Asks the engine at a path.
    pub(super) async fn ask_at(&self, path: &EnginePath, operation: Operation) -> Says {
        match self.engine.perform(path, &operation, &|_| {}).await {
            Ok(()) => Says::Done,
            Err(EngineError::Refused { status, .. }) => Says::No(status),
            Err(EngineError::NoEffect { .. }) => Says::NoEffect,
            Err(_) => Says::Unreachable,
        }
    }

    /// Asks the outer engine for what must be done.
    pub(super) async fn must(&self, operation: Operation) {
        self.must_at(&EnginePath::outer(), operation).await;
    }

    /// Asks the engine at a path for what must be done.
    pub(super) async fn must_at(&self, path: &EnginePath, operation: Operation) {
        let phrase = format!("{operation:?}");
        let done = self.engine.perform(path, &operation, &|_| {}).await;
        done.unwrap_or_else(|error| panic!("{phrase}: {error}"));
    }

    pub(super) fn volume(&self, name: &str) -> Operation {
        Operation::CreateVolume(VolumeSpec {
            name: name.to_owned(),
            settings: VolumeSettings::default(),
            labels: self.labels(name),
        })
    }

    pub(super) fn network(&self, name: &str) -> Operation {
        Operation::CreateNetwork(NetworkSpec {
            name: name.to_owned(),
            settings: NetworkSettings::default(),
            labels: self.labels(name),
        })
    }

    /// A container that does nothing.
    pub(super) fn sleeper(&self, name: &str) -> ContainerSpec {
        ContainerSpec {
            name: name.to_owned(),
            fixed: FixedSettings {
                image: ImageReference::new("alpine:3.20"),
                command: ["sleep", "600"].map(str::to_owned).to_vec(),
                stop_timeout: Some(0),
                ..FixedSettings::default()
            },
            live: LiveSettings {
                restart: restart("no"),
                ..LiveSettings::default()
            },
            labels: self.labels(name),
            socket: None,
        }
    }

    /// Makes a container and starts it.
    pub(super) async fn run_at(&self, path: &EnginePath, spec: ContainerSpec) {
        let container = by_name(&spec.name);
        self.must_at(path, Operation::CreateContainer(Box::new(spec)))
            .await;
        self.must_at(path, Operation::StartContainer { container })
            .await;
    }

    /// The outer container of an environment, its data in volume `NAME-data`.
    pub(super) fn dind(&self, name: &str) -> ContainerSpec {
        let mode = Mode::named("dind").expect("there is a mode `dind`");
        let own = mode.own_engine().expect("dind has an engine of its own");
        let mount = |volume: &str, target: &str| ContainerMount {
            target: target.to_owned(),
            source: ContainerMountSource::Volume(format!("{name}-{volume}")),
            read_only: false,
            options: MountOptions::default(),
        };
        let fixed = FixedSettings {
            image: ImageReference::new(mode.image),
            mode: Some("dind".to_owned()),
            socket: Some(own.socket.to_owned()),
            command: own
                .daemon_command
                .iter()
                .map(|it| (*it).to_owned())
                .collect(),
            privileged: true,
            stop_timeout: Some(20),
            mounts: vec![
                mount("data", own.data_root),
                mount("socket", own.client_folder),
            ],
            ..FixedSettings::default()
        };
        let mut spec = self.sleeper(name);
        let settings = serde_json::to_string(&fixed).expect("settings are JSON");
        spec.labels.insert(label::SETTINGS.to_owned(), settings);
        spec.fixed = fixed;
        spec
    }

    /// Removes all of the project from the outer engine.
    pub(super) async fn clean(&self) {
        let found = self.look().await;
        let seeding = found.seeds.left_containers(self.project.as_str());
        let seeding: Vec<_> = seeding
            .map(|(name, it)| (name.clone(), it.id.clone()))
            .collect();
        let seeds: Vec<_> = found.seeds.made_by(self.project.as_str()).collect();
        let containers = found.containers.into_iter();
        for (name, id) in seeding
            .into_iter()
            .chain(containers.map(|(name, it)| (name, it.id)))
        {
            let id = Some(id);
            let container = ContainerRef { name, id };
            self.ask(stop(&container)).await;
            self.ask(remove(&container)).await;
        }
        for (name, network) in found.networks {
            let id = network.id;
            self.ask(Operation::RemoveNetwork { name, id }).await;
        }
        let loose = found.foreign_volumes.into_iter();
        let loose = loose.filter(|name| name.starts_with(self.project.as_str()));
        for name in found.volumes.into_keys().chain(loose).chain(seeds) {
            self.ask(Operation::RemoveVolume { name }).await;
        }
    }
}

pub(super) fn restart(name: &str) -> RestartPolicy {
    RestartPolicy {
        name: name.to_owned(),
        retries: 0,
    }
}

pub(super) fn create(spec: &ContainerSpec) -> Operation {
    Operation::CreateContainer(Box::new(spec.clone()))
}

pub(super) fn start(container: &ContainerRef) -> Operation {
    let container = container.clone();
    Operation::StartContainer { container }
}

pub(super) fn stop(container: &ContainerRef) -> Operation {
    let container = container.clone();
    Operation::StopContainer { container }
}

pub(super) fn remove(container: &ContainerRef) -> Operation {
    Operation::RemoveContainer {
        container: container.clone(),
        anonymous_volumes: true,
    }
}

pub(super) fn connect(container: &ContainerRef, network: &str, alias: &str) -> Operation {
    Operation::ConnectNetwork {
        container: container.clone(),
        network: network.to_owned(),
        aliases: vec![alias.to_owned()],
        endpoint: None,
    }
}

pub(super) fn disconnect(container: &ContainerRef, network: &str) -> Operation {
    Operation::DisconnectNetwork {
        container: container.clone(),
        network: network.to_owned(),
    }
}

pub(super) fn wait(container: &ContainerRef) -> Operation {
    Operation::WaitForEngine {
        container: container.clone(),
        readiness: Readiness {
            timeout: Duration::from_mins(1),
            log_line: Some("API listen on".to_owned()),
            expected: BTreeMap::new(),
        },
    }
}

pub(super) fn aliases(container: &ObservedContainer, network: &str) -> Option<BTreeSet<String>> {
    container.live.networks.get(network).cloned()
}

/// The engine inside a container, which must have been read.
pub(super) fn awake(container: &ObservedContainer) -> &ObservedEngine {
    match &container.engine {
        ObservedInner::Awake(engine) => engine,
        other => panic!("the engine was not read: {other:?}"),
    }
}
