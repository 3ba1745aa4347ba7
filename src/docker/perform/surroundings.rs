//! What a container shares with others and with its host, in the words of the engine's API.

use std::collections::HashMap;

use bollard::models::{
    DeviceRequest, HealthConfig, HostConfig, HostConfigCgroupnsModeEnum, HostConfigLogConfig,
};

use crate::resource::container::surroundings::{HealthSettings, Surroundings};

/// Adds to a host configuration what the container shares.
pub(super) fn apply(config: &mut HostConfig, settings: &Surroundings) {
    let text = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    config.ipc_mode = text(&settings.ipc);
    config.pid_mode = text(&settings.pid);
    config.cgroupns_mode = match settings.cgroup.as_str() {
        "host" => Some(HostConfigCgroupnsModeEnum::HOST),
        "private" => Some(HostConfigCgroupnsModeEnum::PRIVATE),
        _ => None,
    };
    config.cgroup_parent = text(&settings.cgroup_parent);
    config.userns_mode = settings.host_users.then(|| "host".to_owned());
    config.cpuset_cpus = text(&settings.cpuset);
    config.cpu_shares = settings.cpu_shares;
    config.memory_reservation = settings.mem_reservation;
    config.memory_swap = settings.memswap_limit;
    let requests = settings
        .device_requests
        .iter()
        .map(|request| DeviceRequest {
            driver: text(&request.driver),
            count: Some(request.count),
            device_ids: Some(request.ids.clone()).filter(|ids| !ids.is_empty()),
            capabilities: Some(vec![request.capabilities.clone()]),
            options: Some(request.options.clone().into_iter().collect()),
        });
    let requests: Vec<_> = requests.collect();
    if !requests.is_empty() {
        config
            .device_requests
            .get_or_insert_default()
            .extend(requests);
    }
    config.log_config = settings.logging.as_ref().map(|logging| {
        let options: HashMap<String, String> = logging.options.clone().into_iter().collect();
        HostConfigLogConfig {
            typ: text(&logging.driver),
            config: Some(options),
        }
    });
}

/// How the engine checks the container's health.
pub(super) fn health(settings: &HealthSettings) -> HealthConfig {
    HealthConfig {
        test: Some(settings.test.clone()).filter(|test| !test.is_empty()),
        interval: settings.interval,
        timeout: settings.timeout,
        retries: settings.retries,
        start_period: settings.start_period,
        start_interval: settings.start_interval,
    }
}
