//! Steps of the record of what was last applied.

mod kept;
pub(in crate::plan) mod noted;
mod said;
mod seeded;
mod taken_over;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::desired::{DesiredContainer, DesiredEngine, VolumeRole};
use crate::model::image::ImageReference;
use crate::parallel;
use crate::plan::Expiry;
use crate::plan::diff::EngineDiff;
use crate::plan::lower::push::given;
use crate::plan::lower::record::kept::{keep, kept};
use crate::plan::lower::record::noted::{changes, disturbed};
use crate::plan::lower::record::said::{says, whole};
use crate::plan::lower::storage::makes;
use crate::plan::lower::{Entry, Lowering};
use crate::plan::step::Operation;
use crate::plan::target::Selection;
use crate::resource::digest::Digest;
use crate::resource::engine_path::EnginePath;
use crate::resource::label::{self, Labels};
use crate::resource::record::{ContainerRecord, Record};
use crate::resource::secret::SecretKey;
use crate::resource::storage::{VolumeSettings, VolumeSpec};
use crate::resource::{Address, Kind};

/// The record of an engine as the steps so far leave it.
#[derive(Debug, Clone)]
pub(super) struct RecordState<'d> {
    number: u64,
    record: Cow<'d, Record>,
    /// What it is to say at the end, images apart.
    declared: Cow<'d, Record>,
}

