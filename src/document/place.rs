//! Where in a file a value stands, as far as merging differs there.

/// A place in a nest file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// The top level, or what an engine should hold.
    Scope,
    /// Environments by name.
    Environments,
    /// One environment.
    Environment,
    /// The outer container of an environment; a word is its mode.
    Outer,
    /// Volumes, networks or registries by name.
    Named,
    /// One volume, network or registry.
    NamedSettings,
    /// Environment variables, labels or options: a mapping, or a list of `NAME=value`.
    Variables,
    /// What must be ready first: names, or names with a condition.
    Dependencies,
    /// A list of mounts, one for each path in the container.
    Mounts,
    /// A list of published ports.
    Ports,
    /// A list of images, one for each name.
    Images,
    /// A list of names.
    Names,
    /// How an image is built; a word is its context.
    Build,
    /// A value that is one whole: a command.
    Whole,
    /// Everything else.
    Other,
}

impl Place {
    /// The place of the value of a key.
    pub(crate) fn below(self, key: &str) -> Self {
        match (self, key) {
            (Self::Scope, "environments") => Self::Environments,
            (Self::Scope, "volumes" | "networks" | "registries") => Self::Named,
            (Self::Scope, "images") => Self::Images,
            (Self::Environments, _) => Self::Environment,
            (Self::Environment, "outer") => Self::Outer,
            (Self::Environment, "inner") => Self::Scope,
            (Self::Environment, "volumes") => Self::Mounts,
            (Self::Environment, "depends_on") => Self::Dependencies,
            (Self::Environment, "registries") | (Self::Build, "platforms" | "tags") => Self::Names,
            (Self::Outer, "command") | (Self::Variables, _) => Self::Whole,
            (Self::Outer, "build") => Self::Build,
            (Self::Outer, "ports") => Self::Ports,
            (Self::Named, _) => Self::NamedSettings,
            (Self::Outer, "environment")
            | (Self::Build, "args" | "labels" | "additional_contexts" | "ssh")
            | (Self::NamedSettings, "environment" | "labels" | "driver_opts") => Self::Variables,
            _ => Self::Other,
        }
    }
}
