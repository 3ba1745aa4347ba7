//! Compose files: where a nest file names them, and which keys they may have.
//!
//! A Compose file is decoded into the same types as a nest file. What differs is listed here.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::problem::ComposeProblem;
use crate::problem::suggestion::{did_you_mean, quoted_list};
use crate::source::Span;
use crate::spec::decode::Field;
use crate::spec::include::PathsSpec;

/// Compose files that join a scope.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(rename = "Compose", untagged)]
pub(crate) enum ComposeSpec {
    /// One file.
    #[schemars(title = "path", example = &"compose.yaml")]
    Scalar(String),
    /// One file, and what it is read with.
    #[schemars(title = "path and more")]
    Mapping(Box<ComposeMapping>),
    /// Several files, each for itself.
    #[schemars(title = "several")]
    Sequence(Vec<Field<ComposeFileSpec>>),
}

/// A Compose file that joins a scope.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(rename = "ComposeFile", untagged)]
pub(crate) enum ComposeFileSpec {
    /// The file's path.
    #[schemars(title = "path", example = &"compose.yaml")]
    Scalar(String),
    /// The file's path, and what it is read with.
    #[schemars(title = "path and more")]
    Mapping(Box<ComposeMapping>),
}

/// A Compose file that joins a scope, and what it is read with.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["path"]))]
pub(crate) struct ComposeMapping {
    /// The file's path. Of several files, each goes over the ones before.
    #[schemars(example = &"compose.yaml")]
    pub(crate) path: Field<PathsSpec>,
    /// Files that set variables. Default: `.env` in the folder of the Compose file.
    #[schemars(example = &"compose.env")]
    pub(crate) env_file: Field<PathsSpec>,
    /// The folder that relative paths in the Compose file start from. Default: the one that it is in.
    #[schemars(example = &"../app")]
    pub(crate) project_directory: Field<String>,
    /// Profiles of the Compose file whose services are always there; `*` is all. Services of other profiles are there when
    /// nest is asked for these.
    #[schemars(example = &["debug"])]
    pub(crate) profiles: Field<Vec<Field<String>>>,
}

/// The sections of a Compose file that join a scope.
pub(crate) const SECTIONS: [&str; 5] = ["services", "volumes", "networks", "secrets", "configs"];

/// Keys of a Compose file's top level that say nothing to a scope.
const SILENT: [&str; 3] = ["name", "version", "include"];

/// The most keys that help lists.
const MOST_LISTED: usize = 12;

/// What Compose calls the top level, in the table of keys.
const FILE: &str = "file";

