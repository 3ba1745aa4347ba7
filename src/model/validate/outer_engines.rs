//! Outer engines besides the one that nest connects to, and what lives on which.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use indexmap::IndexMap;
use url::Url;

use crate::model::environment::{DataPlace, Environment};
use crate::model::mount::{Mount, MountSource};
use crate::model::name::{EngineName, RegistryName, VolumeName};
use crate::model::outer_engine::{DEFAULT_ENGINE, EngineAddress, EngineChoice, OuterEngine, Tls};
use crate::model::validate::environment::MadeEnvironment;
use crate::model::validate::registries::without_credentials;
use crate::model::validate::scope::{MadeMembers, OnEngine};
use crate::model::validate::{MadeRegistries, MadeRegistry, Validation};
use crate::problem::suggestion::did_you_mean;
use crate::problem::{OuterEngineProblem, ShapeProblem};
use crate::source::Span;
use crate::spec::ScopeSpec;
use crate::spec::decode::{Field, Spanned, TableEntry};
use crate::spec::engine::{EngineSpec, TlsSpec};

/// Whether something is written there, right or wrong.
fn has_address(field: &Field<String>) -> bool {
    field.value.is_some() || field.failed
}

/// What engines are reached by.
const SCHEMES: [&str; 6] = ["unix", "tcp", "ssh", "http", "https", "npipe"];

