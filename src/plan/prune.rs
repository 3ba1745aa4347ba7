//! What is taken away across projects: projects whose time has come, and what nobody uses or killed runs left.
//!
//! Which projects go is decided here, and why; how each does is a plan of destruction as any other. Of seeds the mark goes
//! first, so that nobody starts from one that is about to go, and the volume in a later round, once it is known that nobody
//! had begun to.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use indexmap::IndexMap;

use crate::model::name::ProjectName;
use crate::observed::holdings::{HeldProject, Holdings};
use crate::plan::change::{Action, Change, Impact, Reason};
use crate::plan::step::{Operation, Step};
use crate::plan::{Kept, KeptBecause, Plan};
use crate::resource::container::ContainerRef;
use crate::resource::engine_path::EnginePath;
use crate::resource::lock::LockHolder;
use crate::resource::seed::{copier_name, mark_name};
use crate::resource::{Address, Kind};

/// What to take away.
#[derive(Debug, Clone)]
pub struct PruneOptions {
    /// What time it is.
    pub now: SystemTime,
    /// Projects go whose oldest container or volume was made longer ago.
    pub older_than: Option<Duration>,
    /// The projects whose lock was left by a process of this machine that has ended.
    pub ended: BTreeSet<String>,
    /// Of what belongs to no project, only these objects; any where there are none.
    pub only: Option<BTreeSet<String>>,
}

/// What is taken away.
#[derive(Debug)]
pub struct Prune {
    /// The projects that are taken down, and why.
    pub projects: BTreeMap<ProjectName, Due>,
    /// The projects whose time has come and that stay.
    pub staying: BTreeMap<ProjectName, Stays>,
    /// The projects whose lock was left, and stays behind no longer.
    pub locks: BTreeSet<ProjectName>,
    /// What goes besides, and what stays of what could. Its steps are those of one round.
    pub rest: Plan,
}

/// Why the time of a project has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// It expired then.
    Expired(SystemTime),
    /// It is as old as this.
    Old(Duration),
}

/// Why a project stays whose time has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stays {
    /// This one holds its lock.
    Locked(LockHolder),
    /// What is here is only the part of it that an engine further out, or another outer one, takes down with it.
    Part,
}

/// Decides what is taken away.
pub fn prune(holdings: &Holdings, options: &PruneOptions) -> Prune {
    let mut prune = Prune {
        projects: BTreeMap::new(),
        staying: BTreeMap::new(),
        locks: BTreeSet::new(),
        rest: nothing(),
    };
    for (name, held) in &holdings.projects {
        let (Some(due), Some(project)) = (due(held, options), own_name(name)) else {
            continue;
        };
        let holder = holdings.locks.get(name);
        let stays = match holder.filter(|_| !options.ended.contains(name)) {
            Some(holder) => Some(Stays::Locked(holder.clone())),
            None => held.is_elsewhere().then_some(Stays::Part),
        };
        match stays {
            Some(stays) => drop(prune.staying.insert(project, stays)),
            None => drop(prune.projects.insert(project, due)),
        }
    }
    for name in holdings.locks.keys() {
        let left = own_name(name).filter(|_| options.ended.contains(name));
        let Some(project) = left.filter(|project| !prune.projects.contains_key(project)) else {
            continue;
        };
        let object = LockHolder::volume_name(&project);
        if options.allows(&object) {
            let address = Address::from_label(&format!("lock.{project}"));
            let because = Reason::LeftBehind(name.clone());
            prune
                .rest
                .removes((address, Kind::Volume, &object), because);
            prune.locks.insert(project);
        }
    }
    let mut seeds = Seeds {
        holdings,
        options,
        rest: &mut prune.rest,
        due: &prune.projects,
    };
    seeds.whole();
    seeds.left();
    prune
}

/// The name of a project that nest gave; a label may say anything.
fn own_name(name: &str) -> Option<ProjectName> {
    let project = ProjectName::of_text(name);
    (project.as_str() == name).then_some(project)
}

fn due(project: &HeldProject, options: &PruneOptions) -> Option<Due> {
    let expires = project.expires.filter(|_| project.has_expired(options.now));
    let age = project.age(options.now);
    let old = age.filter(|age| options.older_than.is_some_and(|least| *age > least));
    expires.map(Due::Expired).or(old.map(Due::Old))
}

impl PruneOptions {
    fn allows(&self, object: &str) -> bool {
        let only = self.only.as_ref();
        only.is_none_or(|only| only.contains(object))
    }
}

/// What becomes of seeds.
struct Seeds<'a> {
    holdings: &'a Holdings,
    options: &'a PruneOptions,
    rest: &'a mut Plan,
    due: &'a BTreeMap<ProjectName, Due>,
}

