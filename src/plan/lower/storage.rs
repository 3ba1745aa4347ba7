//! Steps of networks and volumes.

use std::collections::BTreeMap;

use crate::desired::{DesiredVolume, VolumeRole};
use crate::parallel;
use crate::plan::change::{Action, Change};
use crate::plan::diff::EngineDiff;
use crate::plan::lower::Lowering;
use crate::plan::lower::removals::Removals;
use crate::plan::step::Operation;
use crate::resource::Kind;
use crate::resource::container::ContainerRef;
use crate::resource::label;
use crate::resource::storage::{NetworkSpec, VolumeSpec};

/// The steps that make networks and volumes, by the object's name.
pub(super) type Made = BTreeMap<String, usize>;

impl Lowering<'_> {
    /// Makes the networks and volumes that are missing.
    ///
    /// `removed` are the steps that remove containers so that a volume of theirs can be replaced.
    pub(super) fn storage_made(
        &mut self,
        diff: &EngineDiff<'_>,
        base: &[usize],
        removed: &BTreeMap<String, usize>,
    ) -> Made {
        let mut made = Made::new();
        for change in &diff.networks {
            let Some(wanted) = diff.desired.networks.get(&change.object) else {
                continue;
            };
            if !makes(change) {
                continue;
            }
            let spec = NetworkSpec {
                name: change.object.clone(),
                settings: wanted.settings.clone(),
                labels: self.labels(
                    &change.address,
                    &change.object,
                    &wanted.settings.without_secrets(&diff.key),
                    &wanted.settings.labels,
                ),
            };
            let mut after = base.to_vec();
            let mut free: Vec<usize> = base.iter().chain(removed.values()).copied().collect();
            if change.action == Action::Replace {
                free.extend(self.network_left(diff, &change.object, base));
            }
            after.extend(self.network_removed(diff, change, &free));
            let step = self.push(
                diff,
                vec![change.address.clone()],
                after,
                Operation::CreateNetwork(spec),
            );
            made.insert(change.object.clone(), step);
        }
        let specs = parallel::each(&diff.volumes, |change| {
            let wanted = diff.desired.volumes.get(&change.object)?;
            makes(change).then(|| self.volume_spec(diff, change, wanted))
        });
        for (change, spec) in diff.volumes.iter().zip(specs) {
            let Some(spec) = spec else { continue };
            let mut after = base.to_vec();
            if change.action == Action::Replace {
                let remove = Operation::RemoveVolume {
                    name: change.object.clone(),
                };
                let free = base.iter().chain(removed.values()).copied();
                after.push(self.push(diff, vec![change.address.clone()], free, remove));
            }
            let step = self.push(
                diff,
                vec![change.address.clone()],
                after,
                Operation::CreateVolume(spec),
            );
            made.insert(change.object.clone(), step);
        }
        made
    }

    /// Takes the containers that stay off a network that is made anew: one that somebody is on cannot be removed.
    fn network_left(
        &mut self,
        diff: &EngineDiff<'_>,
        network: &str,
        after: &[usize],
    ) -> Vec<usize> {
        let mut left = Vec::new();
        for change in &diff.containers {
            let stays = matches!(change.action, Action::NoOp | Action::Update);
            let existing = diff.owned_container(self.terms, &change.object);
            let Some(existing) =
                existing.filter(|it| stays && it.live.networks.contains_key(network))
            else {
                continue;
            };
            let leave = Operation::DisconnectNetwork {
                container: ContainerRef {
                    name: change.object.clone(),
                    id: Some(existing.id.clone()),
                },
                network: network.to_owned(),
            };
            let addresses = vec![change.address.clone()];
            left.push(self.push(diff, addresses, after.iter().copied(), leave));
        }
        left
    }

    /// The steps that take containers off networks, by the networks' names.
    fn left_networks(&self, diff: &EngineDiff<'_>) -> BTreeMap<String, Vec<usize>> {
        let mut left: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (place, step) in (self.first..).zip(&self.steps) {
            if let Operation::DisconnectNetwork { network, .. } = &step.operation
                && step.engine == diff.path
            {
                left.entry(network.clone()).or_default().push(place);
            }
        }
        left
    }

    fn network_removed(
        &mut self,
        diff: &EngineDiff<'_>,
        change: &Change,
        after: &[usize],
    ) -> Option<usize> {
        if !matches!(change.action, Action::Replace | Action::Delete) {
            return None;
        }
        let id = diff.observed?.networks.get(&change.object)?.id.clone();
        let operation = Operation::RemoveNetwork {
            name: change.object.clone(),
            id,
        };
        Some(self.push(
            diff,
            vec![change.address.clone()],
            after.iter().copied(),
            operation,
        ))
    }

    fn volume_spec(
        &self,
        diff: &EngineDiff<'_>,
        change: &Change,
        wanted: &DesiredVolume,
    ) -> VolumeSpec {
        let settings = &wanted.settings;
        let mut labels = self.labels(
            &change.address,
            &change.object,
            &settings.without_secrets(&diff.key),
            &settings.labels,
        );
        if wanted.role == VolumeRole::Ephemeral {
            labels.insert(label::EPHEMERAL.to_owned(), "true".to_owned());
        }
        VolumeSpec {
            name: change.object.clone(),
            settings: settings.clone(),
            labels,
        }
    }

    /// Removes the networks and volumes that go, after the containers that used them.
    pub(super) fn storage_removed(
        &mut self,
        diff: &EngineDiff<'_>,
        ready: &[usize],
        removals: &Removals,
    ) {
        let goes = |change: &&Change| change.action == Action::Delete;
        let left = if diff.networks.iter().any(|change| goes(&change)) {
            self.left_networks(diff)
        } else {
            BTreeMap::new()
        };
        for change in diff.networks.iter().filter(goes) {
            let freed = removals.of_network(&change.object);
            let left = left.get(&change.object).into_iter().flatten().copied();
            let after: Vec<usize> = freed.chain(left).chain(ready.iter().copied()).collect();
            self.network_removed(diff, change, &after);
        }
        // What a seed was being copied into is removed with what copies.
        let goes = |change: &&Change| {
            change.action == Action::Delete && !diff.is_half_copied(self.terms, &change.object)
        };
        let going: Vec<&Change> = diff.volumes.iter().filter(goes).collect();
        for change in going {
            let freed = removals.of_volume(&change.object);
            let after: Vec<usize> = freed.chain(ready.iter().copied()).collect();
            let operation = Operation::RemoveVolume {
                name: change.object.clone(),
            };
            self.push(diff, vec![change.address.clone()], after, operation);
        }
    }
}

/// Whether the steps of a change make the object.
pub(in crate::plan) fn makes(change: &Change) -> bool {
    match change.action {
        Action::Create | Action::Replace => true,
        Action::Update => change.kind == Kind::Image,
        Action::NoOp | Action::Delete => false,
    }
}
