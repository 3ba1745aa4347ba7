//! From which seeds new data roots start, and which seeds are made.
//!
//! A seed holds the images whose content is known when it is planned: those that come from an engine further out or from
//! an archive. What the engine pulls or builds itself it pulls and builds as ever.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::desired::{DesiredContainer, DesiredData, DesiredInner};
use crate::model::environment::Seed;
use crate::model::image::ImageReference;
use crate::parallel;
use crate::plan::change::{Action, Change, FieldDiff};
use crate::plan::diff::container::mounted_volumes;
use crate::plan::diff::{EngineDiff, InnerDiff, Terms};
use crate::plan::lower::storage::makes;
use crate::plan::route::Route;
use crate::resource::seed::{SeedContent, mark_name};

/// What becomes of the seeds of one engine.
#[derive(Debug, Default)]
pub(crate) struct Seeds {
    /// The data roots that start from seeds, by the volume.
    pub(crate) used: BTreeMap<String, SeedUse>,
    /// The seeds that are made, by the volume.
    pub(crate) made: BTreeMap<String, SeedMade>,
    /// What names those that data roots start from, or would if there were any, and the volumes that would hold them.
    wanted: BTreeMap<String, String>,
}

/// A data root that starts from a seed.
#[derive(Debug)]
pub(crate) struct SeedUse {
    /// The volume that holds the seed.
    pub(crate) seed: String,
    /// What names the seed.
    pub(crate) key: String,
    /// The container whose engine's data root it is.
    pub(crate) container: String,
    /// Path of the engine's folder of volumes on its host, if layers are linked.
    pub(crate) linked_in: Option<String>,
}

/// A seed that is made.
#[derive(Debug)]
pub(crate) struct SeedMade {
    /// What it is.
    pub(crate) content: SeedContent,
    /// A container whose engine is as the one that makes it.
    pub(crate) container: String,
    /// The volume of that engine's data.
    pub(crate) data: String,
    /// The ways that its images travel.
    pub(crate) routes: BTreeMap<ImageReference, Route>,
    /// Whether there is a mark whose seed is gone.
    pub(crate) mark_is_left: bool,
}

/// A new data root that may start from a seed.
struct Candidate<'a> {
    container: &'a str,
    wanted: &'a DesiredContainer,
    inner: &'a DesiredInner,
    data: &'a str,
}

/// What the seed of a data root is.
struct Known {
    content: SeedContent,
    /// What names it.
    key: String,
    /// The ways that its images travel.
    routes: BTreeMap<ImageReference, Route>,
}

/// Decides for every new data root of the engine, and of those inside it, what it starts from.
pub(crate) fn seeds(diff: &mut EngineDiff<'_>, terms: Terms<'_>) {
    let mut seeds = Seeds::default();
    let mut told = BTreeMap::new();
    let candidates = candidates(diff);
    let asks = |candidate: &&Candidate<'_>| matches!(candidate.inner.seed, Seed::Copy | Seed::Link);
    // Those that ask for a seed go first: what is made for them others may find.
    let (asking, others): (Vec<_>, Vec<_>) = candidates.iter().partition(asks);
    let candidates = [asking, others].concat();
    let contents = parallel::each(&candidates, |candidate| content(diff, candidate));
    for (candidate, content) in candidates.into_iter().zip(contents) {
        let settled = content.and_then(|it| settle(diff, terms, (candidate, it), &mut seeds));
        let word = match settled {
            Ok(word) => word,
            Err(_) if candidate.inner.seed == Seed::Found => continue,
            Err(reason) => format!("none: {reason}"),
        };
        told.insert(candidate.data.to_owned(), json!(word));
    }
    tell(diff, &told);
    for used in seeds.used.values() {
        if let Some(InnerDiff::Planned(inner)) = diff.inner.get_mut(&used.container) {
            inner.seeded = known(inner).into_keys().collect();
        }
    }
    diff.seeds = seeds;
    for engine in diff.further_mut() {
        self::seeds(engine, terms);
    }
}

/// The engines that are new, on volumes that nest makes for them.
fn candidates<'a>(diff: &EngineDiff<'a>) -> Vec<Candidate<'a>> {
    let desired = diff.desired;
    let comes = |change: &&Change| matches!(change.action, Action::Create | Action::Replace);
    let coming = diff.containers.iter().filter(comes);
    let coming: BTreeSet<&str> = coming.map(|change| change.object.as_str()).collect();
    let new = diff.volumes.iter().filter(|change| makes(change));
    let new: BTreeSet<&str> = new.map(|change| change.object.as_str()).collect();
    let candidates = desired.containers.iter().filter_map(|(name, wanted)| {
        let inner = wanted.engine.as_ref()?;
        let (DesiredData::Volume(data), true) = (&inner.data, inner.seed != Seed::None) else {
            return None;
        };
        let is_new = coming.contains(name.as_str()) && new.contains(data.as_str());
        is_new.then_some(Candidate {
            container: name,
            wanted,
            inner,
            data,
        })
    });
    candidates.collect()
}

