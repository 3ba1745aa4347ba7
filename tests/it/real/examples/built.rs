//! Examples whose images are built. What they build upon, and what they install, cannot be had here: in place of their
//! Dockerfiles stand others, upon the stand-in for Docker's own image. Their folders are sent as they are.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use nest::model::Project;
use serde_json::Value;

use crate::examples::Example;
use crate::real::sandbox::Sandbox;

/// The builds of an example, with other Dockerfiles.
pub(super) struct Builds {
    /// The file that goes over those of the example; none where nothing is built.
    pub(super) over: Option<PathBuf>,
    /// By section and name, the folder of each build.
    places: Vec<(&'static str, String, String)>,
}

impl Builds {
    pub(super) fn of(sandbox: &Sandbox, project: &Project) -> Self {
        let written = project.written();
        let mut places = Vec::new();
        for section in ["services", "environments"] {
            for (name, thing) in written[section].as_object().into_iter().flatten() {
                let build = match section {
                    "services" => &thing["build"],
                    _ => &thing["outer"]["build"],
                };
                if let Some(context) = build["context"].as_str() {
                    places.push((section, name.clone(), context.to_owned()));
                }
            }
        }
        let over = sandbox.folder.path().join("over.yaml");
        let builds = Self {
            over: (!places.is_empty()).then_some(over),
            places,
        };
        builds.write("");
        builds
    }

    /// Writes the file, with something more in each Dockerfile.
    pub(super) fn write(&self, more: &str) {
        let Some(path) = &self.over else {
            return;
        };
        let mut text = String::new();
        let mut last = "";
        for (section, name, context) in &self.places {
            if *section != last {
                let _ = writeln!(text, "{section}:");
                last = section;
            }
            let idle = "FROM docker:cli\nENTRYPOINT [\"sh\", \"-c\", \"exec sleep infinity\"]\n";
            let (dockerfile, open, close) = match *section {
                "services" => (format!("{idle}{more}"), "", ""),
                _ => (
                    format!("FROM docker:dind\n{more}"),
                    "outer: { mode: dind, ",
                    " }",
                ),
            };
            let dockerfile = Value::from(dockerfile);
            let context = Value::from(context.as_str());
            let _ = writeln!(
                text,
                "  {name}: {{ {open}build: {{ context: {context}, dockerfile_inline: {dockerfile} }}{close} }}"
            );
        }
        fs::write(path, text).expect("it can be written");
    }
}

/// What must hold while an example is up.
pub(super) fn must(example: &Example, sandbox: &Sandbox) {
    let inside = |name: &str, line: &str| {
        let nest = |arguments: &[&str]| {
            let mut command = sandbox.command(&[]);
            command.args(["-p", &sandbox.name]);
            for path in &example.files {
                command.arg("-f").arg(path);
            }
            for path in &example.env_files {
                command.arg("--env-file").arg(path);
            }
            command.args(arguments);
            let output = command.output().expect("nest starts");
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            let (said, talked) = (text(&output.stdout), text(&output.stderr));
            assert!(output.status.success(), "{name}: {line}: {said}{talked}");
            said.trim().to_owned()
        };
        nest(&["exec", "-T", name, "sh", "-c", line])
    };
    let containers = |name: &str| inside(name, "docker ps --format '{{.Names}}'");
    let of = |name: &str| format!("{}-{name}-1", sandbox.name);
    match example.name.as_str() {
        "jenkins" => {
            let variables = inside(
                "controller",
                "env | grep -E '^DOCKER_(HOST|CERT_PATH|TLS_VERIFY)=' | sort",
            );
            assert_eq!(
                variables,
                "DOCKER_CERT_PATH=/certs/client\nDOCKER_HOST=tcp://docker:2376\nDOCKER_TLS_VERIFY=1"
            );
            // The engine is one of its own, reached with certificates.
            assert_eq!(containers("controller"), "");
            inside("controller", "echo there > /var/jenkins_home/job");
            assert_eq!(inside("docker", "cat /var/jenkins_home/job"), "there");
        }
        "jenkins-agent" => {
            assert!(containers("agent").contains(&of("agent")));
            let folder = example.files[0].parent().expect("it is in a folder");
            assert_eq!(inside("agent", "pwd"), text(&folder.join("workspace")));
            let group = inside("agent", "stat -c %g /var/run/docker.sock");
            let groups = sandbox.inspect(&of("agent")).host_config;
            let groups = groups
                .and_then(|config| config.group_add)
                .unwrap_or_default();
            let is_root = group == "0";
            assert!(is_root || groups.contains(&group), "{group} {groups:?}");
        }
        "testcontainers" => {
            let images = inside("tests", "docker images --format '{{.Repository}}'");
            let mut images: Vec<&str> = images.lines().collect();
            images.sort_unstable();
            assert_eq!(images, ["redis", "testcontainers/ryuk"]);
            let host = inside("tests", "echo $TESTCONTAINERS_HOST_OVERRIDE");
            assert_eq!(host, "engine");
            let serve = "while true; do echo hi | nc -l -p 6379; done";
            let run = format!(
                "docker run -d --name db -p 6379:6379 --entrypoint sh redis:7-alpine -c '{serve}'"
            );
            inside("tests", &run);
            let address = inside("engine", "hostname -i | cut -d' ' -f1");
            let ask = format!(
                "for i in $(seq 10); do nc -w 3 {address} 6379 < /dev/null | grep . && exit; sleep 1; done"
            );
            assert_eq!(inside("tests", &ask), "hi");
            assert_eq!(inside("tests", "ls /tests"), "test_redis.py");
        }
        "dev-container" => {
            let mounts = "cut -d' ' -f2 /proc/mounts | grep -x -e /var/lib/docker -e /var/lib/containerd | sort";
            assert_eq!(
                inside("workspace", mounts),
                "/var/lib/containerd\n/var/lib/docker"
            );
            assert_eq!(inside("workspace", "ls /workspaces/project"), "Makefile");
            let volumes = inside("workspace", "docker volume ls -q");
            assert!(!volumes.contains("containerd-data"), "{volumes}");
        }
        "kind" => {
            assert_eq!(inside("kind", "docker images -q | wc -l"), "1");
            assert_eq!(inside("kind", "test -s /cluster.yaml && echo yes"), "yes");
        }
        other => panic!("nothing is known of what `{other}` must do"),
    }
}

fn text(path: &Path) -> String {
    path.to_str().expect("it is text").to_owned()
}
