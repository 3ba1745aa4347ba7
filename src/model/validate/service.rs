//! Services.

mod client;
mod hosts;
mod mounts;

use std::collections::HashMap;

use crate::model::service::{DockerHost, Service};
use crate::model::validate::container::ContainerDefaults;
use crate::model::validate::environment::{MadeEnvironment, dependencies_of};
use crate::model::validate::service::client::docker_host_parts;
use crate::model::validate::variables::MadeVariables;
use crate::model::validate::{DeclaredVolumes, Validation};
use crate::problem::{ServiceProblem, ShapeProblem};
use crate::source::Span;
use crate::spec::ScopeSpec;
use crate::spec::decode::{Field, TableEntry};
use crate::spec::service::{ServiceKeys, ServiceSpec};

/// A service with the places that clashes point to.
pub(super) struct MadeService<'s> {
    pub(super) name: &'s str,
    pub(super) name_span: Span,
    pub(super) service: Service,
    spec: &'s ServiceSpec,
    pub(super) replicas_span: Span,
    /// The place of each port of `service.container.ports`.
    pub(super) port_spans: Vec<Span>,
    mount_spans: Vec<Span>,
    variables: MadeVariables,
}

impl Validation<'_> {
    /// The services of a scope that are part of the project.
    pub(super) fn services<'s>(
        &mut self,
        scope: &'s ScopeSpec,
        declared: &DeclaredVolumes<'_>,
        environments: &[MadeEnvironment<'_>],
    ) -> Vec<MadeService<'s>> {
        let mut services = Vec::new();
        let made_environments: HashMap<&str, &MadeEnvironment<'_>> =
            environments.iter().map(|made| (made.name, made)).collect();
        for entry in scope.services.entries() {
            self.check_name("a service", &entry.name, &entry.name_span, true, "-_.");
            let spec = entry.value.value.as_ref();
            let active = spec.is_none_or(|spec| self.is_active(&spec.own.profiles));
            let is_left_out = self.is_left_out;
            self.is_left_out |= !active;
            let made = self.service(entry, scope, declared);
            if let Some(made) = &made {
                self.check_client(made, scope, &made_environments);
            }
            self.is_left_out = is_left_out;
            if active {
                services.extend(made);
            } else {
                self.left_out.push(entry.value.span.clone());
            }
        }
        self.check_hosts(&services, environments);
        services
    }

    /// A service; nothing if there is not enough of it to go on.
    fn service<'s>(
        &mut self,
        entry: &'s TableEntry<ServiceSpec>,
        scope: &ScopeSpec,
        declared: &DeclaredVolumes<'_>,
    ) -> Option<MadeService<'s>> {
        let Some(spec) = entry.value.get() else {
            if !entry.value.failed {
                self.without_image(entry);
            }
            return None;
        };
        let spec = spec.value;
        self.check_container_policy(&spec.shared);
        let build = spec.shared.build.get();
        let build = build.map(|build| self.build(build.value, &build.span, scope));
        let defaults = ContainerDefaults {
            // What is built is called so by Compose.
            image: build.as_ref().and_then(|_| self.built_image(&entry.name)),
            init: false,
            privileged: false,
        };
        let made = self.container(&entry.name, &spec.shared, defaults, scope);
        if build.is_none() {
            self.check_has_build(&spec.shared);
        }
        let build = build.map(|build| {
            let container = (made.container.as_deref(), &spec.shared.platform.span);
            self.built_container(build, container, spec.shared.build.span.clone())
        });
        let image = &spec.shared.image;
        if image.value.is_none() && !image.failed && spec.shared.build.section().is_none() {
            self.without_image(entry);
        }
        let (volumes, mount_spans) = self.service_mounts(&spec.own.volumes, declared);
        let (replicas, replicas_span) = self.service_replicas(spec);
        self.check_replicas(&made.fixed, replicas, &replicas_span);
        self.check_container_name(&spec.shared, replicas, &replicas_span);
        let docker_host = self.docker_host(&spec.own, scope);
        let container = made.container?;
        Some(MadeService {
            name: &entry.name,
            name_span: entry.name_span.clone(),
            service: Service {
                container,
                build,
                volumes,
                docker_host,
                depends_on: dependencies_of(&spec.own.depends_on, scope),
                replicas,
            },
            spec,
            replicas_span,
            port_spans: made.port_spans,
            mount_spans,
            variables: made.variables,
        })
    }

    fn without_image(&mut self, entry: &TableEntry<ServiceSpec>) {
        self.report(ServiceProblem::WithoutImage {
            name: entry.name.clone(),
            at: entry.name_span.clone(),
        });
    }

    /// How many containers there are, which Compose says in three ways, and where the file says it.
    fn service_replicas(&mut self, spec: &ServiceSpec) -> (u32, Span) {
        let deploy = spec.shared.deploy.value.as_ref();
        let none = Field::default();
        let said = [
            ("`replicas`", &spec.own.replicas),
            ("`scale`", &spec.shared.scale),
            (
                "`deploy.replicas`",
                deploy.map_or(&none, |deploy| &deploy.replicas),
            ),
        ];
        let said: Vec<(&str, &Field<u32>)> = said
            .into_iter()
            .filter(|(_, field)| field.value.is_some())
            .collect();
        if let [(first_key, first), (second_key, second), ..] = said.as_slice()
            && first.value != second.value
        {
            self.report(ShapeProblem::ConflictingKeys {
                what: "a service".to_owned(),
                keys: format!("{first_key} and {second_key}"),
                first: first.key_span.clone(),
                second: second.key_span.clone(),
            });
        }
        let field = said.first().map_or(&none, |(_, field)| field);
        (self.replicas(field), field.span.clone())
    }

    /// The engine that a service is a client of.
    fn docker_host(&mut self, spec: &ServiceKeys, scope: &ScopeSpec) -> Option<DockerHost> {
        let text = spec.docker_host.get()?;
        self.parsed_docker_host(&text, scope)
    }
}

/// What a service waits for without saying so in `depends_on`, and where it says that it does.
pub(super) fn implied_dependencies(spec: &ServiceSpec) -> Vec<(&str, Span)> {
    let host = spec.own.docker_host.get();
    let host = host.map(|text| (docker_host_parts(text.value).0, text.span));
    let shared = [
        &spec.shared.network_mode,
        &spec.shared.pid,
        &spec.shared.ipc,
    ];
    let neighbours = shared.into_iter().filter_map(|field| {
        let text = field.get()?;
        Some((text.value.strip_prefix("service:")?, text.span))
    });
    host.into_iter().chain(neighbours).collect()
}
