//! What becomes of an engine's images.

mod alias;
mod build;
mod held;
mod platform;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::desired::{DesiredImage, DesiredImageSource};
use crate::model::image::{ImageReference, Pull};
use crate::observed::ObservedImage;
use crate::plan::change::{Action, Change, FieldDiff, Impact, Reason};
use crate::plan::decision::{self, Found, Verdict};
use crate::plan::diff::attribute::Attributes;
use crate::plan::diff::{EngineDiff, Terms};
use crate::plan::refusal::RefusalCause;
use crate::plan::route::{self, Route, Store, runs_on};
use crate::plan::{Deferred, DeferredUntil, Kept, KeptBecause};
use crate::resource::container::FixedSettings;
use crate::resource::digest::Digest;
use crate::resource::{Address, Kind};

/// Decides on every image that the engine should have, and on those that nest put there and the file no longer lists.
pub(crate) fn images(diff: &mut EngineDiff<'_>, terms: Terms<'_>, outward: &[Store<'_>]) {
    let desired = diff.desired;
    for (reference, wanted) in &desired.images {
        if desired.named_by(reference).is_some() {
            continue;
        }
        let present = diff
            .observed
            .and_then(|observed| observed.images.get(reference));
        let place = (reference, &*diff);
        let decided = platform::decide(place, wanted, present, outward);
        let decided = decided.unwrap_or_else(|| decide(place, wanted, present, outward));
        match decided {
            Ok(decision) => {
                if let Some(Route::Build(_)) = &decision.route {
                    let own =
                        present.filter(|it| terms.owns(&it.labels, reference.as_str()).is_some());
                    let own = own.map(|image| (reference.to_string(), image.id.clone()));
                    diff.superseded.extend(own);
                }
                diff.decided((reference, wanted), decision);
            }
            Err(cause) => diff.refuse(&wanted.address, cause),
        }
    }
    alias::names(diff);
    let mut recorded = diff.record.images.clone();
    recorded.extend(diff.given.clone());
    for (reference, address) in recorded {
        if diff.desired.images.contains_key(&reference) {
            continue;
        }
        let present = diff
            .observed
            .and_then(|observed| observed.images.get(&reference));
        if diff.desired.needs_image(&reference) {
            // Nothing says any more what it is to contain.
            let content = diff.other_content(&reference);
            let content = content.map(|content| (reference.to_string(), content));
            diff.contents.extend(content);
            continue;
        }
        let user = present.and_then(|present| diff.image_user(&present.id));
        let user = user.map(|user| KeptBecause::InUse(user.clone()));
        let is_moved = diff.is_moved(&reference);
        let because = is_moved.then_some(KeptBecause::Moved).or(user);
        let found = match (present, &because) {
            (Some(_), Some(_)) => Found::InUse,
            (Some(_), None) => Found::There,
            (None, _) => Found::Nothing,
        };
        match (decision::undeclared(true, found), because) {
            (Verdict::Keep, Some(because)) => diff.kept.push(Kept {
                address,
                kind: Kind::Image,
                object: reference.to_string(),
                engine: diff.path.clone(),
                because,
            }),
            (Verdict::Delete, _) => {
                let mut change = diff.image_change(address, &reference, Action::Delete, Vec::new());
                change.reason = Some(Reason::NotDeclared);
                diff.images.push(change);
            }
            _ => {}
        }
    }
}

struct Decision {
    action: Action,
    reason: Option<Reason>,
    route: Option<Route>,
    fields: Vec<FieldDiff>,
    /// What the image contains that comes, or that is as in the place it comes from, where that is known.
    content_there: Option<Digest>,
}

fn decide(
    (reference, diff): (&ImageReference, &EngineDiff<'_>),
    wanted: &DesiredImage,
    present: Option<&ObservedImage>,
    outward: &[Store<'_>],
) -> Result<Decision, RefusalCause> {
    let unchanged = |content_there: Option<&Digest>| Decision {
        action: Action::NoOp,
        reason: None,
        route: None,
        fields: Vec::new(),
        content_there: content_there.cloned(),
    };
    let made = |route, content: Option<&Digest>| Decision {
        action: Action::Create,
        reason: None,
        route: Some(route),
        fields: Vec::new(),
        content_there: content.cloned(),
    };
    // What it follows may be pulled by the same plan: what that contains is known when it is there.
    let followed = |present: &ObservedImage, content: Option<&Digest>, route| {
        if content == Some(&present.content) {
            return unchanged(content);
        }
        let is_moved = content.is_some_and(|content| alias::was(diff, reference, content));
        let content_there = content.cloned();
        let after = content.map_or(json!("as it is published"), |content| json!(content));
        let content = FieldDiff {
            name: "content".to_owned(),
            before: Some(json!(present.content)),
            after: Some(after),
            forces_replacement: false,
        };
        let reason = if is_moved {
            Reason::Moved
        } else {
            Reason::SourceChanged
        };
        Decision {
            action: Action::Update,
            reason: Some(reason),
            route: Some(route),
            fields: vec![content],
            content_there,
        }
    };
    let is_stale = present.is_some_and(|present| diff.is_stale(reference, present));
    let found = route::nearest(reference, diff.platforms.get(reference), outward);
    // Names that stand for each other in a circle come from wherever they are found.
    let source = match &wanted.source {
        DesiredImageSource::Alias(_) => &DesiredImageSource::Auto,
        source => source,
    };
    match (source, present, found) {
        (DesiredImageSource::Auto | DesiredImageSource::Registry, Some(present), _) if is_stale => {
            Ok(followed(present, None, Route::Pull))
        }
        (DesiredImageSource::Auto, Some(present), found) => {
            let content = found.and_then(|(_, content)| content);
            let same = content.filter(|content| *content == present.content);
            Ok(unchanged(same.as_ref()))
        }
        (DesiredImageSource::Outer, Some(_), None) | (DesiredImageSource::Registry, Some(_), _) => {
            Ok(unchanged(None))
        }
        (DesiredImageSource::Auto, None, _) if wanted.pull == Pull::Always => {
            Ok(made(Route::Pull, None))
        }
        (DesiredImageSource::Auto, None, None) if wanted.pull == Pull::Never => {
            Err(RefusalCause::NeverPulled {
                image: reference.to_string(),
            })
        }
        (DesiredImageSource::Auto, None, None) | (DesiredImageSource::Registry, None, _) => {
            Ok(made(Route::Pull, None))
        }
        (DesiredImageSource::Auto | DesiredImageSource::Outer, None, Some((from, content))) => {
            Ok(made(Route::Transfer(from), content.as_ref()))
        }
        (DesiredImageSource::Outer, Some(present), Some((from, content))) => {
            Ok(followed(present, content.as_ref(), Route::Transfer(from)))
        }
        (DesiredImageSource::Outer, None, None) => Err(RefusalCause::ImageMissing {
            image: reference.to_string(),
        }),
        (DesiredImageSource::Archive(archive), present, _) => {
            let route = Route::Archive(archive.clone());
            Ok(match present {
                Some(present) => followed(present, Some(&archive.content), route),
                None => made(route, Some(&archive.content)),
            })
        }
        (DesiredImageSource::Build(build), present, _) => {
            Ok(build::decide(reference, build, present, &diff.key))
        }
        (DesiredImageSource::Alias(_), ..) => Ok(unchanged(None)),
        (DesiredImageSource::Unbuildable(reason), ..) => Err(RefusalCause::ContextUnusable {
            reason: reason.clone(),
        }),
        (DesiredImageSource::Missing(reason), ..) => Err(RefusalCause::ArchiveUnusable {
            reason: reason.clone(),
        }),
    }
}

impl<'a> EngineDiff<'a> {
    /// The images that the plan brings to the engine, with what they contain where that is known.
    pub(super) fn arriving(&self) -> BTreeMap<ImageReference, Option<Digest>> {
        let arrives = |change: &&Change| matches!(change.action, Action::Create | Action::Update);
        let arriving = self.images.iter().filter(arrives).map(|change| {
            let content = self.contents.get(&change.object).cloned();
            (ImageReference::new(&change.object), content)
        });
        arriving.collect()
    }

    /// The same, with what the engine pulls to run containers. What is listed comes by the list, or is refused.
    pub(super) fn arriving_there(&self) -> BTreeMap<ImageReference, Option<Digest>> {
        let mut arriving = self.arriving.clone();
        for (_, fixed) in self.pulled_for_containers() {
            if fixed.platform.is_none() && !self.desired.images.contains_key(&fixed.image) {
                arriving.entry(fixed.image.clone()).or_default();
            }
        }
        arriving
    }

    /// The containers that come and whose image is not there, with what they are made of. Something else may bring it.
    pub(crate) fn pulled_for_containers(&self) -> impl Iterator<Item = (&Change, &FixedSettings)> {
        let comes = |change: &&Change| matches!(change.action, Action::Create | Action::Replace);
        self.containers.iter().filter(comes).filter_map(|change| {
            let fixed = &self.desired.containers.get(&change.object)?.fixed;
            let present = self.observed.and_then(|it| it.images.get(&fixed.image));
            let is_there = present.is_some_and(|it| !self.is_stale(&fixed.image, it));
            let is_missing = !is_there && !self.seeded.contains(&fixed.image);
            is_missing.then_some((change, fixed))
        })
    }

    /// The containers that stay although the name of what they run is gone, where another container has it pulled again:
    /// whether they run what it stands for is known then.
    pub(crate) fn awaiting_images(&self) -> Vec<Deferred> {
        let pulled = self.pulled_for_containers().map(|(_, fixed)| &fixed.image);
        let pulled: BTreeSet<&ImageReference> = pulled.collect();
        let is_gone = |image| {
            self.observed
                .is_some_and(|it| !it.images.contains_key(image))
        };
        if pulled.is_empty() {
            return Vec::new();
        }
        let stays = |change: &&Change| matches!(change.action, Action::NoOp | Action::Update);
        let awaiting = self.containers.iter().filter(stays).filter_map(|change| {
            let image = &self.desired.containers.get(&change.object)?.fixed.image;
            (pulled.contains(image) && is_gone(image)).then(|| Deferred {
                address: change.address.clone(),
                until: DeferredUntil::ImagePulled(image.clone()),
            })
        });
        awaiting.collect()
    }

    /// Somebody else's container that was made from an image: the engine does not remove that.
    pub(crate) fn image_user(&self, id: &str) -> Option<&'a String> {
        self.observed?.foreign_image_users.get(id)
    }

    /// Whether an image has to be pulled again: what the registry has now is wanted, or another platform.
    pub(crate) fn is_stale(&self, reference: &ImageReference, present: &ObservedImage) -> bool {
        let published = self.observed.and_then(|it| it.published.get(reference));
        let is_old = published.is_some_and(|digest| !present.digests.contains(digest));
        let is_old = is_old && !self.published_around.contains(reference);
        let platform = self.platforms.get(reference);
        let is_other = platform.is_some_and(|platform| !runs_on(&present.platform, platform));
        is_old || is_other
    }

    /// What an image is to run on, where the file says.
    pub(crate) fn platform_of(&self, reference: &ImageReference) -> Option<String> {
        self.platforms.get(reference).cloned()
    }

    /// What becomes of the images that containers follow: what a build makes, nobody knows before.
    pub(crate) fn content_to_come(&self, reference: &ImageReference) -> &'static str {
        match self.routes.get(reference.as_str()) {
            Some(Route::Build(_)) => "as it is built",
            _ => "as it is published",
        }
    }

    /// The images that the plan removes from the engine.
    pub(super) fn leaving(&self) -> BTreeSet<ImageReference> {
        let leaves = |change: &&Change| change.action == Action::Delete;
        let leaving = self.images.iter().filter(leaves);
        leaving
            .map(|change| ImageReference::new(&change.object))
            .collect()
    }

    /// Notes what becomes of an image.
    fn decided(&mut self, (reference, wanted): (&ImageReference, &DesiredImage), it: Decision) {
        // What a run that was killed had brought, or somebody else, has not been noted.
        let applied = self.record.contents.get(reference);
        let content = it.content_there.filter(|content| {
            let is_other = applied.is_some_and(|applied| applied != content);
            it.action != Action::NoOp || self.record.applying || is_other
        });
        // What comes instead is not known, then.
        let stays = it.action == Action::NoOp;
        let taken = || stays.then(|| self.taken_for(reference, wanted)).flatten();
        if let Some(content) = content.or_else(taken) {
            self.contents.insert(reference.to_string(), content);
        }
        if let Some(route) = it.route {
            self.routes.insert(reference.to_string(), route);
        }
        let address = wanted.address.clone();
        let mut change = self.image_change(address, reference, it.action, it.fields);
        change.reason = it.reason;
        self.images.push(change);
    }

    /// What another image contains that somebody gave the name to, where only the name counts: it was told as drift, and
    /// is what was applied from now on.
    fn taken_for(&self, reference: &ImageReference, wanted: &DesiredImage) -> Option<Digest> {
        let sources = [DesiredImageSource::Auto, DesiredImageSource::Outer];
        let content = self.other_content(reference);
        content.filter(|_| sources.contains(&wanted.source))
    }

    /// Whether somebody gave the name of an image that nest put there to another.
    pub(crate) fn is_moved(&self, reference: &ImageReference) -> bool {
        self.other_content(reference).is_some()
    }

    /// What an image contains, where that is not what was applied.
    fn other_content(&self, reference: &ImageReference) -> Option<Digest> {
        let present = self.observed?.images.get(reference)?;
        let applied = self.record.contents.get(reference)?;
        (*applied != present.content).then(|| present.content.clone())
    }

    fn image_change(
        &self,
        address: Address,
        reference: &ImageReference,
        action: Action,
        fields: Vec<FieldDiff>,
    ) -> Change {
        self.change(
            address,
            Kind::Image,
            reference.as_str(),
            (action, Impact::None),
            fields,
            Attributes::new(),
        )
    }
}
