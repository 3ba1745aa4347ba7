//! What each engine should hold: the project, resolved to real names and complete settings.
//!
//! Pure and infallible. What cannot be had shows only in the plan, as a refusal.

mod access;
pub mod build;
mod client;
pub mod container;
pub mod daemon;
pub mod facts;
mod files;
mod image;
mod member;
mod network;
pub mod one_off;
pub mod other;
mod place;
pub mod process;
pub mod push;
pub mod registry;
mod relocate;
mod secret;
mod service;
mod surroundings;
pub mod volume;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use crate::desired::container::{Place, UNSHARED};
use crate::desired::facts::Facts;
use crate::desired::other::OtherEngine;
use crate::desired::push::DesiredPush;
use crate::mode::SeedFiles;
use crate::model::environment::Seed;
use crate::model::image::{ImageReference, Pull};
use crate::model::name::{EngineName, ProjectName};
use crate::model::naming::Naming;
use crate::model::outer_engine::EngineChoice;
use crate::model::place::Places;
use crate::model::{NameOrigin, Project};
use crate::resource::container::file::ContainerFile;
use crate::resource::container::{DaemonSettings, FixedSettings, LiveSettings, SocketPlace};
use crate::resource::login::RegistryLogin;
use crate::resource::secret::{SecretKey, sensitive};
use crate::resource::storage::{NetworkSettings, VolumeSettings};
use crate::resource::{Address, Kind};

/// What a whole project wants of the outer engine and of all engines inside it.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// The project's name.
    pub project: ProjectName,
    /// Where the name came from.
    pub name_origin: NameOrigin,
    /// Path of the nest file, as the labels carry it.
    pub file: String,
    /// What secrets are hashed under where the outer engine's record has no key yet.
    pub secret_key: SecretKey,
    /// Where the file says what is wanted.
    pub places: Arc<Places>,
    /// What the outer engine should hold.
    pub engine: DesiredEngine,
}

impl Desired {
    /// Nothing of a project: what takes it down by its labels.
    pub fn of_nothing(project: ProjectName) -> Self {
        Self {
            project,
            name_origin: NameOrigin::Given,
            file: String::new(),
            secret_key: SecretKey::default(),
            places: Arc::default(),
            engine: DesiredEngine::default(),
        }
    }
}

/// What one engine should hold. Keys are the objects' real names on that engine.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DesiredEngine {
    /// How many engines are around it.
    pub depth: u32,
    /// Networks.
    pub networks: BTreeMap<String, DesiredNetwork>,
    /// Volumes.
    pub volumes: BTreeMap<String, DesiredVolume>,
    /// Images that the engine should have, those that only run a container of the outer engine left out.
    pub images: BTreeMap<ImageReference, DesiredImage>,
    /// Containers.
    pub containers: BTreeMap<String, DesiredContainer>,
    /// Images that registries should have, which it pushes.
    pub pushes: BTreeMap<Address, DesiredPush>,
    /// What logs in to registries when it pulls, by the host that images are named after.
    pub logins: BTreeMap<String, RegistryLogin>,
    /// The other outer engines of the project, where this is the one that nest connects to.
    pub others: BTreeMap<EngineName, OtherEngine>,
}

/// A network that an engine should have.
#[derive(Debug, Clone, PartialEq)]
pub struct DesiredNetwork {
    /// Its address.
    pub address: Address,
    /// Its settings.
    pub settings: NetworkSettings,
    /// Whether it is somebody else's: it must exist, and is never touched.
    pub external: bool,
}

/// A volume that an engine should have.
#[derive(Debug, Clone, PartialEq)]
pub struct DesiredVolume {
    /// Its address.
    pub address: Address,
    /// Its settings.
    pub settings: VolumeSettings,
    /// What it holds.
    pub role: VolumeRole,
    /// Whether its destruction is refused.
    pub protect: bool,
    /// The container that nest makes it for, where the file does not declare it.
    pub made_for: Option<Address>,
}

/// What a volume holds, which says what may become of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VolumeRole {
    /// Data: removed only on request.
    Data,
    /// Nothing of its own: it goes with what uses it.
    Ephemeral,
    /// Somebody else's: it must exist, and is never touched.
    External,
}

/// An image that an engine should have.
#[derive(Debug, Clone, PartialEq)]
pub struct DesiredImage {
    /// Its address.
    pub address: Address,
    /// Where it comes from.
    pub source: DesiredImageSource,
    /// When the engine pulls it, where it comes from a registry.
    pub pull: Pull,
    /// What its programs are to run on, where the file says.
    pub platform: Option<String>,
}

