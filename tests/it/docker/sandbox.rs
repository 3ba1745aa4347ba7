//! A project of its own on a real engine, for one test.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use nest::docker::{Docker, Endpoint, EndpointOptions, Entering};
use nest::engine::{Engine, EngineError, Progress};
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

/// A project of its own on the engine that `DOCKER_HOST` names.
pub(crate) struct Sandbox {
    pub(crate) docker: Docker,
    pub(crate) project: ProjectName,
}

/// Runs a test in a sandbox that is empty before and after, however the test ends.
pub(crate) async fn run(name: &str, test: impl AsyncFnOnce(&Sandbox)) {
    run_entering(Entering::Shortest, name, test).await;
}

/// Runs a test in a sandbox whose containers are entered in one way.
pub(crate) async fn run_entering(entering: Entering, name: &str, test: impl AsyncFnOnce(&Sandbox)) {
    let sandbox = Sandbox {
        docker: connect(entering).await,
        project: ProjectName::new(format!("nest-it-{name}")),
    };
    sandbox.clean().await;
    let outcome = AssertUnwindSafe(test(&sandbox)).catch_unwind().await;
    sandbox.clean().await;
    if let Err(panic) = outcome {
        resume_unwind(panic);
    }
}

/// The engine to test with. Without one a test fails: it never passes by not running.
pub(crate) async fn connect(entering: Entering) -> Docker {
    let docker_host = std::env::var("DOCKER_HOST")
        .expect("these tests need a container engine in `DOCKER_HOST`: run `cargo xtask test`");
    let endpoint = Endpoint::resolve(&EndpointOptions {
        host: None,
        context: None,
        docker_host: Some(docker_host),
        docker_context: None,
        config_folder: PathBuf::from("/nonexistent"),
        docker_tls_verify: None,
        docker_cert_path: None,
        sockets: Vec::new(),
    })
    .expect("`DOCKER_HOST` is an endpoint");
    Docker::connect(&endpoint, entering)
        .await
        .expect("the engine of `DOCKER_HOST` answers; `cargo xtask test` starts one")
}

impl Sandbox {
    /// A name on the engine.
    pub(crate) fn name(&self, name: &str) -> String {
        format!("{}-{name}", self.project)
    }

    pub(crate) fn labels(&self, real_name: &str) -> Labels {
        BTreeMap::from([
            (label::PROJECT.to_owned(), self.project.to_string()),
            (label::ADDRESS.to_owned(), format!("test.{real_name}")),
            (label::NAME.to_owned(), real_name.to_owned()),
        ])
    }

    pub(crate) async fn observe(&self, images: &[&str]) -> ObservedEngine {
        let mut question = Question {
            project: self.project.clone(),
            platforms: BTreeMap::new(),
            pushes: BTreeMap::new(),
            published: BTreeSet::new(),
            images: images.iter().copied().map(ImageReference::new).collect(),
            inner: BTreeMap::new(),
            others: BTreeMap::new(),
        };
        let observe = async |question: &Question| {
            let observed = self.docker.observe(question).await;
            observed.expect("the engine is observed")
        };
        let seen = observe(&question).await;
        if images.is_empty() {
            return seen;
        }
        ask_inside(&mut question, &seen);
        observe(&question).await
    }

    pub(crate) async fn try_perform(
        &self,
        path: &EnginePath,
        operation: Operation,
    ) -> Result<Vec<Progress>, EngineError> {
        let told = std::cell::RefCell::new(Vec::new());
        let report = |progress| told.borrow_mut().push(progress);
        self.docker.perform(path, &operation, &report).await?;
        Ok(told.into_inner())
    }

    pub(crate) async fn perform(&self, path: &EnginePath, operation: Operation) -> Vec<Progress> {
        let name = format!("{operation:?}");
        match self.try_perform(path, operation).await {
            Ok(told) => told,
            Err(error) => panic!("{name}: {}", chain(&error)),
        }
    }

    pub(crate) fn volume(&self, name: &str) -> Operation {
        Operation::CreateVolume(VolumeSpec {
            name: name.to_owned(),
            settings: VolumeSettings::default(),
            labels: self.labels(name),
        })
    }

    pub(crate) fn network(&self, name: &str) -> Operation {
        Operation::CreateNetwork(NetworkSpec {
            name: name.to_owned(),
            settings: NetworkSettings::default(),
            labels: self.labels(name),
        })
    }

    /// A container that does nothing, on no network of its own.
    pub(crate) fn sleeper(&self, name: &str) -> ContainerSpec {
        ContainerSpec {
            name: name.to_owned(),
            fixed: FixedSettings {
                image: ImageReference::new("alpine:3.20"),
                command: ["sleep", "600"].map(str::to_owned).to_vec(),
                init: false,
                stop_timeout: Some(0),
                ..FixedSettings::default()
            },
            live: LiveSettings::default(),
            labels: self.labels(name),
            socket: None,
        }
    }

