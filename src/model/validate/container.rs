//! What services and outer containers share.

mod checked;
pub(super) mod declared;
mod devices;
mod env_files;
mod files;
mod health;
mod host_names;
pub(super) mod limits;
mod network;
mod process;
mod security;

use crate::model::container::Container;
use crate::model::image::ImageReference;
use crate::model::validate::Validation;
use crate::model::validate::variables::{MadeVariables, values};
use crate::problem::ContainerProblem;
use crate::source::Span;
use crate::spec::ScopeSpec;
use crate::spec::container::ContainerSpec;

/// What a container is where the file does not say.
pub(super) struct ContainerDefaults {
    /// Its image, if there is one.
    pub(super) image: Option<ImageReference>,
    /// Whether it runs under an init of the engine's.
    pub(super) init: bool,
    /// Whether it may do all that the host's root may.
    pub(super) privileged: bool,
}

/// A container with the places that clashes point to.
pub(super) struct MadeContainer {
    /// Nothing if it has no image.
    pub(super) container: Option<Box<Container>>,
    /// The place of each port.
    pub(super) port_spans: Vec<Span>,
    /// Its environment variables, each with its place.
    pub(super) variables: MadeVariables,
    /// What only one container can have, with its place.
    pub(super) fixed: Vec<(&'static str, Span)>,
}

impl Validation<'_> {
    /// A container called `name` of the scope `scope`.
    pub(super) fn container(
        &mut self,
        name: &str,
        spec: &ContainerSpec,
        defaults: ContainerDefaults,
        scope: &ScopeSpec,
    ) -> MadeContainer {
        let mut variables = self.variables_of_files(&spec.env_file);
        variables.extend(self.environment_variables(&spec.environment));
        let environment = values(variables.clone());
        let (ports, port_spans) = self.ports(&spec.ports);
        let image = spec.image.get();
        let image = image.and_then(|text| self.image_reference(&text));
        let image = image.map(|(image, _)| image).or(defaults.image);
        let platform = spec.platform.get();
        let platform = platform.and_then(|text| self.platform(&text));
        let namespaces = self.namespaces(name, spec, scope);
        let mut fixed = Vec::new();
        let network = self.network_mode(name, spec, scope, &mut fixed);
        let container_name = self.container_name(&spec.container_name);
        let command = self.command(&spec.command);
        let entrypoint = self.command(&spec.entrypoint);
        let working_dir = self.working_dir(&spec.working_dir);
        let user = self.user(&spec.user);
        let groups = self.groups(&spec.group_add);
        let stop = self.stop(spec);
        let pull_policy = self.pull_policy(&spec.pull_policy);
        let expose = self.expose(&spec.expose);
        let hostname = self.hostname(&spec.hostname);
        let host_names = self.host_names(spec);
        let limits = self.limits(spec);
        let security = self.security(spec, defaults.privileged);
        let devices = self.devices(spec);
        let sysctls = self.sysctls(&spec.sysctls);
        let tmpfs = self.tmpfs(&spec.tmpfs);
        let healthcheck = self.healthcheck(&spec.healthcheck);
        let logging = self.logging(&spec.logging);
        let secret_grants = self.secret_grants(&spec.secrets, scope);
        let config_grants = self.config_grants(&spec.configs, scope);
        let runtime = self.word(
            "runtime",
            &spec.runtime,
            "write the name of a runtime: `runc`",
        );
        let labels = self.text_map(&spec.labels);
        let restart = self.restart(&spec.restart);
        let container = image.map(|image| {
            Box::new(Container {
                image,
                platform,
                pull_policy,
                command,
                entrypoint,
                working_dir,
                user,
                groups,
                environment,
                labels,
                ports,
                expose,
                hostname,
                container_name,
                network,
                host_names,
                limits,
                security,
                namespaces,
                devices,
                sysctls,
                tmpfs,
                healthcheck,
                logging,
                secret_grants,
                config_grants,
                runtime,
                init: spec.init.copied().unwrap_or(defaults.init),
                tty: spec.tty.copied().unwrap_or(false),
                stdin_open: spec.stdin_open.copied().unwrap_or(false),
                restart,
                stop,
            })
        });
        MadeContainer {
            container,
            port_spans,
            variables,
            fixed,
        }
    }

    /// Checks that replicas share nothing that only one container can have.
    pub(super) fn check_replicas(
        &mut self,
        fixed: &[(&'static str, Span)],
        replicas: u32,
        replicas_at: &Span,
    ) {
        if replicas < 2 {
            return;
        }
        for (key, at) in fixed {
            self.report(ContainerProblem::FixedWithReplicas {
                key: (*key).to_owned(),
                replicas,
                at: at.clone(),
                replicas_at: replicas_at.clone(),
            });
        }
    }
}