impl Validation<'_> {
    /// The outer engines that the file declares.
    pub(super) fn outer_engines(&mut self) -> IndexMap<EngineName, OuterEngine> {
        let mut engines = IndexMap::new();
        for entry in self.outer_engines.entries() {
            self.check_name("an engine", &entry.name, &entry.name_span, true, "-_.");
            if let Some(engine) = self.outer_engine(entry) {
                engines.insert(EngineName::new(&entry.name), engine);
            }
        }
        engines
    }

    fn outer_engine(&mut self, entry: &TableEntry<EngineSpec>) -> Option<OuterEngine> {
        let default = EngineSpec::default();
        if entry.value.failed {
            return None;
        }
        let spec = entry.value.value.as_ref().unwrap_or(&default);
        let context = spec.context.section();
        let besides = [
            ("host", spec.host.section()),
            ("tls", spec.tls.section().filter(|_| context.is_some())),
        ];
        let mut besides = besides.into_iter();
        let second = besides.find_map(|(key, section)| Some((key, section?)));
        if let (Some(first), Some((key, second))) = (context, second) {
            self.report(ShapeProblem::ConflictingKeys {
                what: "an engine".to_owned(),
                keys: format!("`context` and `{key}`"),
                first,
                second,
            });
        } else if !has_address(&spec.context) && !has_address(&spec.host) {
            let what = format!("the engine `{}`", entry.name);
            let hint = "say how it is reached: `{ context: NAME }`, or `{ host: ADDRESS }`";
            self.missing(&what, "host", hint, entry.name_span.clone());
        }
        if let Some(context) = &spec.context.value {
            return Some(OuterEngine {
                address: EngineAddress::Context(context.clone()),
                at: spec.context.span.clone(),
            });
        }
        let host = spec.host.get()?;
        if let Some(reason) = engine_address_fault(host.value) {
            self.report(OuterEngineProblem::InvalidAddress {
                text: without_credentials(host.value),
                reason,
                at: host.span.clone(),
            });
        }
        let (host, at) = (host.value.clone(), host.span);
        let tls = self.tls(&spec.tls);
        let address = EngineAddress::Host { host, tls };
        Some(OuterEngine { address, at })
    }

    fn tls(&mut self, spec: &Field<TlsSpec>) -> Option<Tls> {
        match spec.value.as_ref()? {
            TlsSpec::Scalar(folder) => {
                let folder = self.file_path(
                    "tls",
                    &Spanned {
                        value: folder,
                        span: spec.span.clone(),
                    },
                )?;
                let file = |name: &str| Path::new(&folder).join(name);
                Some(Tls {
                    ca: file("ca.pem"),
                    certificate: file("cert.pem"),
                    key: file("key.pem"),
                })
            }
            TlsSpec::Mapping(files) => {
                let mut path = |key: &str, field: &Field<String>| {
                    if let Some(text) = field.get() {
                        return self.file_path(key, &text);
                    }
                    if !field.failed {
                        let hint = format!("name the file: `{key}: ./certs/{key}.pem`");
                        self.missing("`tls`", key, &hint, spec.key_span.clone());
                    }
                    None
                };
                let ca = path("ca", &files.ca);
                let certificate = path("cert", &files.cert);
                let key = path("key", &files.key);
                Some(Tls {
                    ca: ca?,
                    certificate: certificate?,
                    key: key?,
                })
            }
        }
    }

    /// The outer engine that an environment lives on.
    pub(super) fn engine_choice(&mut self, engine: &Field<String>) -> EngineChoice {
        let Some(name) = engine.get() else {
            return EngineChoice::Default;
        };
        if let Some((_, outer)) = self.around.last() {
            let outer = outer.clone();
            let at = engine.key_span.clone();
            self.report(OuterEngineProblem::Inside { at, outer });
            return EngineChoice::Default;
        }
        let all = self.outer_engines;
        let declared = all.entries();
        // Nobody has to declare the engine that nest connects to.
        let is_known = name.value == DEFAULT_ENGINE || all.entry(name.value).is_some();
        if !is_known && !all.failed {
            let known = declared.iter().map(|entry| entry.name.as_str());
            let hint = did_you_mean(name.value, known, || {
                format!(
                    "declare it at the top of the file: `engines: {{ {}: {{ host: ADDRESS }} }}`",
                    name.value
                )
            });
            self.report(OuterEngineProblem::Undeclared {
                name: name.value.clone(),
                hint,
                at: name.span,
                section: all.section().map(Into::into),
            });
        }
        if name.value == DEFAULT_ENGINE {
            return EngineChoice::Default;
        }
        EngineChoice::Named(EngineName::new(name.value))
    }

    /// Checks that no volume is used on two engines, and that nothing waits for what is on another one.
    pub(super) fn check_across_engines(
        &mut self,
        spec: &ScopeSpec,
        made: &MadeMembers<'_>,
        registries: &MadeRegistries,
    ) {
        let engines = engines_of(made);
        self.check_dependencies_of_engines(spec, &engines);
        let environments = made.environments.iter().map(|made| {
            let volumes = volumes_of(&made.environment, registries);
            (made.name, &made.name_span, volumes)
        });
        let services = made.services.iter().map(|made| {
            let volumes = mounted(&made.service.volumes).collect();
            (made.name, &made.name_span, volumes)
        });
        let mut used: HashMap<VolumeName, (&EngineChoice, Span)> = HashMap::new();
        for (name, place, volumes) in environments.chain(services) {
            let engine = engines[name];
            for volume in volumes {
                match used.get(&volume) {
                    None => drop(used.insert(volume, (engine, place.clone()))),
                    Some((first_engine, first)) if *first_engine != engine => {
                        self.report(OuterEngineProblem::VolumeOnTwo {
                            volume: volume.to_string(),
                            first: first.clone(),
                            again: place.clone(),
                        });
                    }
                    Some(_) => {}
                }
            }
        }
    }
}

/// The outer engine of each environment, and of each service: that of the environment whose client it is.
fn engines_of<'m>(made: &'m MadeMembers<'_>) -> HashMap<&'m str, &'m EngineChoice> {
    let environments = made.environments.iter();
    let environments = environments.map(|made| (made.name, &made.environment.engine));
    let mut engines: HashMap<&str, &EngineChoice> = environments.collect();
    for made in &made.services {
        let host = made.service.docker_host.as_ref();
        let engine = host.and_then(|host| engines.get(host.environment.as_str()));
        let engine = engine.copied().unwrap_or(&EngineChoice::Default);
        engines.insert(made.name, engine);
    }
    engines
}

