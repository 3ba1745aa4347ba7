//! Environments.

use indexmap::IndexMap;

use crate::mode::{Mode, OwnEngine};
use crate::model::Scope;
use crate::model::dependency::Dependency;
use crate::model::environment::{DataPlace, Environment};
use crate::model::name::{MemberName, RegistryName};
use crate::model::registry::RegistryKind;
use crate::model::validate::registries::mirrored_host;
use crate::model::validate::scope::{MadeMembers, with_members};
use crate::model::validate::{DeclaredVolumes, Validation};
use crate::problem::suggestion::did_you_mean;
use crate::problem::{MountProblem, NameProblem, ReferenceProblem, RegistryProblem, ValueProblem};
use crate::source::Span;
use crate::spec::ScopeSpec;
use crate::spec::container::ContainerSpec;
use crate::spec::decode::{Field, TableEntry};
use crate::spec::environment::{
    DependenciesSpec, DependencyCondition, DependencySpec, EnvironmentSpec, NamedDependency,
};
use crate::spec::outer::OuterSpec;

/// The most replicas: each is an engine, and a slip of the finger should not start thousands.
pub(super) const MOST_REPLICAS: u32 = 1000;
/// The most of all environments together.
pub(super) const ALL_REPLICAS: u32 = 50_000;

/// An environment with the places that clashes point to.
pub(super) struct MadeEnvironment<'s> {
    pub(super) name: &'s str,
    pub(super) name_span: Span,
    pub(super) environment: Environment,
    /// What is in its scope, where that stands beside it on the engine that it shares.
    pub(super) beside: MadeMembers<'s>,
    /// Its container, as the file says it; none where it says only the mode.
    pub(super) container: Option<&'s ContainerSpec>,
    /// What its engine holds, as the file says it.
    pub(super) inner: Option<&'s ScopeSpec>,
    pub(super) data_span: Span,
    /// Whether the volume of its data root is one of each replica's own.
    pub(super) data_per_replica: bool,
    pub(super) replicas_span: Span,
    /// The place of each port of `environment.outer.container.ports`.
    pub(super) port_spans: Vec<Span>,
}