/// Finds the seed of a data root, or has it made where that is asked for, and says so; or why there is none.
fn settle(
    diff: &EngineDiff<'_>,
    terms: Terms<'_>,
    (candidate, known): (&Candidate<'_>, Known),
    seeds: &mut Seeds,
) -> Result<String, String> {
    let observed = diff.observed.map(|observed| &observed.seeds);
    let Known {
        content,
        key,
        routes,
    } = known;
    let own = content.volume(&terms.desired.project).name;
    seeds.wanted.insert(key.clone(), own.clone());
    let whole = observed.and_then(|seeds| seeds.whole(&key));
    if whole.is_none() && seeds.made.is_empty() && candidate.inner.seed == Seed::Found {
        return Err("there is none".to_owned());
    }
    let count = match content.images.len() {
        1 => "1 image".to_owned(),
        count => format!("{count} images"),
    };
    let (seed, is_made) = match whole {
        Some(seed) => (seed.clone(), false),
        None if seeds.made.contains_key(&own) => (own, true),
        None if candidate.inner.seed == Seed::Found => return Err("there is none".to_owned()),
        None => {
            if let Some(taken) = taken(diff, (&key, &mark_name(&key)), &own) {
                return Err(format!("volume `{taken}` has its name, and is not nest's"));
            }
            let made = SeedMade {
                content,
                container: candidate.container.to_owned(),
                data: candidate.data.to_owned(),
                routes,
                mark_is_left: observed.is_some_and(|seeds| seeds.marked.contains_key(&key)),
            };
            seeds.made.insert(own.clone(), made);
            if candidate.inner.seed == Seed::Copy {
                // A copy would share nothing: waiting for it would only take longer.
                return Ok(format!(
                    "none yet: {own} ({count}) is made beside it and kept"
                ));
            }
            (own, true)
        }
    };
    let linked_in = linked_in(diff, candidate);
    let how = match (&linked_in, candidate.inner.seed) {
        (Some(_), _) => "layers linked to",
        (None, Seed::Link) => "copy, since the engine does not tell where its volumes are, of",
        (None, _) => "copy of",
    };
    let first = if is_made {
        ", which is made first and kept"
    } else {
        ""
    };
    let used = SeedUse {
        seed: seed.clone(),
        key,
        container: candidate.container.to_owned(),
        linked_in,
    };
    seeds.used.insert(candidate.data.to_owned(), used);
    Ok(format!("{how} {seed} ({count}){first}"))
}

/// The volume that is not nest's and has a name that making a seed takes.
fn taken<'n>(diff: &EngineDiff<'_>, (key, mark): (&str, &'n str), own: &'n str) -> Option<&'n str> {
    let observed = diff.observed?;
    let has = |name: &str| observed.foreign_volumes.contains(name);
    let is_own = observed.seeds.volumes.contains_key(own);
    let is_mark = observed.seeds.marked.contains_key(key);
    let own = (has(own) && !is_own).then_some(own);
    own.or_else(|| (has(mark) && !is_mark).then_some(mark))
}

