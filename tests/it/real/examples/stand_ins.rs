//! What stands for images that the engine under test does not have: those of engines are that of the engine that it has,
//! those of clients have the docker CLI, all others do nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bollard::models::{ContainerConfig, ContainerCreateBody};
use bollard::query_parameters::{
    CommitContainerOptionsBuilder, CreateContainerOptionsBuilder, RemoveContainerOptions,
    RemoveImageOptions, TagImageOptionsBuilder,
};
use nest::model::Project;
use serde_json::Value;

use crate::real::examples::workplaces::tests_program;
use crate::real::sandbox::Sandbox;

/// What stands for a version of the engine.
const ENGINE_IMAGE: &str = "docker:dind";
/// What stands for a client of an engine.
const CLIENT_IMAGE: &str = "docker:cli";
/// What anything else is made of.
pub(super) const SMALL_IMAGE: &str = "alpine:3.20";

/// What a client does: it tells whether it reached its engine at once, and waits.
const CLIENT: &str = "docker version > /tmp/said 2>&1 && echo reached > /tmp/at-start || cp /tmp/said /tmp/at-start; \
                      trap 'exit 0' TERM; sleep infinity & wait";
const IDLE: &str = "trap 'exit 0' TERM; sleep infinity & wait";

/// How many examples use a stand-in just now: they have the engine in common.
static USED: Mutex<BTreeMap<String, usize>> = Mutex::new(BTreeMap::new());

fn used() -> MutexGuard<'static, BTreeMap<String, usize>> {
    USED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Stand-ins under the names of an example. Those that no other example uses go with it.
pub(super) struct StandIns<'a> {
    sandbox: &'a Sandbox,
    names: BTreeSet<String>,
}

impl<'a> StandIns<'a> {
    pub(super) fn new(sandbox: &'a Sandbox, project: &Project) -> Self {
        let (mut clients, mut others) = (BTreeSet::new(), BTreeSet::new());
        collect_images(&project.written(), &mut clients, &mut others);
        let mut stand_ins = Self {
            sandbox,
            names: BTreeSet::new(),
        };
        let mut used = used();
        for name in clients.union(&others) {
            if !used.contains_key(name) {
                let inspected = sandbox.docker.inspect_image(name);
                if sandbox.runtime.block_on(inspected).is_ok() {
                    continue;
                }
                make(sandbox, name, clients.contains(name));
            }
            *used.entry(name.clone()).or_default() += 1;
            stand_ins.names.insert(name.clone());
        }
        stand_ins
    }
}

impl Drop for StandIns<'_> {
    fn drop(&mut self) {
        let mut used = used();
        for name in &self.names {
            let count = used.entry(name.clone()).or_default();
            *count = count.saturating_sub(1);
            if *count > 0 {
                continue;
            }
            used.remove(name);
            let options = None::<RemoveImageOptions>;
            let removal = self.sandbox.docker.remove_image(name, options, None);
            // Nothing can be done where it fails, and the name is harmless.
            drop(self.sandbox.runtime.block_on(removal));
        }
    }
}

/// The images of environments and services at any depth; those of services with an engine apart.
fn collect_images(written: &Value, clients: &mut BTreeSet<String>, others: &mut BTreeSet<String>) {
    for section in ["environments", "services"] {
        let things = written[section].as_object().into_iter().flatten();
        for (_, thing) in things {
            for place in [thing, &thing["outer"]] {
                let Some(image) = place["image"].as_str().filter(|_| place["build"].is_null())
                else {
                    continue;
                };
                let is_client = !place["docker_host"].is_null();
                let images = if is_client {
                    &mut *clients
                } else {
                    &mut *others
                };
                images.insert(image.to_owned());
            }
            collect_images(&thing["inner"], clients, others);
        }
    }
    // What an inner engine takes from the outer one if that has it.
    let listed = written["images"].as_array().into_iter().flatten();
    let found = listed.filter(|image| image["source"] == "auto");
    others.extend(found.filter_map(|image| image["image"].as_str().map(str::to_owned)));
}

fn make(sandbox: &Sandbox, name: &str, is_client: bool) {
    let (repository, tag) = name.rsplit_once(':').expect("examples name versions");
    if repository == "docker" {
        let options = TagImageOptionsBuilder::default()
            .repo(repository)
            .tag(tag)
            .build();
        let tagged = sandbox.docker.tag_image(ENGINE_IMAGE, Some(options));
        let tagged = sandbox.runtime.block_on(tagged);
        return tagged.expect("the engine has its own image");
    }
    let (base, script) = if is_client {
        (CLIENT_IMAGE, CLIENT)
    } else {
        (SMALL_IMAGE, IDLE)
    };
    let body = ContainerCreateBody {
        image: Some(base.to_owned()),
        ..ContainerCreateBody::default()
    };
    let container = format!("{}-idle", sandbox.name);
    let options = CreateContainerOptionsBuilder::default()
        .name(&container)
        .build();
    let commit = CommitContainerOptionsBuilder::default()
        .container(&container)
        .repo(repository)
        .tag(tag)
        .build();
    let idle = ContainerConfig {
        entrypoint: Some(["sh", "-c", script].map(str::to_owned).to_vec()),
        ..ContainerConfig::default()
    };
    let made = async {
        let created = sandbox.docker.create_container(Some(options), body).await?;
        let committed = sandbox.docker.commit_container(commit, idle).await;
        let none = None::<RemoveContainerOptions>;
        sandbox.docker.remove_container(&created.id, none).await?;
        committed
    };
    let made = sandbox.runtime.block_on(made);
    made.unwrap_or_else(|error| panic!("{name}: {error}"));
}

/// The builds of an example. What they build upon, and what they install, cannot be had here: in place of their Dockerfiles
/// stand others. Their folders are sent as they are.
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
            let (dockerfile, open, close) = match (*section, name.as_str()) {
                ("environments", _) => (
                    format!("FROM {ENGINE_IMAGE}\n"),
                    "outer: { mode: dind, ",
                    " }",
                ),
                // It is run with words of its own.
                (_, "tests") => (with_program("python", &tests_program()), "", ""),
                _ => {
                    let entry = Value::from(["sh", "-c", CLIENT].map(str::to_owned).to_vec());
                    // That of an agent has a user without rights, as the real one does.
                    let user = if name == "agent" {
                        "USER 1000:1000\n"
                    } else {
                        ""
                    };
                    let text = format!("FROM {CLIENT_IMAGE}\n{user}ENTRYPOINT {entry}\n");
                    (text, "", "")
                }
            };
            let dockerfile = Value::from(format!("{dockerfile}{more}"));
            let context = Value::from(context.as_str());
            let _ = writeln!(
                text,
                "  {name}: {{ {open}build: {{ context: {context}, dockerfile_inline: {dockerfile} }}{close} }}"
            );
        }
        fs::write(path, text).expect("it can be written");
    }
}

/// A client that has a program, which is written so that no reader on the way takes anything in it for its own.
fn with_program(name: &str, script: &str) -> String {
    let mut octal = String::new();
    for byte in script.bytes() {
        let _ = write!(octal, "\\{byte:03o}");
    }
    format!(
        "FROM {CLIENT_IMAGE}\nRUN printf '{octal}' > /usr/local/bin/{name} && chmod +x /usr/local/bin/{name}\nENTRYPOINT []\n"
    )
}
