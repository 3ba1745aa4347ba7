//! Other outer engines.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::spec::decode::Field;

/// An outer engine: a context of the docker CLI, or an address.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "Engine", extend("oneOf" = json!([{ "required": ["context"] }, { "required": ["host"] }])))]
pub(crate) struct EngineSpec {
    /// The context of the docker CLI that leads to it.
    #[schemars(example = &"builder-machine")]
    pub(crate) context: Field<String>,
    /// Its address, as `DOCKER_HOST` has it.
    #[schemars(
        example = &"unix:///run/podman/podman.sock",
        example = &"tcp://10.0.0.5:2376",
        example = &"ssh://ci@builder.example"
    )]
    pub(crate) host: Field<String>,
    /// The certificates for it: the folder that holds them, or each by its name.
    #[schemars(example = &"./certs")]
    pub(crate) tls: Field<TlsSpec>,
}

/// Certificates for an engine.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(rename = "Tls", untagged)]
pub(crate) enum TlsSpec {
    /// A folder with `ca.pem`, `cert.pem` and `key.pem`, as `DOCKER_CERT_PATH` has it.
    #[schemars(title = "folder", example = &"./certs")]
    Scalar(String),
    /// Each file by its name.
    #[schemars(title = "files")]
    Mapping(TlsMapping),
}

/// Certificates for an engine, each by its name.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["ca", "cert", "key"]))]
pub(crate) struct TlsMapping {
    /// The certificate of the authority that signed the engine's certificate.
    #[schemars(example = &"./certs/ca.pem")]
    pub(crate) ca: Field<String>,
    /// The client's certificate.
    #[schemars(example = &"./certs/cert.pem")]
    pub(crate) cert: Field<String>,
    /// The client's key.
    #[schemars(example = &"./certs/key.pem")]
    pub(crate) key: Field<String>,
}