impl Validation<'_> {
    /// An environment; nothing if there is not enough of it to go on.
    pub(super) fn environment<'s>(
        &mut self,
        entry: &'s TableEntry<EnvironmentSpec>,
        scope: &ScopeSpec,
        declared: &DeclaredVolumes<'_>,
    ) -> Option<MadeEnvironment<'s>> {
        let what = format!("the environment `{}`", entry.name);
        let hint = "say how it gets its engine: `outer: dind`, or `outer: socket`";
        let Some(spec) = entry.value.get() else {
            if !entry.value.failed {
                self.missing(&what, "outer", hint, entry.name_span.clone());
            }
            return None;
        };
        let spec = spec.value;
        if spec.outer.value.is_none() && !spec.outer.failed {
            self.missing(&what, "outer", hint, entry.name_span.clone());
        }
        let outer = self.outer(&entry.name, spec, scope, declared);
        let container = outer.as_ref().map(|made| &made.outer);
        let mode = container.map(|container| container.mode);
        let (mut volumes, mount_spans) = self.mounts(spec, container, declared);

        let mut shared: IndexMap<String, Span> = IndexMap::new();
        for (mount, span) in volumes.iter().zip(&mount_spans) {
            if let Some(name) = &mount.inner_name {
                shared
                    .entry(name.as_str().to_owned())
                    .or_insert_with(|| span.clone());
            }
        }
        let inner_spec = spec.inner.value.as_ref();
        for inner_volume in inner_spec.map_or(&[][..], |inner| inner.volumes.entries()) {
            if let Some(mount) = shared.get(&inner_volume.name) {
                self.report(MountProblem::VolumeDeclaredAgain {
                    name: inner_volume.name.clone(),
                    mount: mount.clone(),
                    again: inner_volume.name_span.clone(),
                });
            }
        }
        let shared_names: Vec<String> = shared.keys().cloned().collect();
        let registries = self.used_registries(&spec.registries, mode);
        let engine = self.engine_choice(&spec.engine);
        let own_engine = mode.and_then(Mode::own_engine);
        let has_engine = own_engine.is_some();
        if let Some(engine) = own_engine {
            self.enter(entry, spec, &volumes, engine);
            self.check_localhost(&spec.outer, inner_spec.unwrap_or(&ScopeSpec::default()));
        }
        let around = self.around.len();
        if let Some(made) = &outer {
            self.check_nesting(made.outer.mode, &made.mode_span);
            self.around.push((made.outer.mode, made.mode_span.clone()));
        }
        self.names_around.push(entry.name.clone());
        let (mut inner, mut inside) = match inner_spec {
            Some(inner) => self.inner_scope(inner, &shared_names),
            None => (Scope::default(), MadeMembers::default()),
        };
        self.names_around.pop();
        self.around.truncate(around);
        if has_engine {
            if let Some(spec) = inner_spec {
                self.check_inner_engine(spec, &inside, &shared);
            }
            inner = with_members(inner, std::mem::take(&mut inside));
            let on_the_way = self.leave();
            self.add_mounts_on_the_way((&mut volumes, &mount_spans), on_the_way);
        }
        let replicas = self.replicas(&spec.replicas);
        if let Some(OuterSpec::Mapping(outer)) = &spec.outer.value {
            self.check_container_name(&outer.shared, replicas, &spec.replicas.span);
        }
        let container = outer?;
        let data_per_replica = match &container.outer.data.place {
            DataPlace::Volume(name) => declared
                .entry(name.as_str())
                .and_then(|volume| volume.value.value.as_ref()?.per_replica.copied())
                .unwrap_or(false),
            _ => false,
        };
        Some(MadeEnvironment {
            name: &entry.name,
            name_span: entry.name_span.clone(),
            container: spec.outer.value.as_ref().and_then(OuterSpec::container),
            inner: inner_spec,
            beside: inside,
            data_span: container.data_span,
            data_per_replica,
            replicas_span: spec.replicas.span.clone(),
            port_spans: container.port_spans,
            environment: Environment {
                outer: container.outer,
                inner,
                volumes,
                registries,
                engine,
                depends_on: dependencies_of(&spec.depends_on, scope),
                replicas,
                protect: spec.protect.copied().unwrap_or(false),
            },
        })
    }

    /// Checks that no two containers have one name. Services have the same keys.
    pub(super) fn check_container_name(
        &mut self,
        container: &ContainerSpec,
        replicas: u32,
        replicas_span: &Span,
    ) {
        if let Some(name) = container.container_name.get()
            && replicas > 1
        {
            self.report(NameProblem::ContainerNameWithReplicas {
                name: name.value.clone(),
                replicas,
                at: name.span,
                replicas_at: replicas_span.clone(),
            });
        }
    }

    /// How many containers there are of a thing.
    pub(super) fn replicas(&mut self, replicas: &Field<u32>) -> u32 {
        let count = replicas.copied().unwrap_or(1);
        if count > MOST_REPLICAS {
            self.report(ValueProblem::OutOfRange {
                key: "replicas".to_owned(),
                range: format!("a whole number from 0 to {MOST_REPLICAS}"),
                text: count.to_string(),
                at: replicas.span.clone(),
            });
        }
        let count = count.min(MOST_REPLICAS);
        let Some(left) = self.replicas_left.checked_sub(count) else {
            self.report(ValueProblem::OutOfRange {
                key: "replicas".to_owned(),
                range: format!("so that the file has at most {ALL_REPLICAS} containers in all"),
                text: count.to_string(),
                at: replicas.span.clone(),
            });
            return 1;
        };
        self.replicas_left = left;
        count
    }

    /// Whether an engine cannot use one of these registries unless it is told of it: there is more to it than a login.
    pub(super) fn has_to_be_told(&self, names: &Field<Vec<Field<String>>>) -> bool {
        names.items().any(|name| {
            let declared = self.registries.entry(name.value);
            let spec = declared.and_then(|declared| declared.value.value.as_ref());
            spec.is_none_or(|spec| {
                spec.host.section().is_none()
                    || spec.mirror.section().is_some()
                    || spec.ca.section().is_some()
                    || spec.insecure.copied() == Some(true)
            })
        })
    }

    /// The registries that an environment names.
    fn used_registries(
        &mut self,
        names: &Field<Vec<Field<String>>>,
        mode: Option<&Mode>,
    ) -> Vec<RegistryName> {
        let engine = mode.and_then(Mode::own_engine);
        let every_host = engine.is_some_and(OwnEngine::mirrors_every_host);
        let mut used: IndexMap<&str, Span> = IndexMap::new();
        let all = self.registries;
        for name in names.items() {
            if let Some(first) = used.get(name.value.as_str()) {
                self.report(ReferenceProblem::ListedTwice {
                    name: name.value.clone(),
                    first: first.clone(),
                    again: name.span,
                });
                continue;
            }
            used.insert(name.value, name.span.clone());
            let Some(declared) = all.entry(name.value) else {
                if !all.failed {
                    let known = all.entries().iter().map(|entry| entry.name.as_str());
                    let hint = did_you_mean(name.value, known, || {
                        format!(
                            "declare it at the top of the file: `registries: {{ {}: {{}} }}`",
                            name.value
                        )
                    });
                    self.report(ReferenceProblem::UndeclaredRegistry {
                        name: name.value.clone(),
                        hint,
                        at: name.span,
                        section: all.section().map(Into::into),
                    });
                }
                continue;
            };
            let container = self
                .engines
                .last()
                .and_then(|engine| engine.container.as_ref());
            let spec = declared.value.value.as_ref();
            if let Some(container) = container
                && !container.registries.contains(name.value)
                && spec.is_none_or(|spec| spec.host.section().is_none())
            {
                self.report(RegistryProblem::NotListedOutside {
                    registry: name.value.clone(),
                    environment: container.name.clone(),
                    at: name.span.clone(),
                    outer: container.name_span.clone(),
                });
            }
            // The engine's own mirror setting serves one host only.
            if let Some(mirror) = declared
                .value
                .value
                .as_ref()
                .and_then(|spec| spec.mirror.get())
            {
                let host = mirrored_host(mirror.value);
                if host != RegistryKind::DOCKER_HUB && !every_host {
                    self.report(RegistryProblem::MirrorNotPossible {
                        host: host.to_owned(),
                        registry: name.value.clone(),
                        at: name.span,
                        mirror: mirror.span,
                    });
                }
            }
        }
        used.into_keys().map(RegistryName::new).collect()
    }
}

/// What `depends_on` names, each once. An environment is waited for until it is ready, a service until it is started.
pub(super) fn dependencies_of(
    spec: &Field<DependenciesSpec>,
    scope: &ScopeSpec,
) -> IndexMap<MemberName, Dependency> {
    let default = DependencySpec::default();
    let named = spec.value.iter().flat_map(DependenciesSpec::named);
    let is_service = |name: &str| scope.services.entry(name).is_some();
    let dependency = |named: &NamedDependency<'_>| {
        let spec = named.spec.unwrap_or(&default);
        let plain = Dependency::default();
        let usual = if is_service(named.name) {
            DependencyCondition::Started
        } else {
            plain.condition
        };
        Dependency {
            condition: spec.condition.copied().unwrap_or(usual),
            restart: spec.restart.copied().unwrap_or(plain.restart),
            required: spec.required.copied().unwrap_or(plain.required),
        }
    };
    named
        .map(|named| (MemberName::new(named.name), dependency(&named)))
        .collect()
}
