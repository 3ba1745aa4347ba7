//! What an engine cannot do, whatever it holds: refused before anything is begun.

use std::collections::BTreeSet;

use crate::desired::DesiredImageSource;
use crate::observed::EngineIdentity;
use crate::plan::diff::{EngineDiff, Terms};
use crate::plan::refusal::{DeviceRefusal, PodmanRefusal, RefusalCause};
use crate::resource::Address;

/// Refuses what the file declares and the engine cannot do.
pub(crate) fn check(diff: &mut EngineDiff<'_>, terms: Terms<'_>) {
    if terms.options.destroy.is_some() {
        return;
    }
    let own_ways = diff.is_podman.then(|| podman(diff));
    let drivers = diff.observed.map(|it| drivers(diff, &it.identity));
    let found = drivers.into_iter().chain(own_ways).flatten();
    for (address, cause) in found.collect::<Vec<_>>() {
        diff.refuse(&address, cause);
    }
}

/// Networks and volumes of drivers that the engine does not have.
fn drivers(diff: &EngineDiff<'_>, engine: &EngineIdentity) -> Vec<(Address, RefusalCause)> {
    let missing = |object: &str, driver: &str, drivers: &BTreeSet<String>| {
        let is_there = driver.is_empty() || drivers.is_empty() || drivers.contains(driver);
        (!is_there).then(|| RefusalCause::DriverMissing {
            object: object.to_owned(),
            driver: driver.to_owned(),
            drivers: drivers.clone(),
        })
    };
    let networks = diff.desired.networks.values().filter_map(|network| {
        let driver = &network.settings.driver;
        let cause = missing("network", driver, &engine.network_drivers)?;
        Some((network.address.clone(), cause))
    });
    let volumes = diff.desired.volumes.values().filter_map(|volume| {
        let driver = &volume.settings.driver;
        let cause = missing("volume", driver, &engine.volume_drivers)?;
        Some((volume.address.clone(), cause))
    });
    networks.chain(volumes).collect()
}

/// Containers that podman would give something else than they are to have.
fn podman(diff: &EngineDiff<'_>) -> Vec<(Address, RefusalCause)> {
    let mut found = Vec::new();
    for container in diff.desired.containers.values() {
        let device = container.fixed.process.named_devices.first();
        let device = device.map(|device| {
            RefusalCause::Device(DeviceRefusal::Named {
                device: device.clone(),
            })
        });
        let mut mounts = container.fixed.mounts.iter();
        let part = mounts.find(|mount| mount.options.subpath.is_some());
        let part = part.map(|mount| PodmanRefusal::SubpathNotUsed {
            target: mount.target.clone(),
        });
        let fixed = &container.fixed;
        let shares_processes = !fixed.surroundings.pid.is_empty();
        let no_init = (fixed.init && shares_processes).then_some(PodmanRefusal::NoInit);
        let mut ports = fixed
            .ports
            .iter()
            .filter_map(|port| port.host_port.as_ref());
        let range = ports.find(|ports| ports.one().is_none());
        let range = range.map(|ports| PodmanRefusal::PortRange {
            ports: ports.to_string(),
        });
        let causes = part.into_iter().chain(no_init).chain(range);
        let causes = device.into_iter().chain(causes.map(RefusalCause::Podman));
        found.extend(causes.map(|cause| (container.address.clone(), cause)));
    }
    let builds = diff.desired.images.values().filter_map(|image| {
        let DesiredImageSource::Build(build) = &image.source else {
            return None;
        };
        let asks = !build.how.secrets.is_empty() || !build.how.agents.is_empty();
        asks.then(|| (image.address.clone(), RefusalCause::NoBuildSession))
    });
    found.extend(builds);
    found
}
