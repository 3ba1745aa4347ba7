//! The comparison of what an engine should hold with what it holds, engine by engine.
//!
//! Only what the file declares is compared. What only a replacement changes is compared with the object's own
//! `settings` label; what changes in place, with what the engine reports; what is no longer declared, with the record of
//! what was last applied.

pub(crate) mod attribute;
mod capability;
pub(crate) mod compare;
pub(crate) mod container;
mod downgrade;
mod going;
mod image;
pub(crate) mod known;
pub(crate) mod other;
mod push;
pub(crate) mod seed;
mod storage;

use std::collections::{BTreeMap, BTreeSet};

use crate::desired::{Desired, DesiredContainer, DesiredData, DesiredEngine};
use crate::mode::Mode;
use crate::model::NameOrigin;
use crate::model::image::ImageReference;
use crate::model::name::ProjectName;
use crate::observed::{EngineMake, ObservedContainer, ObservedEngine, ObservedInner};
use crate::parallel;
use crate::plan::change::{Action, Change, Impact, Reason};
use crate::plan::diff::downgrade::Downgrade;
use crate::plan::diff::going::Going;
pub(in crate::plan) use crate::plan::diff::known::current_record;
use crate::plan::diff::known::{given, published_around, records};
use crate::plan::diff::other::Unread;
use crate::plan::diff::seed::Seeds;
use crate::plan::lower::record;
use crate::plan::refusal::{Refusal, RefusalCause};
use crate::plan::route::{Route, Store};
use crate::plan::{Kept, PlanOptions};
use crate::resource::Address;
use crate::resource::digest::Digest;
use crate::resource::engine_path::EnginePath;
use crate::resource::label::{self, Labels, Owner};
use crate::resource::record::Record;
use crate::resource::secret::SecretKey;

/// What is the same for every engine of one plan.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terms<'a> {
    pub(crate) desired: &'a Desired,
    pub(crate) options: &'a PlanOptions,
}

/// What one engine should hold beside what it holds, and what becomes of each object.
#[derive(Debug)]
pub(crate) struct EngineDiff<'a> {
    pub(crate) path: EnginePath,
    pub(crate) desired: &'a DesiredEngine,
    /// What the engine holds; none where it does not exist yet and so holds nothing.
    pub(crate) observed: Option<&'a ObservedEngine>,
    pub(crate) record: Record,
    /// What it should say of what the file declares.
    pub(crate) declared: Record,
    /// The number of that record; 0 where there is none.
    pub(crate) record_number: u64,
    /// What secrets are hashed under here.
    pub(crate) key: SecretKey,
    /// Changes of this engine's objects, by what they are about.
    pub(crate) networks: Vec<Change>,
    pub(crate) volumes: Vec<Change>,
    pub(crate) images: Vec<Change>,
    /// Images that registries should have.
    pub(crate) pushes: Vec<Change>,
    pub(crate) containers: Vec<Change>,
    /// Environments whose engine would be older than the one that wrote its data.
    pub(crate) downgrades: BTreeMap<Address, Downgrade>,
    /// What each image to be made will contain, where that is known, and what those do that a killed run made.
    pub(crate) contents: BTreeMap<String, Digest>,
    /// The way that each image to be made travels.
    pub(crate) routes: BTreeMap<String, Route>,
    /// Ids of images that nest built and that lose their name to a new build, by that name.
    pub(crate) superseded: BTreeMap<String, String>,
    /// What images are to run on, where the file says.
    pub(crate) platforms: BTreeMap<ImageReference, String>,
    /// The images that registries have as this engine has them, as one around it tells: an image that came from there
    /// has lost its digest on the way.
    published_around: BTreeSet<ImageReference>,
    /// Whether it is podman.
    pub(crate) is_podman: bool,
    /// Whether the engine stops before it is as declared, and with it all that runs in it.
    pub(crate) stops: bool,
    /// What is known of the engine inside each container that stays or comes.
    pub(crate) inner: BTreeMap<String, InnerDiff<'a>>,
    /// The other outer engines, where this is the one that nest connects to.
    pub(crate) others: Vec<EngineDiff<'a>>,
    /// Those of them that cannot be planned for.
    pub(crate) unread: Vec<Unread<'a>>,
    /// The images that come, with what they contain where that is known.
    arriving: BTreeMap<ImageReference, Option<Digest>>,
    /// What becomes of seeds.
    pub(crate) seeds: Seeds,
    /// The images that come with the engine's data root.
    pub(crate) seeded: BTreeSet<ImageReference>,
    /// The images that came with it in a run that broke off before the engine's record said so.
    pub(crate) given: BTreeMap<ImageReference, Address>,
    /// Images that are not listed and stay for now: engines may take them from here once they are read, or containers were
    /// made from them.
    pub(crate) awaited: BTreeSet<ImageReference>,
    /// What containers must be taken off, as `networks` and `volumes` say.
    going: Going,
    pub(crate) kept: Vec<Kept>,
    pub(crate) refusals: Vec<Refusal>,
}

