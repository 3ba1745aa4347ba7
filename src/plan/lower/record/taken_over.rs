//! Anonymous volumes of containers that are made anew. Between one container and the next nothing else tells whose they
//! are.

use std::collections::BTreeMap;

use crate::plan::change::Action;
use crate::plan::diff::EngineDiff;
use crate::plan::lower::Lowering;
use crate::plan::step::Operation;
use crate::plan::target::Selection;

/// Volumes by their paths, by container.
type ByContainer = BTreeMap<String, BTreeMap<String, String>>;

impl EngineDiff<'_> {
    /// The anonymous volumes that a new container finds again, by their paths: those of the one that it replaces, or of
    /// one that went in a run which ended before it made another.
    pub(in crate::plan) fn taken_over(&self, name: &str) -> BTreeMap<String, String> {
        let existing = self.observed.and_then(|it| it.containers.get(name));
        if let Some(existing) = existing {
            return existing.anonymous_volumes.clone();
        }
        let noted = self.record.taken_over.get(name).cloned();
        let mut noted = noted.unwrap_or_default();
        noted.retain(|_, volume| self.is_nameless(volume));
        noted
    }

    /// Whether a volume is there that bears nobody's label.
    fn is_nameless(&self, volume: &str) -> bool {
        self.observed
            .is_some_and(|observed| observed.foreign_volumes.contains(volume))
    }

    /// What the record says of them while the plan is carried out.
    pub(super) fn noted_volumes(&self) -> ByContainer {
        let mut noted = self.record.taken_over.clone();
        let replaced = self.containers.iter();
        for change in replaced.filter(|change| change.action == Action::Replace) {
            let volumes = self.taken_over(&change.object);
            if !volumes.is_empty() {
                noted.insert(change.object.clone(), volumes);
            }
        }
        noted
    }

    /// What it says afterwards: only of containers that the plan was not about.
    pub(super) fn left_volumes(&self, selection: &Selection) -> ByContainer {
        let mut left = self.record.taken_over.clone();
        left.retain(|name, _| match self.desired.containers.get(name) {
            Some(wanted) => !selection.has(&wanted.address),
            None => *selection != Selection::All,
        });
        left
    }
}

impl Lowering<'_> {
    /// Removes those of containers that went and are not declared any more. Returns the steps that do.
    pub(super) fn abandoned_removed(
        &mut self,
        diff: &EngineDiff<'_>,
        after: &[usize],
    ) -> Vec<usize> {
        if *self.selection != Selection::All {
            return Vec::new();
        }
        let is_there = |name: &String| {
            let observed = diff.observed.map(|observed| &observed.containers);
            observed.is_some_and(|containers| containers.contains_key(name))
        };
        let noted = diff.record.taken_over.iter();
        let gone = noted
            .filter(|(name, _)| !diff.desired.containers.contains_key(*name) && !is_there(name));
        let volumes = gone.flat_map(|(_, volumes)| volumes.values());
        let volumes: Vec<String> = volumes.filter(|it| diff.is_nameless(it)).cloned().collect();
        let mut removed = Vec::new();
        for name in volumes {
            let remove = Operation::RemoveVolume { name };
            removed.push(self.push(diff, Vec::new(), after.iter().copied(), remove));
        }
        removed
    }
}
