//! Policies: what files may not ask for.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::spec::decode::{Field, Table};
use crate::spec::schema::ModeSchema;

/// What the file may not ask for, at any depth. Policies of the host and of `--policy` hold too: the strictest of all.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "Policy", example = policy())]
pub(crate) struct PolicySpec {
    /// The modes that environments may have. Default: all.
    #[schemars(with = "Vec<ModeSchema>", example = ["sysbox", "rootless"])]
    pub(crate) modes: Field<Vec<Field<String>>>,
    /// Whether containers may have more than the usual privileges: `privileged`, `cap_add` of `ALL` or `SYS_ADMIN`, the
    /// host's namespaces, devices, unconfined profiles. Default: `allow`.
    #[schemars(example = &"deny")]
    pub(crate) privileged: Field<Verdict>,
    /// Whether containers may have the socket of the engine that they run on, or a folder above one. Default: `allow`.
    #[schemars(example = &"deny")]
    pub(crate) socket: Field<Verdict>,
    /// Whether engines may listen on TCP without certificates. Default: `allow`.
    #[schemars(example = &"deny")]
    pub(crate) tcp: Field<Verdict>,
    /// Folders that may be mounted, with all below them. Default: all.
    #[schemars(example = ["./", "/srv/ci"])]
    pub(crate) host_paths: Field<Vec<Field<String>>>,
    /// What images may be used.
    #[schemars(example = image_policy())]
    pub(crate) images: Field<ImagePolicySpec>,
    /// Warnings by their code: `allow` silences one, `deny` makes it an error. A `deny` anywhere wins.
    #[schemars(example = warnings())]
    pub(crate) warnings: Field<Table<Verdict>>,
}

/// What images may be used.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "ImagePolicy")]
pub(crate) struct ImagePolicySpec {
    /// Whether images that can be pulled must be named by their digest. Default: `optional`.
    #[schemars(example = &"required")]
    pub(crate) digests: Field<DigestRule>,
    /// Hosts that images may be pulled from. Default: all.
    #[schemars(example = ["docker.io", "ghcr.io"])]
    pub(crate) registries: Field<Vec<Field<String>>>,
}

/// Whether something may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Verdict {
    /// It may be.
    Allow,
    /// It may not be.
    Deny,
}

/// Whether images must be named by their digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum DigestRule {
    /// Each image is named by its digest: `alpine@sha256:…`.
    Required,
    /// A tag will do.
    Optional,
}

fn policy() -> serde_json::Value {
    serde_json::json!({ "tcp": "deny", "host_paths": ["./"] })
}

fn image_policy() -> serde_json::Value {
    serde_json::json!({ "digests": "required", "registries": ["docker.io"] })
}

fn warnings() -> serde_json::Value {
    serde_json::json!({ "socket_is_root": "deny" })
}
