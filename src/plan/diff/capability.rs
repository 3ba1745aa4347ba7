//! What an engine cannot do, whatever it holds: refused before anything is begun.

use std::collections::BTreeSet;

use crate::desired::DesiredImageSource;
use crate::observed::{EngineIdentity, EngineMake};
use crate::plan::diff::{EngineDiff, Terms};
use crate::plan::refusal::RefusalCause;
use crate::resource::Address;

/// Refuses what the file declares and the engine cannot do.
pub(crate) fn check(diff: &mut EngineDiff<'_>, terms: Terms<'_>) {
    let Some(observed) = diff.observed.filter(|_| terms.options.destroy.is_none()) else {
        return;
    };
    for (address, cause) in found(diff, &observed.identity) {
        diff.refuse(&address, cause);
    }
}

fn found(diff: &EngineDiff<'_>, engine: &EngineIdentity) -> Vec<(Address, RefusalCause)> {
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
    let is_podman = engine.make == EngineMake::Podman;
    let containers = diff.desired.containers.values().filter_map(|container| {
        let device = container.fixed.process.named_devices.first();
        let cause = RefusalCause::NamedDevice {
            device: device.filter(|_| is_podman)?.clone(),
        };
        Some((container.address.clone(), cause))
    });
    let images = diff.desired.images.values().filter_map(|image| {
        let DesiredImageSource::Build(build) = &image.source else {
            return None;
        };
        let asks = !build.how.secrets.is_empty() || !build.how.agents.is_empty();
        (is_podman && asks).then(|| (image.address.clone(), RefusalCause::NoBuildSession))
    });
    let objects = networks.chain(volumes).chain(containers);
    objects.chain(images).collect()
}