    /// The outer container of an environment in mode `dind`, its data in volume `NAME-data`, its socket in
    /// `NAME-client`.
    pub(crate) fn dind(&self, name: &str) -> ContainerSpec {
        let mode = Mode::named("dind").expect("there is a mode `dind`");
        let own = mode.own_engine().expect("dind has an engine of its own");
        let mount = |volume: String, target: &str| ContainerMount {
            target: target.to_owned(),
            source: ContainerMountSource::Volume(volume),
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
                .copied()
                .map(str::to_owned)
                .collect(),
            privileged: true,
            stop_timeout: Some(20),
            mounts: vec![
                mount(format!("{name}-data"), own.data_root),
                mount(format!("{name}-client"), own.client_folder),
            ],
            ..FixedSettings::default()
        };
        ContainerSpec {
            name: name.to_owned(),
            labels: self.labelled(name, &fixed),
            fixed,
            live: LiveSettings {
                restart: RestartPolicy {
                    name: "no".to_owned(),
                    retries: 0,
                },
                ..LiveSettings::default()
            },
            socket: None,
        }
    }

    /// A container that says of itself that it is the outer container of a `dind` environment, and runs a script.
    pub(crate) fn pretender(&self, name: &str, image: &str, script: &str) -> ContainerSpec {
        let mut spec = self.dind(name);
        spec.fixed.mounts.clear();
        spec.labels = self.labelled(name, &spec.fixed);
        spec.fixed.image = ImageReference::new(image);
        spec.fixed.privileged = false;
        spec.fixed.stop_timeout = Some(0);
        spec.fixed.command = ["sh", "-c", script].map(str::to_owned).to_vec();
        spec
    }

    /// The labels of a container with these settings.
    pub(crate) fn labelled(&self, name: &str, fixed: &FixedSettings) -> Labels {
        let mut labels = self.labels(name);
        let settings = serde_json::to_string(fixed).expect("settings are JSON");
        labels.insert(label::SETTINGS.to_owned(), settings);
        labels
    }

    /// Makes and starts the container on an engine.
    pub(crate) async fn start(&self, path: &EnginePath, spec: ContainerSpec) {
        let container = by_name(&spec.name);
        self.perform(path, Operation::CreateContainer(Box::new(spec)))
            .await;
        self.perform(path, Operation::StartContainer { container })
            .await;
    }

    /// Makes an environment in mode `dind` and waits for its engine.
    pub(crate) async fn start_dind(&self, path: &EnginePath, name: &str) -> EnginePath {
        self.perform(path, self.volume(&format!("{name}-data")))
            .await;
        self.perform(path, self.volume(&format!("{name}-client")))
            .await;
        self.start(path, self.dind(name)).await;
        self.perform(path, wait_for_engine(name)).await;
        path.inside(name)
    }

    /// Removes every object of the project from the outer engine.
    pub(crate) async fn clean(&self) {
        let question = Question {
            project: self.project.clone(),
            platforms: BTreeMap::new(),
            pushes: BTreeMap::new(),
            published: BTreeSet::new(),
            images: BTreeSet::new(),
            inner: BTreeMap::new(),
            others: BTreeMap::new(),
        };
        let outer = EnginePath::outer();
        let Ok(observed) = self.docker.observe(&question).await else {
            return;
        };
        for (name, found) in observed.containers {
            let container = ContainerRef {
                name,
                id: Some(found.id),
            };
            let stop = Operation::StopContainer {
                container: container.clone(),
            };
            self.perform(&outer, stop).await;
            self.perform(
                &outer,
                Operation::RemoveContainer {
                    container,
                    anonymous_volumes: true,
                },
            )
            .await;
        }
        for (name, network) in observed.networks {
            self.perform(
                &outer,
                Operation::RemoveNetwork {
                    name,
                    id: network.id,
                },
            )
            .await;
        }
        for name in observed.volumes.into_keys() {
            self.perform(&outer, Operation::RemoveVolume { name }).await;
        }
    }
}

/// Asks the same of every engine inside.
fn ask_inside(question: &mut Question, seen: &ObservedEngine) {
    for (name, container) in &seen.containers {
        if let ObservedInner::Awake(inside) = &container.engine {
            let mut inner = question.clone();
            inner.inner.clear();
            ask_inside(&mut inner, inside);
            question.inner.insert(name.clone(), inner);
        }
    }
}

/// A container by its name alone.
pub(crate) fn by_name(name: &str) -> ContainerRef {
    ContainerRef {
        name: name.to_owned(),
        id: None,
    }
}

pub(crate) fn readiness() -> Readiness {
    Readiness {
        timeout: Duration::from_mins(1),
        log_line: Some("API listen on".to_owned()),
        expected: BTreeMap::new(),
    }
}

pub(crate) fn wait_for_engine(name: &str) -> Operation {
    Operation::WaitForEngine {
        container: by_name(name),
        readiness: readiness(),
    }
}

/// The engine inside a container, which must have been read.
pub(crate) fn awake(container: &ObservedContainer) -> &ObservedEngine {
    match &container.engine {
        ObservedInner::Awake(engine) => engine,
        other => panic!("the engine was not read: {other:?}"),
    }
}

/// An error with all its sources.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        source = inner.source();
    }
    text
}

/// Tries until the check holds, for half a minute at most.
pub(crate) async fn eventually(what: &str, mut check: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !check().await {
        assert!(began.elapsed() < Duration::from_secs(30), "never: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
