//! Registries.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::spec::decode::Field;
use crate::spec::image::ImageSpec;
use crate::spec::secret_reference::PasswordSpec;
use crate::spec::text::Text;
use crate::spec::variables::VariablesSpec;

/// A registry: with `host` one that exists, else one that nest runs; with `mirror` a pull-through cache.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "Registry", extend("type" = ["object", "null"]))]
pub(crate) struct RegistrySpec {
    /// The registry host that it is a pull-through cache of.
    #[schemars(example = &"docker.io")]
    pub(crate) mirror: Field<String>,
    /// The address of that host's API, if it is elsewhere.
    #[schemars(example = &"https://registry-1.docker.io")]
    pub(crate) upstream: Field<String>,
    /// The host of a registry that exists; with `mirror` the address of the mirror that exists.
    #[schemars(example = &"ghcr.io", example = &"https://mirror.example.org")]
    pub(crate) host: Field<String>,
    /// The port on 127.0.0.1 of the engine's host where it can be reached too. Default: none, or a free one where it
    /// has `images`.
    #[schemars(with = "u16", range(min = 1, max = 65535), example = 5000)]
    pub(crate) port: Field<Text>,
    /// The image of its container. Default: `registry:2`.
    #[schemars(example = &"registry:2")]
    pub(crate) image: Field<String>,
    /// The volume that holds its data. Default: one of its own.
    #[schemars(example = &"registry-data")]
    pub(crate) volume: Field<String>,
    /// Environment variables of its container.
    #[schemars(example = &["REGISTRY_LOG_LEVEL=warn"])]
    pub(crate) environment: Field<VariablesSpec>,
    /// More networks of the file's top level that its container is attached to.
    #[schemars(example = &["backend"])]
    pub(crate) networks: Field<Vec<Field<String>>>,
    /// Whether engines that use it accept plain HTTP and any certificate. Default: `false`, but `true` for one that
    /// nest runs.
    #[schemars(example = true)]
    pub(crate) insecure: Field<bool>,
    /// The certificate of the authority that signed its certificate, as a file. Every engine and service that uses
    /// the registry trusts it.
    #[schemars(example = &"./company-ca.pem")]
    pub(crate) ca: Field<String>,
    /// The name to log in with.
    #[schemars(example = &"ci")]
    pub(crate) username: Field<Text>,
    /// The password to log in with, by where it comes from: never as text.
    #[schemars(example = &serde_json::json!({ "env": "GHCR_TOKEN" }))]
    pub(crate) password: Field<PasswordSpec>,
    /// `docker`: what the docker CLI has for that host, from its helpers too.
    #[schemars(with = "CredentialsSchema", example = &"docker")]
    pub(crate) credentials: Field<String>,
    /// Images that it should have: pushed to it when missing or stale.
    #[schemars(example = &["app:dev"])]
    pub(crate) images: Field<Vec<Field<ImageSpec>>>,
}

/// Where a user name and a password come from.
#[derive(JsonSchema)]
#[schemars(rename = "Credentials", rename_all = "lowercase")]
#[expect(dead_code, reason = "it describes the words, for the schema only")]
enum CredentialsSchema {
    /// From the docker CLI, which is logged in.
    Docker,
}
