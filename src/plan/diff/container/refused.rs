//! Why a container that the file declares cannot be had, whatever is there.

use crate::desired::{DesiredContainer, DesiredData};
use crate::model::image::Pull;
use crate::observed::ContainerState;
use crate::plan::diff::{EngineDiff, Terms};
use crate::plan::refusal::RefusalCause;
use crate::plan::route::Route;

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

/// It cannot be given the files that the file grants it.
fn files_missing(wanted: &DesiredContainer) -> Option<RefusalCause> {
    let reasons = wanted.missing.clone();
    (!reasons.is_empty()).then_some(RefusalCause::FilesMissing { reasons })
}
