//! How an image is built: Compose's `build`.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::spec::container::file::GrantSpec;
use crate::spec::container::limit::UlimitSpec;
use crate::spec::container::network::ExtraHostsSpec;
use crate::spec::decode::{Field, Table};
use crate::spec::names::NamesSpec;
use crate::spec::text::Text;
use crate::spec::variables::{TextMap, VariablesSpec};

/// How an image is built: the folder of its context, or a mapping.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(rename = "Build", untagged)]
pub(crate) enum BuildSpec {
    /// The folder, or the address of a repository or an archive, that the build can use.
    #[schemars(title = "context", example = &".", example = &"./app")]
    Scalar(String),
    /// The context and more.
    #[schemars(title = "context and more")]
    Mapping(Box<BuildMapping>),
}

/// How an image is built.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct BuildMapping {
    /// The folder, or the address of a repository or an archive, that the build can use. Default: `.`.
    #[schemars(example = &"./app", example = &"https://example.org/app.git#main")]
    pub(crate) context: Field<String>,
    /// The Dockerfile, seen from the context. Default: `Dockerfile`.
    #[schemars(example = &"docker/Dockerfile")]
    pub(crate) dockerfile: Field<String>,
    /// What the Dockerfile says, in place of a file.
    #[schemars(example = &"FROM alpine:3.20\nRUN apk add curl\n")]
    pub(crate) dockerfile_inline: Field<String>,
    /// Variables of the build. One without a value takes that of the variable of its name.
    #[schemars(example = &["VERSION=1.2"])]
    pub(crate) args: Field<VariablesSpec>,
    /// The stage of the Dockerfile to build. Default: the last one.
    #[schemars(example = &"runtime")]
    pub(crate) target: Field<String>,
    /// Images and other places whose layers the build can reuse.
    #[schemars(example = &["app:cache", "type=local,src=./cache"])]
    pub(crate) cache_from: Field<Vec<Field<String>>>,
    /// Places that the build's layers are written to.
    #[schemars(example = &["type=local,dest=./cache"])]
    pub(crate) cache_to: Field<Vec<Field<String>>>,
    /// More contexts, by the name that the Dockerfile calls them: folders, addresses, `docker-image://IMAGE`.
    #[schemars(example = &["base=docker-image://alpine:3.20"])]
    pub(crate) additional_contexts: Field<TextMap>,
    /// Labels of the image.
    #[schemars(example = &["org.example.team=ci"])]
    pub(crate) labels: Field<TextMap>,
    /// The network of the build's commands: `default`, `none`, `host` or the name of a network.
    #[schemars(example = &"host")]
    pub(crate) network: Field<String>,
    /// Whether nothing of earlier builds is reused. Default: `false`.
    #[schemars(example = true)]
    pub(crate) no_cache: Field<bool>,
    /// Stages for which nothing of earlier builds is reused.
    #[schemars(example = &["test"])]
    pub(crate) no_cache_filter: Field<NamesSpec>,
    /// Whether newer images are looked for to build upon. Default: `false`.
    #[schemars(example = true)]
    pub(crate) pull: Field<bool>,
    /// The platforms to build for. Default: the engine's.
    #[schemars(example = &["linux/amd64", "linux/arm64"])]
    pub(crate) platforms: Field<Vec<Field<String>>>,
    /// More names that the image gets.
    #[schemars(example = &["app:1.2"])]
    pub(crate) tags: Field<Vec<Field<String>>>,
    /// The size of `/dev/shm` for the build's commands.
    #[schemars(example = &"256m")]
    pub(crate) shm_size: Field<Text>,
    /// SSH agents and keys that the build can use: `default`, `ID=SOCKET`, `ID=KEY`.
    #[schemars(example = &["default"])]
    pub(crate) ssh: Field<TextMap>,
    /// Secrets of the scope that the build's commands can read.
    #[schemars(example = &["token"])]
    pub(crate) secrets: Field<Vec<Field<GrantSpec>>>,
    /// Host names with addresses, for the build's commands.
    #[schemars(example = &["registry.example=10.0.0.5"])]
    pub(crate) extra_hosts: Field<ExtraHostsSpec>,
    /// Limits of the processes of the build's commands.
    pub(crate) ulimits: Field<Table<UlimitSpec>>,
    /// How the build's commands are kept apart, where the engine knows several ways.
    #[schemars(example = &"default")]
    pub(crate) isolation: Field<String>,
    /// Whether the build's commands are privileged. Default: `false`.
    #[schemars(example = true)]
    pub(crate) privileged: Field<bool>,
    /// What the build's commands may do besides: `network.host`, `security.insecure`, `device`.
    #[schemars(example = &["network.host"])]
    pub(crate) entitlements: Field<Vec<Field<String>>>,
    /// Whether, and how, a record of the build's origin is attached: `true`, `false`, `mode=max`.
    #[schemars(example = &"mode=max")]
    pub(crate) provenance: Field<Text>,
    /// Whether, and how, a list of the image's packages is attached: `true`, `false`, `generator=IMAGE`.
    #[schemars(example = true)]
    pub(crate) sbom: Field<Text>,
}
