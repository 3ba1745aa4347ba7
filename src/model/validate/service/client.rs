//! Services that are clients of an environment's engine.

use std::collections::HashMap;
use std::path::Path;

use crate::model::mount::{Mount, MountSource};
use crate::model::name::EnvironmentName;
use crate::model::service::DockerHost;
use crate::model::validate::Validation;
use crate::model::validate::environment::MadeEnvironment;
use crate::model::validate::service::MadeService;
use crate::problem::suggestion::did_you_mean;
use crate::problem::{ReferenceProblem, ServiceProblem};
use crate::source::Span;
use crate::spec::ScopeSpec;
use crate::spec::decode::Spanned;

/// Variables by which clients are told how to reach an engine.
const VARIABLES: [&str; 4] = [
    "DOCKER_HOST",
    "DOCKER_TLS_VERIFY",
    "DOCKER_CERT_PATH",
    "DOCKER_TLS_CERTDIR",
];
/// Where clients look for an engine's socket.
const SOCKETS: [&str; 2] = ["/var/run/docker.sock", "/run/docker.sock"];

/// The parts of a `docker_host`: the environment's name, and the replica if it picks one.
pub(super) fn docker_host_parts(text: &str) -> (&str, Option<&str>) {
    match text.strip_suffix(']').and_then(|text| text.split_once('[')) {
        Some((name, replica)) => (name, Some(replica)),
        None => (text, None),
    }
}

impl Validation<'_> {
    /// The environment that a `docker_host` names, and the replica if it picks one.
    pub(super) fn parsed_docker_host(
        &mut self,
        text: &Spanned<&String>,
        scope: &ScopeSpec,
    ) -> Option<DockerHost> {
        let (name, replica) = docker_host_parts(text.value);
        let environments = &scope.environments;
        let names = environments.entries().iter();
        let names = names.map(|entry| entry.name.as_str());
        if !environments.failed && environments.entry(name).is_none() {
            let hint = if scope.services.entry(name).is_some() {
                "it is a service: `docker_host` names an environment, which has an engine"
                    .to_owned()
            } else {
                did_you_mean(name, names, || {
                    "`docker_host` names an environment of the same scope".to_owned()
                })
            };
            self.report(ReferenceProblem::UndeclaredEnvironment {
                what: "environment",
                name: name.to_owned(),
                hint,
                at: self.part(text, 0..name.len()),
                section: environments.section().map(Into::into),
            });
            return None;
        }
        let replica = match replica.map(str::parse::<u32>) {
            None => None,
            Some(Ok(replica)) if replica > 0 => Some(replica),
            Some(_) => {
                let replica = replica.unwrap_or_default();
                let hint = "replicas are counted from 1: `docker_host: NAME[1]`".to_owned();
                self.no_such_replica(name, replica, hint, text.span.clone());
                return None;
            }
        };
        Some(DockerHost {
            environment: EnvironmentName::new(name),
            replica,
        })
    }

    fn no_such_replica(&mut self, environment: &str, replica: &str, hint: String, at: Span) {
        self.report(ServiceProblem::NoSuchReplica {
            environment: environment.to_owned(),
            replica: replica.to_owned(),
            hint,
            at,
        });
    }

    /// Checks a client against its environment.
    pub(super) fn check_client(
        &mut self,
        made: &MadeService<'_>,
        scope: &ScopeSpec,
        environments: &HashMap<&str, &MadeEnvironment<'_>>,
    ) {
        let Some(docker_host) = &made.service.docker_host else {
            return;
        };
        let at = made.spec.own.docker_host.span.clone();
        self.check_by_hand(made, &at);
        let name = docker_host.environment.as_str();
        let Some(environment) = environments.get(name) else {
            self.check_left_out(made, name, at, scope);
            return;
        };
        let (services, engines) = (made.service.replicas, environment.environment.replicas);
        match docker_host.replica {
            Some(replica) if replica > engines => {
                let hint = format!("its replicas are numbered from 1 to {engines}");
                self.no_such_replica(name, &replica.to_string(), hint, at);
            }
            None if engines != 1 && engines != services => {
                let hint = if engines == 0 {
                    format!("`{name}` has no engine at all: give it a replica")
                } else {
                    format!("pick one, `docker_host: {name}[1]`, or say `replicas: {engines}`")
                };
                self.report(ServiceProblem::ReplicasDiffer {
                    service: services,
                    environment: engines,
                    name: name.to_owned(),
                    hint,
                    at,
                });
            }
            _ => {}
        }
        self.check_working_dir(made, name, &environment.environment.volumes);
    }

    /// An environment that is left out has no engine for those that are not.
    fn check_left_out(&mut self, made: &MadeService<'_>, name: &str, at: Span, scope: &ScopeSpec) {
        let entry = scope.environments.entry(name);
        let profiles = entry
            .and_then(|entry| entry.value.value.as_ref())
            .map(|spec| &spec.profiles);
        if let Some(profiles) = profiles
            && !self.is_active(profiles)
            && self.is_active(&made.spec.own.profiles)
        {
            self.report(ReferenceProblem::InactiveDependency {
                name: name.to_owned(),
                at,
                profiles: profiles.span.clone(),
            });
        }
    }

    /// What a client is told by hand, besides what it finds by itself.
    fn check_by_hand(&mut self, made: &MadeService<'_>, docker_host: &Span) {
        for (name, variable) in &made.variables {
            if VARIABLES.contains(&name.as_str()) {
                self.report(ServiceProblem::ConnectionByHand {
                    what: format!("`{name}`"),
                    at: variable.name_span.clone(),
                    docker_host: docker_host.clone(),
                });
            }
        }
        for (mount, span) in made.service.volumes.iter().zip(&made.mount_spans) {
            let is_socket = |path: &str| path.ends_with("/docker.sock");
            let from_socket =
                matches!(&mount.source, MountSource::Bind { path, .. } if is_socket(path));
            if from_socket || SOCKETS.contains(&mount.target.as_str()) {
                self.report(ServiceProblem::ConnectionByHand {
                    what: format!("the mount at `{}`", mount.target),
                    at: span.clone(),
                    docker_host: docker_host.clone(),
                });
            }
        }
    }

    /// Checks that the folder in which a client works is found by the containers that it starts.
    fn check_working_dir(&mut self, made: &MadeService<'_>, environment: &str, shared: &[Mount]) {
        let Some(folder) = made.spec.shared.working_dir.get() else {
            return;
        };
        let mounts = made.service.volumes.iter().zip(&made.mount_spans);
        // The one that is seen there is the deepest.
        let seen = mounts
            .filter(|(mount, _)| Path::new(folder.value).starts_with(&mount.target))
            .max_by_key(|(mount, _)| mount.target.len());
        let Some((mount, span)) = seen else { return };
        let is_there = |other: &Mount| other.target == mount.target && other.source == mount.source;
        if !shared.iter().any(is_there) {
            self.report(ServiceProblem::WorkingDirNotShared {
                environment: environment.to_owned(),
                target: mount.target.clone(),
                at: folder.span,
                mount: span.clone(),
            });
        }
    }
}