/// What the seed of a data root is; or why it can have none.
fn content(diff: &EngineDiff<'_>, candidate: &Candidate<'_>) -> Result<Known, String> {
    let (wanted, inner) = (candidate.wanted, candidate.inner);
    let Some(files) = inner.seed_files else {
        let mode = wanted.fixed.mode.as_deref().unwrap_or_default();
        return Err(format!("engines of mode `{mode}` have no seeds"));
    };
    if !wanted.fixed.privileged {
        return Err("to keep what layers hide takes a privileged container".to_owned());
    }
    if inner.log_line.is_none() {
        return Err("its log does not say when its engine listens".to_owned());
    }
    let foreign = |key: &&&str| inner.daemon.contains_key(**key);
    if let Some(key) = files.foreign_keys.iter().find(foreign) {
        return Err(format!("`{key}` makes its data root another's"));
    }
    let image = &wanted.fixed.image;
    let observed = diff.observed.and_then(|it| it.images.get(image));
    let observed = observed.filter(|it| !diff.is_stale(image, it));
    let Some(engine) = observed.filter(|_| !diff.arriving.contains_key(image)) else {
        return Err(format!("`{image}` is not there yet"));
    };
    let inside = match diff.inner.get(candidate.container) {
        Some(InnerDiff::Planned(inside)) if inside.observed.is_none() => inside,
        _ => return Err("the engine is not new".to_owned()),
    };
    let routes = known(inside);
    if routes.is_empty() {
        return Err("no image that it is to have is known before it is there".to_owned());
    }
    let images = routes.keys().filter_map(|reference| {
        let content = inside.contents.get(reference.as_str())?;
        Some((reference.clone(), content.clone()))
    });
    let keys = files.store_keys.iter();
    let keys = keys.filter_map(|key| Some(((*key).to_owned(), inner.daemon.get(*key)?.clone())));
    let variables = files.store_variables.iter().filter_map(|name| {
        let value = wanted.fixed.environment.get(*name)?;
        Some(((*name).to_owned(), json!(value)))
    });
    let content = SeedContent {
        engine: image.clone(),
        engine_id: engine.id.clone(),
        mode: wanted.fixed.mode.clone().unwrap_or_default(),
        command: wanted.fixed.command.clone(),
        store: keys.chain(variables).collect(),
        images: images.collect(),
    };
    Ok(Known {
        key: content.key(),
        content,
        routes,
    })
}

/// The images that come to a new engine and whose content is known, and the ways that they travel.
fn known(inside: &EngineDiff<'_>) -> BTreeMap<ImageReference, Route> {
    let routes = inside.routes.iter().filter(|(reference, route)| {
        let comes = matches!(route, Route::Transfer(_) | Route::Archive(_));
        comes && inside.contents.contains_key(*reference)
    });
    routes
        .map(|(reference, route)| (ImageReference::new(reference), route.clone()))
        .collect()
}

/// The folder in which the engine has both volumes, if layers are to be linked and it can be told.
fn linked_in(diff: &EngineDiff<'_>, candidate: &Candidate<'_>) -> Option<String> {
    let settings = &diff.desired.volumes.get(candidate.data)?.settings;
    let is_plain =
        matches!(settings.driver.as_str(), "" | "local") && settings.driver_opts.is_empty();
    let root = &diff.observed?.identity.data_root;
    let can_link = candidate.inner.seed == Seed::Link && is_plain && root.starts_with('/');
    can_link.then(|| format!("{}/volumes", root.trim_end_matches('/')))
}

/// Says at the volumes what they start from.
fn tell(diff: &mut EngineDiff<'_>, told: &BTreeMap<String, Value>) {
    for change in &mut diff.volumes {
        if let Some(word) = told.get(&change.object) {
            change.fields.push(FieldDiff {
                name: "seed".to_owned(),
                before: None,
                after: Some(word.clone()),
                forces_replacement: false,
            });
        }
    }
}

impl EngineDiff<'_> {
    /// Whether a volume is a data root of the project's that a killed run was still copying a seed into. It is removed
    /// with what copies, and counts as one that is not there.
    pub(crate) fn is_half_copied(&self, terms: Terms<'_>, volume: &str) -> bool {
        let Some(observed) = self.observed else {
            return false;
        };
        let maker = terms.desired.project.as_str();
        let mut copied = observed.seeds.half_copies(maker);
        if !copied.any(|it| it == volume) && !self.record.unfilled.contains(volume) {
            return false;
        }
        let found = observed.volumes.get(volume);
        // Containers of committed images have labels of others.
        let own = observed.containers.iter();
        let mut own = own.filter(|(name, it)| terms.has(&it.labels, name));
        found.is_some_and(|it| terms.has(&it.labels, volume))
            && !own.any(|(_, it)| mounted_volumes(it).contains(volume))
    }

    /// The names of the volumes that seeds have to do with here, be they there or not: those that are wanted, and those
    /// of the project's making, which go where they are not marked.
    pub(crate) fn seed_volumes(&self, maker: &str) -> BTreeSet<String> {
        let observed = self.observed.map(|observed| &observed.seeds);
        let marked = |key: &String| observed?.marked.get(key).cloned();
        let wanted = self.seeds.wanted.iter();
        let wanted =
            wanted.flat_map(|(key, own)| [Some(mark_name(key)), marked(key), Some(own.clone())]);
        let used = self.seeds.used.values().map(|used| used.seed.clone());
        let own = observed.into_iter().flat_map(|seeds| seeds.made_by(maker));
        wanted.flatten().chain(used).chain(own).collect()
    }
}
