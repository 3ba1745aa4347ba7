//! Why a container that the file declares cannot be had, whatever is there.

use crate::desired::{DesiredContainer, DesiredData};
use crate::model::image::Pull;
use crate::observed::{ContainerState, NamedDevices};
use crate::plan::diff::{EngineDiff, Terms};
use crate::plan::refusal::{DeviceRefusal, RefusalCause};
use crate::plan::route::Route;
use crate::resource::container::FixedSettings;
use crate::resource::label;

/// All causes that there are.
pub(super) fn causes(
    diff: &EngineDiff<'_>,
    terms: Terms<'_>,
    name: &str,
    wanted: &DesiredContainer,
) -> impl Iterator<Item = RefusalCause> {
    let causes = [
        data_in_use(diff, terms, name, wanted),
        files_missing(wanted),
        runtime_missing(diff, wanted),
        device_missing(diff, wanted),
        no_graphics(diff, terms, name, wanted),
        never_pulled(diff, wanted),
    ];
    causes.into_iter().flatten()
}

/// An engine is not started on data that somebody else's running container has mounted.
fn data_in_use(
    diff: &EngineDiff<'_>,
    terms: Terms<'_>,
    name: &str,
    wanted: &DesiredContainer,
) -> Option<RefusalCause> {
    let Some(DesiredData::Volume(volume)) = wanted.engine.as_ref().map(|inner| &inner.data) else {
        return None;
    };
    let user = diff
        .observed
        .and_then(|observed| observed.foreign_volume_users.get(volume));
    let runs = diff
        .owned_container(terms, name)
        .is_some_and(|container| container.state == ContainerState::Running);
    user.filter(|_| !runs).map(|container| {
        let (volume, container) = (volume.clone(), container.clone());
        RefusalCause::DataInUse { volume, container }
    })
}

/// Its image is never pulled, and nothing else brings it.
fn never_pulled(diff: &EngineDiff<'_>, wanted: &DesiredContainer) -> Option<RefusalCause> {
    let image = &wanted.fixed.image;
    let is_there = diff
        .observed
        .is_some_and(|it| it.images.contains_key(image));
    let route = diff.routes.get(image.as_str());
    let is_brought = route.is_some_and(|route| *route != Route::Pull);
    let is_never = wanted.pull == Pull::Never && !is_there && !is_brought;
    is_never.then(|| RefusalCause::NeverPulled {
        image: image.to_string(),
    })
}

/// It needs a runtime that the engine does not use, or does not have where it says which it has.
fn runtime_missing(diff: &EngineDiff<'_>, wanted: &DesiredContainer) -> Option<RefusalCause> {
    let runtime = wanted.fixed.process.runtime.clone();
    if runtime.is_empty() {
        return None;
    }
    if diff.is_podman {
        return Some(RefusalCause::RuntimeNotUsed { runtime });
    }
    let known = diff.observed.map(|observed| &observed.identity.runtimes);
    let known = known.filter(|it| !it.is_empty() && !it.contains(&runtime))?;
    let known = known.clone();
    Some(RefusalCause::RuntimeMissing { runtime, known })
}

/// It needs a device by a name that the engine says it does not know. Of podman none has a name.
fn device_missing(diff: &EngineDiff<'_>, wanted: &DesiredContainer) -> Option<RefusalCause> {
    let mut devices = wanted.fixed.process.named_devices.iter();
    let missing = |device: &String, known| {
        let device = device.clone();
        RefusalCause::Device(DeviceRefusal::Missing { device, known })
    };
    match &diff.observed?.identity.named_devices {
        NamedDevices::Untold | NamedDevices::On => None,
        NamedDevices::Off => devices.next().map(|device| missing(device, None)),
        NamedDevices::Known(known) => devices
            .find(|device| !known.contains(*device))
            .map(|device| missing(device, Some(known.clone()))),
    }
}

/// It would replace one without graphics processors, and the engine says nothing that hints at any. That they are not
/// there shows when a container is started, for which the other one has to be gone.
fn no_graphics(
    diff: &EngineDiff<'_>,
    terms: Terms<'_>,
    name: &str,
    wanted: &DesiredContainer,
) -> Option<RefusalCause> {
    let asks = |fixed: &FixedSettings| !fixed.surroundings.device_requests.is_empty();
    let existing = diff.owned_container(terms, name)?;
    let applied = existing.labels.get(label::SETTINGS)?;
    let applied: FixedSettings = serde_json::from_str(applied).ok()?;
    let may_have = diff.observed?.identity.may_have_graphics();
    let is_refused = asks(&wanted.fixed) && !asks(&applied) && !may_have;
    is_refused.then_some(RefusalCause::Device(DeviceRefusal::NoGraphics))
}

/// It cannot be given the files that the file grants it.
fn files_missing(wanted: &DesiredContainer) -> Option<RefusalCause> {
    let reasons = wanted.missing.clone();
    (!reasons.is_empty()).then_some(RefusalCause::FilesMissing { reasons })
}
