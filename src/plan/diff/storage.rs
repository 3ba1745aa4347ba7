//! What becomes of networks and volumes.

use crate::desired::{DesiredVolume, VolumeRole};
use crate::observed::ObservedVolume;
use crate::plan::change::{Action, Change, FieldDiff, Impact};
use crate::plan::diff::attribute::{self, Attributes, Comparison};
use crate::plan::diff::{EngineDiff, Terms};
use crate::plan::refusal::RefusalCause;
use crate::plan::{Kept, KeptBecause};
use crate::resource::label;
use crate::resource::record::Record;
use crate::resource::{Address, Kind};

/// Decides on every network of the engine.
pub(crate) fn networks(diff: &mut EngineDiff<'_>, terms: Terms<'_>) {
    for (name, wanted) in &diff.desired.networks {
        let observed = diff
            .observed
            .and_then(|observed| observed.networks.get(name));
        let foreign = diff
            .observed
            .is_some_and(|observed| observed.foreign_networks.contains(name));
        let owned = observed.filter(|network| terms.owns(&network.labels, name).is_some());
        let after = attribute::network(&wanted.settings);
        let before = owned.map(|network| {
            attribute::remembered(&network.labels)
                .map_or_else(Attributes::new, |settings| attribute::network(&settings))
        });
        if owned.is_none() && (foreign || observed.is_some()) {
            diff.name_taken(&wanted.address, Kind::Network, name);
            continue;
        }
        let change = diff.settled(
            &wanted.address,
            Kind::Network,
            name,
            before.as_ref(),
            &after,
        );
        diff.networks.push(change);
    }
    let observed = diff
        .observed
        .into_iter()
        .flat_map(|observed| &observed.networks);
    for (name, network) in observed {
        if diff.desired.networks.contains_key(name) {
            continue;
        }
        if let Some(address) = terms.owns(&network.labels, name) {
            let mut change = diff.removal(terms, address, Kind::Network, name, Impact::None);
            if let Some(settings) = attribute::remembered(&network.labels) {
                change.unchanged = attribute::network(&settings);
            }
            diff.check_destruction(terms, &change, &network.labels, false);
            diff.networks.push(change);
        }
    }
}

/// Decides on every volume of the engine.
pub(crate) fn volumes(diff: &mut EngineDiff<'_>, terms: Terms<'_>) {
    for (name, wanted) in &diff.desired.volumes {
        declared_volume(diff, terms, name, wanted);
    }
    let observed = diff
        .observed
        .into_iter()
        .flat_map(|observed| &observed.volumes);
    for (name, volume) in observed {
        if diff.desired.volumes.contains_key(name)
            || Record::number(&terms.desired.project, name).is_some()
        {
            continue;
        }
        if let Some(address) = terms.owns(&volume.labels, name) {
            undeclared_volume(diff, terms, name, volume, address);
        }
    }
}

fn declared_volume(
    diff: &mut EngineDiff<'_>,
    terms: Terms<'_>,
    name: &str,
    wanted: &DesiredVolume,
) {
    let observed = diff
        .observed
        .and_then(|observed| observed.volumes.get(name));
    let foreign = diff
        .observed
        .is_some_and(|observed| observed.foreign_volumes.contains(name));
    if wanted.role == VolumeRole::External {
        if observed.is_none() && !foreign {
            diff.refuse(
                &wanted.address,
                RefusalCause::ExternalMissing {
                    name: name.to_owned(),
                },
            );
        }
        return;
    }
    let owned = observed.filter(|volume| terms.owns(&volume.labels, name).is_some());
    if owned.is_none() && (foreign || observed.is_some()) {
        diff.name_taken(&wanted.address, Kind::Volume, name);
        return;
    }
    let mut after = attribute::volume(&wanted.settings.without_secrets(&diff.key));
    let before = owned.map(|volume| {
        attribute::remembered(&volume.labels)
            .map_or_else(Attributes::new, |settings| attribute::volume(&settings))
    });
    if let Some(before) = &before {
        attribute::keep_untold(&mut after, before, &diff.key);
    }
    let change = diff.settled(&wanted.address, Kind::Volume, name, before.as_ref(), &after);
    if change.action == Action::Replace && wanted.role == VolumeRole::Data {
        let settings = change
            .fields
            .iter()
            .map(|field| format!("`{}`", field.name))
            .collect();
        diff.refuse(
            &wanted.address,
            RefusalCause::VolumeDataLoss {
                name: name.to_owned(),
                settings,
            },
        );
    }
    diff.volumes.push(change);
}

