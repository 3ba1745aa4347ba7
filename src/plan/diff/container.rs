//! What becomes of containers.

mod follow;
pub(crate) mod once;
mod refused;

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::desired::{DesiredContainer, DesiredData};
use crate::mode::Mode;
use crate::observed::{ContainerState, ObservedContainer, ObservedInner};
use crate::parallel;
use crate::plan::change::{Action, Change, FieldDiff, Impact, Reason};
use crate::plan::decision::{self, Found, Verdict};
use crate::plan::diff::attribute::{self, Attributes, Comparison};
use crate::plan::diff::{EngineDiff, Terms, compare};
use crate::plan::refusal::RefusalCause;
use crate::plan::rule::{Effect, Subject};
use crate::resource::Kind;
use crate::resource::container::{ContainerMount, FixedSettings};
use crate::resource::label;

/// Decides on every container of the engine.
pub(crate) fn containers(diff: &mut EngineDiff<'_>, terms: Terms<'_>) {
    let known = &*diff;
    let decide = |(name, wanted): (&String, &DesiredContainer)| {
        let decided = declared_container(known, terms, name, wanted);
        (wanted.address.clone(), decided)
    };
    for (address, decided) in parallel::map(&diff.desired.containers, decide) {
        for cause in decided.refused {
            diff.refuse(&address, cause);
        }
        diff.containers.extend(decided.change);
    }
    follow::neighbours(diff, terms);
    let observed = diff
        .observed
        .into_iter()
        .flat_map(|observed| &observed.containers);
    for (name, container) in observed {
        if diff.desired.containers.contains_key(name) {
            continue;
        }
        let owner = terms.owns(&container.labels, name);
        // What a command made for itself is that command's, unless all is taken down.
        if container.labels.contains_key(label::ONE_OFF) && terms.options.destroy.is_none() {
            continue;
        }
        let verdict = decision::undeclared(owner.is_some(), Found::There);
        if let (Verdict::Delete, Some(address)) = (verdict, owner) {
            let kind = Kind::of_container(&address);
            let impact = if matches!(container.engine, ObservedInner::Awake(_)) {
                Impact::EngineRestart
            } else {
                Impact::None
            };
            let mut change = diff.removal(terms, address, kind, name, impact);
            if let Some(settings) = attribute::remembered(&container.labels) {
                change.unchanged = attribute::fixed(&settings);
            }
            let protect = terms
                .desired
                .engine
                .containers
                .get(name)
                .is_some_and(|declared| declared.protect);
            diff.check_destruction(terms, &change, &container.labels, protect);
            diff.containers.push(change);
        }
    }
}

/// What becomes of a container that the file declares.
#[derive(Default)]
struct Decided {
    change: Option<Change>,
    refused: Vec<RefusalCause>,
}

fn declared_container(
    diff: &EngineDiff<'_>,
    terms: Terms<'_>,
    name: &str,
    wanted: &DesiredContainer,
) -> Decided {
    let mut decided = match diff.owned_container(terms, name) {
        Some(existing) => existing_container(diff, terms, name, wanted, existing),
        None => absent_container(diff, name, wanted),
    };
    decided
        .refused
        .splice(0..0, refused::causes(diff, terms, name, wanted));
    decided
}

fn absent_container(diff: &EngineDiff<'_>, name: &str, wanted: &DesiredContainer) -> Decided {
    let found = if diff.holds_container(name) {
        Found::There
    } else {
        Found::Nothing
    };
    match decision::declared(false, found) {
        Verdict::Create => Decided {
            change: Some(diff.created_container(name, wanted)),
            refused: Vec::new(),
        },
        _ => Decided {
            change: None,
            refused: vec![diff.name_taken(wanted.kind, name)],
        },
    }
}

/// Whether what is mounted at the data root is what the file wants there, so that the engine's state is the one that
/// counts.
pub(crate) fn has_data_mount(existing: &ObservedContainer, wanted: &DesiredContainer) -> bool {
    let Some(before) = data_mount(existing) else {
        return false;
    };
    let mut mounts = wanted.fixed.mounts.iter();
    mounts.find(|mount| mount.target == before.target) == Some(&before)
}

