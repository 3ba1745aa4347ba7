//! What to say about a key: misspelt, misplaced, or not acted on yet.

use crate::problem::ShapeProblem;
use crate::problem::suggestion::{did_you_mean, quoted_list};
use crate::source::Span;

/// Keys of the format that this version does not act on, by the type that has them. They are read and checked all the same.
pub(crate) const NOT_SUPPORTED_YET: &[(&str, &[&str])] = &[
    ("OuterKeys", &["socket"]),
    ("BindSpec", &["selinux"]),
    ("PortMapping", &["mode", "name", "app_protocol"]),
];

/// Keys that people write in the wrong place, by the type where they do, and what to do about it.
const MISPLACED: &[(&str, &[&str], &str)] = &[
    (
        "EnvironmentSpec",
        &[
            "image",
            "command",
            "environment",
            "ports",
            "hostname",
            "cpus",
            "memory",
            "mem_limit",
            "restart",
            "data",
            "daemon",
            "ready",
            "listen",
            "mode",
            "socket",
            "build",
            "entrypoint",
            "env_file",
            "privileged",
            "networks",
            "network_mode",
            "user",
            "working_dir",
            "labels",
            "tmpfs",
            "dns",
            "extra_hosts",
            "cap_add",
            "cap_drop",
            "devices",
            "runtime",
            "container_name",
            "healthcheck",
            "expose",
            "init",
        ],
        "it is about the container alone: move it into `outer`",
    ),
    (
        "EnvironmentSpec",
        &[
            "images",
            "services",
            "environments",
            "secrets",
            "configs",
            "compose",
        ],
        "it is about what the engine inside holds: move it into `inner`",
    ),
    (
        "OuterKeys",
        &[
            "volumes",
            "registries",
            "depends_on",
            "replicas",
            "profiles",
            "engine",
            "protect",
        ],
        "move it beside `outer`",
    ),
    (
        "OuterKeys",
        &["images", "services", "environments", "inner"],
        "it is about what the engine inside holds: move it into `inner`, beside `outer`",
    ),
    (
        "OuterKeys",
        &["docker_host"],
        "only services have it: an environment has an engine of its own",
    ),
    (
        "ScopeSpec",
        &["registries", "name", "include", "policy", "engines"],
        "only the top of the file has it",
    ),
    (
        "ScopeSpec",
        &["outer", "depends_on", "replicas"],
        "move it beside `inner`",
    ),
    (
        "FileSpec",
        &["outer", "inner"],
        "it belongs to an environment: `environments: { sandbox: { outer: dind } }`",
    ),
    (
        "FileSpec",
        &["version"],
        "remove it: the format has no version",
    ),
];

/// The problem with a key that the type `owner`, whose keys are `known`, does not have.
pub(crate) fn unknown_key(owner: &str, key: &str, known: &[&str], at: Span) -> ShapeProblem {
    let later = keys_to_come(owner);
    if later.contains(&key) {
        return not_supported_yet(format!("`{key}`"), at);
    }
    let key = key.to_owned();
    let misplaced = MISPLACED
        .iter()
        .find(|(name, keys, _)| *name == owner && keys.contains(&key.as_str()));
    if let Some((_, _, hint)) = misplaced {
        let hint = (*hint).to_owned();
        return ShapeProblem::MisplacedKey { key, hint, at };
    }
    let hint = did_you_mean(&key, known.iter().chain(later).copied(), || {
        format!("known here: {}", quoted_list(known.iter().copied()))
    });
    ShapeProblem::UnknownKey { key, hint, at }
}

/// The warning about a key of the type `owner` that is read and checked, but that this version does not act on.
pub(crate) fn key_to_come(owner: &str, key: &str, at: Span) -> Option<ShapeProblem> {
    let comes_later = keys_to_come(owner).contains(&key);
    comes_later.then(|| not_supported_yet(format!("`{key}`"), at))
}

/// The warning about part of the format that this version does not act on.
pub(crate) fn not_supported_yet(what: String, at: Span) -> ShapeProblem {
    let reason = "it is part of the format; this version can check it, but not carry it out";
    ShapeProblem::NotSupportedYet {
        what,
        reason: reason.to_owned(),
        at,
    }
}

fn keys_to_come(owner: &str) -> &'static [&'static str] {
    NOT_SUPPORTED_YET
        .iter()
        .find(|(name, _)| *name == owner)
        .map_or(&[], |(_, keys)| keys)
}