/// The engine inside a container, as far as it can be planned.
#[derive(Debug)]
pub(crate) enum InnerDiff<'a> {
    /// The container has no engine of its own.
    None,
    /// The engine is read when it runs, and planned then.
    Deferred,
    /// The engine is read, or new.
    Planned(Box<EngineDiff<'a>>),
}

/// What surrounds an engine.
#[derive(Debug)]
pub(crate) struct Around<'a, 'b> {
    /// The stores of the engines around it, the nearest first.
    pub(crate) outward: &'b [Store<'a>],
    /// What secrets are hashed under unless the engine's record has a key.
    pub(crate) fresh_key: &'b SecretKey,
    /// Whether it stops.
    pub(crate) stops: bool,
    /// The images that came with its data root in a run that broke off.
    pub(crate) given: Option<&'b BTreeMap<ImageReference, Address>>,
    /// Whether the file says that it is podman, where it is not there to be asked.
    pub(crate) is_podman: bool,
}

/// Compares one engine.
pub(crate) fn diff<'a>(
    terms: Terms<'a>,
    path: &EnginePath,
    desired: &'a DesiredEngine,
    observed: Option<&'a ObservedEngine>,
    around: &Around<'a, '_>,
) -> EngineDiff<'a> {
    let (record_number, record) = observed
        .map(|observed| current_record(observed, &terms.desired.project))
        .unwrap_or_default();
    let key = if record.key.is_empty() {
        around.fresh_key.clone()
    } else {
        record.key.clone()
    };
    let mut diff = EngineDiff {
        key,
        path: path.clone(),
        desired,
        observed,
        record,
        declared: Record::default(),
        record_number,
        networks: Vec::new(),
        volumes: Vec::new(),
        images: Vec::new(),
        pushes: Vec::new(),
        containers: Vec::new(),
        downgrades: BTreeMap::new(),
        contents: BTreeMap::new(),
        routes: BTreeMap::new(),
        superseded: BTreeMap::new(),
        platforms: desired.platforms(),
        published_around: published_around(observed, around.outward),
        is_podman: observed.map_or(around.is_podman, |it| {
            it.identity.make == EngineMake::Podman
        }),
        stops: around.stops,
        inner: BTreeMap::new(),
        others: Vec::new(),
        unread: Vec::new(),
        arriving: BTreeMap::new(),
        seeds: Seeds::default(),
        seeded: BTreeSet::new(),
        given: given(around.given, observed),
        awaited: BTreeSet::new(),
        going: Going::default(),
        kept: Vec::new(),
        refusals: Vec::new(),
    };
    downgrade::downgrades(&mut diff, terms);
    storage::networks(&mut diff, terms);
    storage::volumes(&mut diff, terms);
    diff.note_going(terms);
    image::images(&mut diff, terms, around.outward);
    diff.declared = record::declared(desired, &diff.key);
    diff.arriving = diff.arriving();
    container::containers(&mut diff, terms);
    diff.keep_last_names();
    push::pushes(&mut diff);
    capability::check(&mut diff, terms);
    if terms.options.destroy.is_none() {
        let own = Store {
            path: path.clone(),
            observed,
            arriving: diff.arriving_there(),
            leaving: diff.leaving(),
            platforms: diff.platforms.clone(),
        };
        let stores: Vec<Store<'a>> = std::iter::once(own)
            .chain(around.outward.iter().cloned())
            .collect();
        let stopped = diff.stopped();
        let inside = |(name, container): (&'a String, &'a DesiredContainer)| {
            let is_stopped = diff.stops || stopped.contains(name);
            let inner = inner(&diff, terms, (name, is_stopped), container, &stores);
            (name.clone(), inner)
        };
        diff.inner = BTreeMap::from_iter(parallel::map(&desired.containers, inside));
        diff.keep_awaited();
    }
    diff
}

/// What can be said of the engine inside a container that the file declares, and that stops or does not.
fn inner<'a>(
    diff: &EngineDiff<'a>,
    terms: Terms<'a>,
    (name, is_stopped): (&str, bool),
    container: &'a DesiredContainer,
    stores: &[Store<'a>],
) -> InnerDiff<'a> {
    let Some(wanted) = &container.engine else {
        return InnerDiff::None;
    };
    let running = diff.owned_container(terms, name);
    let renewed = diff.is_renewed(&wanted.data);
    let same_data =
        !renewed && running.is_some_and(|running| container::has_data_mount(running, container));
    let observed = match running.map(|running| &running.engine) {
        Some(ObservedInner::Awake(observed)) if same_data && wanted.data != DesiredData::Memory => {
            Some(&**observed)
        }
        Some(ObservedInner::Awake(observed)) if same_data && !is_stopped => Some(&**observed),
        _ if !renewed && !diff.data_is_absent(terms, &wanted.data) => return InnerDiff::Deferred,
        Some(ObservedInner::Silent(_)) if same_data => return InnerDiff::Deferred,
        _ => None,
    };
    let mode = container.fixed.mode.as_deref().and_then(Mode::named);
    let own_engine = mode.and_then(Mode::own_engine);
    let around = Around {
        is_podman: own_engine.is_some_and(|own| own.is_podman),
        outward: stores,
        given: match &wanted.data {
            DesiredData::Volume(volume) => diff.record.seeded.get(volume),
            DesiredData::HostPath | DesiredData::Memory => None,
        },
        fresh_key: &diff.key.inside(name),
        stops: is_stopped,
    };
    let path = diff.path.inside(name);
    let planned = self::diff(terms, &path, &wanted.engine, observed, &around);
    InnerDiff::Planned(Box::new(planned))
}

