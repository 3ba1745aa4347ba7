//! What each operation does to an engine in memory, and when it is refused.

use nest::model::image::ImageReference;
use nest::observed::ContainerState;
use nest::plan::step::Operation;
use nest::resource::build::ImageBuild;
use nest::resource::container::{ContainerMountSource, FixedSettings};
use nest::resource::engine_path::EnginePath;
use nest::resource::label;
use nest::resource::push::{Found, PushPlace, PushRegistry};
use nest::resource::storage::{NetworkSpec, VolumeSpec};

use crate::memory::observe::image_id;
use crate::memory::state::{EngineState, MemoryNetwork, MemoryVolume};

/// What an engine answers that does not do what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It refuses, with this status and these words.
    Refused(u16, String),
    /// It says that it did, and did not.
    NoEffect(String),
}

pub(super) fn refused<T>(status: u16, message: impl Into<String>) -> Result<T, Answer> {
    Err(Answer::Refused(status, message.into()))
}

/// The name of an image in a registry.
pub(crate) fn pushed_name(place: &PushPlace) -> String {
    format!("{}/{}:{}", place.registry, place.repository, place.tag)
}

impl EngineState {
    /// Performs an operation on the engine at a path.
    pub(crate) fn perform_at(
        &mut self,
        path: &EnginePath,
        operation: &Operation,
    ) -> Result<(), Answer> {
        let mut arriving = Vec::new();
        if let Operation::TransferImages {
            from, references, ..
        } = operation
        {
            let Some(source) = self.inside(from) else {
                return refused(503, format!("{from} does not answer"));
            };
            for reference in references {
                let Some(content) = source.images.get(reference) else {
                    return refused(404, format!("{from} has no image {reference}"));
                };
                let labels = source.image_labels.get(content).cloned();
                arriving.push((reference.clone(), content.clone(), labels));
            }
        }
        let Some(engine) = self.inside(path) else {
            return refused(503, format!("{path} does not answer"));
        };
        for (reference, content, labels) in arriving {
            let labels = labels.map(|labels| (content.clone(), labels));
            engine.image_labels.extend(labels);
            engine.images.insert(reference, content);
        }
        engine.perform(operation)
    }

    fn perform(&mut self, operation: &Operation) -> Result<(), Answer> {
        match operation {
            Operation::CreateNetwork(spec) => self.create_network(spec),
            Operation::RemoveNetwork { id, .. } => self.remove_network(id),
            Operation::CreateVolume(spec) => self.create_volume(spec),
            Operation::RemoveVolume { name } => self.remove_volume(name),
            Operation::KeepSeed { seed, mark } => self.keep_seed(seed, mark),
            Operation::PullImage {
                reference,
                platform,
                login: _,
            } => {
                let mut content = self.published(reference);
                if let Some(platform) = platform {
                    content = format!("{content} for {platform}");
                }
                self.images.insert(reference.clone(), content);
                Ok(())
            }
            Operation::BuildImage(build) => {
                self.build_image(build);
                Ok(())
            }
            Operation::RemoveUnnamedImage { id } => {
                let in_use = |content: &String| {
                    let mut containers = self.containers.values();
                    containers.any(|container| container.image == *content)
                };
                let is_kept = |content: &String| image_id(content) != *id || in_use(content);
                let kept = self.unnamed.iter().filter(|it| is_kept(it));
                self.unnamed = kept.cloned().collect();
                Ok(())
            }
            Operation::PushImage {
                reference, place, ..
            } => self.push(reference, place),
            Operation::EndPush(left) => {
                let kept = self.images.remove(&ImageReference::new(&left.kept));
                let taken = left.taken.as_ref().map(ImageReference::new);
                match (taken, kept, left.found) {
                    (Some(taken), Some(kept), Found::Image) => {
                        self.images.insert(taken, kept);
                    }
                    (Some(_), None, Found::Image) => {
                        return refused(404, format!("no image {}", left.kept));
                    }
                    (Some(taken), ..) => drop(self.images.remove(&taken)),
                    (None, ..) => {}
                }
                Ok(())
            }
            Operation::NameImage { reference, name } => self.name_image(reference, name),
            Operation::RemoveImage { reference } => self.remove_image(reference),
            // What is transferred has been put here.
            Operation::TransferImages { .. } => Ok(()),
            Operation::LoadArchive {
                reference, content, ..
            } => {
                let content = content.as_str().to_owned();
                self.images.insert(reference.clone(), content);
                Ok(())
            }
            Operation::CreateContainer(spec) => self.create_container(spec),
            Operation::StartContainer { container } => self.start(container),
            Operation::StopContainer { container } => self.stop(container),
            Operation::RemoveContainer { container, .. } => self.remove(container),
            Operation::UpdateContainer { .. }
            | Operation::ConnectNetwork { .. }
            | Operation::DisconnectNetwork { .. }
            | Operation::WriteDaemonFile { .. }
            | Operation::CheckDaemonFile(_)
            | Operation::ReloadEngine { .. }
            | Operation::WriteFiles { .. }
            | Operation::WaitForEngine { .. }
            | Operation::WaitForService { .. }
            | Operation::WaitForContainer { .. } => self.change(operation),
        }
    }

    /// A registry in a container has to run; what it has stays when it does not.
    fn push(&mut self, reference: &ImageReference, place: &PushPlace) -> Result<(), Answer> {
        let Some(content) = self.images.get(reference).cloned() else {
            return refused(404, format!("no image {reference}"));
        };
        if !self.reaches(&place.registry) {
            return refused(500, format!("{} does not answer", place.registry));
        }
        self.pushed.insert(pushed_name(place), content);
        Ok(())
    }