impl Lowering<'_> {
    /// Writes what is about to be applied. What is about to be removed stays in the record until it is gone.
    pub(super) fn record_before<'d>(
        &mut self,
        diff: &'d EngineDiff<'_>,
        entry: &Entry,
    ) -> (Vec<usize>, RecordState<'d>) {
        let base = entry.ready.as_slice();
        let mut state = RecordState {
            number: diff.record_number,
            record: Cow::Borrowed(&diff.record),
            declared: selected(diff, self.selection),
        };
        if self.terms.options.destroy.is_some() {
            let record = disturbed(diff, Cow::Borrowed(&diff.record));
            return (self.write_first(diff, &mut state, record, entry), state);
        }
        if *self.selection == Selection::All {
            self.old_records_removed(diff, base);
        }
        // Mostly it says already what it should.
        let mut record = Cow::Borrowed(&diff.record);
        for (name, declared) in &state.declared.containers {
            let about_to_be = match record.containers.get(name) {
                Some(applied) if applied == declared => continue,
                Some(applied) => applied.about_to_become(declared),
                // Where the record is lost: what its engine is about to read is not in force yet.
                None if changes(diff, name) => ContainerRecord::default().about_to_become(declared),
                None => declared.clone(),
            };
            record.to_mut().containers.insert(name.clone(), about_to_be);
        }
        for change in diff.images.iter().filter(|change| makes(change)) {
            let record = record.to_mut();
            let reference = ImageReference::new(&change.object);
            record.contents.remove(&reference);
            record.images.insert(reference, change.address.clone());
        }
        let selection = self.selection;
        for (image, address) in diff.given.iter().filter(|(_, it)| selection.has(it)) {
            let record = record.to_mut();
            record.images.insert(image.clone(), address.clone());
        }
        for (volume, images) in seeded::seeded(diff) {
            record.to_mut().seeded.insert(volume, images);
        }
        for change in diff.pushes.iter().filter(|change| makes(change)) {
            let record = record.to_mut();
            record.pushed.remove(&change.address);
            record.pushed_digests.remove(&change.address);
            record.pushing = true;
        }
        let engines = diff.engines_before(self.terms);
        if engines != record.engines {
            record.to_mut().engines = engines;
        }
        record = disturbed(diff, record);
        let noted = diff.noted_volumes();
        if noted != record.taken_over {
            record.to_mut().taken_over = noted;
        }
        if !diff.superseded.is_empty() {
            let superseded = diff.superseded.values().cloned();
            record.to_mut().superseded.extend(superseded);
        }
        if let Cow::Owned(changed) = &mut record {
            changed.applying |= *changed != diff.record;
        }
        let expires = self.expires(diff);
        if expires != record.expires {
            record.to_mut().expires = expires;
        }
        (self.write_first(diff, &mut state, record, entry), state)
    }

    /// When the project expires once the plan has been carried out.
    fn expires(&self, diff: &EngineDiff<'_>) -> Option<u64> {
        match self.terms.options.expiry {
            _ if diff.path != EnginePath::outer() => None,
            Expiry::Kept => diff.record.expires,
            Expiry::At(time) => Some(time),
            Expiry::Never => None,
        }
    }

    /// Removes the records that a run left which ended between a new record and the end of the old one.
    fn old_records_removed(&mut self, diff: &EngineDiff<'_>, after: &[usize]) {
        let project = &self.terms.desired.project;
        let mut old = diff.record_volumes(project);
        old.retain(|name| Record::number(project, name) != Some(diff.record_number));
        for name in old {
            let remove = Operation::RemoveVolume { name };
            self.push(diff, Vec::new(), after.iter().copied(), remove);
        }
    }

    /// Writes what has been applied, or removes the record with all else.
    pub(super) fn record_after(
        &mut self,
        diff: &EngineDiff<'_>,
        mut state: RecordState<'_>,
        after: &[usize],
    ) {
        let after = &[after, &self.told_of_seeds(diff)].concat();
        let after = &[after.clone(), self.abandoned_removed(diff, after)].concat();
        let engines = diff.engines_after(self.terms, self.selection);
        if self.terms.options.destroy.is_some() && *self.selection == Selection::All {
            if !engines.is_empty() {
                // Their data is found by it when the rest of the project is gone.
                let record = Record {
                    engines,
                    ..Record::default()
                };
                self.old_records_removed(diff, after);
                self.write_record(diff, &mut state, Cow::Owned(record), after);
                return;
            }
            self.old_records_removed(diff, after);
            self.record_removed(diff, &state, after);
            return;
        }
        if *self.selection == Selection::All && diff.is_left() {
            self.record_removed(diff, &state, after);
            return;
        }
        let (images, contents) = images_left(diff, &state.record, self.selection);
        let (pushed, pushed_digests) = given(diff, self.selection);
        let record = Record {
            // A run that broke off may have left something that this plan is not about.
            applying: *self.selection != Selection::All && diff.record.applying,
            images,
            contents,
            pushed,
            pushed_digests,
            seeded: self.still_seeded(diff),
            taken_over: diff.left_volumes(self.selection),
            key: diff.key.clone(),
            engines,
            expires: state.record.expires,
            ..Record::default()
        };
        if !says(&state.record, &state.declared, &record) {
            let record = whole(state.declared.clone().into_owned(), record);
            self.write_record(diff, &mut state, Cow::Owned(record), after);
        }
    }

    /// Writes into the record which data roots are not whole. Returns the steps after which it says so.
    pub(super) fn unfilled_noted(
        &mut self,
        diff: &EngineDiff<'_>,
        state: &mut RecordState<'_>,
        unfilled: BTreeSet<String>,
        after: &[usize],
    ) -> Vec<usize> {
        if state.record.unfilled == unfilled {
            return after.to_vec();
        }
        let mut record = state.record.clone().into_owned();
        record.unfilled = unfilled;
        let written = self.write_record(diff, state, Cow::Owned(record), after);
        written.map_or_else(|| after.to_vec(), |step| vec![step])
    }

    fn record_removed(&mut self, diff: &EngineDiff<'_>, state: &RecordState<'_>, after: &[usize]) {
        if state.number > 0 {
            let name = Record::volume_name(&self.terms.desired.project, state.number);
            let remove = Operation::RemoveVolume { name };
            self.push(diff, Vec::new(), after.iter().copied(), remove);
        }
    }

    fn write_record(
        &mut self,
        diff: &EngineDiff<'_>,
        state: &mut RecordState<'_>,
        record: Cow<'_, Record>,
        after: &[usize],
    ) -> Option<usize> {
        let is_known = matches!(&record, Cow::Borrowed(it) if it.key == diff.key);
        if is_known || *record == Record::default() && *record == *state.record {
            return None;
        }
        let mut record = record.into_owned();
        if record != Record::default() {
            record.key = diff.key.clone();
        }
        if record == *state.record {
            return None;
        }
        let project = self.terms.desired.project.clone();
        let old = Record::volume_name(&project, state.number);
        let name = Record::volume_name(&project, state.number + 1);
        let settings = VolumeSettings {
            driver: "local".to_owned(),
            ..VolumeSettings::default()
        };
        let address = Address::new(None, Kind::Volume, &name);
        let mut labels = self.labels(&address, &name, &settings, &Labels::new());
        labels.insert(
            label::RECORD.to_owned(),
            serde_json::to_string(&record).unwrap_or_default(),
        );
        let spec = VolumeSpec {
            name,
            settings,
            labels,
        };
        let step = self.push(
            diff,
            Vec::new(),
            after.iter().copied(),
            Operation::CreateVolume(spec),
        );
        if state.number > 0 {
            self.push(
                diff,
                Vec::new(),
                [step],
                Operation::RemoveVolume { name: old },
            );
        }
        state.number += 1;
        state.record = Cow::Owned(record);
        self.recorded.entry(diff.path.clone()).or_insert(step);
        Some(step)
    }
}

