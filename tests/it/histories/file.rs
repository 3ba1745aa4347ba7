//! Nest files made by chance: what of the format is carried out, in small numbers of names so that edits meet.

use std::fmt;

use serde_json::{Map, Value, json};

use crate::histories::service::{Back, Service, configs};

/// The name of every project here.
pub(crate) const PROJECT: &str = "test";
/// The images that files name.
pub(crate) const IMAGES: [&str; 5] = [
    "alpine:3.20",
    "busybox:1.36",
    "docker:dind",
    "docker:cli",
    "app:1",
];
/// The archives that files name. The images of the first is `app:1`, of the second `odd:0`, of the last nameless.
pub(crate) const ARCHIVES: [&str; 3] = ["app.tar", "odd.tar", "bare.tar"];

/// A nest file: each part has its place, which may be empty.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct File {
    pub(crate) volumes: [Option<Volume>; 3],
    pub(crate) registries: [Option<Registry>; 2],
    pub(crate) images: Vec<Image>,
    pub(crate) environments: [Option<Environment>; 3],
    pub(crate) services: [Option<Service>; 2],
    pub(crate) back: Option<Back>,
    /// Which build of its image each archive holds.
    pub(crate) archives: u8,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Volume {
    pub(crate) form: VolumeForm,
    pub(crate) protect: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum VolumeForm {
    Plain,
    Named,
    External,
    Labelled(u8),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Registry {
    pub(crate) mirror: bool,
    pub(crate) port: bool,
    pub(crate) volume: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Image {
    pub(crate) name: usize,
    pub(crate) source: ImageSource,
    /// Whether it is always pulled, or never.
    pub(crate) pull: Option<bool>,
    /// Another name, of those that files name and of one more.
    pub(crate) alias: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum ImageSource {
    Auto,
    Outer,
    Archive(usize),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Environment {
    pub(crate) dind: bool,
    pub(crate) other_image: bool,
    pub(crate) cpus: Option<u8>,
    pub(crate) memory: Option<u8>,
    pub(crate) restart: u8,
    pub(crate) variable: Option<u8>,
    pub(crate) debug: Option<bool>,
    pub(crate) mtu: Option<u16>,
    pub(crate) data: Data,
    pub(crate) seed: Option<Seed>,
    pub(crate) mounts: Vec<Mount>,
    pub(crate) registries: [bool; 2],
    pub(crate) images: Vec<Image>,
    pub(crate) volumes: [bool; 2],
    pub(crate) replicas: u8,
    /// Whether it waits for the environment of the place before, and then whether it is started again with it.
    pub(crate) waits: Option<bool>,
    /// A service on its engine, and whether that is started again when it ends.
    pub(crate) job: Option<bool>,
    pub(crate) protect: bool,
    pub(crate) deeper: Option<Box<Environment>>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Data {
    Own,
    Thrown,
    Volume,
    Path,
    Memory,
}

/// What is said of seeds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Seed {
    None,
    Copy,
    Link,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Mount {
    pub(crate) volume: usize,
    pub(crate) read_only: bool,
    pub(crate) inner: bool,
}

impl File {
    /// The file as data. What names something that is not there is left out.
    pub(crate) fn value(&self) -> Value {
        let mut volumes = Map::new();
        for (place, volume) in self.volumes.iter().enumerate() {
            let Some(volume) = volume else { continue };
            let mut value = match volume.form {
                VolumeForm::Plain => json!({}),
                VolumeForm::Named => json!({ "name": format!("own-name-{place}") }),
                VolumeForm::External => json!({ "external": true, "name": "theirs" }),
                VolumeForm::Labelled(label) => json!({ "labels": { "for": label.to_string() } }),
            };
            if volume.protect && volume.form != VolumeForm::External {
                value["protect"] = json!(true);
            }
            volumes.insert(format!("vol{place}"), value);
        }
        let mut registries = Map::new();
        for (place, registry) in self.registries.iter().enumerate() {
            let Some(registry) = registry else { continue };
            let mut value = json!({});
            if registry.mirror {
                value["mirror"] = json!("docker.io");
            }
            if registry.port {
                value["port"] = json!(5000 + place);
            }
            // A registry has the volume of its own place, so that no two share one.
            if registry.volume && self.is_own(2 - place) {
                value["volume"] = json!(format!("vol{}", 2 - place));
            }
            registries.insert(format!("reg{place}"), value);
        }
        let mut environments = Map::new();
        for (place, environment) in self.environments.iter().enumerate() {
            if let Some(environment) = environment {
                let value = self.environment(place, environment, 0);
                environments.insert(format!("env{place}"), value);
            }
        }
        let mut services = Map::new();
        for (place, service) in self.services.iter().enumerate() {
            if let Some(service) = service {
                let environment = self.environments[place].as_ref();
                let engines = environment.map(|one| one.replicas.max(1));
                let value = service.value(place, engines, self.back.is_some());
                services.insert(format!("svc{place}"), value);
            }
        }
        json!({
            "name": PROJECT,
            "networks": Back::value(self.back),
            "configs": configs(),
            "services": services,
            "volumes": volumes,
            "registries": registries,
            "images": images(&self.images),
            "environments": environments,
        })
    }

    /// The file as text.
    pub(crate) fn yaml(&self) -> String {
        let text = serde_yaml::to_string(&self.value()).expect("it is YAML");
        format!("# archives hold build {}\n{text}", self.archives)
    }

    /// The file with nothing protected.
    pub(crate) fn without_protection(&self) -> Self {
        let mut file = self.clone();
        for volume in file.volumes.iter_mut().flatten() {
            volume.protect = false;
        }
        for environment in file.environments.iter_mut().flatten() {
            environment.protect = false;
            if let Some(deeper) = &mut environment.deeper {
                deeper.protect = false;
            }
        }
        file
    }

    fn is_own(&self, place: usize) -> bool {
        let volume = self.volumes[place].as_ref();
        volume.is_some_and(|volume| volume.form != VolumeForm::External)
    }

    fn environment(&self, place: usize, environment: &Environment, depth: u8) -> Value {
        let mode = if environment.dind { "dind" } else { "socket" };
        let mut outer = json!({ "mode": mode });
        if environment.other_image {
            outer["image"] = json!(if environment.dind {
                "busybox:1.36"
            } else {
                "docker:dind"
            });
        }
        if let Some(cpus) = environment.cpus {
            outer["cpus"] = json!(format!("{cpus}.5"));
        }
        if let Some(memory) = environment.memory {
            outer["memory"] = json!(format!("{}g", memory + 1));
        }
        let restart = ["no", "always", "unless-stopped", "on-failure:3"];
        outer["restart"] = json!(restart[usize::from(environment.restart) % 4]);
        if let Some(variable) = environment.variable {
            outer["environment"] = json!({ "VARIABLE": variable.to_string() });
        }
        if environment.dind {
            let mut daemon = Map::new();
            if let Some(debug) = environment.debug {
                daemon.insert("debug".to_owned(), json!(debug));
            }
            if let Some(mtu) = environment.mtu {
                daemon.insert("mtu".to_owned(), json!(mtu));
            }
            outer["daemon"] = Value::Object(daemon);
            let mut data = match environment.data {
                Data::Thrown => json!({ "keep": false }),
                Data::Memory => json!({ "tmpfs": true, "keep": false }),
                Data::Path if depth == 0 && environment.replicas <= 1 => {
                    json!({ "path": format!("/srv/data{place}") })
                }
                // Each environment has the volume of its own place.
                Data::Volume if depth == 0 && self.is_data(place) => {
                    json!({ "volume": format!("vol{place}") })
                }
                _ => json!({}),
            };
            if let Some(seed) = environment.seed {
                let word = match seed {
                    Seed::None => "none",
                    Seed::Copy => "copy",
                    Seed::Link => "link",
                };
                data["seed"] = json!(word);
            }
            outer["data"] = data;
        }
        let mut value = json!({ "outer": outer });
        let mounted = if depth == 0 {
            self.mounts(environment)
        } else {
            Vec::new()
        };
        value["volumes"] = json!(mounted);
        let registries = (0..2).filter(|at| environment.registries[*at]);
        let registries = registries.filter(|at| self.registries[*at].is_some());
        let registries: Vec<String> = registries.map(|at| format!("reg{at}")).collect();
        value["registries"] = json!(registries);
        let volumes = (0..2).filter(|at| environment.volumes[*at]);
        let volumes: Map<String, Value> = volumes
            .map(|at| (format!("inner{at}"), json!({})))
            .collect();
        let mut inner = json!({ "images": images(&environment.images), "volumes": volumes });
        if let Some(deeper) = environment.deeper.as_deref().filter(|_| depth < 2) {
            let deeper = self.environment(place, deeper, depth + 1);
            inner["environments"] = json!({ "deep": deeper });
        }
        if let Some(stays) = environment.job {
            let mut job = json!({ "image": "alpine:3.20", "restart": "no" });
            if stays {
                job["restart"] = json!("unless-stopped");
                job["command"] = json!(["sleep", "infinity"]);
            }
            inner["services"] = json!({ "job": job });
        }
        value["inner"] = inner;
        if depth == 0 && environment.replicas > 1 {
            value["replicas"] = json!(environment.replicas);
        }
        let waits = environment.waits.filter(|_| depth == 0 && place > 0);
        let waits = waits.filter(|_| self.environments[place - 1].is_some());
        if let Some(restart) = waits {
            let waits = json!({ "condition": "service_healthy", "restart": restart });
            value["depends_on"] = json!({ format!("env{}", place - 1): waits });
        }
        if environment.protect {
            value["protect"] = json!(true);
        }
        value
    }

    /// What an environment mounts.
    fn mounts(&self, environment: &Environment) -> Vec<Value> {
        let mut mounted = Vec::new();
        let mut seen = Vec::new();
        for mount in &environment.mounts {
            let is_there = self.volumes[mount.volume % 3].is_some();
            let is_data = self.is_data(mount.volume % 3);
            if !is_there || is_data || seen.contains(&(mount.volume % 3)) {
                continue;
            }
            seen.push(mount.volume % 3);
            let name = format!("vol{}", mount.volume % 3);
            let mut long = json!({
                "type": "volume",
                "source": name,
                "target": format!("/mnt/{name}"),
                "read_only": mount.read_only,
            });
            if !mount.inner {
                long["inner"] = json!(false);
            }
            mounted.push(long);
        }
        mounted
    }

    /// Whether the volume of this place can be the data root of the environment of that place.
    fn is_data(&self, place: usize) -> bool {
        let Some(environment) = &self.environments[place] else {
            return false;
        };
        environment.dind
            && matches!(environment.data, Data::Volume)
            && environment.replicas <= 1
            && self.is_own(place)
            && !self.is_registrys(place)
    }

    fn is_registrys(&self, place: usize) -> bool {
        let registries = self.registries.iter().enumerate();
        let mut with_volume =
            registries.filter(|(_, registry)| registry.as_ref().is_some_and(|one| one.volume));
        with_volume.any(|(at, _)| 2 - at == place)
    }
}

fn images(images: &[Image]) -> Value {
    let mut listed: Vec<Value> = Vec::new();
    let mut seen = Vec::new();
    for image in images {
        let name = IMAGES[image.name % IMAGES.len()];
        if seen.contains(&name) {
            continue;
        }
        seen.push(name);
        let mut value = match image.source {
            ImageSource::Auto => json!({ "image": name }),
            ImageSource::Outer => json!({ "image": name, "source": "outer" }),
            ImageSource::Archive(archive) => {
                let archive = ARCHIVES[archive % ARCHIVES.len()];
                json!({ "image": name, "source": { "archive": format!("./{archive}") } })
            }
        };
        if let (ImageSource::Auto, Some(always)) = (image.source, image.pull) {
            value["pull"] = json!(if always { "always" } else { "never" });
        }
        let alias = image.alias.map(|it| *IMAGES.get(it).unwrap_or(&"named:1"));
        if let Some(alias) = alias.filter(|alias| !seen.contains(alias)) {
            seen.push(alias);
            value["as"] = json!([alias]);
        }
        listed.push(value);
    }
    json!(listed)
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f)?;
        for line in self.yaml().lines() {
            writeln!(f, "        {line}")?;
        }
        Ok(())
    }
}