    /// What a push leaves that is killed on its way.
    pub(crate) fn leave_push(&mut self, operation: &Operation) {
        let Operation::PushImage {
            project,
            reference,
            place,
            ..
        } = operation
        else {
            return;
        };
        let name = pushed_name(place);
        let taken = ImageReference::new(&name);
        let before = self.images.get(&taken).cloned();
        let found = before.as_ref().map_or(Found::Nothing, |_| Found::Image);
        let (repository, tag) = found.kept_as(project, &name);
        if let Some(content) = self.images.get(reference).cloned() {
            let kept = ImageReference::new(format!("{repository}:{tag}"));
            self.images
                .insert(kept, before.unwrap_or_else(|| content.clone()));
            self.images.insert(taken, content);
        }
    }

    /// Whether a registry answers.
    pub(crate) fn reaches(&self, registry: &PushRegistry) -> bool {
        match registry {
            PushRegistry::Container(name) => {
                let container = self.containers.get(name);
                container.is_some_and(|it| it.state == ContainerState::Running)
            }
            PushRegistry::Host(_) => true,
        }
    }

    /// What the registry has under a name.
    pub(super) fn published(&self, reference: &ImageReference) -> String {
        let published = self.published.get(reference).cloned();
        published.unwrap_or_else(|| format!("{reference} as published"))
    }

    /// What comes out of a build is told by what went in. The name is in it, too: the same by another one is another image.
    fn build_image(&mut self, build: &ImageBuild) {
        let mut content = format!("built from {}", build.labels[label::SETTINGS]);
        let known = self.image_labels.get(&content);
        if known.is_some_and(|labels| labels.get(label::NAME) != build.labels.get(label::NAME)) {
            content = format!("{content} as {}", build.reference);
        }
        self.image_labels
            .insert(content.clone(), build.labels.clone());
        self.unnamed.remove(&content);
        let before = self.images.insert(build.reference.clone(), content.clone());
        let was_built = |it: &String| self.image_labels.contains_key(it) && *it != content;
        if let Some(before) = before.filter(was_built)
            && !self.images.values().any(|other| *other == before)
        {
            self.unnamed.insert(before);
        }
    }

    fn create_network(&mut self, spec: &NetworkSpec) -> Result<(), Answer> {
        if let Some(existing) = self.networks.get(&spec.name) {
            let has = |(key, value): (&String, &String)| existing.labels.get(key) == Some(value);
            return if spec.labels.iter().all(has) {
                Ok(())
            } else {
                refused(409, format!("network {} exists", spec.name))
            };
        }
        let network = MemoryNetwork {
            id: self.new_id(),
            labels: spec.labels.clone(),
        };
        self.networks.insert(spec.name.clone(), network);
        Ok(())
    }

    /// Removes a network. Containers that do not run do not keep it, and cannot be started any more.
    pub(crate) fn remove_network(&mut self, id: &str) -> Result<(), Answer> {
        let mut containers = self.containers.values();
        if containers.any(|one| one.is_up() && one.endpoints.values().any(|own| own == id)) {
            return refused(403, format!("network {id} has active endpoints"));
        }
        self.networks.retain(|_, network| network.id != id);
        Ok(())
    }

    fn create_volume(&mut self, spec: &VolumeSpec) -> Result<(), Answer> {
        let volume = self.volumes.entry(spec.name.clone());
        let volume = volume.or_insert_with(|| MemoryVolume::new(spec.labels.clone()));
        if volume.labels == spec.labels {
            Ok(())
        } else {
            let reason = "a volume of that name exists, made by someone else";
            Err(Answer::NoEffect(reason.to_owned()))
        }
    }

    fn keep_seed(&mut self, seed: &str, mark: &VolumeSpec) -> Result<(), Answer> {
        let volume = self.volumes.entry(mark.name.clone());
        let volume = volume.or_insert_with(|| MemoryVolume::new(mark.labels.clone()));
        if volume.labels[label::SEED_VOLUME] == seed {
            return Ok(());
        }
        self.remove_volume(seed)
    }

    pub(crate) fn remove_volume(&mut self, name: &str) -> Result<(), Answer> {
        let mut containers = self.containers.values();
        if containers.any(|container| mounts(&container.fixed, name)) {
            return refused(409, format!("volume {name} is in use"));
        }
        self.volumes.remove(name);
        Ok(())
    }

    /// What loses its last name by that is left without one.
    fn name_image(
        &mut self,
        reference: &ImageReference,
        name: &ImageReference,
    ) -> Result<(), Answer> {
        let Some(content) = self.images.get(reference).cloned() else {
            return refused(404, format!("no image {reference}"));
        };
        let before = self.images.insert(name.clone(), content.clone());
        let was_built = |it: &String| self.image_labels.contains_key(it);
        if let Some(before) = before.filter(was_built)
            && !self.images.values().any(|other| *other == before)
        {
            self.unnamed.insert(before);
        }
        Ok(())
    }

    /// Takes a name from an image. The last name of one that a container was made from is not taken.
    pub(crate) fn remove_image(&mut self, reference: &ImageReference) -> Result<(), Answer> {
        let Some(content) = self.images.get(reference) else {
            return Ok(());
        };
        let names = self.images.values().filter(|other| *other == content);
        let is_last = names.count() == 1;
        let mut containers = self.containers.values();
        if is_last && containers.any(|container| container.image == *content) {
            return refused(409, format!("a container uses image {reference}"));
        }
        self.images.remove(reference);
        Ok(())
    }
}

fn mounts(fixed: &FixedSettings, volume: &str) -> bool {
    let is_it = |source: &ContainerMountSource| matches!(source, ContainerMountSource::Volume(name) if name == volume);
    fixed.mounts.iter().any(|mount| is_it(&mount.source))
}