/// What the engine inside a container has its data in, as far as the container was made with a mount for it.
pub(crate) fn data_mount(existing: &ObservedContainer) -> Option<ContainerMount> {
    let made: Mounted = attribute::remembered(&existing.labels)?;
    let own = Mode::named(made.mode.as_deref()?)?.own_engine()?;
    let mut mounts = made.mounts.into_iter();
    mounts.find(|mount| mount.target == own.data_root)
}

/// Of what a label remembers only the mounts, and the mode, which says where data is.
#[derive(Deserialize)]
struct Mounted {
    #[serde(default)]
    mode: Option<String>,
    #[serde(default)]
    mounts: Vec<ContainerMount>,
}

/// The volumes that a container was made with.
pub(crate) fn mounted_volumes(existing: &ObservedContainer) -> BTreeSet<String> {
    let settings: FixedSettings = attribute::remembered(&existing.labels).unwrap_or_default();
    settings.volumes().map(str::to_owned).collect()
}

/// The first of these volumes that a container was made with.
pub(crate) fn mounts_any<'v>(
    existing: &ObservedContainer,
    volumes: &'v BTreeSet<String>,
) -> Option<&'v String> {
    if volumes.is_empty() {
        return None;
    }
    let mounted = mounted_volumes(existing);
    volumes.iter().find(|volume| mounted.contains(*volume))
}

fn existing_container(
    diff: &EngineDiff<'_>,
    terms: Terms<'_>,
    name: &str,
    wanted: &DesiredContainer,
    existing: &ObservedContainer,
) -> Decided {
    let mut decided = Decided::default();
    if existing.state == ContainerState::Paused {
        let name = name.to_owned();
        decided.refused.push(RefusalCause::Paused { name });
        return decided;
    }
    if wanted.is_one_off {
        decided.change = Some(as_it_is(diff, name, wanted));
        return decided;
    }
    let record = diff.record.containers.get(name);
    let limits = compare::limits(diff, wanted, existing, record);
    let parts = [
        compare::fixed(diff, wanted, existing),
        limits,
        compare::networks(diff, wanted, existing, record),
        compare::daemon(wanted, existing, record, &diff.key),
        compare::access(wanted, record, &diff.key),
    ];
    let mut unchanged = Attributes::new();
    let mut fields: Vec<FieldDiff> = Vec::new();
    for comparison in parts {
        unchanged.extend(comparison.unchanged);
        fields.extend(comparison.fields);
    }
    let mut impact = Impact::None;
    let reason = match why_replaced(diff, terms, wanted, existing) {
        Some((reason, lost)) => {
            impact = if lost {
                Impact::DataLoss
            } else {
                Impact::Replace
            };
            Some(reason)
        }
        None => None,
    };
    let found = match attribute::effect(Subject::Container, &fields) {
        _ if reason.is_some() => Found::Otherwise,
        Some(effect) => {
            impact = impact_of(effect, existing);
            match effect.action() {
                Action::Replace => Found::Otherwise,
                _ => Found::InPlace,
            }
        }
        None => Found::AsDeclared,
    };
    let verdict = decision::declared(true, found);
    let starts = match existing.state {
        ContainerState::Created => true,
        ContainerState::Exited(_) => {
            !diff.is_done(wanted, (name, existing)) || found != Found::AsDeclared
        }
        _ => false,
    };
    if starts {
        fields.extend(lost_networks(wanted, existing));
    }
    let (action, reason) = match (verdict, &existing.engine) {
        (Verdict::Replace | Verdict::ReplaceWithConsent, _) => {
            (Action::Replace, reason.or_else(|| why_forced(&fields)))
        }
        _ if starts => {
            impact = Impact::None;
            (Action::Update, Some(Reason::NotRunning))
        }
        (Verdict::Update, ObservedInner::Silent(silence)) if impact == Impact::None => {
            (Action::Update, Some(Reason::NotReady(silence.clone())))
        }
        (Verdict::Update, _) => (Action::Update, diff.network_made_anew(&fields)),
        _ if wanted.kind == Kind::Service && existing.state == ContainerState::Restarting => {
            (Action::Update, Some(Reason::NotWell))
        }
        _ if wanted.kind == Kind::Service && existing.is_unhealthy => {
            (Action::Update, Some(Reason::Unhealthy))
        }
        (_, ObservedInner::Silent(silence)) => {
            (Action::Update, Some(Reason::NotReady(silence.clone())))
        }
        _ => (Action::NoOp, None),
    };
    let mut change = diff.change(
        wanted.address.clone(),
        wanted.kind,
        name,
        (action, impact),
        fields,
        unchanged,
    );
    change.reason = reason;
    if action == Action::Replace {
        let loses = change.impact == Impact::DataLoss;
        let protect = loses && wanted.protect;
        decided.refused = terms.destruction_refused(&change, &existing.labels, protect);
    }
    decided.change = Some(change);
    decided
}