/// Where an image comes from, as far as it is known before the engines are looked at.
#[derive(Debug, Clone, PartialEq)]
pub enum DesiredImageSource {
    /// An engine further out if one has it, else pulled by the engine itself.
    Auto,
    /// An engine further out.
    Outer,
    /// Pulled by the engine itself.
    Registry,
    /// An archive.
    Archive(facts::ArchivedImage),
    /// It is another name of this image of the same engine.
    Alias(ImageReference),
    /// It is built.
    Build(Box<build::DesiredBuild>),
    /// It cannot be built, for this reason.
    Unbuildable(String),
    /// Nowhere, for this reason.
    Missing(String),
}

/// A container that an engine should run.
#[derive(Debug, Clone, PartialEq)]
pub struct DesiredContainer {
    /// Its address.
    pub address: Address,
    /// Whether it is a registry, an environment or a service.
    pub kind: Kind,
    /// Settings that only a replacement changes.
    pub fixed: FixedSettings,
    /// Settings that change in place.
    pub live: LiveSettings,
    /// When its image is pulled; that of one which is built never is.
    pub pull: Pull,
    /// The engine inside it.
    pub engine: Option<DesiredInner>,
    /// What its log says when it is ready, where it has no engine and that is known.
    pub log_line: Option<String>,
    /// Containers of the same engine, by name, and how far they must be before it is started.
    pub depends_on: BTreeMap<String, Condition>,
    /// Names of those among them that it is started without where they do not come up.
    pub optional: BTreeSet<String>,
    /// Names of those that must be there and ready before it is made.
    pub needed_first: BTreeSet<String>,
    /// Names of those whose namespaces it shares: it is made anew when one of them is.
    pub shares: BTreeSet<String>,
    /// Names of those with which it is started again.
    pub restarts_with: BTreeSet<String>,
    /// Whether something waits until it has done its work and ended.
    pub is_awaited: bool,
    /// The socket of the engine that it is a client of.
    pub socket: Option<SocketPlace>,
    /// What it is given to use registries, by the paths of files: certificates, and what logs in.
    pub access: BTreeMap<String, ContainerFile>,
    /// Why it cannot be given all files that the file grants it.
    pub missing: Vec<String>,
    /// Names of registry containers of the same engine that must be up before its engine pulls.
    pub registries: BTreeSet<String>,
    /// Whether its destruction is refused.
    pub protect: bool,
    /// Whether it is made for one command, which starts it, joined to its own streams, and removes it.
    pub is_one_off: bool,
}

/// How far one container must be before another is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Condition {
    /// It has been started.
    Started,
    /// It is ready: its engine answers, it is healthy, or it stays up.
    Ready,
    /// It has ended well.
    Done,
}

/// The engine that a container should run inside.
#[derive(Debug, Clone, PartialEq)]
pub struct DesiredInner {
    /// Path of the engine's configuration file, where it has one.
    pub daemon_file: Option<String>,
    /// The command that tells whether the engine starts with such a file.
    pub daemon_check: &'static [&'static str],
    /// The user that the engine runs as, by number.
    pub user: u32,
    /// What the configuration file says.
    pub daemon: DaemonSettings,
    /// Keys of it whose values are secret, shown nowhere, and remembered only as a hash: with the secrets in them.
    pub daemon_secrets: BTreeMap<String, Vec<String>>,
    /// How long the engine may take to become ready.
    pub ready_timeout: std::time::Duration,
    /// What the container's log says when the engine listens; none for an image that is left alone.
    pub log_line: Option<String>,
    /// What is mounted at the engine's data root.
    pub data: DesiredData,
    /// What a new data root starts from.
    pub seed: Seed,
    /// What of a seed it takes, where its mode has such a thing.
    pub seed_files: Option<&'static SeedFiles>,
    /// What the engine should hold.
    pub engine: DesiredEngine,
}

/// What is mounted at an engine's data root, which tells whether the engine can be new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DesiredData {
    /// The volume of this real name.
    Volume(String),
    /// A host path: what it holds cannot be known from outside.
    HostPath,
    /// Memory: new at every start.
    Memory,
}

impl DesiredContainer {
    /// What it is given to use registries, with a hash in place of what each file says.
    pub fn access_without_content(&self, key: &SecretKey) -> BTreeMap<String, ContainerFile> {
        let files = self.access.iter();
        files
            .map(|(path, file)| (path.clone(), file.without_content(key)))
            .collect()
    }
}

