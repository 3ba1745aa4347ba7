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
    /// Services by name.
    Services,
    /// One service.
    Service,
    /// Volumes, registries, networks, secrets or configs by name.
    Named,
    /// One of these.
    NamedSettings,
    /// The address pools of a network.
    Pools,
    /// How an image is built; a word is the folder.
    Build,
    /// A health check.
    Healthcheck,
    /// Where output goes: options belong to their driver.
    Logging,
    /// Limits and replicas, as Compose also writes them.
    Deploy,
    /// Networks of a container with their settings.
    Attachments,
    /// How a container is attached to one network.
    Attachment,
    /// Environment variables, labels or options: a mapping, or a list of `NAME=value`.
    Variables,
    /// Host names with addresses: a mapping, or a list.
    Hosts,
    /// Names, or names with settings: what must be ready first.
    Dependencies,
    /// A list of mounts, one for each path in the container.
    Mounts,
    /// A list of devices, one for each path in the container.
    Devices,
    /// A list of secrets, one for each path in the container.
    Secrets,
    /// A list of configs, one for each path in the container.
    Configs,
    /// A list of published ports.
    Ports,
    /// A list of images, one for each name.
    Images,
    /// A list of names.
    Names,
    /// A list of which each item is its part before the `=`; one text is a list too.
    Texts,
    /// A list of files, each once; one text is a list too.
    EnvFiles,
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
            (Self::Scope, "services") => Self::Services,
            (Self::Scope, "volumes" | "registries" | "networks" | "secrets" | "configs") => {
                Self::Named
            }
            (Self::Scope, "images") => Self::Images,
            (Self::Environments, _) => Self::Environment,
            (Self::Environment, "outer") => Self::Outer,
            (Self::Environment, "inner") => Self::Scope,
            (Self::Environment | Self::Service, "volumes") => Self::Mounts,
            (Self::Environment | Self::Service, "depends_on") => Self::Dependencies,
            (Self::Environment, "registries") => Self::Names,
            (Self::Environment | Self::Service, "profiles") => Self::Texts,
            (Self::Services, _) => Self::Service,
            (Self::Service | Self::Outer, _) => Self::of_container_key(key),
            (Self::Named, _) => Self::NamedSettings,
            (Self::NamedSettings, "environment" | "labels" | "driver_opts") => Self::Variables,
            (Self::NamedSettings, "ipam") => Self::Pools,
            (Self::Pools, "config") => Self::Pools,
            (Self::Pools, "options")
            | (Self::Build, "args" | "labels" | "additional_contexts")
            | (Self::Logging, "options")
            | (Self::Attachment, "driver_opts")
            | (Self::Deploy, "labels") => Self::Variables,
            (Self::Build, "extra_hosts") => Self::Hosts,
            (Self::Build, "tags" | "platforms") => Self::Texts,
            (Self::Build, "secrets") => Self::Secrets,
            (Self::Healthcheck, "test") => Self::Whole,
            (Self::Attachments, _) => Self::Attachment,
            (Self::Attachment, "aliases" | "link_local_ips") => Self::Texts,
            _ => Self::Other,
        }
    }

    /// The place of the value of a key that services and outer containers have.
    fn of_container_key(key: &str) -> Self {
        match key {
            "command" | "entrypoint" => Self::Whole,
            "ports" => Self::Ports,
            "environment" | "labels" | "sysctls" | "annotations" => Self::Variables,
            "extra_hosts" => Self::Hosts,
            "networks" => Self::Attachments,
            "devices" => Self::Devices,
            "secrets" => Self::Secrets,
            "configs" => Self::Configs,
            "env_file" => Self::EnvFiles,
            "dns" | "dns_search" | "dns_opt" | "tmpfs" | "cap_add" | "cap_drop" | "expose"
            | "links" | "label_file" => Self::Texts,
            "build" => Self::Build,
            "healthcheck" => Self::Healthcheck,
            "logging" => Self::Logging,
            "deploy" => Self::Deploy,
            _ => Self::Other,
        }
    }
}
