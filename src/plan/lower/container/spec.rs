//! What containers are made of.

use std::collections::BTreeSet;

use crate::desired::DesiredContainer;
use crate::observed::ObservedContainer;
use crate::parallel;
use crate::plan::change::{Action, Change};
use crate::plan::diff::EngineDiff;
use crate::plan::lower::Lowering;
use crate::resource::container::{
    ContainerMount, ContainerMountSource, ContainerSpec, MountOptions,
};
use crate::resource::label;

impl Lowering<'_> {
    /// What each container of the engine is made of, in the order of its changes; of those that stay, nothing.
    pub(in crate::plan::lower) fn container_specs(
        &self,
        diff: &EngineDiff<'_>,
    ) -> Vec<Option<Box<ContainerSpec>>> {
        parallel::each(&diff.containers, |change| {
            let wanted = diff.desired.containers.get(&change.object)?;
            let observed = diff.observed.map(|observed| &observed.containers);
            let replaced = match change.action {
                Action::Create => None,
                Action::Replace => observed.and_then(|it| it.get(&change.object)),
                _ => return None,
            };
            Some(Box::new(self.spec(diff, change, wanted, replaced)))
        })
    }

    fn spec(
        &self,
        diff: &EngineDiff<'_>,
        change: &Change,
        wanted: &DesiredContainer,
        replaced: Option<&ObservedContainer>,
    ) -> ContainerSpec {
        let mut fixed = wanted.fixed.clone();
        // They come when it is there.
        fixed.files.clear();
        take_over(&mut fixed.mounts, replaced);
        fixed.mounts.extend(
            replaced
                .into_iter()
                .flat_map(|old| anonymous_mounts(old, wanted)),
        );
        let mut labels = self.labels(
            &change.address,
            &change.object,
            &*wanted.fixed.without_secrets(&diff.key),
            &wanted.fixed.labels,
        );
        if wanted.is_one_off {
            labels.insert(label::ONE_OFF.to_owned(), "true".to_owned());
        }
        ContainerSpec {
            name: change.object.clone(),
            labels,
            fixed,
            live: wanted.live.clone(),
            socket: wanted.socket.clone(),
        }
    }
}

/// Puts the anonymous volumes of a container in the place of those that its replacement would be given.
fn take_over(mounts: &mut [ContainerMount], old: Option<&ObservedContainer>) {
    for mount in mounts {
        let volume = old.and_then(|old| old.anonymous_volumes.get(&mount.target));
        if let (ContainerMountSource::Anonymous, Some(volume)) = (&mount.source, volume) {
            mount.source = ContainerMountSource::Volume(volume.clone());
        }
    }
}

/// The anonymous volumes of a container that its replacement takes over, besides those that the file declares.
fn anonymous_mounts(old: &ObservedContainer, wanted: &DesiredContainer) -> Vec<ContainerMount> {
    let taken: BTreeSet<&str> = wanted
        .fixed
        .mounts
        .iter()
        .map(|mount| mount.target.as_str())
        .collect();
    old.anonymous_volumes
        .iter()
        .filter(|(target, _)| !taken.contains(target.as_str()))
        .map(|(target, volume)| ContainerMount {
            target: target.clone(),
            source: ContainerMountSource::Volume(volume.clone()),
            read_only: false,
            options: MountOptions::default(),
        })
        .collect()
}
