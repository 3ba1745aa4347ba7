//! What of a project lives on which outer engine.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::model::container::Container;
use crate::model::container::network::NetworkMode;
use crate::model::environment::{DataPlace, Environment};
use crate::model::image::{ImageReference, ImageSource};
use crate::model::mount::{Mount, MountSource};
use crate::model::name::{EngineName, NetworkName, RegistryName, VolumeName};
use crate::model::outer_engine::{EngineChoice, OuterEngine};
use crate::model::registry::RegistryKind;
use crate::model::service::Service;
use crate::model::{Project, Scope};

/// What the members of a scope use of it, and the registries.
#[derive(Default)]
struct Used {
    volumes: HashSet<VolumeName>,
    networks: HashSet<NetworkName>,
    registries: HashSet<RegistryName>,
}

impl Project {
    /// The outer engines besides the one that nest connects to which something lives on.
    pub fn other_engines(&self) -> impl Iterator<Item = (&EngineName, &OuterEngine)> {
        self.engines.iter().filter(|(name, _)| {
            let mut environments = self.scope.environments.values();
            environments.any(|it| matches!(&it.engine, EngineChoice::Named(it) if it == *name))
        })
    }

    /// The outer engine that a service lives on: that of the environment whose client it is.
    pub(crate) fn engine_of(&self, service: &Service) -> &EngineChoice {
        let host = service.docker_host.as_ref();
        let environment = host.and_then(|it| self.scope.environments.get(&it.environment));
        environment.map_or(&EngineChoice::Default, |it| &it.engine)
    }

    /// The part of the project that lives on an outer engine. What environments and services there use is there; what
    /// nobody uses, on the engine that nest connects to. That one has all images that are listed, another one those
    /// that something on it needs.
    pub fn on(&self, engine: &EngineChoice) -> Cow<'_, Self> {
        if self.other_engines().next().is_none() {
            return Cow::Borrowed(self);
        }
        let is_default = *engine == EngineChoice::Default;
        let anywhere = self.used(|_| true);
        let here = self.used(|choice| choice == engine);
        let mut part = self.clone();
        part.registries.retain(|name, _| {
            here.registries.contains(name) || is_default && !anywhere.registries.contains(name)
        });
        let scope = &mut part.scope;
        scope.environments.retain(|_, it| it.engine == *engine);
        scope.services.retain(|_, it| self.engine_of(it) == engine);
        scope.volumes.retain(|name, _| {
            here.volumes.contains(name) || is_default && !anywhere.volumes.contains(name)
        });
        scope.networks.retain(|name, _| {
            let is_used = |used: &Used| used.networks.contains(name);
            // Whether there is one of this name is said elsewhere.
            name.as_str() == NetworkName::DEFAULT
                || is_used(&here)
                || is_default && !is_used(&anywhere)
        });
        if !is_default {
            for registry in part.registries.values_mut() {
                // What somebody else runs is given its images once.
                if let RegistryKind::Existing { .. } = registry.kind {
                    registry.images.clear();
                }
            }
            let mut needed = HashSet::new();
            add_images(&part.scope, &mut needed);
            part.scope.images.retain(|image| {
                let tags = match &image.source {
                    ImageSource::Build(build) => build.tags.as_slice(),
                    _ => &[],
                };
                let mut names = tags.iter().chain([&image.reference]);
                names.any(|name| needed.contains(name))
            });
        }
        Cow::Owned(part)
    }

    /// What is used on the outer engines that are asked for.
    fn used(&self, is_asked: impl Fn(&EngineChoice) -> bool) -> Used {
        let mut used = Used::default();
        for environment in self.scope.environments.values() {
            if is_asked(&environment.engine) {
                used.add(&environment.outer.container, &environment.volumes);
                used.add_environment(environment);
            }
        }
        for service in self.scope.services.values() {
            if is_asked(self.engine_of(service)) {
                used.add(&service.container, &service.volumes);
            }
        }
        let registries = self.registries.iter();
        let registries = registries.filter(|(name, _)| used.registries.contains(*name));
        let containers: Vec<_> = registries.filter_map(|(_, it)| it.container()).collect();
        for container in containers {
            used.volumes.extend(container.volume.clone());
            used.networks.extend(container.networks.iter().cloned());
        }
        used
    }
}

impl Used {
    fn add(&mut self, container: &Container, mounts: &[Mount]) {
        if let NetworkMode::Networks(networks) = &container.network {
            self.networks.extend(networks.keys().cloned());
        }
        let volumes = mounts.iter().filter_map(|mount| match &mount.source {
            MountSource::Volume(name) => Some(name.clone()),
            _ => None,
        });
        self.volumes.extend(volumes);
    }

    fn add_environment(&mut self, environment: &Environment) {
        if let DataPlace::Volume(name) = &environment.outer.data.place {
            self.volumes.insert(name.clone());
        }
        self.registries
            .extend(environment.registries.iter().cloned());
    }
}

/// The images that the environments and services of a scope need, at any depth.
fn add_images(scope: &Scope, needed: &mut HashSet<ImageReference>) {
    for service in scope.services.values() {
        needed.insert(service.container.image.clone());
    }
    for environment in scope.environments.values() {
        needed.insert(environment.outer.container.image.clone());
        let inner = &environment.inner;
        needed.extend(inner.images.iter().map(|image| image.reference.clone()));
        add_images(inner, needed);
    }
}
