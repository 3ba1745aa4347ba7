//! Histories made by chance, on a real engine: fewer than in memory, for as long as there is time.
//!
//! `NEST_REAL_SEED` says with which to begin, `NEST_REAL_SECONDS` says how long, `NEST_REAL_CONTAINERD` has inner engines keep their
//! images in containerd's store.

mod tamed;

use std::io::Write as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

use bollard::models::{ContainerUpdateBody, NetworkDisconnectRequest};
use bollard::query_parameters::{
    RemoveContainerOptionsBuilder, RemoveVolumeOptions, RestartContainerOptions,
    StopContainerOptionsBuilder,
};
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::histories::drift::Drift;
use crate::histories::file::File;
use crate::histories::generated::whole_history;
use crate::histories::history::{Act, History};
use crate::histories::neighbour;
use crate::memory::{Fault, FaultKind};
use crate::real::histories::tamed::{keep_images_in_containerd, tamed};
use crate::real::proxy::Proxy;
use crate::real::repeat::writing;
use crate::real::sandbox::Sandbox;

/// The first history where nothing is said: who changes something else is not to find what was there before.
const SEED: u64 = 100;
/// How long histories are made where nothing is said.
const SECONDS: u64 = 60;

/// What follows the name of the project in that of the other one.
const NEIGHBOUR: &str = "-other";
/// How the name of somebody else's volume ends.
const THEIRS: &str = "-theirs";

#[test]
fn histories_come_to_what_the_file_declares() {
    let given = |name: &str| std::env::var(name).ok()?.parse::<u64>().ok();
    let seed = given("NEST_REAL_SEED").unwrap_or(SEED);
    let time = Duration::from_secs(given("NEST_REAL_SECONDS").unwrap_or(SECONDS));
    let begun = Instant::now();
    let mut told = std::io::stderr();
    let mut count = 0;
    while begun.elapsed() < time || count == 0 {
        let seed = seed + count;
        let history = of_seed(seed);
        let acts = history.acts.len();
        let mut world = World::new(&history.file);
        if let Err(wrong) = world.live(&history) {
            panic!("NEST_REAL_SEED={seed}: {wrong}\n{history:?}");
        }
        let killed = world.killed;
        writeln!(told, "NEST_REAL_SEED={seed}: {acts} acts, {killed} killed").expect("it is told");
        count += 1;
    }
}

/// The history of a number, of what a real engine can do without the world outside.
fn of_seed(seed: u64) -> History {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let tree = whole_history().new_tree(&mut runner);
    tree.expect("a history").current()
}

/// A project on the real engine.
struct World {
    sandbox: Sandbox,
    proxy: Proxy,
    file: File,
    good: File,
    killed: u32,
}

impl World {
    fn new(file: &File) -> Self {
        let sandbox = Sandbox::new("");
        let proxy = Proxy::start(sandbox.folder.path().join("proxy.sock"));
        let theirs = bollard::models::VolumeCreateRequest {
            name: Some(format!("{}{THEIRS}", sandbox.name)),
            ..bollard::models::VolumeCreateRequest::default()
        };
        let made = sandbox
            .runtime
            .block_on(sandbox.docker.create_volume(theirs));
        made.expect("a volume can be made");
        Self {
            sandbox,
            proxy,
            file: file.clone(),
            good: File::default(),
            killed: 0,
        }
    }

    fn live(&mut self, history: &History) -> Result<(), String> {
        let up = || Act::Up {
            faults: Vec::new(),
            again: true,
        };
        self.act(&up())?;
        for act in &history.acts {
            self.act(act)
                .map_err(|wrong| format!("in {act:?}: {wrong}"))?;
        }
        self.act(&up())?;
        let down = Act::Down {
            faults: Vec::new(),
            volumes: true,
        };
        self.act(&down)
    }

