//! An example that is up.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use bollard::models::ContainerInspectResponse;
use futures_util::TryStreamExt as _;

use crate::examples::Example;
use crate::real::examples::stand_ins::{Builds, SMALL_IMAGE};
use crate::real::sandbox::{Ran, Sandbox, eventually};

/// An example and the project that was made of it.
pub(super) struct Running<'a> {
    pub(super) example: &'a Example,
    pub(super) sandbox: &'a Sandbox,
    pub(super) builds: &'a Builds,
}

impl Running<'_> {
    /// nest with the example's files, others over them, and these arguments.
    fn command(&self, over: &[&str], arguments: &[&str]) -> Command {
        let mut command = self.sandbox.command(&[]);
        for path in self.example.files.iter().chain(&self.builds.over) {
            command.arg("-f").arg(path);
        }
        for path in over {
            command.args(["-f", path]);
        }
        for path in &self.example.env_files {
            command.arg("--env-file").arg(path);
        }
        command.args(["-p", &self.sandbox.name]).args(arguments);
        command
    }

    /// Runs nest, with files over those of the example.
    pub(super) fn run(&self, over: &[&str], arguments: &[&str]) -> Ran {
        let ran = self.command(over, arguments).output();
        Ran::from(ran.expect("nest starts"))
    }

    /// Runs nest, which must end with 0, with files over those of the example.
    pub(super) fn nest_over(&self, over: &[&str], arguments: &[&str]) -> String {
        let ran = self.run(over, arguments);
        let (name, said) = (&self.example.name, format!("{}{}", ran.stdout, ran.stderr));
        assert_eq!(ran.code, 0, "{name}: nest {arguments:?}: {said}");
        ran.stdout.trim().to_owned()
    }

    /// Runs nest, which must end with 0, and returns what it printed.
    pub(super) fn nest(&self, arguments: &[&str]) -> String {
        self.nest_over(&[], arguments)
    }

    /// The file that goes over those of the example under this name, with this text.
    pub(super) fn over(&self, name: &str, text: &str) -> String {
        let path = self.sandbox.folder.path().join(name);
        std::fs::write(&path, text).expect("it can be written");
        path.to_str().expect("it is text").to_owned()
    }

    /// Runs a shell line in an environment or a service.
    pub(super) fn inside(&self, name: &str, line: &str) -> String {
        self.nest(&["exec", "-T", name, "sh", "-c", line])
    }

    /// The container of an environment or a service.
    pub(super) fn container(&self, name: &str) -> ContainerInspectResponse {
        self.sandbox.inspect(&self.container_name(name))
    }

    pub(super) fn container_name(&self, name: &str) -> String {
        format!("{}-{name}-1", self.sandbox.name)
    }

    /// The folder of the example.
    pub(super) fn folder(&self) -> PathBuf {
        let folder = self.example.files[0].parent();
        folder.expect("a file is in a folder").to_owned()
    }

    /// Gives the engine of an environment the small image, as a user would who cannot pull it.
    pub(super) fn load_image(&self, environment: &str) {
        let archive = self.sandbox.folder.path().join("image.tar");
        let exported = self.sandbox.docker.export_image(SMALL_IMAGE);
        let exported = exported.try_collect::<Vec<_>>();
        let exported = self.sandbox.runtime.block_on(exported);
        let exported = exported.expect("the engine has the image").concat();
        std::fs::write(&archive, exported).expect("it can be written");
        let archive = std::fs::File::open(&archive).expect("it was written");
        let load = ["exec", "-T", environment, "docker", "load"];
        let mut command = self.command(&[], &load);
        let ran = command.stdin(Stdio::from(archive)).output();
        let ran = Ran::from(ran.expect("nest starts"));
        assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    }

    /// What a service is told about its engine: the variables whose names begin with `DOCKER_`, but for the image's own.
    pub(super) fn variables(&self, service: &str) -> String {
        let names = "^DOCKER_(HOST|CERT_PATH|TLS_VERIFY)=";
        self.inside(service, &format!("env | grep -E '{names}' | sort"))
    }

    /// The service reaches the engine of the environment, and did so when it was started.
    pub(super) fn is_client(&self, service: &str, environment: &str) {
        let ask = "docker info --format '{{.ID}}'";
        let found = self.inside(service, ask);
        assert!(!found.is_empty(), "{service}");
        assert_eq!(found, self.inside(environment, ask), "{service}");
        self.reached_at_start(service);
    }

    /// The service, which a stand-in runs, reached its engine as soon as it was started.
    pub(super) fn reached_at_start(&self, service: &str) {
        eventually("the stand-in tells of its start", || {
            let told = ["exec", "-T", service, "test", "-s", "/tmp/at-start"];
            self.run(&[], &told).code == 0
        });
        let told = self.inside(service, "cat /tmp/at-start");
        assert_eq!(told, "reached", "{service}: when it was started");
    }

    /// What a port answers at a host, by the service's own look-up of its name.
    pub(super) fn answers(&self, service: &str, host: &str, port: u16) {
        self.inside(service, &asking(host, port));
    }

    /// A network of the engine has packets of so many bytes, by what it says and by what a container on it has.
    pub(super) fn has_packets(&self, name: &str, network: &str, bytes: u32) {
        let option = r#"{{index .Options "com.docker.network.driver.mtu"}}"#;
        let inspect = format!("docker network inspect {network} --format '{option}'");
        assert_eq!(self.inside(name, &inspect), bytes.to_string(), "{network}");
        let link = "cat /sys/class/net/eth0/mtu";
        let run = format!("docker run --rm --network {network} {SMALL_IMAGE} {link}");
        assert_eq!(self.inside(name, &run), bytes.to_string(), "{network}");
    }

    /// The ports on which something listens in the network of an environment.
    pub(super) fn listening(&self, environment: &str) -> Vec<u16> {
        listening(&self.inside(environment, "cat /proc/net/tcp /proc/net/tcp6 2>/dev/null"))
    }
}

/// Shell: a container under a name serves a word at a port of its engine.
pub(super) fn serving(name: &str, image: &str, port: u16) -> String {
    let serve = format!("while true; do echo served | nc -l -p {port}; done");
    format!(
        "docker run -d --init --name {name} -p {port}:{port} --entrypoint sh {image} -c '{serve}'"
    )
}

/// Shell: waits until that port answers with the word. It asks with the docker CLI, since `nc` of some images cannot look
/// names up.
pub(super) fn asking(host: &str, port: u16) -> String {
    format!(
        "for i in $(seq 50); do docker -H tcp://{host}:{port} version 2>&1 | grep -q '\"served\"' && exit 0; sleep 0.2; \
         done; docker -H tcp://{host}:{port} version; exit 1"
    )
}

/// The ports on which something listens, by the tables of a network.
pub(crate) fn listening(tables: &str) -> Vec<u16> {
    let listens = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (_, port) = words.get(1)?.split_once(':')?;
        (words.get(3) == Some(&"0A")).then(|| u16::from_str_radix(port, 16).ok())?
    };
    let mut ports: Vec<u16> = tables.lines().filter_map(listens).collect();
    ports.sort_unstable();
    ports.dedup();
    ports
}
