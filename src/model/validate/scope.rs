//! Scopes: what one engine should hold.

use std::collections::{HashMap, HashSet};

use indexmap::IndexMap;

use crate::model::Scope;
use crate::model::name::{EnvironmentName, ServiceName};
use crate::model::validate::environment::MadeEnvironment;
use crate::model::validate::outer_engines::by_engine;
use crate::model::validate::service::MadeService;
use crate::model::validate::subnets::packet_sizes;
use crate::model::validate::{DeclaredVolumes, MadeRegistries, Validation};
use crate::problem::NameProblem;
use crate::source::Span;
use crate::spec::ScopeSpec;
use crate::spec::decode::{Field, Table};

/// What a scope holds that has containers.
#[derive(Default)]
pub(super) struct MadeMembers<'s> {
    pub(super) environments: Vec<MadeEnvironment<'s>>,
    pub(super) services: Vec<MadeService<'s>>,
}

/// What has containers on one engine: that of a scope, and of the scopes that share its engine.
#[derive(Default)]
pub(super) struct OnEngine<'m, 's> {
    pub(super) environments: Vec<&'m MadeEnvironment<'s>>,
    pub(super) services: Vec<&'m MadeService<'s>>,
}

impl<'m, 's> OnEngine<'m, 's> {
    /// Adds all that a scope holds.
    pub(super) fn add(&mut self, made: &'m MadeMembers<'s>) {
        self.services.extend(&made.services);
        for environment in &made.environments {
            self.add_environment(environment);
        }
    }

    /// Adds an environment, with what is in its scope if that is on the same engine.
    pub(super) fn add_environment(&mut self, environment: &'m MadeEnvironment<'s>) {
        self.environments.push(environment);
        self.add(&environment.beside);
    }
}

impl Validation<'_> {
    /// The scope of the outer engine. It shares its name space and the host's ports with the registries.
    pub(super) fn top_scope(&mut self, spec: &ScopeSpec, registries: &MadeRegistries) -> Scope {
        let registries_of_file = self.registries;
        let known = names_of(registries_of_file);
        let environments = names_of(&spec.environments);
        self.check_shared(&known, &environments, ["a registry", "an environment"]);
        let services = names_of(&spec.services);
        self.check_shared(&known, &services, ["a registry", "a service"]);
        let (scope, made) = self.scope(spec, &[]);
        for (on_engine, registries) in by_engine(&made, registries) {
            self.check_data_roots(&on_engine.environments);
            self.check_ports(&on_engine, &registries);
        }
        self.check_outer_names(spec, &made.environments, registries);
        self.check_across_engines(spec, &made, registries);
        with_members(scope, made)
    }

    /// The scope of an environment without its members, and these. Its engine holds the `shared` volumes already.
    pub(super) fn inner_scope<'s>(
        &mut self,
        spec: &'s ScopeSpec,
        shared: &[String],
    ) -> (Scope, MadeMembers<'s>) {
        self.scope(spec, shared)
    }

    /// Checks what the scope of an engine inside, with all that shares the engine, holds together.
    pub(super) fn check_inner_engine(
        &mut self,
        spec: &ScopeSpec,
        made: &MadeMembers<'_>,
        shared: &IndexMap<String, Span>,
    ) {
        let mut on_engine = OnEngine::default();
        on_engine.add(made);
        self.check_data_roots(&on_engine.environments);
        self.check_ports(&on_engine, &[]);
        self.check_inner_names(spec, &made.environments, shared);
    }

    /// Reports names that stand for things of two kinds.
    fn check_shared(
        &mut self,
        first: &[(&str, &Span)],
        second: &[(&str, &Span)],
        [first_what, second_what]: [&'static str; 2],
    ) {
        let known: HashMap<&str, &Span> = first.iter().copied().collect();
        for (name, span) in second {
            if let Some(other) = known.get(name) {
                self.report(NameProblem::Shared {
                    name: (*name).to_owned(),
                    first_what,
                    first: (*other).clone(),
                    second_what,
                    second: (*span).clone(),
                });
            }
        }
    }

    fn scope<'s>(&mut self, spec: &'s ScopeSpec, shared: &[String]) -> (Scope, MadeMembers<'s>) {
        let images = self.images(&spec.images, spec);
        self.check_images_policy(&spec.images);
        let volumes = self.volumes(&spec.volumes);
        let networks = self.networks(&spec.networks);
        self.check_networks(&networks);
        let sizes = packet_sizes(&networks);
        let outer_sizes = std::mem::replace(&mut self.packet_sizes, sizes);
        let secrets = self.secrets(&spec.secrets);
        let configs = self.configs(&spec.configs);
        let declared = DeclaredVolumes::new(&spec.volumes, shared);
        let mut made = Vec::with_capacity(spec.environments.entries().len());
        for entry in spec.environments.entries() {
            self.check_name("an environment", &entry.name, &entry.name_span, true, "-_.");
            let written = entry.value.value.as_ref();
            let active = written.is_none_or(|written| self.is_active(&written.profiles));
            let is_left_out = self.is_left_out;
            self.is_left_out |= !active;
            let environment = self.environment(entry, spec, &declared);
            self.is_left_out = is_left_out;
            if active {
                made.extend(environment);
            } else {
                self.left_out.push(entry.value.span.clone());
            }
        }
        let known = names_of(&spec.environments);
        let others = names_of(&spec.services);
        self.check_shared(&known, &others, ["an environment", "a service"]);
        let mut services = self.services(spec, &declared, &made);
        let names = made.iter().map(|made| made.name);
        let names: HashSet<&str> = names.chain(services.iter().map(|made| made.name)).collect();
        let environments = made.iter_mut();
        let environments = environments.map(|made| &mut made.environment.depends_on);
        let made_services = services.iter_mut();
        let made_services = made_services.map(|made| &mut made.service.depends_on);
        for depends_on in environments.chain(made_services) {
            depends_on.retain(|name, _| names.contains(name.as_str()));
        }
        self.packet_sizes = outer_sizes;
        self.check_dependencies(spec);
        self.check_aliases(&made);
        let scope = Scope {
            images,
            volumes,
            networks: networks
                .into_iter()
                .map(|(name, made)| (name, made.network))
                .collect(),
            secrets,
            configs,
            services: IndexMap::new(),
            environments: IndexMap::new(),
        };
        let made = MadeMembers {
            environments: made,
            services,
        };
        (scope, made)
    }
}

/// The names of a table, with their places.
fn names_of<T>(table: &Field<Table<T>>) -> Vec<(&str, &Span)> {
    let entries = table.entries().iter();
    entries
        .map(|entry| (entry.name.as_str(), &entry.name_span))
        .collect()
}

/// A scope with what it declares. What shares its engine from inside an environment goes there.
pub(super) fn with_members(scope: Scope, made: MadeMembers<'_>) -> Scope {
    let environments = made.environments.into_iter().map(|made| {
        let mut environment = made.environment;
        if !(made.beside.environments.is_empty() && made.beside.services.is_empty()) {
            environment.inner = with_members(environment.inner, made.beside);
        }
        (EnvironmentName::new(made.name), environment)
    });
    let services = made.services.into_iter();
    let services = services.map(|made| (ServiceName::new(made.name), made.service));
    Scope {
        environments: environments.collect(),
        services: services.collect(),
        ..scope
    }
}
