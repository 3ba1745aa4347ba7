//! A project of its own on the real engine, with eyes that do not go through nest.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bollard::Docker;
use bollard::models::ContainerInspectResponse;
use bollard::query_parameters::{
    ListContainersOptionsBuilder, ListNetworksOptions, ListVolumesOptions,
    RemoveContainerOptionsBuilder, RemoveVolumeOptionsBuilder,
};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// The variable that names another nest than the one that was built with the tests.
pub(crate) const MEASURED: &str = "NEST_TEST_MEASURED";

/// A project in a folder of its own. What is left of it goes when it is dropped.
pub(crate) struct Sandbox {
    pub(crate) name: String,
    pub(crate) folder: TempDir,
    pub(crate) docker: Docker,
    pub(crate) runtime: Runtime,
    endpoint: String,
}

/// What one run of nest said.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Sandbox {
    /// A project whose file is `yaml` below a unique `name:`.
    pub(crate) fn new(yaml: &str) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let endpoint = std::env::var("DOCKER_HOST")
            .expect("these tests need a container engine: run them with `cargo xtask test`");
        // No name begins another's: what is of a project is told by its name.
        let name = format!(
            "t{}-{:03}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        let docker = Docker::connect_with_defaults().expect("DOCKER_HOST names an engine");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let sandbox = Self {
            name,
            folder,
            docker,
            runtime,
            endpoint,
        };
        sandbox.write(yaml);
        sandbox
    }

    /// Replaces the file.
    pub(crate) fn write(&self, yaml: &str) {
        let text = format!("name: {}\n{yaml}", self.name);
        std::fs::write(self.folder.path().join("nest.yaml"), text)
            .expect("the folder can be written to");
    }

    /// nest with these arguments, not started yet.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        self.command_to(&self.endpoint, arguments)
    }

    /// nest with these arguments, talking to another endpoint.
    pub(crate) fn command_to(&self, endpoint: &str, arguments: &[&str]) -> Command {
        // `cargo xtask bench --watch` measures a release.
        let measured = std::env::var_os(MEASURED);
        let program = measured.unwrap_or_else(|| env!("CARGO_BIN_EXE_nest").into());
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("DOCKER_HOST", endpoint)
            .stdin(Stdio::null());
        command
    }

    /// Runs nest.
    pub(crate) fn nest(&self, arguments: &[&str]) -> Ran {
        Ran::from(self.command(arguments).output().expect("nest starts"))
    }

    /// Whether the engine is podman.
    pub(crate) fn is_podman(&self) -> bool {
        let version = self.runtime.block_on(self.docker.version());
        let parts = version.expect("the engine tells").components;
        let mut names = parts.into_iter().flatten().map(|part| part.name);
        names.any(|name| name.starts_with("Podman"))
    }

    /// Where the engine is, as `DOCKER_HOST` has it.
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Runs nest, which must end with 0.
    pub(crate) fn succeed(&self, arguments: &[&str]) -> Ran {
        let ran = self.nest(arguments);
        assert_eq!(
            ran.code, 0,
            "nest {arguments:?}: {}{}",
            ran.stdout, ran.stderr
        );
        ran
    }

    /// Runs a command in an environment, which must end with 0, and returns what it printed.
    pub(crate) fn inside(&self, environment: &str, command: &[&str]) -> String {
        let arguments: Vec<&str> = ["exec", "-T", environment]
            .into_iter()
            .chain(command.iter().copied())
            .collect();
        self.succeed(&arguments).stdout.trim().to_owned()
    }

    /// A container of the outer engine by its whole name.
    ///
    /// For a moment after its end a container of podman's is `stopped`, which bollard has no word for (`exited` follows).
    pub(crate) fn inspect(&self, container: &str) -> ContainerInspectResponse {
        let mut found = None;
        eventually(&format!("{container} can be read"), || {
            let asked = self.docker.inspect_container(container, None);
            match self.runtime.block_on(asked) {
                Err(bollard::errors::Error::JsonDataError { .. }) => {}
                answer => {
                    found = Some(answer.unwrap_or_else(|error| panic!("{container}: {error}")));
                }
            }
            found.is_some()
        });
        found.expect("it was read")
    }

    /// The id of a container of the outer engine.
    pub(crate) fn id(&self, container: &str) -> String {
        self.inspect(container).id.expect("a container has an id")
    }

    /// Every container, volume and network of the outer engine whose name tells that it is of this project.
    pub(crate) fn objects(&self) -> BTreeSet<String> {
        let mut objects = BTreeSet::new();
        eventually("the engine lists its objects", || match self.listed() {
            Ok(listed) => {
                objects = listed;
                true
            }
            // Podman's word for a container that it has not tidied up yet, which the client does not know.
            Err(bollard::errors::Error::JsonDataError { message, .. })
                if message.contains("`stopped`") =>
            {
                false
            }
            Err(error) => panic!("the engine lists its objects: {error}"),
        });
        objects.retain(|name| name.contains(&self.name));
        objects
    }

    fn listed(&self) -> Result<BTreeSet<String>, bollard::errors::Error> {
        self.runtime.block_on(async {
            let all = ListContainersOptionsBuilder::default().all(true).build();
            let containers = self.docker.list_containers(Some(all)).await?;
            let volumes = self.docker.list_volumes(None::<ListVolumesOptions>).await?;
            let networks = self
                .docker
                .list_networks(None::<ListNetworksOptions>)
                .await?;
            let mut objects = BTreeSet::new();
            for container in containers {
                objects.extend(
                    container
                        .names
                        .into_iter()
                        .flatten()
                        .map(|name| format!("container {name}")),
                );
            }
            objects.extend(
                volumes
                    .volumes
                    .into_iter()
                    .flatten()
                    .map(|volume| format!("volume {}", volume.name)),
            );
            objects.extend(
                networks
                    .into_iter()
                    .filter_map(|network| Some(format!("network {}", network.name?))),
            );
            Ok(objects)
        })
    }

    /// The volumes of the seeds that this project, or one named after it, made, marks included. None is a project's.
    pub(crate) fn seeds(&self) -> BTreeSet<String> {
        let listed = self.docker.list_volumes(None::<ListVolumesOptions>);
        let listed = self.runtime.block_on(listed);
        let listed = listed.expect("the engine lists its volumes").volumes;
        let is_ours = |volume: &bollard::models::Volume| {
            let mut labels = volume.labels.iter();
            labels
                .any(|(key, value)| key.starts_with("dev.nest.seed.") && value.contains(&self.name))
        };
        let volumes = listed.into_iter().flatten();
        volumes.filter(is_ours).map(|volume| volume.name).collect()
    }

    fn clean_up(&self) {
        let force = RemoveContainerOptionsBuilder::default()
            .force(true)
            .v(true)
            .build();
        let force_volume = RemoveVolumeOptionsBuilder::default().force(true).build();
        let marks = self
            .seeds()
            .into_iter()
            .map(|name| format!("volume {name}"));
        for object in self.objects().into_iter().chain(marks) {
            let Some((kind, name)) = object.split_once(' ') else {
                continue;
            };
            let name = name.trim_start_matches('/');
            // What is gone already is as good.
            match kind {
                "container" => drop(
                    self.runtime
                        .block_on(self.docker.remove_container(name, Some(force.clone()))),
                ),
                "volume" => drop(
                    self.runtime
                        .block_on(self.docker.remove_volume(name, Some(force_volume.clone()))),
                ),
                _ => drop(self.runtime.block_on(self.docker.remove_network(name))),
            }
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.clean_up();
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// Waits until `check` holds.
pub(crate) fn eventually(what: &str, mut check: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while !check() {
        assert!(Instant::now() < deadline, "it never came to this: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The path of an example's file.
pub(crate) fn example(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("examples")
        .join(name)
        .join("nest.yaml")
}