/// What becomes of a container of `nest run`, which nothing changes.
fn as_it_is(diff: &EngineDiff<'_>, name: &str, wanted: &DesiredContainer) -> Change {
    let (address, kind) = (wanted.address.clone(), wanted.kind);
    let nothing = (Action::NoOp, Impact::None);
    diff.change(address, kind, name, nothing, Vec::new(), Attributes::new())
}

/// Why a container is replaced whatever its attributes, and whether the data of its engine is lost with it.
fn why_replaced(
    diff: &EngineDiff<'_>,
    terms: Terms<'_>,
    wanted: &DesiredContainer,
    existing: &ObservedContainer,
) -> Option<(Reason, bool)> {
    if let Some(volume) = mounts_any(existing, diff.volumes_made_anew()) {
        let lost = wanted.engine.as_ref().is_some_and(
            |inner| matches!(&inner.data, DesiredData::Volume(data) if data == volume),
        );
        return Some((Reason::VolumeReplaced(volume.clone()), lost));
    }
    if existing.state == ContainerState::Dead {
        return Some((Reason::Dead, false));
    }
    let requested =
        |pattern: &crate::resource::pattern::AddressPattern| pattern.is(&wanted.address);
    if terms.options.replace.iter().any(requested) {
        return Some((Reason::ReplacementRequested, false));
    }
    let on_path = wanted
        .engine
        .as_ref()
        .is_some_and(|inner| inner.data == DesiredData::HostPath);
    let downgrade = diff.downgrades.get(&wanted.address);
    let downgrade = downgrade.filter(|_| on_path && terms.options.allow_data_loss)?;
    Some((downgrade.reason.clone(), true))
}

/// Why the attributes of a container force its replacement, where they do not tell by themselves.
fn why_forced(fields: &[FieldDiff]) -> Option<Reason> {
    let is_forced = |name: &str| {
        fields
            .iter()
            .any(|field| field.forces_replacement && field.name == name)
    };
    if is_forced("image id") || is_forced("image content") {
        return Some(Reason::ImageUpdated);
    }
    let lifted = ["cpus", "memory"].into_iter().any(is_forced);
    lifted.then_some(Reason::LimitRemoved)
}

/// The networks that are gone and that a container has to leave before it can be started. What the file declares it is put
/// on again.
fn lost_networks(wanted: &DesiredContainer, existing: &ObservedContainer) -> Vec<FieldDiff> {
    let declared = &wanted.live.networks;
    let lost = existing.lost_networks.iter();
    let lost = lost.filter(|name| !declared.contains_key(*name));
    lost.map(|name| FieldDiff {
        name: format!("network {name}"),
        before: Some(attribute::network_place(&BTreeSet::new(), None)),
        after: None,
        forces_replacement: false,
    })
    .collect()
}

/// What a difference does to what runs. An engine that does not answer cannot confirm that it has read its
/// configuration again.
fn impact_of(effect: Effect, existing: &ObservedContainer) -> Impact {
    match effect {
        Effect::Reload if matches!(existing.engine, ObservedInner::Silent(_)) => {
            Impact::EngineRestart
        }
        effect => effect.impact(),
    }
}

impl EngineDiff<'_> {
    fn created_container(&self, name: &str, wanted: &DesiredContainer) -> Change {
        let Comparison { fields, .. } = attribute::differences(
            &Attributes::new(),
            &compare::all_attributes(wanted, &self.key),
        );
        self.change(
            wanted.address.clone(),
            wanted.kind,
            name,
            (Action::Create, Impact::None),
            fields,
            Attributes::new(),
        )
    }

    fn holds_container(&self, name: &str) -> bool {
        self.observed.is_some_and(|observed| {
            observed.containers.contains_key(name) || observed.foreign_containers.contains(name)
        })
    }
}
