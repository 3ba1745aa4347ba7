//! Networks and volumes that are removed: what containers are made with must be known before these are looked at.

use std::collections::BTreeSet;

use crate::plan::change::{Action, Change, FieldDiff, Impact, Reason};
use crate::plan::diff::{EngineDiff, Terms};

/// The names of networks and volumes that are removed, for good or to be made again.
#[derive(Debug, Default)]
pub(super) struct Going {
    /// Networks that are made again.
    networks_made_anew: BTreeSet<String>,
    /// Networks that are removed for good.
    networks_removed: BTreeSet<String>,
    /// Volumes that are made again.
    volumes_made_anew: BTreeSet<String>,
}

impl EngineDiff<'_> {
    /// The volumes that are replaced, those left out whose replacement is refused.
    pub(crate) fn replaced_volumes(&self, terms: Terms<'_>) -> impl Iterator<Item = &Change> {
        self.volumes.iter().filter(move |change| {
            change.action == Action::Replace
                && (change.impact != Impact::DataLoss || terms.options.allow_data_loss)
        })
    }

    /// Takes note of the networks and volumes that are removed, from the changes as they are now.
    pub(crate) fn note_going(&mut self, terms: Terms<'_>) {
        let networks = |action: Action| {
            let goes = self.networks.iter().filter(move |it| it.action == action);
            goes.map(|change| change.object.clone()).collect()
        };
        let volumes = self.replaced_volumes(terms);
        self.going = Going {
            networks_made_anew: networks(Action::Replace),
            networks_removed: networks(Action::Delete),
            volumes_made_anew: volumes.map(|change| change.object.clone()).collect(),
        };
    }

    /// Why a container is changed that is only put on a network again.
    pub(crate) fn network_made_anew(&self, fields: &[FieldDiff]) -> Option<Reason> {
        let [field] = fields else { return None };
        let name = field.name.strip_prefix("network ")?;
        let is_same = field.before.is_some() && field.before == field.after;
        (is_same && self.is_made_anew(name)).then(|| Reason::NetworkReplaced(name.to_owned()))
    }

    /// Whether a network of this name is removed and made again.
    pub(crate) fn is_made_anew(&self, network: &str) -> bool {
        self.going.networks_made_anew.contains(network)
    }

    /// Whether a network of this name is removed for good.
    pub(crate) fn removes_network(&self, network: &str) -> bool {
        self.going.networks_removed.contains(network)
    }

    /// The volumes that are replaced, by name.
    pub(crate) fn volumes_made_anew(&self) -> &BTreeSet<String> {
        &self.going.volumes_made_anew
    }
}
