//! Real names of objects on an engine.

use crate::model::Volume;
use crate::model::name::{EnvironmentName, ProjectName, VolumeName};

/// How the objects of one scope are named on the engine that holds them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Naming {
    project: ProjectName,
    container_prefix: String,
    volume_prefix: String,
    network_prefix: String,
}

impl Naming {
    /// Names on the outer engine, which holds other people's objects too: `PROJECT-NAME-I`, `PROJECT_NAME`.
    pub fn outer(project: &ProjectName) -> Self {
        Self {
            project: project.clone(),
            container_prefix: format!("{project}-"),
            volume_prefix: format!("{project}_"),
            network_prefix: format!("{project}_"),
        }
    }

    /// Names in an engine of the project's own: `NAME-I`, volumes plainly `NAME`, networks `PROJECT_NAME`.
    pub fn inner(project: &ProjectName) -> Self {
        Self {
            project: project.clone(),
            container_prefix: String::new(),
            volume_prefix: String::new(),
            network_prefix: format!("{project}_"),
        }
    }

    /// Names of the scope of an environment that shares the engine of this scope.
    #[must_use]
    pub fn shared(&self, environment: &EnvironmentName) -> Self {
        Self {
            project: self.project.clone(),
            container_prefix: format!("{}{environment}-", self.container_prefix),
            volume_prefix: format!("{}{environment}_", self.volume_prefix),
            network_prefix: format!("{}{environment}_", self.network_prefix),
        }
    }

    /// The project whose names these are.
    pub fn project(&self) -> &ProjectName {
        &self.project
    }

    /// The name of a container, replicas counted from 1.
    pub fn container(&self, name: &str, replica: u32) -> String {
        format!("{}{name}-{replica}", self.container_prefix)
    }

    /// The name of a volume that nest makes for a container of its own.
    pub fn own_volume(&self, name: &str, purpose: &str) -> String {
        format!("{}{name}-{purpose}", self.volume_prefix)
    }

    /// The name of a declared volume.
    pub fn volume(&self, name: &VolumeName, volume: Option<&Volume>) -> String {
        match volume.and_then(|volume| volume.explicit_name.clone()) {
            Some(explicit_name) => explicit_name,
            None => format!("{}{name}", self.volume_prefix),
        }
    }

    /// The name of a network.
    pub fn network(&self, name: &str) -> String {
        format!("{}{name}", self.network_prefix)
    }
}
