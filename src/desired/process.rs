//! How the processes of a container should run.

use std::collections::BTreeMap;

use crate::model::container::device::Device;
use crate::model::container::limit::Most;
use crate::model::container::{Container, Restart};
use crate::model::environment::Outer;
use crate::model::value::{revealed, secret_names};
use crate::resource::container::process::{DeviceFile, ProcessLimit, ProcessSettings};
use crate::resource::container::{LiveSettings, RestartPolicy};

/// How the processes of a container should run, as engines are told.
pub(crate) fn settings(container: &Container) -> ProcessSettings {
    let security = &container.security;
    let host_names = &container.host_names;
    let (mut devices, mut named_devices) = (Vec::new(), Vec::new());
    for device in &container.devices.mapped {
        match device {
            Device::File {
                source,
                target,
                permissions,
            } => devices.push(DeviceFile {
                source: source.clone(),
                target: target.clone(),
                permissions: permissions.clone(),
            }),
            Device::Named(name) => named_devices.push(name.clone()),
        }
    }
    let ulimits = container.limits.ulimits.iter().map(|(name, limit)| {
        let (soft, hard) = (limit.soft.number(), limit.hard.number());
        (name.clone(), ProcessLimit { soft, hard })
    });
    let tmpfs = container
        .tmpfs
        .iter()
        .map(|memory| (memory.target.clone(), memory.options.join(",")));
    let extra_hosts = host_names.extra_hosts.iter().flat_map(|(name, addresses)| {
        addresses
            .iter()
            .map(move |address| format!("{name}:{address}"))
    });
    ProcessSettings {
        runtime: container.runtime.clone().unwrap_or_default(),
        user: container
            .user
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        groups: container.groups.clone(),
        working_dir: container.working_dir.clone().unwrap_or_default(),
        tty: container.tty,
        stdin_open: container.stdin_open,
        stop_signal: container.stop.signal.clone().unwrap_or_default(),
        read_only: security.read_only,
        cap_add: security.cap_add.clone(),
        cap_drop: security.cap_drop.clone(),
        security_opt: security.options.clone(),
        devices,
        named_devices,
        device_cgroup_rules: container.devices.rules.clone(),
        sysctls: revealed(&container.sysctls),
        secret_sysctls: secret_names(&container.sysctls),
        ulimits: ulimits.collect(),
        shm_size: container.limits.shm_size,
        tmpfs: tmpfs.collect(),
        extra_hosts: extra_hosts.collect(),
        dns: host_names.dns.iter().map(ToString::to_string).collect(),
        dns_search: host_names.dns_search.clone(),
    }
}

/// How the processes of an environment's container run: as the file says, and with what the mode needs.
pub(crate) fn outer_settings(outer: &Outer) -> ProcessSettings {
    let mut made = settings(&outer.container);
    if let Some(runtime) = outer.mode.runtime {
        runtime.clone_into(&mut made.runtime);
    }
    if let Some(needed) = &outer.mode.unprivileged
        && !outer.container.security.privileged
    {
        let capabilities = needed.capabilities.iter();
        made.cap_add
            .extend(capabilities.map(|name| (*name).to_owned()));
        for option in needed.security_options {
            if !made.security_opt.iter().any(|known| known == option) {
                made.security_opt.push((*option).to_owned());
            }
        }
        for path in needed.devices {
            if !made.devices.iter().any(|known| known.target == *path) {
                made.devices.push(DeviceFile {
                    source: (*path).to_owned(),
                    target: (*path).to_owned(),
                    permissions: "rwm".to_owned(),
                });
            }
        }
    }
    made
}

/// How many seconds a container may take to stop, where the file says. Part of a second counts as one.
pub(crate) fn stop_timeout(container: &Container) -> Option<u32> {
    let period = container.stop.grace_period?;
    let whole = period.as_secs() + u64::from(period.subsec_nanos() > 0);
    Some(u32::try_from(whole).unwrap_or(u32::MAX))
}

/// What of a container changes in place, its networks apart.
pub(crate) fn live(container: &Container) -> LiveSettings {
    LiveSettings {
        nano_cpus: container.limits.nano_cpus,
        memory: container.limits.memory,
        pids: container.limits.pids.map(unlimited_below_one),
        restart: restart_policy(container.restart),
        networks: BTreeMap::new(),
        endpoints: BTreeMap::new(),
    }
}

/// To engines, 0 processes are no limit either.
fn unlimited_below_one(most: Most) -> i64 {
    match most.number() {
        0 => -1,
        number => number,
    }
}

fn restart_policy(restart: Restart) -> RestartPolicy {
    let (name, retries) = match restart {
        Restart::No => ("no", 0),
        Restart::Always => ("always", 0),
        Restart::UnlessStopped => ("unless-stopped", 0),
        Restart::OnFailure(retries) => ("on-failure", retries),
    };
    RestartPolicy {
        name: name.to_owned(),
        retries,
    }
}
