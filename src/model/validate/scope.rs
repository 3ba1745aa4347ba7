//! Scopes: what one engine should hold.

use std::collections::HashSet;

use indexmap::IndexMap;

use crate::model::Scope;
use crate::model::name::EnvironmentName;
use crate::model::validate::environment::{MadeEnvironment, on_one_engine};
use crate::model::validate::outer_engines::by_engine;
use crate::model::validate::{DeclaredVolumes, MadeRegistries, Validation};
use crate::problem::NameProblem;
use crate::source::Span;
use crate::spec::ScopeSpec;
use crate::spec::vocabulary::not_supported_yet;

impl Validation<'_> {
    /// The scope of the outer engine. It shares its name space and the host's ports with the registries.
    pub(super) fn top_scope(&mut self, spec: &ScopeSpec, registries: &MadeRegistries) -> Scope {
        for entry in spec.environments.entries() {
            if let Some(registry) = self.registries.entry(&entry.name) {
                self.report(NameProblem::Shared {
                    name: entry.name.clone(),
                    registry: registry.name_span.clone(),
                    environment: entry.name_span.clone(),
                });
            }
        }
        let (scope, environments) = self.scope(spec, &[]);
        for (on_engine, registries) in by_engine(&environments, registries) {
            self.check_data_roots(&on_engine);
            self.check_ports(&on_engine, &registries);
        }
        self.check_outer_names(spec, &environments, registries);
        self.check_volumes_of_engines(&environments, registries);
        scope
    }

    /// The scope of an environment, whose engine holds the `shared` volumes already.
    pub(super) fn inner_scope<'s>(
        &mut self,
        spec: &'s ScopeSpec,
        shared: &[String],
    ) -> (Scope, Vec<MadeEnvironment<'s>>) {
        if !spec.environments.entries().is_empty() {
            let what = "an environment inside an environment".to_owned();
            self.report(not_supported_yet(what, spec.environments.key_span.clone()));
        }
        self.scope(spec, shared)
    }

    /// Checks what the scope of an engine inside, with all that shares the engine, holds together.
    pub(super) fn check_inner_engine(
        &mut self,
        spec: &ScopeSpec,
        environments: &[MadeEnvironment<'_>],
        shared: &IndexMap<String, Span>,
    ) {
        let on_engine = on_one_engine(environments);
        self.check_data_roots(&on_engine);
        self.check_ports(&on_engine, &[]);
        self.check_inner_names(spec, environments, shared);
    }

    fn scope<'s>(
        &mut self,
        spec: &'s ScopeSpec,
        shared: &[String],
    ) -> (Scope, Vec<MadeEnvironment<'s>>) {
        let images = self.images(&spec.images);
        self.check_images_policy(&spec.images);
        let volumes = self.volumes(&spec.volumes);
        let networks = self.networks(&spec.networks);
        self.check_networks(&networks);
        let mtu = self.mtu_of_containers(&networks);
        let outer_mtu = std::mem::replace(&mut self.container_mtu, mtu);
        let secrets = self.secrets(&spec.secrets);
        let configs = self.configs(&spec.configs);
        let declared = DeclaredVolumes::new(&spec.volumes, shared);
        let mut made = Vec::new();
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
        let names: HashSet<&str> = made.iter().map(|made| made.name).collect();
        for made in &mut made {
            let depends_on = &mut made.environment.depends_on;
            depends_on.retain(|name, _| names.contains(name.as_str()));
        }
        self.container_mtu = outer_mtu;
        self.check_dependencies(&spec.environments);
        self.check_aliases(&made);
        let environments = made
            .iter()
            .map(|made| (EnvironmentName::new(made.name), made.environment.clone()))
            .collect();
        let scope = Scope {
            images,
            volumes,
            networks: networks
                .into_iter()
                .map(|(name, made)| (name, made.network))
                .collect(),
            secrets,
            configs,
            environments,
        };
        (scope, made)
    }
}