    fn act(&mut self, act: &Act) -> Result<(), String> {
        match act {
            Act::Edit(edit) => self.file = edit.of(&self.file),
            Act::Drift(drift) => self.drift(drift),
            Act::Up { faults, .. } => self.up(faults)?,
            Act::Neighbour { stays, .. } => self.neighbour(*stays)?,
            Act::Part { .. } => return Err("parts are for engines in memory".to_owned()),
            Act::Down { faults, volumes } => {
                self.write();
                if self.sandbox.nest(&["validate"]).code == 3 {
                    self.take_back();
                }
                let mut arguments = vec!["down", "--yes"];
                arguments.extend(volumes.then_some("--volumes"));
                self.disturbed(&arguments, faults);
                self.succeed(&arguments)?;
                let mut left = self.sandbox.objects();
                left.retain(|name| !name.ends_with(THEIRS) && !self.is_others(name));
                if *volumes && !left.is_empty() {
                    return Err(format!("{left:?} is left"));
                }
            }
        }
        Ok(())
    }

    /// Another project with the same environments comes up, and goes again where it does not stay.
    fn neighbour(&self, stays: bool) -> Result<(), String> {
        self.write_file(&neighbour::of(&self.file));
        let name = format!("{}{NEIGHBOUR}", self.sandbox.name);
        // A file that is wrong is for the next run of the first project to take back.
        if self.sandbox.nest(&["-p", &name, "plan"]).code == 0 {
            self.succeed(&["-p", &name, "up", "--yes"])?;
        }
        if !stays {
            self.succeed(&["-p", &name, "down", "--yes", "--volumes"])?;
        }
        Ok(())
    }

    /// Whether an object is the other project's, or belongs to a seed.
    fn is_others(&self, object: &str) -> bool {
        let seeds = self.sandbox.seeds();
        let is_seed = object
            .strip_prefix("volume ")
            .is_some_and(|name| seeds.contains(name));
        is_seed || object.contains(&format!("{}{NEIGHBOUR}", self.sandbox.name))
    }

    fn write(&self) {
        self.write_file(&self.file);
    }

    fn write_file(&self, file: &File) {
        let mut value = tamed(file).value();
        if let Some(members) = value.as_object_mut() {
            members.remove("name");
        }
        if std::env::var_os("NEST_REAL_CONTAINERD").is_some() {
            keep_images_in_containerd(&mut value);
        }
        let yaml = serde_yaml::to_string(&value).expect("it is YAML");
        self.sandbox.write(&yaml);
    }

    /// Writes the last file that was brought up again.
    fn take_back(&mut self) {
        self.file = self.good.clone();
        self.write();
    }

    /// Brings it up, killed first where that is asked for; a file that is wrong or refused is taken back.
    fn up(&mut self, faults: &[Fault]) -> Result<(), String> {
        self.write();
        let plan = self.sandbox.nest(&["plan"]);
        if plan.code == 3 || plan.code == 1 && plan.stdout.contains("error: ") {
            self.take_back();
        }
        let before = self.theirs();
        self.disturbed(&["up", "--yes"], faults);
        self.succeed(&["up", "--yes"])?;
        let plan = self.sandbox.nest(&["plan", "--detailed-exitcode"]);
        if plan.code != 0 {
            return Err(format!(
                "the plan is not empty: {}{}",
                plan.stdout, plan.stderr
            ));
        }
        if self.theirs() != before {
            return Err("somebody else's objects were touched".to_owned());
        }
        self.good = self.file.clone();
        Ok(())
    }

    fn succeed(&self, arguments: &[&str]) -> Result<(), String> {
        let ran = self.sandbox.nest(arguments);
        if ran.code == 0 {
            Ok(())
        } else {
            Err(format!("nest {arguments:?}: {}{}", ran.stdout, ran.stderr))
        }
    }