/// The images that the record says are there when the plan has been carried out, and what they contain.
fn images_left(
    diff: &EngineDiff<'_>,
    record: &Record,
    selection: &Selection,
) -> (
    BTreeMap<ImageReference, Address>,
    BTreeMap<ImageReference, Digest>,
) {
    let mut images = record.images.clone();
    let mut contents = record.contents.clone();
    for (reference, content) in &diff.contents {
        contents.insert(ImageReference::new(reference), content.clone());
    }
    let made = diff.images.iter().filter(|change| makes(change));
    let made: BTreeSet<&str> = made.map(|change| change.object.as_str()).collect();
    images.retain(|reference, address| {
        let observed = diff.observed.map(|observed| &observed.images);
        let present = observed.is_some_and(|images| images.contains_key(reference));
        let made = made.contains(reference.as_str());
        let untouched = !selection.has(address);
        let needed = diff.desired.needs_image(reference) && (present || made);
        untouched || needed || diff.awaited.contains(reference)
    });
    contents.retain(|reference, _| images.contains_key(reference));
    (images, contents)
}

/// What the file declares of an engine, as the record keeps it.
pub(crate) fn declared(desired: &DesiredEngine, key: &SecretKey) -> Record {
    let record = |(name, wanted): (&String, &DesiredContainer)| {
        let daemon = wanted
            .engine
            .as_ref()
            .map(|inner| inner.daemon_without_secrets(key))
            .unwrap_or_default();
        let record = ContainerRecord {
            address: Some(wanted.address.clone()),
            live: wanted.live.clone(),
            daemon,
            access: wanted.access_without_content(key),
        };
        (!wanted.is_one_off).then(|| (name.clone(), record))
    };
    let containers = parallel::map(&desired.containers, record);
    let networks = desired.networks.iter();
    let networks = networks.filter(|(_, wanted)| !wanted.external);
    let volumes = desired.volumes.iter();
    let volumes = volumes.filter(|(_, wanted)| wanted.role != VolumeRole::External);
    Record {
        containers: containers.into_iter().flatten().collect(),
        networks: networks
            .map(|(name, wanted)| (name.clone(), wanted.address.clone()))
            .collect(),
        volumes: volumes
            .map(|(name, wanted)| (name.clone(), wanted.address.clone()))
            .collect(),
        ..Record::default()
    }
}

/// The same; but of what the plan is not about, the record says what it said.
fn selected<'d>(diff: &'d EngineDiff<'_>, selection: &Selection) -> Cow<'d, Record> {
    let mut selected = Cow::Borrowed(&diff.declared);
    let otherwise = kept(diff);
    if !otherwise.is_empty() {
        selected.to_mut().keep = otherwise;
    }
    if *selection == Selection::All {
        return selected;
    }
    let record = selected.to_mut();
    let is_about = |address: &Address| selection.has(address);
    record
        .containers
        .retain(|_, applied| applied.address.as_ref().is_none_or(is_about));
    record.networks.retain(|_, address| is_about(address));
    record.volumes.retain(|_, address| is_about(address));
    let old = &diff.record;
    let is_other = |address: &Address| !is_about(address);
    for (name, applied) in &old.containers {
        if applied.address.as_ref().is_none_or(is_other) {
            keep(&mut record.containers, name, applied);
        }
    }
    for (name, address) in old.networks.iter().filter(|(_, it)| is_other(it)) {
        keep(&mut record.networks, name, address);
    }
    for (name, address) in old.volumes.iter().filter(|(_, it)| is_other(it)) {
        keep(&mut record.volumes, name, address);
    }
    // With its engine all is started again.
    let is_untouched = |name: &&String| {
        let applied = old.containers.get(*name);
        let address = applied.and_then(|applied| applied.address.as_ref());
        // Of a record that was lost and made anew by a part, nothing is said but this.
        let declared = diff.desired.containers.get(*name);
        let address = address.or(declared.map(|declared| &declared.address));
        !diff.stops && address.is_some_and(is_other)
    };
    let untouched = |names: &BTreeSet<String>| names.iter().filter(is_untouched).cloned().collect();
    record.interrupted = untouched(&old.interrupted);
    record.stopped = untouched(&old.stopped);
    selected
}
