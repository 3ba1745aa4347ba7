//! The table of attributes: what each is compared with, and what a difference means.

use crate::plan::change::{Action, FieldDiff, Impact};

/// What a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The container of an environment, a service or a registry.
    Container,
    /// A volume that holds data.
    DataVolume,
    /// A volume that holds nothing of its own: a view of another one, or the folder of a socket.
    OtherVolume,
    /// A network.
    Network,
    /// An image.
    Image,
}

/// What an attribute that the file declares is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Against {
    /// The label of the object, which says what it was made with.
    Label,
    /// The image that the container was made from.
    ImageOfContainer,
    /// What the engine reports.
    Engine,
    /// The label of the object, or the record where that was applied otherwise since.
    LabelAndRecord,
    /// The record of what was last applied, and the file that the engine inside reads.
    RecordAndFile,
    /// The record of what was last applied.
    Record,
    /// What the source contains now.
    Source,
}

/// What a difference means, from mild to severe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// It is changed in place.
    Update,
    /// It is written, and the engine inside reads it again.
    Reload,
    /// It is written, and the engine inside is restarted.
    EngineRestart,
    /// The object is replaced.
    Replace,
    /// The object is replaced, and its data is lost.
    LoseData,
}

/// What is true of some attributes of one sort of object.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// The sort of object.
    pub subject: Subject,
    /// The attributes as plans name them; `*` at the end stands for any name.
    pub attributes: &'static [&'static str],
    /// What they are compared with.
    pub against: Against,
    /// What it means that one is another now, or new.
    pub changed: Effect,
    /// What it means that one is no longer declared.
    pub removed: Effect,
}

/// Every rule. Of several that fit an attribute the first holds.
pub const RULES: &[Rule] = &[
    Rule {
        subject: Subject::Container,
        attributes: &["image id", "image content"],
        against: Against::ImageOfContainer,
        changed: Effect::Replace,
        removed: Effect::Replace,
    },
    Rule {
        subject: Subject::Container,
        attributes: &["cpus", "memory"],
        against: Against::Engine,
        changed: Effect::Update,
        // Engines do not lift these in place.
        removed: Effect::Replace,
    },
    Rule {
        subject: Subject::Container,
        attributes: &["pids_limit", "restart", "network *"],
        against: Against::Engine,
        changed: Effect::Update,
        removed: Effect::Update,
    },
    Rule {
        subject: Subject::Container,
        // What an engine takes over on SIGHUP. All others it silently ignores until it is restarted
        // (<https://docs.docker.com/reference/cli/dockerd/#configuration-reload-behavior>).
        attributes: &[
            "daemon.authorization-plugins",
            "daemon.debug",
            "daemon.default-runtime",
            "daemon.default-shm-size",
            "daemon.features",
            "daemon.insecure-registries",
            "daemon.labels",
            "daemon.live-restore",
            "daemon.max-concurrent-downloads",
            "daemon.max-concurrent-uploads",
            "daemon.max-download-attempts",
            "daemon.registry-mirrors",
            "daemon.runtimes",
            "daemon.shutdown-timeout",
        ],
        against: Against::RecordAndFile,
        changed: Effect::Reload,
        // One that is no longer in the file keeps its old value when the engine reads it again.
        removed: Effect::EngineRestart,
    },
    Rule {
        subject: Subject::Container,
        attributes: &["daemon.*"],
        against: Against::RecordAndFile,
        changed: Effect::EngineRestart,
        removed: Effect::EngineRestart,
    },
    Rule {
        subject: Subject::Container,
        // Certificates of registries' authorities, and what logs in to them: read each time that they are used.
        attributes: &["registry file *"],
        against: Against::Record,
        changed: Effect::Update,
        removed: Effect::Update,
    },
    Rule {
        subject: Subject::Container,
        attributes: &[
            "image",
            "platform",
            "mode",
            "socket",
            "command",
            "environment.*",
            "hostname",
            "port *",
            "mount *",
            "init",
            "privileged",
            "stop_timeout",
            "labels.*",
            "runtime",
            "user",
            "group_add",
            "working_dir",
            "tty",
            "stdin_open",
            "stop_signal",
            "read_only",
            "cap_add",
            "cap_drop",
            "security_opt",
            "devices",
            "device_cgroup_rules",
            "sysctls.*",
            "ulimits.*",
            "shm_size",
            "tmpfs *",
            "extra_hosts",
            "dns",
            "dns_search",
            "entrypoint",
            "expose",
            "network_mode",
            "ipc",
            "pid",
            "cgroup",
            "cgroup_parent",
            "userns_mode",
            "cpuset",
            "cpu_shares",
            "mem_reservation",
            "memswap_limit",
            "gpus",
            "healthcheck",
            "logging.*",
            "file *",
        ],
        against: Against::Label,
        changed: Effect::Replace,
        removed: Effect::Replace,
    },
    Rule {
        subject: Subject::DataVolume,
        attributes: &["keep"],
        against: Against::LabelAndRecord,
        changed: Effect::Update,
        removed: Effect::Update,
    },
    Rule {
        subject: Subject::DataVolume,
        attributes: &["driver", "driver_opts.*", "labels.*"],
        against: Against::Label,
        changed: Effect::LoseData,
        removed: Effect::LoseData,
    },
    Rule {
        subject: Subject::OtherVolume,
        attributes: &["driver", "driver_opts.*", "labels.*"],
        against: Against::Label,
        changed: Effect::Replace,
        removed: Effect::Replace,
    },
    Rule {
        subject: Subject::Network,
        attributes: &[
            "driver",
            "driver_opts.*",
            "labels.*",
            "internal",
            "attachable",
            "enable_ipv4",
            "enable_ipv6",
            "ipam.driver",
            "ipam.options.*",
            "subnet *",
        ],
        against: Against::Label,
        changed: Effect::Replace,
        removed: Effect::Replace,
    },
    Rule {
        subject: Subject::Image,
        attributes: &["content", "names"],
        against: Against::Source,
        changed: Effect::Update,
        removed: Effect::Update,
    },
];

