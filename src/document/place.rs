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
    /// Where the addresses of a network come from.
    Ipam,
    /// A list of pools of addresses, one for each subnet.
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

/// What stands under a key of a place.
const BELOW: &[(Place, &[&str], Place)] = &[
    (Place::Scope, &["environments"], Place::Environments),
    (Place::Scope, &["services"], Place::Services),
    (
        Place::Scope,
        &[
            "volumes",
            "registries",
            "networks",
            "secrets",
            "configs",
            "engines",
        ],
        Place::Named,
    ),
    (Place::Scope, &["images"], Place::Images),
    (Place::Environment, &["outer"], Place::Outer),
    (Place::Environment, &["inner"], Place::Scope),
    (Place::Environment, &["volumes"], Place::Mounts),
    (Place::Environment, &["depends_on"], Place::Dependencies),
    (Place::Environment, &["registries"], Place::Names),
    (Place::Environment, &["profiles"], Place::Texts),
    (Place::Service, &["volumes"], Place::Mounts),
    (Place::Service, &["depends_on"], Place::Dependencies),
    (Place::Service, &["profiles"], Place::Texts),
    (
        Place::NamedSettings,
        &["environment", "labels", "driver_opts"],
        Place::Variables,
    ),
    (Place::NamedSettings, &["images"], Place::Images),
    (Place::NamedSettings, &["networks"], Place::Names),
    (Place::NamedSettings, &["password"], Place::Whole),
    (Place::NamedSettings, &["ipam"], Place::Ipam),
    (Place::Ipam, &["config"], Place::Pools),
    (Place::Ipam, &["options"], Place::Variables),
    (
        Place::Build,
        &["args", "labels", "additional_contexts", "ssh"],
        Place::Variables,
    ),
    (Place::Build, &["extra_hosts"], Place::Hosts),
    (Place::Build, &["tags", "platforms"], Place::Texts),
    (Place::Build, &["secrets"], Place::Secrets),
    (Place::Logging, &["options"], Place::Variables),
    (Place::Deploy, &["labels"], Place::Variables),
    (Place::Healthcheck, &["test"], Place::Whole),
    (
        Place::Attachment,
        &["aliases", "link_local_ips"],
        Place::Texts,
    ),
    (Place::Attachment, &["driver_opts"], Place::Variables),
];

/// What stands under a key that services and outer containers have.
const OF_CONTAINER: &[(&[&str], Place)] = &[
    (&["command", "entrypoint"], Place::Whole),
    (&["ports"], Place::Ports),
    (
        &["environment", "labels", "sysctls", "annotations"],
        Place::Variables,
    ),
    (&["extra_hosts"], Place::Hosts),
    (&["networks"], Place::Attachments),
    (&["devices"], Place::Devices),
    (&["secrets"], Place::Secrets),
    (&["configs"], Place::Configs),
    (&["env_file"], Place::EnvFiles),
    (
        &[
            "dns",
            "dns_search",
            "dns_opt",
            "tmpfs",
            "cap_add",
            "cap_drop",
            "expose",
            "links",
            "label_file",
        ],
        Place::Texts,
    ),
    (&["build"], Place::Build),
    (&["healthcheck"], Place::Healthcheck),
    (&["logging"], Place::Logging),
    (&["deploy"], Place::Deploy),
];

impl Place {
    /// The place of the value of a key.
    pub(crate) fn below(self, key: &str) -> Self {
        let own = BELOW
            .iter()
            .find(|(place, keys, _)| *place == self && keys.contains(&key))
            .map(|(_, _, below)| *below);
        match self {
            Self::Environments => Self::Environment,
            Self::Services => Self::Service,
            Self::Named => Self::NamedSettings,
            Self::Attachments => Self::Attachment,
            // A value that is a mapping says where a secret comes from.
            Self::Variables => Self::Whole,
            Self::Service | Self::Outer => own
                .or_else(|| {
                    let shared = OF_CONTAINER.iter().find(|(keys, _)| keys.contains(&key));
                    shared.map(|(_, below)| *below)
                })
                .unwrap_or(Self::Other),
            _ => own.unwrap_or(Self::Other),
        }
    }
}