    /// Runs nest and kills it when it has sent so many requests that write.
    fn disturbed(&mut self, arguments: &[&str], faults: &[Fault]) {
        let kills = |fault: &&Fault| {
            matches!(
                fault.kind,
                FaultKind::KilledBefore | FaultKind::KilledAfter | FaultKind::Breaks
            )
        };
        let Some(fault) = faults.iter().find(kills) else {
            return;
        };
        self.proxy.take();
        let mut command = self.sandbox.command_to(&self.proxy.endpoint(), arguments);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().expect("nest starts");
        let mut written = 0;
        while child.try_wait().expect("it can be asked").is_none() {
            written += writing(&self.proxy.take()).len();
            if written > fault.at % 12 {
                child.kill().expect("it can be killed");
                self.killed += 1;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Somebody else's volume, when it was made and how.
    fn theirs(&self) -> String {
        let name = format!("{}{THEIRS}", self.sandbox.name);
        let found = self.sandbox.docker.inspect_volume(&name);
        let found = self.sandbox.runtime.block_on(found);
        found.map_or_else(|error| error.to_string(), |it| format!("{it:?}"))
    }

    fn drift(&self, drift: &Drift) {
        let objects = self.sandbox.objects().into_iter();
        let objects: Vec<String> = objects.filter(|name| !name.ends_with(THEIRS)).collect();
        let named = |kind: &str, which: u8| {
            let prefix = format!("{kind} ");
            let names: Vec<&str> = (objects.iter())
                .filter_map(|object| object.strip_prefix(&prefix))
                .map(|name| name.trim_start_matches('/'))
                .collect();
            let name = names.get(usize::from(which) % names.len().max(1));
            name.map(|name| (*name).to_owned())
        };
        let engine = &self.sandbox.docker;
        let wait = &self.sandbox.runtime;
        // What the engine refuses has not happened.
        match drift {
            Drift::Stop(which) => {
                let now = StopContainerOptionsBuilder::default().t(0).build();
                if let Some(name) = named("container", *which) {
                    let _refused = wait.block_on(engine.stop_container(&name, Some(now)));
                }
            }
            Drift::Remove(which) => {
                let force = RemoveContainerOptionsBuilder::default().force(true).build();
                if let Some(name) = named("container", *which) {
                    let _refused = wait.block_on(engine.remove_container(&name, Some(force)));
                }
            }
            Drift::Update { which, memory, .. } => {
                let body = ContainerUpdateBody {
                    memory: memory.map(|memory| memory << 30),
                    memory_swap: memory.map(|_| -1),
                    ..ContainerUpdateBody::default()
                };
                if let Some(name) = named("container", *which) {
                    let _refused = wait.block_on(engine.update_container(&name, body));
                }
            }
            Drift::Disconnect(which, _) => {
                if let Some(container) = named("container", *which) {
                    let request = NetworkDisconnectRequest {
                        container,
                        force: Some(true),
                    };
                    let network = format!("{}_default", self.sandbox.name);
                    let _refused = wait.block_on(engine.disconnect_network(&network, request));
                }
            }
            Drift::Reboot => {
                let mut which = 0;
                while let Some(name) = named("container", which).filter(|_| which < 8) {
                    let options = None::<RestartContainerOptions>;
                    let _refused = wait.block_on(engine.restart_container(&name, options));
                    which += 1;
                }
            }
            Drift::PruneNetworks => {
                let network = format!("{}_default", self.sandbox.name);
                let _refused = wait.block_on(engine.remove_network(&network));
            }
            Drift::RemoveVolume(which) => {
                if let Some(name) = named("volume", *which) {
                    let options = None::<RemoveVolumeOptions>;
                    let _refused = wait.block_on(engine.remove_volume(&name, options));
                }
            }
            Drift::RemoveImage(which, image) => {
                let environment = format!("env{}", which % 2);
                let image = ["alpine:3.20", "busybox:1.36"][usize::from(image % 2)];
                let shared = wait.block_on(engine.info()).expect("the engine answers").id;
                // In mode `socket` it would be gone from the engine that all tests share.
                let command = format!(
                    "id=$(docker info --format '{{{{.ID}}}}') && test \"$id\" != '{}' && docker rmi {image}",
                    shared.expect("an engine has an id")
                );
                self.sandbox
                    .nest(&["exec", "-T", &environment, "sh", "-c", &command]);
            }
            _ => {}
        }
    }
}
