//! How the processes of a container run, in the words of the engine's API.

use bollard::models::{DeviceMapping, DeviceRequest, HostConfig, ResourcesUlimits};

use crate::resource::container::process::ProcessSettings;

/// The driver that finds devices by their names in the container device interface.
const NAMED_DEVICES: &str = "cdi";

/// What a host configuration says of a container's processes.
pub(super) fn host_config(settings: &ProcessSettings) -> HostConfig {
    let devices = settings.devices.iter().map(|device| DeviceMapping {
        path_on_host: Some(device.source.clone()),
        path_in_container: Some(device.target.clone()),
        cgroup_permissions: Some(device.permissions.clone()),
    });
    let named = DeviceRequest {
        driver: Some(NAMED_DEVICES.to_owned()),
        device_ids: Some(settings.named_devices.clone()),
        ..DeviceRequest::default()
    };
    let ulimits = settings
        .ulimits
        .iter()
        .map(|(name, limit)| ResourcesUlimits {
            name: Some(name.clone()),
            soft: Some(limit.soft),
            hard: Some(limit.hard),
        });
    // The docker CLI's word: engines know lists of paths instead, which are empty then.
    let is_system = |option: &&String| *option == "systempaths=unconfined";
    let sees_system = settings
        .security_opt
        .iter()
        .any(|option| is_system(&option));
    let options = settings.security_opt.iter();
    let security_options = options.filter(|option| !is_system(option));
    let sysctls = settings.sysctls.iter();
    let tmpfs = settings.tmpfs.iter();
    let pair = |(name, value): (&String, &String)| (name.clone(), value.clone());
    HostConfig {
        runtime: (!settings.runtime.is_empty()).then(|| settings.runtime.clone()),
        group_add: declared(settings.groups.iter().cloned()),
        readonly_rootfs: settings.read_only.then_some(true),
        cap_add: declared(settings.cap_add.iter().cloned()),
        cap_drop: declared(settings.cap_drop.iter().cloned()),
        security_opt: declared(security_options.cloned()),
        masked_paths: sees_system.then(Vec::new),
        readonly_paths: sees_system.then(Vec::new),
        devices: declared(devices),
        device_requests: (!settings.named_devices.is_empty()).then(|| vec![named]),
        device_cgroup_rules: declared(settings.device_cgroup_rules.iter().cloned()),
        sysctls: (!settings.sysctls.is_empty()).then(|| sysctls.map(pair).collect()),
        ulimits: declared(ulimits),
        shm_size: settings.shm_size,
        tmpfs: (!settings.tmpfs.is_empty()).then(|| tmpfs.map(pair).collect()),
        extra_hosts: declared(settings.extra_hosts.iter().cloned()),
        dns: declared(settings.dns.iter().cloned()),
        dns_search: declared(settings.dns_search.iter().cloned()),
        ..HostConfig::default()
    }
}

/// A list, where there is something in it.
fn declared<T>(items: impl Iterator<Item = T>) -> Option<Vec<T>> {
    let items: Vec<T> = items.collect();
    (!items.is_empty()).then_some(items)
}