/// What lives on each outer engine: environments, the registries that they use, and services beside the environment whose
/// clients they are. What none of these says lives on the engine that nest connects to.
pub(super) fn by_engine<'m, 's>(
    made: &'m MadeMembers<'s>,
    registries: &'m MadeRegistries,
) -> Vec<(OnEngine<'m, 's>, Vec<&'m MadeRegistry>)> {
    let mut engines: IndexMap<&EngineChoice, OnEngine<'_, '_>> = IndexMap::new();
    engines.insert(&EngineChoice::Default, OnEngine::default());
    for environment in &made.environments {
        let engine = &environment.environment.engine;
        let on_engine = engines.entry(engine).or_default();
        on_engine.add_environment(environment);
    }
    let of_members = engines_of(made);
    for service in &made.services {
        let on_engine = engines.entry(of_members[service.name]).or_default();
        on_engine.services.push(service);
    }
    let used: HashSet<&RegistryName> = used_by(made.environments.iter());
    let engines = engines.into_iter();
    let both = engines.map(|(engine, here)| {
        let used_here = used_by(here.environments.iter().copied());
        let is_default = *engine == EngineChoice::Default;
        let lives =
            |name: &RegistryName| used_here.contains(name) || is_default && !used.contains(name);
        let registries = registries.iter();
        let registries = registries.filter(|(name, _)| lives(name));
        let registries = registries.map(|(_, made)| made).collect();
        (here, registries)
    });
    both.collect()
}

/// The registries that some environments use.
fn used_by<'m, 's: 'm>(
    environments: impl Iterator<Item = &'m MadeEnvironment<'s>>,
) -> HashSet<&'m RegistryName> {
    environments
        .flat_map(|made| &made.environment.registries)
        .collect()
}

/// The volumes of the scope among these mounts.
fn mounted(mounts: &[Mount]) -> impl Iterator<Item = VolumeName> {
    mounts.iter().filter_map(|mount| match &mount.source {
        MountSource::Volume(name) => Some(name.clone()),
        _ => None,
    })
}

/// The volumes of the scope that an environment needs, its own registries' among them, each once.
fn volumes_of(environment: &Environment, registries: &MadeRegistries) -> Vec<VolumeName> {
    let mounted = mounted(&environment.volumes);
    let data = match &environment.outer.data.place {
        DataPlace::Volume(name) => Some(name.clone()),
        _ => None,
    };
    let listed = environment.registries.iter();
    let listed = listed.filter_map(|name| registries.get(name)?.registry.container());
    let listed = listed.filter_map(|container| container.volume.clone());
    let mut volumes: Vec<VolumeName> = Vec::new();
    for volume in mounted.chain(data).chain(listed) {
        if !volumes.contains(&volume) {
            volumes.push(volume);
        }
    }
    volumes
}

/// What is wrong with the address of an engine, if anything.
fn engine_address_fault(text: &str) -> Option<String> {
    let Some((scheme, rest)) = text.split_once("://") else {
        return Some("it does not start with `unix://`, `tcp://` or `ssh://`".to_owned());
    };
    if !SCHEMES.contains(&scheme) {
        return Some(format!("engines are not reached by `{scheme}://`"));
    }
    if ["unix", "npipe"].contains(&scheme) {
        let missing = !rest.starts_with('/');
        return missing.then(|| "it names no absolute path".to_owned());
    }
    match Url::parse(text) {
        Err(error) => Some(error.to_string()),
        Ok(url) if url.host_str().is_none_or(str::is_empty) => Some("it names no host".to_owned()),
        Ok(url) if url.password().is_some() => Some("it holds a password".to_owned()),
        Ok(_) => None,
    }
}