impl<'a> EngineDiff<'a> {
    /// The project's own container of this name.
    pub(crate) fn owned_container(
        &self,
        terms: Terms<'_>,
        name: &str,
    ) -> Option<&'a ObservedContainer> {
        let container = self.observed?.containers.get(name)?;
        terms.has(&container.labels, name).then_some(container)
    }

    /// The engine at a path, which begins here, if it is planned.
    pub(crate) fn at(&self, path: &EnginePath) -> Option<&Self> {
        let mut found = self;
        if path.outermost().is_some() {
            let root = path.root();
            found = self.others.iter().find(|other| other.path == root)?;
        }
        for container in path.containers() {
            found = match found.inner.get(container)? {
                InnerDiff::Planned(inner) => inner,
                InnerDiff::None | InnerDiff::Deferred => return None,
            };
        }
        Some(found)
    }

    /// The names of all record volumes of the engine.
    pub(crate) fn record_volumes(&self, project: &ProjectName) -> Vec<String> {
        let records = self
            .observed
            .into_iter()
            .flat_map(|it| records(it, project));
        records.map(|(_, name, _)| name.clone()).collect()
    }

    /// The containers that stop before they are as declared.
    pub(crate) fn stopped(&self) -> BTreeSet<String> {
        let stops = |change: &&Change| {
            let follows = matches!(change.reason, Some(Reason::NeighbourRestarted(_)));
            change.action == Action::Replace || change.impact == Impact::EngineRestart || follows
        };
        let stopped = self.containers.iter().filter(stops);
        stopped.map(|change| change.object.clone()).collect()
    }

    /// Whether a data root is made anew.
    fn is_renewed(&self, data: &DesiredData) -> bool {
        matches!(data, DesiredData::Volume(volume) if self.volumes_made_anew().contains(volume))
    }

    /// Whether a data root certainly holds nothing yet.
    fn data_is_absent(&self, terms: Terms<'_>, data: &DesiredData) -> bool {
        match data {
            DesiredData::Volume(volume) => self.observed.is_none_or(|observed| {
                let is_there = observed.volumes.contains_key(volume)
                    || observed.foreign_volumes.contains(volume);
                !is_there || self.is_half_copied(terms, volume)
            }),
            DesiredData::HostPath => false,
            DesiredData::Memory => true,
        }
    }

    fn refuse(&mut self, address: &Address, cause: RefusalCause) {
        self.refusals.push(Refusal {
            address: address.clone(),
            cause,
            place: None,
        });
    }

    /// Refuses to destroy what is protected, or what another file may have made under the same folder's name.
    fn check_destruction(
        &mut self,
        terms: Terms<'_>,
        change: &Change,
        labels: &Labels,
        protect: bool,
    ) {
        for cause in terms.destruction_refused(change, labels, protect) {
            self.refuse(&change.address, cause);
        }
    }
}

impl Terms<'_> {
    /// The address of an object of the project, or none for anybody else's.
    pub(crate) fn owns(&self, labels: &Labels, real_name: &str) -> Option<Address> {
        match label::owner(labels, self.desired.project.as_str(), real_name) {
            Owner::Project(address) => Some(address),
            Owner::Someone => None,
        }
    }

    /// Whether an object is the project's.
    pub(crate) fn has(&self, labels: &Labels, real_name: &str) -> bool {
        label::is_of(labels, self.desired.project.as_str(), real_name)
    }

    /// Why an object cannot be destroyed: it is protected, or another file may have made it under the same folder's name.
    fn destruction_refused(
        &self,
        change: &Change,
        labels: &Labels,
        protect: bool,
    ) -> Vec<RefusalCause> {
        let name = || change.object.clone();
        let protected = protect.then(|| RefusalCause::Protected { name: name() });
        let is_by_folder = self.desired.name_origin == NameOrigin::Folder;
        let file = labels.get(label::FILE).filter(|_| is_by_folder);
        let file = file.filter(|file| **file != self.desired.file);
        let other = file.map(|file| RefusalCause::OtherFile {
            name: name(),
            file: file.clone(),
        });
        protected.into_iter().chain(other).collect()
    }

    fn removal_reason(&self) -> Reason {
        if self.options.destroy.is_some() {
            Reason::Destroyed
        } else {
            Reason::NotDeclared
        }
    }
}