/// The rule for an attribute, if there is one.
pub fn rule_of(subject: Subject, attribute: &str) -> Option<&'static Rule> {
    let is_it = |pattern: &&str| match pattern.strip_suffix('*') {
        Some(start) => attribute.len() > start.len() && attribute.starts_with(start),
        None => *pattern == attribute,
    };
    RULES
        .iter()
        .find(|rule| rule.subject == subject && rule.attributes.iter().any(is_it))
}

/// What a difference means. An attribute without a rule is taken for one that only a replacement changes.
pub(crate) fn effect(subject: Subject, field: &FieldDiff) -> Effect {
    let Some(rule) = rule_of(subject, &field.name) else {
        return Effect::Replace;
    };
    if field.after.is_none() {
        rule.removed
    } else {
        rule.changed
    }
}

impl Effect {
    /// What becomes of the object.
    pub fn action(self) -> Action {
        match self {
            Effect::Update | Effect::Reload | Effect::EngineRestart => Action::Update,
            Effect::Replace | Effect::LoseData => Action::Replace,
        }
    }

    /// What it does to what runs.
    pub fn impact(self) -> Impact {
        match self {
            Effect::Update => Impact::None,
            Effect::Reload => Impact::Reload,
            Effect::EngineRestart => Impact::EngineRestart,
            Effect::Replace => Impact::Replace,
            Effect::LoseData => Impact::DataLoss,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::plan::rule::{Effect, Subject, rule_of};

    #[test]
    fn the_first_rule_that_fits_holds() {
        let effect = |attribute| rule_of(Subject::Container, attribute).map(|rule| rule.changed);
        assert_eq!(effect("daemon.debug"), Some(Effect::Reload));
        assert_eq!(effect("daemon.mtu"), Some(Effect::EngineRestart));
        assert_eq!(effect("environment.A"), Some(Effect::Replace));
        assert_eq!(effect("environment."), None);
        assert_eq!(effect("nonsense"), None);
    }
}
