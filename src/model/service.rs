//! Services: containers without an engine of their own.

pub mod wiring;

use std::fmt;

use indexmap::IndexMap;

use crate::model::build::Build;
use crate::model::container::Container;
use crate::model::dependency::Dependency;
use crate::model::mount::Mount;
use crate::model::name::{EnvironmentName, MemberName};

/// A service of a scope.
#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    /// Its container.
    pub container: Box<Container>,
    /// How its image is built, if it is.
    pub build: Option<Build>,
    /// What is mounted in it. None is shared with an engine inside, for there is none.
    pub volumes: Vec<Mount>,
    /// The environment whose engine it is a client of, if it is one.
    pub docker_host: Option<DockerHost>,
    /// Environments and services of the scope that it waits for, besides the one whose client it is.
    pub depends_on: IndexMap<MemberName, Dependency>,
    /// How many containers.
    pub replicas: u32,
}

/// The engine that a service is a client of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DockerHost {
    /// The environment.
    pub environment: EnvironmentName,
    /// Which of its replicas, counted from 1. Nothing for its only one, or for each service's replica the one of its number.
    pub replica: Option<u32>,
}

impl fmt::Display for DockerHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.replica {
            Some(replica) => write!(f, "{}[{replica}]", self.environment),
            None => self.environment.fmt(f),
        }
    }
}
