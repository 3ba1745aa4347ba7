//! Environments: a container with an engine, and what that engine holds.

use std::time::Duration;

use indexmap::IndexMap;

use crate::mode::Mode;
use crate::model::Scope;
use crate::model::build::Build;
use crate::model::container::Container;
use crate::model::dependency::Dependency;
use crate::model::mount::{Mount, MountSource};
use crate::model::name::{MemberName, RegistryName, VolumeName};
use crate::model::outer_engine::EngineChoice;
use crate::model::setting::Setting;

/// An environment of a scope.
#[derive(Debug, Clone, PartialEq)]
pub struct Environment {
    /// Its outer container.
    pub outer: Outer,
    /// What its engine holds. In a mode that shares the outer engine this lives there.
    pub inner: Scope,
    /// What is mounted in the outer container and shared with its engine.
    pub volumes: Vec<Mount>,
    /// The registries that its engine can use.
    pub registries: Vec<RegistryName>,
    /// The outer engine that it lives on.
    pub engine: EngineChoice,
    /// Environments and services of the scope that this one waits for before it is started.
    pub depends_on: IndexMap<MemberName, Dependency>,
    /// How many containers, each with its own engine.
    pub replicas: u32,
    /// Whether its destruction is refused.
    pub protect: bool,
}

/// The outer container of an environment.
#[derive(Debug, Clone, PartialEq)]
pub struct Outer {
    /// How the container is made and how its engine is reached.
    pub mode: &'static Mode,
    /// What every container has.
    pub container: Box<Container>,
    /// How its image is built, if it is.
    pub build: Option<Build>,
    /// How clients beside the container reach the engine. Meaningless where the mode shares the outer engine.
    pub listen: Listen,
    /// Path of the engine's socket in the container.
    pub socket: String,
    /// Where the engine's data lives. Meaningless where the mode shares the outer engine.
    pub data: Data,
    /// Keys of the engine's configuration file, as the file gives them.
    pub daemon: IndexMap<String, Setting>,
    /// How long the engine inside may take to become ready.
    pub ready_timeout: Duration,
}

/// Where the data root of an environment's engine lives, and whether `down` keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Data {
    /// What is mounted at the data root.
    pub place: DataPlace,
    /// Whether a plain `down` keeps it.
    pub keep: bool,
    /// What a new one starts from.
    pub seed: Seed,
}

/// How clients beside an outer container reach its engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listen {
    /// Through a socket in a shared volume, without any TCP port.
    Socket,
    /// Through TCP port 2376, with certificates.
    Tls,
    /// Through TCP port 2375, open to whoever reaches it.
    Tcp,
}

/// What a new data root starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seed {
    /// Nothing.
    None,
    /// A copy of a seed that nest keeps, if there is one.
    Found,
    /// A copy of a seed that nest keeps, and makes if there is none.
    Copy,
    /// The layers of that seed, by hard links.
    Link,
}

/// What is mounted at an engine's data root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DataPlace {
    /// A volume of the environment's own.
    Own,
    /// A volume that the scope declares.
    Volume(VolumeName),
    /// An absolute path on the engine's host.
    Path(String),
    /// Memory: gone when the container stops.
    Tmpfs,
}

impl Environment {
    /// The mounts whose source is this volume of the scope.
    pub fn mounts_of<'a>(&'a self, volume: &'a VolumeName) -> impl Iterator<Item = &'a Mount> {
        self.volumes.iter().filter(
            move |mount| matches!(&mount.source, MountSource::Volume(name) if name == volume),
        )
    }
}
