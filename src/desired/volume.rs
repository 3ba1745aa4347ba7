//! Volumes that an engine should have.

use std::collections::BTreeMap;

use crate::desired::{DesiredEngine, DesiredVolume, VolumeRole};
use crate::model::Volume;
use crate::model::mount::Mount;
use crate::model::name::VolumeName;
use crate::model::naming::Naming;
use crate::model::value::{revealed, secret_names};
use crate::resource::storage::VolumeSettings;
use crate::resource::{Address, Kind};

/// Adds a volume of the scope at `scope`.
pub(crate) fn add_declared(
    engine: &mut DesiredEngine,
    naming: &Naming,
    scope: Option<&Address>,
    name: &VolumeName,
    volume: &Volume,
) {
    let real_name = naming.volume(name, Some(volume));
    let address = Address::new(scope, Kind::Volume, name.as_str());
    insert(engine, real_name, address, volume);
}

fn insert(engine: &mut DesiredEngine, real_name: String, address: Address, volume: &Volume) {
    let desired = DesiredVolume {
        address,
        settings: VolumeSettings {
            driver: volume.driver.clone(),
            driver_opts: revealed(&volume.driver_opts),
            labels: revealed(&volume.labels),
            secret_opts: secret_names(&volume.driver_opts),
            secret_labels: secret_names(&volume.labels),
        },
        role: if volume.external {
            VolumeRole::External
        } else {
            VolumeRole::Data
        },
        protect: volume.protect,
        made_for: None,
    };
    // Somebody else's volume may be declared under several names. One of them speaks for it, whatever their order.
    match engine.volumes.get(&real_name) {
        Some(known) if known.address < desired.address => {}
        _ => drop(engine.volumes.insert(real_name, desired)),
    }
}

/// Adds the volume that replica `number` of what mounts a declared one has for itself, and returns its real name.
pub(crate) fn add_replica(
    engine: &mut DesiredEngine,
    (naming, scope): (&Naming, Option<&Address>),
    name: &VolumeName,
    volume: &Volume,
    number: u32,
) -> String {
    let real_name = format!("{}-{number}", naming.volume(name, Some(volume)));
    let address = Address::new(scope, Kind::Volume, name.as_str()).replica(number);
    insert(engine, real_name.clone(), address, volume);
    real_name
}

/// Adds a volume that nest makes for a container, and returns its real name.
pub(crate) fn add_own(
    engine: &mut DesiredEngine,
    naming: &Naming,
    scope: Option<&Address>,
    container: &Address,
    (name, purpose): (&str, &str),
    role: VolumeRole,
) -> String {
    let real_name = naming.own_volume(name, purpose);
    let desired = DesiredVolume {
        address: Address::new(scope, Kind::Volume, &format!("{name}-{purpose}")),
        settings: local(BTreeMap::new()),
        role,
        protect: false,
        made_for: Some(container.clone()),
    };
    engine.volumes.insert(real_name.clone(), desired);
    real_name
}

/// Gives a volume that holds nothing over a restart to a user, where that is not root. It is memory then: no other
/// volume can be made somebody's.
pub(crate) fn give(engine: &mut DesiredEngine, real_name: &str, user: u32) {
    if user != 0
        && let Some(volume) = engine.volumes.get_mut(real_name)
    {
        let options = [
            ("type", "tmpfs".to_owned()),
            ("device", "tmpfs".to_owned()),
            ("o", format!("uid={user},gid={user},mode=0755")),
        ];
        let options = options.map(|(key, value)| (key.to_owned(), value));
        volume.settings.driver_opts.extend(options);
    }
}

/// Adds the volume of an inner engine that shows what the outer container has mounted at a path.
pub(crate) fn add_shared(
    engine: &mut DesiredEngine,
    environment: &Address,
    name: &VolumeName,
    mount: &Mount,
) {
    let options = if mount.read_only { "bind,ro" } else { "bind" };
    let driver_opts = [
        ("type", "none"),
        ("o", options),
        ("device", mount.target.as_str()),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()));
    let desired = DesiredVolume {
        address: Address::new(Some(environment), Kind::Volume, name.as_str()),
        settings: local(driver_opts.into()),
        role: VolumeRole::Ephemeral,
        protect: false,
        made_for: None,
    };
    engine.volumes.insert(name.to_string(), desired);
}

fn local(driver_opts: BTreeMap<String, String>) -> VolumeSettings {
    VolumeSettings {
        driver: "local".to_owned(),
        driver_opts,
        ..VolumeSettings::default()
    }
}