fn undeclared_volume(
    diff: &mut EngineDiff<'_>,
    terms: Terms<'_>,
    name: &str,
    volume: &ObservedVolume,
    address: Address,
) {
    let declared = terms.desired.engine.volumes.get(name);
    let ephemeral = match declared {
        Some(declared) => declared.role == VolumeRole::Ephemeral,
        None => volume.labels.contains_key(label::EPHEMERAL),
    };
    let because = match terms.destroy {
        None if !ephemeral => KeptBecause::NotDeclared,
        Some(destroy) if !ephemeral && !destroy.volumes => KeptBecause::Data,
        _ => {
            let impact = if ephemeral {
                Impact::None
            } else {
                Impact::DataLoss
            };
            let mut change = diff.removal(terms, address, Kind::Volume, name, impact);
            if let Some(settings) = attribute::remembered(&volume.labels) {
                change.unchanged = attribute::volume(&settings);
            }
            let protect = declared.is_some_and(|declared| declared.protect);
            diff.check_destruction(terms, &change, &volume.labels, protect);
            diff.volumes.push(change);
            return;
        }
    };
    diff.kept.push(Kept {
        address,
        volume: name.to_owned(),
        engine: diff.path.clone(),
        because,
    });
}

impl EngineDiff<'_> {
    /// The change of an object whose settings all need a replacement.
    fn settled(
        &self,
        address: &Address,
        kind: Kind,
        name: &str,
        before: Option<&Attributes>,
        after: &Attributes,
    ) -> Change {
        let Comparison { fields, unchanged } =
            attribute::compare(before.unwrap_or(&Attributes::new()), after, true);
        let action = match before {
            None => Action::Create,
            Some(_) if fields.is_empty() => Action::NoOp,
            Some(_) => Action::Replace,
        };
        let impact = if action == Action::Replace {
            Impact::Replace
        } else {
            Impact::None
        };
        self.change(
            address.clone(),
            kind,
            name,
            (action, impact),
            fields,
            unchanged,
        )
    }

    /// The change of an object that is removed.
    pub(super) fn removal(
        &self,
        terms: Terms<'_>,
        address: Address,
        kind: Kind,
        name: &str,
        impact: Impact,
    ) -> Change {
        let mut change = self.change(
            address,
            kind,
            name,
            (Action::Delete, impact),
            Vec::new(),
            Attributes::new(),
        );
        change.reason = Some(terms.removal_reason());
        change
    }

    pub(super) fn change(
        &self,
        address: Address,
        kind: Kind,
        name: &str,
        (action, impact): (Action, Impact),
        fields: Vec<FieldDiff>,
        unchanged: Attributes,
    ) -> Change {
        let (object, engine) = (name.to_owned(), self.path.clone());
        let fields = if action == Action::Create {
            created(fields)
        } else {
            fields
        };
        Change {
            address,
            kind,
            object,
            engine,
            action,
            reason: None,
            fields,
            unchanged,
            impact,
        }
    }

    pub(super) fn name_taken(&mut self, address: &Address, kind: Kind, name: &str) {
        let cause = RefusalCause::NameTaken {
            object: kind.object_word().to_owned(),
            name: name.to_owned(),
            engine: self.path.clone(),
        };
        self.refuse(address, cause);
    }
}

/// What is made anew is not replaced.
fn created(mut fields: Vec<FieldDiff>) -> Vec<FieldDiff> {
    for field in &mut fields {
        field.forces_replacement = false;
    }
    fields
}
