//! What the outer engine says of itself and of its host.

use serde::Deserialize;

use crate::docker::Docker;
use crate::engine::EngineError;
use crate::observed::profile::EngineProfile;
use crate::resource::engine_path::EnginePath;

/// What is attempted.
const PHRASE: &str = "say what it is";

impl Docker {
    /// Reads what an outer engine says of itself and of its host. Sends nothing that changes it.
    pub async fn profile(&self, at: &EnginePath) -> Result<EngineProfile, EngineError> {
        let client = self.client(at).await?;
        let attempt = client.attempt(PHRASE);
        let info = client.transport.info().await;
        let info = info.map_err(|error| attempt.unanswered(error))?;
        let found: Option<ProfileAnswer> = client.get("/info", PHRASE).await?;
        let Some(answer) = found else {
            return Err(attempt.refused(404, "it has no `/info`"));
        };
        let security = answer.security_options.unwrap_or_default();
        // Such as `name=seccomp,profile=builtin`.
        let names = security.iter().flat_map(|option| option.split(','));
        let limits = [
            ("memory", answer.memory_limit),
            ("cpus", answer.cpu_cfs_quota),
            ("pids_limit", answer.pids_limit),
        ];
        Ok(EngineProfile {
            identity: info.identity,
            kernel: answer.kernel_version.unwrap_or_default(),
            cgroup_version: answer
                .cgroup_version
                .and_then(|version| version.parse().ok()),
            security: names
                .filter_map(|part| part.strip_prefix("name="))
                .map(str::to_owned)
                .collect(),
            unlimited: limits
                .into_iter()
                .filter(|(_, limited)| *limited == Some(false))
                .map(|(key, _)| key)
                .collect(),
        })
    }
}

/// Engines leave out or set to null what they do not know.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ProfileAnswer {
    kernel_version: Option<String>,
    cgroup_version: Option<String>,
    security_options: Option<Vec<String>>,
    memory_limit: Option<bool>,
    #[serde(rename = "CpuCfsQuota", alias = "CPUCfsQuota")]
    cpu_cfs_quota: Option<bool>,
    pids_limit: Option<bool>,
}
