//! What becomes of networks and volumes.

use serde_json::json;

use crate::desired::{DesiredVolume, VolumeRole};
use crate::observed::ObservedVolume;
use crate::plan::change::{Action, Change, FieldDiff, Impact};
use crate::plan::decision::{self, Found, Verdict};
use crate::plan::diff::attribute::{self, Attributes, Comparison};
use crate::plan::diff::{EngineDiff, Terms};
use crate::plan::refusal::RefusalCause;
use crate::plan::rule::{Effect, Subject};
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
        if wanted.external {
            if observed.is_none() && !foreign {
                diff.external_missing(&wanted.address, Kind::Network, name);
            }
            continue;
        }
        let owned = observed.filter(|network| terms.has(&network.labels, name));
        let mut after = attribute::network(&wanted.settings.without_secrets(&diff.key));
        let before = owned.map(|network| {
            attribute::remembered(&network.labels)
                .map_or_else(Attributes::new, |settings| attribute::network(&settings))
        });
        if is_clash(owned.is_some(), foreign || observed.is_some()) {
            let cause = diff.name_taken(Kind::Network, name);
            diff.refuse(&wanted.address, cause);
            continue;
        }
        if let Some(before) = &before {
            attribute::keep_untold(&mut after, before, &diff.key);
        }
        let change = diff.settled(
            (&wanted.address, Kind::Network, name),
            Subject::Network,
            before.as_ref(),
            &after,
        );
        diff.check_network_users(terms, &change);
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
        let owner = terms.owns(&network.labels, name);
        let verdict = decision::undeclared(owner.is_some(), Found::There);
        if let (Verdict::Delete, Some(address)) = (verdict, owner) {
            let mut change = diff.removal(terms, address, Kind::Network, name, Impact::None);
            if let Some(settings) = attribute::remembered(&network.labels) {
                change.unchanged = attribute::network(&settings);
            }
            diff.check_destruction(terms, &change, &network.labels, false);
            diff.check_network_users(terms, &change);
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
        .and_then(|observed| observed.volumes.get(name))
        .filter(|_| !diff.is_half_copied(terms, name));
    let foreign = diff
        .observed
        .is_some_and(|observed| observed.foreign_volumes.contains(name));
    if wanted.role == VolumeRole::External {
        if observed.is_none() && !foreign {
            diff.external_missing(&wanted.address, Kind::Volume, name);
        }
        return;
    }
    let owned = observed.filter(|volume| terms.has(&volume.labels, name));
    if is_clash(owned.is_some(), foreign || observed.is_some()) {
        let cause = diff.name_taken(Kind::Volume, name);
        diff.refuse(&wanted.address, cause);
        return;
    }
    let settings = wanted.settings.without_secrets(&diff.key);
    let mut after = attribute::volume(&settings);
    let before = owned.map(|volume| {
        if attribute::is_remembered(&volume.labels, &*settings) {
            return after.clone();
        }
        attribute::remembered(&volume.labels)
            .map_or_else(Attributes::new, |settings| attribute::volume(&settings))
    });
    if let Some(before) = &before {
        attribute::keep_untold(&mut after, before, &diff.key);
    }
    let subject = match wanted.role {
        VolumeRole::Data => Subject::DataVolume,
        VolumeRole::Ephemeral | VolumeRole::External => Subject::OtherVolume,
    };
    let mut change = diff.settled(
        (&wanted.address, Kind::Volume, name),
        subject,
        before.as_ref(),
        &after,
    );
    let downgrade = diff.downgraded_on(name).filter(|_| owned.is_some());
    if let Some(downgrade) = downgrade.filter(|_| terms.options.allow_data_loss) {
        change.action = Action::Replace;
        change.impact = Impact::DataLoss;
        change.reason = Some(downgrade.reason.clone());
    }
    let keep = wanted.role == VolumeRole::Data;
    let made_otherwise = owned.is_some_and(|volume| diff.stays(name, volume) != keep);
    if change.action == Action::NoOp && made_otherwise {
        change.action = Action::Update;
        change.fields.push(FieldDiff {
            name: "keep".to_owned(),
            before: Some(json!(!keep)),
            after: Some(json!(keep)),
            forces_replacement: false,
        });
    }
    if change.impact == Impact::DataLoss {
        if terms.options.allow_data_loss {
            let labels = owned.map(|volume| volume.labels.clone());
            diff.check_destruction(terms, &change, &labels.unwrap_or_default(), wanted.protect);
            diff.check_users(name, &wanted.address);
        } else {
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
    // What goes down may be declared.
    let is_outer = diff.path.containers().is_empty();
    let declared = terms.desired.engine.at(&diff.path);
    let declared = declared.filter(|_| is_outer);
    let declared = declared.and_then(|engine| engine.volumes.get(name));
    // What was applied counts, unless the file wants the data to stay now.
    let is_data = declared.is_some_and(|declared| declared.role == VolumeRole::Data);
    let is_empty = diff.is_half_copied(terms, name);
    let ephemeral = is_empty || !is_data && !diff.stays(name, volume);
    let found = match terms.options.destroy {
        _ if ephemeral => Found::There,
        // The flag is the consent.
        Some(destroy) if destroy.volumes => Found::There,
        _ => Found::WithData,
    };
    if decision::undeclared(true, found) == Verdict::Delete {
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
        // What uses it inside goes with its engine.
        if is_outer {
            diff.check_users(name, &change.address);
        }
        diff.volumes.push(change);
        return;
    }
    let because = match terms.options.destroy {
        None => KeptBecause::NotDeclared,
        Some(_) => KeptBecause::Data,
    };
    diff.kept.push(Kept {
        address,
        kind: Kind::Volume,
        object: name.to_owned(),
        engine: diff.path.clone(),
        because,
    });
}

/// Whether the name of something that is declared is taken by what nest did not make.
fn is_clash(owned: bool, there: bool) -> bool {
    !owned && there && decision::declared(owned, Found::There) == Verdict::Clash
}

impl EngineDiff<'_> {
    /// The change of an object of which nest made one with the attributes `before`, or none.
    fn settled(
        &self,
        (address, kind, name): (&Address, Kind, &str),
        subject: Subject,
        before: Option<&Attributes>,
        after: &Attributes,
    ) -> Change {
        let Comparison { fields, unchanged } =
            attribute::compare(subject, before.unwrap_or(&Attributes::new()), after);
        let effect = attribute::effect(subject, &fields);
        let found = match (before, effect) {
            (None, _) => Found::Nothing,
            (Some(_), None) => Found::AsDeclared,
            (Some(_), Some(Effect::LoseData)) => Found::DataAtStake,
            (Some(_), Some(Effect::Replace)) => Found::Otherwise,
            (Some(_), Some(_)) => Found::InPlace,
        };
        let (action, impact) = match decision::declared(before.is_some(), found) {
            Verdict::Create => (Action::Create, Impact::None),
            Verdict::Update => (Action::Update, Impact::None),
            Verdict::Replace => (Action::Replace, Impact::Replace),
            Verdict::ReplaceWithConsent => (Action::Replace, Impact::DataLoss),
            Verdict::Nothing | Verdict::Delete | Verdict::Keep | Verdict::Clash => {
                (Action::NoOp, Impact::None)
            }
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

    /// Whether a volume was last applied as one that stays when the project is taken down without its data.
    pub(crate) fn stays(&self, name: &str, volume: &ObservedVolume) -> bool {
        let made_to_stay = !volume.labels.contains_key(label::EPHEMERAL);
        self.record.keep.get(name).copied().unwrap_or(made_to_stay)
    }

    /// Refuses to remove a volume, be it to make it anew, that somebody else's running container has mounted.
    fn check_users(&mut self, volume: &str, address: &Address) {
        let users = self.observed.map(|observed| &observed.foreign_volume_users);
        if let Some(container) = users.and_then(|users| users.get(volume)) {
            let (volume, container) = (volume.to_owned(), container.clone());
            self.refuse(address, RefusalCause::VolumeInUse { volume, container });
        }
    }

    /// Refuses to remove a network that somebody else's running container is on.
    fn check_network_users(&mut self, terms: Terms<'_>, change: &Change) {
        let owns = |labels: &label::Labels, name: &str| terms.has(labels, name);
        let observed = self.observed.filter(|_| change.removes());
        let user = observed.and_then(|observed| observed.stranger_on(&change.object, owns));
        if let Some(container) = user {
            let (network, container) = (change.object.clone(), container.clone());
            self.refuse(
                &change.address,
                RefusalCause::NetworkInUse { network, container },
            );
        }
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

    fn external_missing(&mut self, address: &Address, kind: Kind, name: &str) {
        let cause = RefusalCause::ExternalMissing {
            object: kind.object_word().to_owned(),
            name: name.to_owned(),
        };
        self.refuse(address, cause);
    }

    pub(super) fn name_taken(&self, kind: Kind, name: &str) -> RefusalCause {
        RefusalCause::NameTaken {
            object: kind.object_word().to_owned(),
            name: name.to_owned(),
            engine: self.path.clone(),
        }
    }
}

/// What is made anew is not replaced.
fn created(mut fields: Vec<FieldDiff>) -> Vec<FieldDiff> {
    for field in &mut fields {
        field.forces_replacement = false;
    }
    fields
}
