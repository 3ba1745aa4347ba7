//! From the engine's words to nest's, so that the same thing looks the same from every engine.

use std::collections::{BTreeMap, BTreeSet};

use crate::docker::answer::{ContainerInspected, EndpointAnswer, ImageInspected, StateAnswer};
use crate::docker::identity::{ApiVersion, parse_time};
use crate::images::content::ImagePlatform;
use crate::observed::{
    ContainerState, EngineMake, ObservedContainer, ObservedDaemonFile, ObservedImage, ObservedInner,
};
use crate::resource::container::{Endpoint, LiveSettings, RestartPolicy};
use crate::resource::label;

/// From this version on, an engine lists only the aliases that it was given.
const TRUE_ALIASES: ApiVersion = ApiVersion::one(45);
/// The variable in which the official images of Docker's engine say their version.
const ENGINE_VERSION: &str = "DOCKER_VERSION";
/// The length of an id as engines shorten it.
const SHORT_ID: usize = 12;
/// The length of a whole id, which is also the name of a volume that the engine named.
const WHOLE_ID: usize = 64;

/// How an engine speaks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spoken {
    /// In which version of the API.
    pub(crate) version: ApiVersion,
    /// In whose way.
    pub(crate) make: EngineMake,
}

/// A container without what is inside it. `network_ids` are the networks that its engine has.
pub(crate) fn container(
    mut answer: ContainerInspected,
    spoken: Spoken,
    network_ids: &BTreeSet<String>,
) -> ObservedContainer {
    take_out_made_up(&mut answer);
    let mut live = live_settings(&answer, spoken);
    let state = match container_state(&answer.state) {
        // It is for a moment what podman calls stopped, and what was stopped is `exited` there.
        ContainerState::Exited(code)
            if spoken.make == EngineMake::Podman
                && answer.state.status == "stopped"
                && starts_again(&live.restart, code) =>
        {
            ContainerState::Restarting
        }
        state => state,
    };
    if spoken.make == EngineMake::Docker && state == ContainerState::Running {
        let networks = answer.network_settings.networks.iter().flatten();
        let absent = networks.filter(|(_, endpoint)| is_only_listed(endpoint.as_ref()));
        for (network, _) in absent {
            live.networks.remove(network);
            live.endpoints.remove(network);
        }
    }
    let mut lost_networks = BTreeSet::new();
    if !matches!(state, ContainerState::Running | ContainerState::Paused) {
        let networks = live.networks.keys();
        let lost = networks.filter(|network| !is_there(&answer, network, network_ids));
        lost_networks = lost.cloned().collect();
        live.networks.retain(|it, _| !lost_networks.contains(it));
        live.endpoints.retain(|it, _| !lost_networks.contains(it));
    }
    ObservedContainer {
        state,
        is_unhealthy: (answer.state.health.as_ref())
            .is_some_and(|health| health.status == "unhealthy"),
        created_at: answer.created.as_deref().and_then(parse_time),
        started_at: answer.state.started(),
        anonymous_volumes: anonymous_volumes(&answer),
        live,
        lost_networks,
        id: answer.id,
        labels: answer.config.labels.unwrap_or_default(),
        image_id: answer.image.unwrap_or_default(),
        daemon_file: ObservedDaemonFile::Unread,
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

/// Takes out networks that a container is not on: podman lists those of the container whose network it shares, and
/// `bridge` where it has left the last one.
fn take_out_made_up(answer: &mut ContainerInspected) {
    const NONE: &str = "bridge";
    let Some(networks) = &mut answer.network_settings.networks else {
        return;
    };
    let mode = answer.host_config.network_mode.as_deref();
    if mode.is_some_and(|mode| mode.starts_with("container:")) {
        networks.clear();
    }
    let id = |endpoint: &Option<EndpointAnswer>| endpoint.as_ref()?.network_id.clone();
    networks.retain(|name, endpoint| name != NONE || id(endpoint).as_deref() != Some(NONE));
}

/// Whether a container that runs is on a network by what the engine lists only: it could not be connected, and the engine
/// leaves it on the list.
fn is_only_listed(endpoint: Option<&EndpointAnswer>) -> bool {
    let id = endpoint.and_then(|endpoint| endpoint.endpoint_id.as_deref());
    id.is_some_and(str::is_empty)
}

/// Whether an engine starts a container again that ended with this code.
fn starts_again(policy: &RestartPolicy, code: i64) -> bool {
    match policy.name.as_str() {
        "always" | "unless-stopped" => true,
        "on-failure" => code != 0,
        _ => false,
    }
}

fn live_settings(answer: &ContainerInspected, spoken: Spoken) -> LiveSettings {
    let limit = |limit: Option<i64>| limit.filter(|limit| *limit > 0);
    let policy = answer.host_config.restart_policy.as_ref();
    LiveSettings {
        nano_cpus: limit(answer.host_config.nano_cpus),
        memory: limit(answer.host_config.memory),
        pids: limit(answer.host_config.pids_limit),
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
        endpoints: match spoken.make {
            EngineMake::Docker => endpoints(answer),
            EngineMake::Podman => addresses(answer),
        },
    }
}

/// The addresses that a container was given by hand, by network.
fn endpoints(answer: &ContainerInspected) -> BTreeMap<String, Endpoint> {
    let networks = answer.network_settings.networks.iter().flatten();
    let given = networks.filter_map(|(network, endpoint)| {
        let addresses = endpoint.as_ref()?.addresses.as_ref()?;
        let endpoint = Endpoint {
            ipv4: addresses.ipv4.clone().unwrap_or_default(),
            ipv6: addresses.ipv6.clone().unwrap_or_default(),
            ..Endpoint::default()
        };
        (endpoint != Endpoint::default()).then(|| (network.clone(), endpoint))
    });
    given.collect()
}

/// The addresses that a container has, by network, given by hand or not.
fn addresses(answer: &ContainerInspected) -> BTreeMap<String, Endpoint> {
    let networks = answer.network_settings.networks.iter().flatten();
    let found = networks.map(|(network, endpoint)| {
        let endpoint = endpoint.as_ref();
        let text = |text: Option<&String>| text.cloned().unwrap_or_default();
        let addresses = Endpoint {
            ipv4: text(endpoint.and_then(|it| it.ip_address.as_ref())),
            ipv6: text(endpoint.and_then(|it| it.global_ipv6_address.as_ref())),
            ..Endpoint::default()
        };
        (network.clone(), addresses)
    });
    found.collect()
}

/// Whether a container that does not run can get onto a network of its again. It remembers the id of the one that it was
/// on last, and a network that was made anew under the same name is not that one.
fn is_there(answer: &ContainerInspected, network: &str, network_ids: &BTreeSet<String>) -> bool {
    let networks = answer.network_settings.networks.as_ref();
    let endpoint = networks.and_then(|networks| networks.get(network)?.as_ref());
    let id = endpoint.and_then(|endpoint| endpoint.network_id.as_deref());
    id.is_none_or(|id| id.is_empty() || network_ids.contains(id))
}

fn networks(answer: &ContainerInspected, spoken: Spoken) -> BTreeMap<String, BTreeSet<String>> {
    let short_id = answer.id.get(..SHORT_ID).unwrap_or(&answer.id);
    let name = answer.name.trim_start_matches('/');
    let hostname = answer.config.hostname.as_deref().unwrap_or_default();
    let engines_own = |alias: &str| {
        let adds_names = spoken.version < TRUE_ALIASES && spoken.make != EngineMake::Podman;
        alias == short_id || adds_names && (alias == name || alias == hostname)
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
        .into_content(layers, platform);
    let variables = content.environment.iter();
    let engine_version = variables
        .filter_map(|variable| variable.strip_prefix(ENGINE_VERSION)?.strip_prefix('='))
        .next_back()
        .map(str::to_owned);
    let labels = content.labels.iter();
    let labels = labels.filter(|(name, _)| name.starts_with(label::PREFIX));
    let digests = answer.repo_digests.into_iter().flatten();
    let digests = digests.filter_map(|name| Some(name.split_once('@')?.1.to_owned()));
    ObservedImage {
        id: answer.id,
        digests: digests.collect(),
        platform: content.platform.clone(),
        labels: labels
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect(),
        content: content.digest(),
        engine_version,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use crate::docker::convert::{self, Spoken};
    use crate::docker::identity::ApiVersion;
    use crate::observed::{ContainerState, EngineMake, ObservedContainer, ObservedImage};

    fn container(minor: u16, make: EngineMake) -> ObservedContainer {
        let id = "0123456789abcdef".repeat(4);
        let answer = json!({
            "Id": id,
            "Name": "/ci-builder-1",
            "Image": "sha256:1",
            "State": {"Status": "running", "ExitCode": 0, "StartedAt": "2026-01-02T03:04:05.678Z"},
            "Config": {"Hostname": "host", "Labels": null},
            "HostConfig": {"NanoCpus": 0, "Memory": 0, "RestartPolicy": {"Name": "", "MaximumRetryCount": 0}},
            "NetworkSettings": {"Networks": {
                "ci_default": {"Aliases": ["builder", "0123456789ab", "ci-builder-1", "host"]},
                "bridge": {"Aliases": null},
                "odd": null,
            }},
            "Mounts": [
                {"Type": "volume", "Name": id, "Destination": "/var/lib/docker"},
                {"Type": "volume", "Name": "cache", "Destination": "/cache"},
                {"Type": "bind", "Source": "/src", "Destination": "/src"},
            ],
        });
        let answer = serde_json::from_value(answer).expect("an answer");
        let version = ApiVersion::one(minor);
        convert::container(answer, Spoken { version, make }, &BTreeSet::new())
    }

    #[test]
    fn networks_that_podman_makes_up_are_left_out() {
        let on = |mode: &str, networks: serde_json::Value| {
            let answer = json!({
                "Id": "1",
                "Config": {},
                "State": {"Status": "running"},
                "HostConfig": {"NetworkMode": mode},
                "NetworkSettings": {"Networks": networks},
            });
            let answer = serde_json::from_value(answer).expect("an answer");
            let version = ApiVersion::one(41);
            let make = EngineMake::Podman;
            let found = convert::container(answer, Spoken { version, make }, &BTreeSet::new());
            found.live.networks.into_keys().collect::<Vec<_>>()
        };
        let shared = json!({"ci_back": {"NetworkID": "9f"}});
        assert_eq!(on("bridge", shared.clone()), ["ci_back"]);
        assert_eq!(on("container:af", shared), Vec::<String>::new());
        let none = json!({"bridge": {"NetworkID": "bridge"}});
        assert_eq!(on("bridge", none), Vec::<String>::new());
        let real = json!({"bridge": {"NetworkID": "9f"}});
        assert_eq!(on("bridge", real), ["bridge"]);
    }

    #[test]
    fn a_container_that_podman_starts_again_is_not_stopped() {
        let state = |status: &str, policy: &str| {
            let answer = json!({
                "Id": "1",
                "Config": {},
                "State": {"Status": status, "ExitCode": 2},
                "HostConfig": {"RestartPolicy": {"Name": policy, "MaximumRetryCount": 0}},
            });
            let answer = serde_json::from_value(answer).expect("an answer");
            let version = ApiVersion::one(41);
            let make = EngineMake::Podman;
            convert::container(answer, Spoken { version, make }, &BTreeSet::new()).state
        };
        assert_eq!(state("stopped", "always"), ContainerState::Restarting);
        assert_eq!(state("stopped", "on-failure"), ContainerState::Restarting);
        assert_eq!(state("stopped", "no"), ContainerState::Exited(2));
        assert_eq!(state("exited", "always"), ContainerState::Exited(2));
    }

    #[test]
    fn what_the_engine_adds_by_itself_is_left_out() {
        let found = container(44, EngineMake::Docker);
        assert_eq!(found.state, ContainerState::Running);
        assert_eq!((found.live.memory, found.live.nano_cpus), (None, None));
        assert_eq!(found.live.restart.name, "no");
        assert_eq!(
            found.live.networks["ci_default"],
            BTreeSet::from(["builder".to_owned()])
        );
        assert!(found.live.networks["bridge"].is_empty());
        assert!(found.live.networks["odd"].is_empty());
        assert_eq!(
            found.anonymous_volumes.keys().collect::<Vec<_>>(),
            ["/var/lib/docker"]
        );
        assert!(found.started_at.is_some());
    }

    #[test]
    fn a_new_engine_lists_only_the_aliases_that_it_was_given() {
        let given = ["builder", "ci-builder-1", "host"].map(str::to_owned);
        for found in [
            container(45, EngineMake::Docker),
            container(41, EngineMake::Podman),
        ] {
            assert_eq!(
                found.live.networks["ci_default"],
                BTreeSet::from(given.clone())
            );
        }
    }

    fn image(answer: serde_json::Value) -> ObservedImage {
        convert::image(serde_json::from_value(answer).expect("an answer"))
    }

    #[test]
    fn an_image_is_the_same_however_absence_is_written() {
        let full = image(json!({
            "Id": "sha256:1", "Os": "linux", "Architecture": "arm64", "Variant": "",
            "RootFS": {"Type": "layers", "Layers": ["sha256:a"]},
            "Config": {"Cmd": ["sh"], "Entrypoint": null, "Env": [], "WorkingDir": "", "User": "", "Labels": null},
        }));
        let terse = image(json!({
            "Id": "sha256:2", "Os": "linux", "Architecture": "arm64", "Variant": "v8",
            "RootFS": {"Layers": ["sha256:a"]},
            "Config": {"Cmd": ["sh"]},
        }));
        assert_eq!(full.content, terse.content);
        let other = image(json!({
            "Id": "sha256:1", "Os": "linux", "Architecture": "arm64",
            "RootFS": {"Layers": ["sha256:a"]},
            "Config": {"Cmd": ["ash"]},
        }));
        assert_ne!(full.content, other.content);
    }
}
