//! What a container shares with others and with its host.

use std::time::Duration;

use crate::desired::container::Place;
use crate::model::container::Container;
use crate::model::container::device::RequestedDevices;
use crate::model::container::health::{Check, Healthcheck};
use crate::model::container::limit::Most;
use crate::model::container::network::{Neighbour, NetworkMode};
use crate::model::container::process::{Cgroup, Ipc, Pid};
use crate::model::value::{revealed, secret_names};
use crate::resource::container::surroundings::{
    DriverDevices, HealthSettings, LogSettings, Surroundings,
};

/// What a container shares, as engines are told. `number` is the replica that it goes with.
pub(crate) fn settings(place: &Place<'_>, container: &Container, number: u32) -> Surroundings {
    let of = |neighbour: &Neighbour| format!("container:{}", place.neighbour(neighbour, number));
    let (limits, namespaces) = (&container.limits, &container.namespaces);
    Surroundings {
        entrypoint: container.entrypoint.clone(),
        expose: container
            .expose
            .iter()
            .flat_map(|ports| {
                (ports.first..=ports.last).map(|port| format!("{port}/{}", ports.protocol))
            })
            .collect(),
        network_mode: match &container.network {
            NetworkMode::Networks(_) => String::new(),
            NetworkMode::Bridge => "bridge".to_owned(),
            NetworkMode::None => "none".to_owned(),
            NetworkMode::Host => "host".to_owned(),
            NetworkMode::Of(neighbour) => of(neighbour),
        },
        ipc: match &namespaces.ipc {
            None => String::new(),
            Some(Ipc::None) => "none".to_owned(),
            Some(Ipc::Private) => "private".to_owned(),
            Some(Ipc::Shareable) => "shareable".to_owned(),
            Some(Ipc::Host) => "host".to_owned(),
            Some(Ipc::Of(neighbour)) => of(neighbour),
        },
        pid: match &namespaces.pid {
            Pid::Private => String::new(),
            Pid::Host => "host".to_owned(),
            Pid::Of(neighbour) => of(neighbour),
        },
        cgroup: match namespaces.cgroup {
            None => String::new(),
            Some(Cgroup::Host) => "host".to_owned(),
            Some(Cgroup::Private) => "private".to_owned(),
        },
        cgroup_parent: namespaces.cgroup_parent.clone().unwrap_or_default(),
        host_users: container.security.host_users,
        cpuset: limits.cpuset.clone().unwrap_or_default(),
        cpu_shares: limits.cpu_shares,
        mem_reservation: limits.memory_reservation,
        memswap_limit: limits.memory_and_swap.map(Most::number),
        device_requests: container
            .devices
            .requests
            .iter()
            .map(|request| DriverDevices {
                driver: request.driver.clone(),
                count: match &request.devices {
                    RequestedDevices::All => -1,
                    RequestedDevices::Count(count) => i64::from(*count),
                    RequestedDevices::Ids(_) => 0,
                },
                ids: match &request.devices {
                    RequestedDevices::Ids(ids) => ids.clone(),
                    RequestedDevices::All | RequestedDevices::Count(_) => Vec::new(),
                },
                capabilities: request.capabilities.clone(),
                options: revealed(&request.options),
            })
            .collect(),
        healthcheck: container.healthcheck.as_ref().map(health),
        logging: container.logging.as_ref().map(|logging| LogSettings {
            driver: logging.driver.clone().unwrap_or_default(),
            options: revealed(&logging.options),
            secrets: secret_names(&logging.options),
        }),
    }
}

/// The containers whose namespaces a container shares.
pub(crate) fn neighbours(container: &Container) -> impl Iterator<Item = &Neighbour> {
    let network = match &container.network {
        NetworkMode::Of(neighbour) => Some(neighbour),
        _ => None,
    };
    let ipc = match &container.namespaces.ipc {
        Some(Ipc::Of(neighbour)) => Some(neighbour),
        _ => None,
    };
    let pid = match &container.namespaces.pid {
        Pid::Of(neighbour) => Some(neighbour),
        _ => None,
    };
    [network, ipc, pid].into_iter().flatten()
}

fn health(healthcheck: &Healthcheck) -> HealthSettings {
    let nanoseconds =
        |time: Option<Duration>| time.map(|it| i64::try_from(it.as_nanos()).unwrap_or(i64::MAX));
    match healthcheck {
        Healthcheck::Off => HealthSettings {
            test: vec!["NONE".to_owned()],
            ..HealthSettings::default()
        },
        Healthcheck::On(Check {
            test,
            interval,
            timeout,
            retries,
            start_period,
            start_interval,
        }) => HealthSettings {
            test: test.clone().unwrap_or_default(),
            interval: nanoseconds(*interval),
            timeout: nanoseconds(*timeout),
            retries: retries.map(i64::from),
            start_period: nanoseconds(*start_period),
            start_interval: nanoseconds(*start_interval),
        },
    }
}
