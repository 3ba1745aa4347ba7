//! What containers are made of.

use std::collections::BTreeMap;

use crate::desired::DesiredContainer;
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
            let comes = matches!(change.action, Action::Create | Action::Replace);
            comes.then(|| Box::new(self.spec(diff, change, wanted)))
        })
    }

    fn spec(
        &self,
        diff: &EngineDiff<'_>,
        change: &Change,
        wanted: &DesiredContainer,
    ) -> ContainerSpec {
        let mut fixed = wanted.fixed.clone();
        // They come when it is there.
        fixed.files.clear();
        let volumes = diff.taken_over(&change.object);
        take_over(&mut fixed.mounts, &volumes);
        fixed.mounts.extend(anonymous_mounts(volumes, wanted));
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

/// Puts anonymous volumes, by their paths, in the place of those that a container would be given.
fn take_over(mounts: &mut [ContainerMount], volumes: &BTreeMap<String, String>) {
    for mount in mounts {
        let volume = volumes.get(&mount.target);
        if let (ContainerMountSource::Anonymous, Some(volume)) = (&mount.source, volume) {
            mount.source = ContainerMountSource::Volume(volume.clone());
        }
    }
}

/// The anonymous volumes that a container takes over, besides those that the file declares.
fn anonymous_mounts(
    mut volumes: BTreeMap<String, String>,
    wanted: &DesiredContainer,
) -> impl Iterator<Item = ContainerMount> {
    for mount in &wanted.fixed.mounts {
        volumes.remove(&mount.target);
    }
    volumes.into_iter().map(|(target, volume)| ContainerMount {
        target,
        source: ContainerMountSource::Volume(volume),
        read_only: false,
        options: MountOptions::default(),
    })
}