/// All keys of mappings in which Compose has others than nest, by the type that they are decoded into.
const KEYS: &[(&str, &[&str])] = &[
    (
        FILE,
        &[
            "services", "volumes", "networks", "secrets", "configs", "models", "include", "name",
            "version",
        ],
    ),
    (
        "ServiceKeys",
        &[
            "annotations",
            "attach",
            "blkio_config",
            "build",
            "cap_add",
            "cap_drop",
            "cgroup",
            "cgroup_parent",
            "command",
            "configs",
            "container_name",
            "cpu_count",
            "cpu_percent",
            "cpu_period",
            "cpu_quota",
            "cpu_rt_period",
            "cpu_rt_runtime",
            "cpu_shares",
            "cpus",
            "cpuset",
            "credential_spec",
            "depends_on",
            "deploy",
            "develop",
            "device_cgroup_rules",
            "devices",
            "dns",
            "dns_opt",
            "dns_search",
            "domainname",
            "entrypoint",
            "env_file",
            "environment",
            "expose",
            "extends",
            "external_links",
            "extra_hosts",
            "gpus",
            "group_add",
            "healthcheck",
            "hostname",
            "image",
            "init",
            "ipc",
            "isolation",
            "label_file",
            "labels",
            "links",
            "logging",
            "mac_address",
            "mem_limit",
            "mem_reservation",
            "mem_swappiness",
            "memswap_limit",
            "models",
            "network_mode",
            "networks",
            "oom_kill_disable",
            "oom_score_adj",
            "pid",
            "pids_limit",
            "platform",
            "ports",
            "post_start",
            "pre_stop",
            "privileged",
            "profiles",
            "provider",
            "pull_policy",
            "pull_refresh_after",
            "read_only",
            "restart",
            "runtime",
            "scale",
            "secrets",
            "security_opt",
            "shm_size",
            "stdin_open",
            "stop_grace_period",
            "stop_signal",
            "storage_opt",
            "sysctls",
            "tmpfs",
            "tty",
            "ulimits",
            "use_api_socket",
            "user",
            "userns_mode",
            "uts",
            "volumes",
            "volumes_from",
            "working_dir",
        ],
    ),
    (
        "BuildMapping",
        &[
            "additional_contexts",
            "args",
            "cache_from",
            "cache_to",
            "context",
            "dockerfile",
            "dockerfile_inline",
            "entitlements",
            "extra_hosts",
            "isolation",
            "labels",
            "network",
            "no_cache",
            "no_cache_filter",
            "platforms",
            "privileged",
            "provenance",
            "pull",
            "sbom",
            "secrets",
            "shm_size",
            "ssh",
            "tags",
            "target",
            "ulimits",
        ],
    ),
    (
        "DeploySpec",
        &[
            "endpoint_mode",
            "labels",
            "mode",
            "placement",
            "replicas",
            "resources",
            "restart_policy",
            "rollback_config",
            "update_config",
        ],
    ),
    (
        "ReservationsSpec",
        &["cpus", "devices", "generic_resources", "memory"],
    ),
    (
        "MountMapping",
        &[
            "bind",
            "consistency",
            "image",
            "read_only",
            "source",
            "target",
            "tmpfs",
            "type",
            "volume",
        ],
    ),
    (
        "BindSpec",
        &["create_host_path", "propagation", "recursive", "selinux"],
    ),
    ("MountVolumeSpec", &["labels", "nocopy", "subpath"]),
    (
        "PortMapping",
        &[
            "app_protocol",
            "host_ip",
            "mode",
            "name",
            "protocol",
            "published",
            "target",
        ],
    ),
    (
        "VolumeSpec",
        &["driver", "driver_opts", "external", "labels", "name"],
    ),
    (
        "NetworkSpec",
        &[
            "attachable",
            "driver",
            "driver_opts",
            "enable_ipv4",
            "enable_ipv6",
            "external",
            "internal",
            "ipam",
            "labels",
            "name",
        ],
    ),
    (
        "SecretSpec",
        &[
            "driver",
            "driver_opts",
            "environment",
            "external",
            "file",
            "labels",
            "name",
            "template_driver",
        ],
    ),
    (
        "ConfigSpec",
        &[
            "content",
            "environment",
            "external",
            "file",
            "labels",
            "name",
            "template_driver",
        ],
    ),
];

/// The problem with a key in a Compose file where Compose's keys differ from nest's; otherwise it is as in a nest file.
/// `is_known` says whether nest has it there too.
pub(crate) fn compose_key(
    owner: &str,
    key: &str,
    is_known: bool,
    at: &Span,
) -> Option<ComposeProblem> {
    let (_, keys) = KEYS.iter().find(|(name, _)| *name == owner)?;
    let name = key.to_owned();
    let at = at.clone();
    match (keys.contains(&key), is_known) {
        (true, true) => None,
        (true, false) => Some(ComposeProblem::Ignored { key: name, at }),
        (false, _) => {
            let hint = did_you_mean(key, keys.iter().copied(), || {
                if is_known {
                    "it is nest's own: write it in a nest file".to_owned()
                } else if keys.len() > MOST_LISTED {
                    "remove it: Compose would refuse the file too".to_owned()
                } else {
                    format!("Compose knows here: {}", quoted_list(keys.iter().copied()))
                }
            });
            let key = name;
            Some(ComposeProblem::UnknownKey { key, hint, at })
        }
    }
}

/// The problem with a key of the top level of a Compose file.
pub(crate) fn top_level_key(key: &str, at: &Span) -> Option<ComposeProblem> {
    if SILENT.contains(&key) || key.starts_with("x-") {
        return None;
    }
    compose_key(FILE, key, SECTIONS.contains(&key), at)
}
