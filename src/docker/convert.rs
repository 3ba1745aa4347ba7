//! From the engine's words to nest's, so that the same thing looks the same from every engine.

use std::collections::{BTreeMap, BTreeSet};

use crate::docker::answer::{ContainerInspected, ImageInspected, StateAnswer};
use crate::docker::identity::ApiVersion;
use crate::images::content::ImagePlatform;
use crate::observed::{ContainerState, ObservedContainer, ObservedImage, ObservedInner};
use crate::resource::container::{LiveSettings, RestartPolicy};

/// From this version on, an engine lists only the aliases that it was given.
const TRUE_ALIASES: ApiVersion = ApiVersion::one(45);
/// The length of an id as engines shorten it.
const SHORT_ID: usize = 12;
/// The length of a whole id, which is also the name of a volume that the engine named.
const WHOLE_ID: usize = 64;

/// A container without what is inside it.
pub(crate) fn container(answer: ContainerInspected, spoken: ApiVersion) -> ObservedContainer {
    let live = live_settings(&answer, spoken);
    ObservedContainer {
        state: container_state(&answer.state),
        started_at: answer.state.started(),
        anonymous_volumes: anonymous_volumes(&answer),
        live,
        id: answer.id,
        labels: answer.config.labels.unwrap_or_default(),
        image_id: answer.image.unwrap_or_default(),
        engine: ObservedInner::None,
    }
}

/// What a container is doing. A word that nest does not know is taken for the end of a container.
pub(crate) fn container_state(state: &StateAnswer) -> ContainerState {
    match state.status.as_str() {
        "created" | "configured" | "initialized" => ContainerState::Created,
        "running" | "stopping" => ContainerState::Running,
        "paused" => ContainerState::Paused,
        "restarting" => ContainerState::Restarting,
        "exited" | "stopped" => ContainerState::Exited(state.exit_code),
        _ => ContainerState::Dead,
    }
}

fn live_settings(answer: &ContainerInspected, spoken: ApiVersion) -> LiveSettings {
    let limit = |limit: Option<i64>| limit.filter(|limit| *limit > 0);
    let policy = answer.host_config.restart_policy.as_ref();
    LiveSettings {
        nano_cpus: limit(answer.host_config.nano_cpus),
        memory: limit(answer.host_config.memory),
        restart: RestartPolicy {
            name: match policy.map(|policy| policy.name.as_str()) {
                None | Some("") => "no".to_owned(),
                Some(name) => name.to_owned(),
            },
            retries: policy
                .and_then(|policy| policy.maximum_retry_count)
                .unwrap_or_default(),
        },
        networks: networks(answer, spoken),
    }
}

fn networks(answer: &ContainerInspected, spoken: ApiVersion) -> BTreeMap<String, BTreeSet<String>> {
    let short_id = answer.id.get(..SHORT_ID).unwrap_or(&answer.id);
    let name = answer.name.trim_start_matches('/');
    let hostname = answer.config.hostname.as_deref().unwrap_or_default();
    let engines_own = |alias: &str| {
        alias == short_id || spoken < TRUE_ALIASES && (alias == name || alias == hostname)
    };
    let networks = answer.network_settings.networks.iter().flatten();
    networks
        .map(|(network, endpoint)| {
            let aliases = endpoint
                .iter()
                .flat_map(|endpoint| endpoint.aliases.iter().flatten());
            let given = aliases
                .filter(|alias| !engines_own(alias))
                .cloned()
                .collect();
            (network.clone(), given)
        })
        .collect()
}

fn anonymous_volumes(answer: &ContainerInspected) -> BTreeMap<String, String> {
    let made_up =
        |name: &str| name.len() == WHOLE_ID && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mounts = answer.mounts.iter().flatten();
    mounts
        .filter(|mount| mount.kind.as_deref() == Some("volume"))
        .filter_map(|mount| Some((mount.destination.clone()?, mount.name.clone()?)))
        .filter(|(_, name)| made_up(name))
        .collect()
}

/// An image.
pub(crate) fn image(answer: ImageInspected) -> ObservedImage {
    let layers = answer
        .root_fs
        .and_then(|root_fs| root_fs.layers)
        .unwrap_or_default();
    let platform = ImagePlatform {
        os: answer.os.as_deref().unwrap_or_default(),
        architecture: answer.architecture.as_deref().unwrap_or_default(),
        variant: answer.variant.as_deref().unwrap_or_default(),
    };
    let content = answer
        .config
        .unwrap_or_default()
        .into_content(layers, platform)
        .digest();
    ObservedImage {
        id: answer.id,
        content,
    }
}
