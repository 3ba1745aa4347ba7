//! Projects of any size, and engines as plans leave them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use nest::desired::facts::Facts;
use nest::desired::{Desired, desired};
use nest::model::image::ImageReference;
use nest::model::{Project, ProjectRequest, read_project};
use nest::observed::{
    ContainerState, EngineIdentity, ObservedContainer, ObservedDaemonFile, ObservedEngine,
    ObservedImage, ObservedInner, ObservedNetwork, ObservedVolume,
};
use nest::plan::step::Operation;
use nest::plan::{Destroy, Plan, PlanOptions, plan};
use nest::resource::digest::Digest;
use nest::resource::label::Labels;
use nest::resource::seed::ObservedSeeds;
use nest::source::Files;

/// How many resources an environment comes to: its container, two volumes, and an image and a volume inside.
const RESOURCES: usize = 5;

/// One file.
struct OneFile(String);

impl Files for OneFile {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        if path.ends_with("nest.yaml") {
            Ok(self.0.clone().into_bytes())
        } else {
            Err(io::ErrorKind::NotFound.into())
        }
    }

    fn exists(&self, _path: &Path) -> bool {
        true
    }
}

/// A project of about so many resources; `memory` is a limit that containers have.
pub(crate) fn project(resources: usize, memory: &str) -> Project {
    let mut text = "name: bench\nenvironments:\n".to_owned();
    for number in 0..resources / RESOURCES {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "  env{number}:
    outer: {{ mode: dind, memory: {memory}, environment: {{ NUMBER: \"{number}\" }} }}
    inner: {{ images: [alpine:3.20], volumes: {{ cache: {{}} }} }}"
        );
    }
    let request = ProjectRequest {
        files: vec![PathBuf::from("/bench/nest.yaml")],
        env_files: Vec::new(),
        profiles: Vec::new(),
        policies: Vec::new(),
        host_policy: None,
        working_folder: PathBuf::from("/bench"),
        project_name: None,
        variables: BTreeMap::new(),
    };
    let read = read_project(&OneFile(text), &request);
    read.unwrap_or_else(|invalid| panic!("{:?}", invalid.problems))
        .project
}

/// An engine with nothing on it but the images that the projects name.
pub(crate) fn empty() -> ObservedEngine {
    let images = ["docker:dind", "alpine:3.20"];
    ObservedEngine {
        identity: EngineIdentity::default(),
        containers: BTreeMap::new(),
        volumes: BTreeMap::new(),
        networks: BTreeMap::new(),
        images: images.into_iter().map(image).collect(),
        pushed: BTreeMap::new(),
        published: BTreeMap::new(),
        left_pushes: Vec::new(),
        foreign_containers: BTreeSet::new(),
        foreign_volumes: BTreeSet::new(),
        foreign_networks: BTreeSet::new(),
        foreign_volume_users: BTreeMap::new(),
        foreign_network_users: BTreeMap::new(),
        foreign_image_users: BTreeMap::new(),
        seeds: ObservedSeeds::default(),
        running_containers: 0,
        others: BTreeMap::new(),
    }
}

fn image(name: &str) -> (ImageReference, ObservedImage) {
    let image = ObservedImage {
        id: format!("id of {name}"),
        content: Digest::of_bytes(name.as_bytes()),
        engine_version: None,
        digests: BTreeSet::new(),
        platform: String::new(),
        labels: Labels::new(),
    };
    (ImageReference::new(name), image)
}

/// What the engines hold once a project has been brought up from nothing.
pub(crate) fn brought_up(desired: &Desired) -> ObservedEngine {
    let mut engine = empty();
    for step in plan(desired, &engine.clone(), &PlanOptions::whole(None)).steps {
        let mut held = &mut engine;
        for name in step.engine.containers() {
            let container = held.containers.get_mut(name).expect("it has been made");
            match &mut container.engine {
                ObservedInner::Awake(inner) => held = inner,
                other => panic!("the engine in `{name}` is {other:?}"),
            }
        }
        take(held, step.operation);
    }
    engine
}

/// What an engine holds after an operation.
fn take(engine: &mut ObservedEngine, operation: Operation) {
    match operation {
        Operation::CreateNetwork(spec) => {
            let network = ObservedNetwork {
                id: spec.name.clone(),
                labels: spec.labels,
            };
            engine.networks.insert(spec.name, network);
        }
        Operation::CreateVolume(spec) => {
            let volume = ObservedVolume {
                labels: spec.labels,
            };
            engine.volumes.insert(spec.name, volume);
        }
        Operation::RemoveVolume { name } => drop(engine.volumes.remove(&name)),
        Operation::TransferImages { references, .. } => {
            let images = references.iter().map(|reference| image(reference.as_str()));
            engine.images.extend(images);
        }
        Operation::CreateContainer(spec) => {
            let mut inside = empty();
            inside.images.clear();
            let container = ObservedContainer {
                id: spec.name.clone(),
                labels: spec.labels,
                image_id: format!("id of {}", spec.fixed.image),
                state: ContainerState::Running,
                is_unhealthy: false,
                created_at: None,
                started_at: None,
                live: spec.live,
                lost_networks: BTreeSet::new(),
                anonymous_volumes: BTreeMap::new(),
                daemon_file: ObservedDaemonFile::Unread,
                engine: ObservedInner::Awake(Box::new(inside)),
            };
            engine.containers.insert(spec.name, container);
            engine.running_containers += 1;
        }
        Operation::WriteDaemonFile { .. }
        | Operation::StartContainer { .. }
        | Operation::WaitForEngine { .. } => {}
        other => panic!("nothing like this is planned from nothing: {other:?}"),
    }
}

/// What is planned: a name, what is wanted, what there is, and how.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) project: Project,
    pub(crate) observed: ObservedEngine,
    pub(crate) options: PlanOptions,
}

impl Case {
    /// All cases for a project of about so many resources.
    pub(crate) fn all(resources: usize) -> Vec<Self> {
        let whole = brought_up(&desired(&project(resources, "1g"), &Facts::default()));
        let up = PlanOptions::whole(None);
        let down = PlanOptions::whole(Some(Destroy { volumes: true }));
        let case = |name, memory, observed: &ObservedEngine, options: &PlanOptions| Self {
            name,
            project: project(resources, memory),
            observed: observed.clone(),
            options: options.clone(),
        };
        vec![
            case("from nothing", "1g", &empty(), &up),
            case("nothing to do", "1g", &whole, &up),
            case("all change", "2g", &whole, &up),
            case("down, with volumes", "1g", &whole, &down),
        ]
    }

    /// Does all that a plan takes, once the file is read and the engines are.
    pub(crate) fn plan(&self) -> (Desired, Plan) {
        let desired = desired(&self.project, &Facts::default());
        let plan = plan(&desired, &self.observed, &self.options);
        std::hint::black_box(plan.counts());
        (desired, plan)
    }
}