impl DesiredInner {
    /// The configuration file as it is remembered and compared: a hash in place of each secret.
    pub fn daemon_without_secrets(&self, key: &SecretKey) -> DaemonSettings {
        let mut settings = self.daemon.clone();
        for (name, value) in &mut settings {
            if self.daemon_secrets.contains_key(name) {
                *value = sensitive(&key.hash(value.to_string().as_bytes()));
            }
        }
        settings
    }
}

/// Works out what every engine should hold.
pub fn desired(project: &Project, facts: &Facts) -> Desired {
    let mut engine = outermost(&project.on(&EngineChoice::Default), facts);
    for (name, other) in project.other_engines() {
        let part = project.on(&EngineChoice::Named(name.clone()));
        let wanted = outermost(&part, &facts.of(name));
        let other = OtherEngine::new(name, &other.address, wanted);
        engine.others.insert(name.clone(), other);
    }
    Desired {
        project: project.name.clone(),
        name_origin: project.name_origin,
        file: project.file.to_string_lossy().into_owned(),
        secret_key: facts.secret_key.clone(),
        places: Arc::clone(&project.places),
        engine,
    }
}

/// Works out what the outer engine should hold that all of a project, or a part of it, lives on.
fn outermost(project: &Project, facts: &Facts) -> DesiredEngine {
    let mut engine = DesiredEngine::default();
    let naming = Naming::outer(&project.name);
    let place = Place {
        project,
        facts,
        scope: &project.scope,
        address: None,
        naming: &naming,
        shared: UNSHARED,
        packet_size: None,
    };
    for (name, registry) in &project.registries {
        registry::add(&mut engine, &place, name, registry);
        push::add(&mut engine, &place, name, registry);
    }
    engine.logins = access::logins(&place, project.registries.keys());
    build::add_all(&mut engine, project, facts);
    add_scope(&mut engine, &place);
    engine
}

/// Adds what a scope wants of the engine that holds it.
fn add_scope(engine: &mut DesiredEngine, place: &Place<'_>) {
    let (scope, address) = (place.scope, place.address);
    for (name, volume) in &scope.volumes {
        if !volume.per_replica {
            volume::add_declared(engine, place.naming, address, name, volume);
        }
    }
    for image in &scope.images {
        engine.add_image(place.facts, address, image);
    }
    let has_registries = address.is_none() && !place.project.registries.is_empty();
    network::add_declared(engine, place, has_registries || network::has_default(scope));
    container::add_environments(engine, place);
    for (name, service) in &scope.services {
        for replica in 1..=service.replicas {
            service::add_service(engine, place, name, service, replica);
        }
    }
    let containers = engine.containers.values();
    let awaited = containers.flat_map(|container| &container.depends_on);
    let awaited = awaited.filter(|(_, condition)| **condition == Condition::Done);
    let awaited: BTreeSet<String> = awaited.map(|(name, _)| name.clone()).collect();
    for (name, container) in &mut engine.containers {
        container.is_awaited = awaited.contains(name);
    }
}

impl DesiredEngine {
    /// Whether anything that this engine, or one inside it, should hold has a secret in it.
    pub fn has_secrets(&self) -> bool {
        let key = SecretKey::default();
        let in_volume = |volume: &DesiredVolume| volume.settings.has_secrets();
        let in_container = |container: &DesiredContainer| {
            let inner = container.engine.as_ref();
            container.fixed.has_secrets()
                || !container.access.is_empty()
                || inner.is_some_and(|inner| {
                    !inner.daemon_secrets.is_empty() || inner.engine.has_secrets()
                })
        };
        let in_network = |network: &DesiredNetwork| network.settings.has_secrets();
        let in_image = |image: &DesiredImage| match &image.source {
            DesiredImageSource::Build(build) => {
                !build.how.secrets.is_empty()
                    || build.settings.without_secrets(&key) != build.settings
            }
            _ => false,
        };
        !self.logins.is_empty()
            || self.volumes.values().any(in_volume)
            || self.images.values().any(in_image)
            || self.networks.values().any(in_network)
            || self.containers.values().any(in_container)
            || (self.others.values()).any(|other| other.engine.has_secrets())
    }
}

/// A list of a configuration file, as JSON.
fn json_list(items: impl IntoIterator<Item = String>) -> Value {
    items.into_iter().collect()
}
