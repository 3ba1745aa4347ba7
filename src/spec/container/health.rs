//! Health checks.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::spec::container::CommandSpec;
use crate::spec::decode::Field;
use crate::spec::text::Text;

/// How the engine finds out whether a container is healthy.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "Healthcheck")]
pub(crate) struct HealthcheckSpec {
    /// The command: a line for a shell, or words that begin with `CMD`, `CMD-SHELL` or `NONE`.
    #[schemars(example = &["CMD", "curl", "-f", "http://localhost"])]
    pub(crate) test: Field<CommandSpec>,
    /// The time between two checks. Default: `30s`.
    #[schemars(example = &"10s")]
    pub(crate) interval: Field<Text>,
    /// How long a check may take. Default: `30s`.
    #[schemars(example = &"5s")]
    pub(crate) timeout: Field<Text>,
    /// After how many failures in a row it is unhealthy. Default: 3.
    #[schemars(example = 3)]
    pub(crate) retries: Field<Text>,
    /// The time after the start in which failures do not count. Default: none.
    #[schemars(example = &"30s")]
    pub(crate) start_period: Field<Text>,
    /// The time between two checks during `start_period`. Default: `5s`.
    #[schemars(example = &"1s")]
    pub(crate) start_interval: Field<Text>,
    /// `true` turns off the check that the image brings.
    #[schemars(example = true)]
    pub(crate) disable: Field<bool>,
}