impl Seeds<'_> {
    /// Whoever holds a lock may be making a seed, or starting from one.
    fn busy(&self) -> Option<KeptBecause> {
        let locks = self.holdings.locks.iter();
        let mut held = locks.filter(|(name, _)| !self.options.ended.contains(*name));
        let (_, holder) = held.next()?;
        Some(KeptBecause::Locked(holder.to_string()))
    }

    /// Seeds that are whole.
    fn whole(&mut self) {
        let holdings = self.holdings;
        for (key, volume) in &holdings.seeds.marked {
            let mark = mark_name(key);
            let is_there = holdings.seeds.volumes.contains_key(volume);
            let object = if is_there { volume } else { &mark };
            if !self.options.allows(object) {
                continue;
            }
            let address = address(object);
            let because = self.busy().or_else(|| self.used(volume));
            if let Some(because) = because {
                self.rest.keeps((address, object), because);
                continue;
            }
            let reason = if is_there {
                Reason::Unused
            } else {
                Reason::SeedGone
            };
            // That is counted once its volume has gone.
            let of_mark = (!is_there).then(|| address.clone());
            self.rest.removes((address, Kind::Volume, object), reason);
            let remove = Operation::RemoveVolume { name: mark };
            self.rest.step(of_mark, Vec::new(), remove);
        }
    }

    /// Who uses a whole seed.
    fn used(&self, volume: &str) -> Option<KeptBecause> {
        let holdings = self.holdings;
        if let Some(container) = holdings.mounted.get(volume) {
            return Some(KeptBecause::Mounted(container.clone()));
        }
        let engine = &holdings.seed_contents.get(volume)?.engine_id;
        let is_it = |image: &str| short(image) == short(engine);
        let users = holdings.images.iter().filter(|(image, _)| is_it(image));
        let mut users = users.flat_map(|(_, projects)| projects);
        let stays = |name: &&String| {
            let own = own_name(name);
            own.is_none_or(|project| !self.due.contains_key(&project))
        };
        users.find(stays).cloned().map(KeptBecause::Wanted)
    }

    /// What killed runs left of seeds. A container that copies one is its project's: without it nobody knows that the copy
    /// is not whole.
    fn left(&mut self) {
        let holdings = self.holdings;
        let seeds = &holdings.seeds;
        let marked: BTreeSet<&String> = seeds.marked.values().collect();
        let copiers = copier_name("");
        let mut removed: BTreeMap<&str, usize> = BTreeMap::new();
        for (name, container) in &seeds.containers {
            let data = name.strip_prefix(&copiers);
            let is_its_projects = data.is_some_and(|data| holdings.volumes.contains(data));
            if is_its_projects || marked.contains(name) || !self.options.allows(name) {
                continue;
            }
            let address = address(name);
            if let Some(because) = self.busy() {
                self.rest.keeps((address, name), because);
                continue;
            }
            let because = Reason::LeftBehind(container.maker.clone());
            let subject = (address.clone(), Kind::Environment, name.as_str());
            self.rest.removes(subject, because);
            let of_it = || ContainerRef {
                name: name.clone(),
                id: Some(container.id.clone()),
            };
            let stop = Operation::StopContainer { container: of_it() };
            let stopped = self.rest.step(Some(address.clone()), Vec::new(), stop);
            let remove = Operation::RemoveContainer {
                container: of_it(),
                anonymous_volumes: true,
            };
            let gone = self.rest.step(Some(address), vec![stopped], remove);
            removed.insert(name, gone);
        }
        for (name, maker) in &seeds.volumes {
            if marked.contains(name) || !self.options.allows(name) {
                continue;
            }
            let address = address(name);
            let user = holdings.mounted.get(name).filter(|user| {
                let is_gone = removed.contains_key(user.as_str());
                !is_gone
            });
            let mounted = user.map(|user| KeptBecause::Mounted(user.clone()));
            if let Some(because) = self.busy().or(mounted) {
                self.rest.keeps((address, name), because);
                continue;
            }
            let because = Reason::LeftBehind(maker.clone());
            self.rest
                .removes((address.clone(), Kind::Volume, name), because);
            let after = removed.get(name.as_str()).copied();
            let remove = Operation::RemoveVolume { name: name.clone() };
            self.rest
                .step(Some(address), after.into_iter().collect(), remove);
        }
    }
}

/// Some engines write ids of images with the name of their hash, others without.
fn short(image_id: &str) -> &str {
    image_id.trim_start_matches("sha256:")
}

/// The address of what belongs to a seed.
fn address(object: &str) -> Address {
    let name = object.trim_start_matches("nest-seed-");
    Address::from_label(&format!("seed.{name}"))
}

/// A plan that belongs to no project.
fn nothing() -> Plan {
    Plan {
        destroy: true,
        ..Plan::empty()
    }
}

impl Plan {
    fn removes(&mut self, (address, kind, object): (Address, Kind, &str), because: Reason) {
        self.changes.push(Change {
            address,
            kind,
            object: object.to_owned(),
            engine: EnginePath::outer(),
            action: Action::Delete,
            reason: Some(because),
            fields: Vec::new(),
            unchanged: IndexMap::new(),
            impact: Impact::None,
        });
    }

    fn keeps(&mut self, (address, object): (Address, &str), because: KeptBecause) {
        self.kept.push(Kept {
            address,
            kind: Kind::Volume,
            object: object.to_owned(),
            engine: EnginePath::outer(),
            because,
        });
    }

    fn step(&mut self, address: Option<Address>, after: Vec<usize>, operation: Operation) -> usize {
        self.steps.push(Step {
            addresses: address.into_iter().collect(),
            engine: EnginePath::outer(),
            operation,
            after,
            after_end: Vec::new(),
        });
        self.steps.len() - 1
    }
}
