//! What podman does otherwise than Docker Engine, although it speaks the same API. All of it is here, or asks
//! [`EngineMake`](crate::observed::EngineMake) where it is.
//!
//! * Its `/info` tells a new id each time: `identity` makes one of what stays.
//! * Refusals have the status 500: [`status`] finds the one that Docker would send.
//! * An update without a restart policy sets it to `no`, and one of `NanoCpus` does nothing: [`update`].
//! * It removes a network by its id though containers run on it: [`users`] tells.
//! * It answers that it has connected a container that was stopped on the same network, and leaves its names as they
//!   were: [`is_on`] tells.
//! * It takes empty lists of masked and read-only paths for its own: [`unmask`] says it in its words.
//! * It does not ask registries for digests: [`asks_registries`].
//! * It does not tell which addresses a container was given by hand: [`keep_given_addresses`].
//! * Builds take lists in forms of its own, and no image as a cache, only repositories of layers: [`build_lists`].
//! * Without systemd it times no health checks: [`Checks`](crate::docker::podman_health::Checks) runs them while somebody waits.
//! * Containers have at most 2048 processes unless told otherwise: [`NO_LIMIT`].

use std::collections::BTreeMap;

use bollard::models::{ContainerUpdateBody, HostConfig, RestartPolicy as ApiRestartPolicy};
use serde::Deserialize;
use serde_json::{Value, json};
use url::form_urlencoded::Serializer;

use crate::docker::answer::ContainerInspected;
use crate::docker::client::Client;
use crate::docker::perform::container::restart_policy;
use crate::engine::EngineError;
use crate::resource::build::BuildSettings;
use crate::resource::container::{ContainerRef, Endpoint, LiveSettings, RestartPolicy};

/// The number of processes of a container that may have as many as it likes.
pub(crate) const NO_LIMIT: i64 = -1;
/// The time, in microseconds, within which a container may use its share of the processors.
const CPU_PERIOD: i64 = 100_000;

/// Lets a container see all of `/proc` and `/sys` that its lists of masked and read-only paths, being empty, are to let it see.
pub(crate) fn unmask(config: &mut HostConfig) {
    if config.masked_paths.as_ref().is_some_and(Vec::is_empty) {
        let options = config.security_opt.get_or_insert_default();
        options.push("unmask=ALL".to_owned());
    }
}

/// Whether the engine, which has been spoken to, asks a registry what it has, so that a 404 means that it has nothing.
pub(crate) fn asks_registries(client: &Client) -> bool {
    !client.is_podman()
}

/// The status that Docker sends with a refusal for which podman sends 500.
pub(crate) fn status(status: u16, message: &str) -> u16 {
    let ends = |words: &str| message.ends_with(words);
    match status {
        500 if ends("that name is already in use") || ends("container state improper") => 409,
        500 if ends("network not found") || ends("no such container") => 404,
        500 if ends("network is being used") => 403,
        other => other,
    }
}

/// Leaves, of the addresses that a container has, those that it was given by hand when it was last seen to. One that
/// does not run has none; it gets the same again.
pub(crate) fn keep_given_addresses(live: &mut LiveSettings, applied: Option<&LiveSettings>) {
    live.endpoints = std::mem::take(&mut live.endpoints)
        .into_iter()
        .filter_map(|(network, found)| {
            let given = applied?.endpoints.get(&network)?;
            let kept = |given: &String, found: String| match (given.is_empty(), found.is_empty()) {
                (true, _) => String::new(),
                (false, true) => given.clone(),
                (false, false) => found,
            };
            let endpoint = Endpoint {
                ipv4: kept(&given.ipv4, found.ipv4),
                ipv6: kept(&given.ipv6, found.ipv6),
                ..Endpoint::default()
            };
            (endpoint != Endpoint::default()).then_some((network, endpoint))
        })
        .collect();
}

/// What a build is asked for that has several parts.
pub(crate) fn build_lists(query: &mut Serializer<'_, String>, settings: &BuildSettings) {
    if !settings.extra_hosts.is_empty() {
        query.append_pair("extrahosts", &json!(settings.extra_hosts).to_string());
    }
    if !settings.ulimits.is_empty() {
        let limits = settings.ulimits.iter();
        let limits: Vec<String> = limits
            .map(|(name, limit)| format!("{name}={}:{}", limit.soft, limit.hard))
            .collect();
        query.append_pair("ulimits", &json!(limits).to_string());
    }
}

/// Names the engine `NAME`, on the data in `ROOT`.
pub(crate) fn id(name: &str, root: &str) -> String {
    format!("podman:{name}:{root}")
}

/// The body of an update that leaves alone what it does not name.
pub(crate) async fn update(
    client: &Client,
    container: &ContainerRef,
    mut body: ContainerUpdateBody,
) -> Result<ContainerUpdateBody, EngineError> {
    if let Some(nano_cpus) = body.nano_cpus.take() {
        body.cpu_period = Some(CPU_PERIOD);
        body.cpu_quota = Some(nano_cpus / (1_000_000_000 / CPU_PERIOD));
    }
    if body.restart_policy.is_none() {
        body.restart_policy = policy(client, container).await?;
    }
    Ok(body)
}

async fn policy(
    client: &Client,
    container: &ContainerRef,
) -> Result<Option<ApiRestartPolicy>, EngineError> {
    let found = inspect(client, container).await?;
    let policy = found.and_then(|found| found.host_config.restart_policy);
    Ok(policy.map(|policy| {
        restart_policy(&RestartPolicy {
            name: policy.name,
            retries: policy.maximum_retry_count.unwrap_or_default(),
        })
    }))
}

/// Whether a container is on a network.
pub(crate) async fn is_on(
    client: &Client,
    container: &ContainerRef,
    network: &str,
) -> Result<bool, EngineError> {
    let found = inspect(client, container).await?;
    let networks = found.and_then(|found| found.network_settings.networks);
    Ok(networks.is_some_and(|networks| networks.contains_key(network)))
}

/// Whether a container runs.
pub(crate) async fn runs(client: &Client, container: &ContainerRef) -> Result<bool, EngineError> {
    let found = inspect(client, container).await?;
    Ok(found.is_some_and(|found| found.state.status == "running"))
}

async fn inspect(
    client: &Client,
    container: &ContainerRef,
) -> Result<Option<ContainerInspected>, EngineError> {
    let path = format!("/containers/{}/json", container.handle());
    client.get(&path, "look at a container").await
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NetworkInspected {
    containers: Option<BTreeMap<String, Value>>,
}

/// How many containers run on a network.
pub(crate) async fn users(client: &Client, network_id: &str) -> Result<usize, EngineError> {
    let path = format!("/networks/{network_id}");
    let found: Option<NetworkInspected> = client.get(&path, "look at a network").await?;
    let containers = found.and_then(|found| found.containers);
    Ok(containers.map_or(0, |containers| containers.len()))
}
