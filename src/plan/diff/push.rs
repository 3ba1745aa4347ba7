//! What becomes of images that registries should have.

use serde_json::json;

use crate::desired::push::DesiredPush;
use crate::model::image::ImageReference;
use crate::plan::change::{Action, Change, FieldDiff, Impact, Reason};
use crate::plan::diff::EngineDiff;
use crate::plan::diff::attribute::Attributes;
use crate::resource::digest::Digest;
use crate::resource::push::PushRegistry;
use crate::resource::{Address, Kind};

/// Decides on every image that a registry should have. One that it has and the file no longer lists stays there.
pub(crate) fn pushes(diff: &mut EngineDiff<'_>) {
    for wanted in diff.desired.pushes.values() {
        let (action, fields, reason) = decide(diff, wanted);
        let mut change = diff.change(
            wanted.address.clone(),
            Kind::Image,
            wanted.reference.as_str(),
            (action, Impact::None),
            fields,
            Attributes::new(),
        );
        change.reason = reason;
        diff.pushes.push(change);
    }
}

/// An image is missing where the registry does not have its name, and stale where it is another one than was pushed, or
/// where the registry has something else by that name since. A registry that cannot be asked has what it was given.
fn decide(diff: &EngineDiff<'_>, wanted: &DesiredPush) -> (Action, Vec<FieldDiff>, Option<Reason>) {
    let is_there = match diff.observed.and_then(|it| it.pushed.get(&wanted.address)) {
        Some(found) => found.is_some(),
        None => !is_new(diff, &wanted.place.registry),
    };
    let Some(pushed) = diff.record.pushed.get(&wanted.address).filter(|_| is_there) else {
        return (Action::Create, Vec::new(), None);
    };
    let content = diff.content_of(&wanted.reference);
    let is_same = match (pushed, &content) {
        (Some(pushed), Some(content)) => pushed == content,
        // What comes is another one.
        (_, None) => false,
        // It was brought by the same plan that pushed it.
        (None, Some(_)) => !diff.arriving().contains_key(&wanted.reference),
    };
    let field = |name: &str, before, after| FieldDiff {
        name: name.to_owned(),
        before,
        after: Some(after),
        forces_replacement: false,
    };
    if !is_same {
        let after = content.map_or(json!("as it is published"), |content| json!(content));
        let before = pushed.as_ref().map(|pushed| json!(pushed));
        let field = field("content", before, after);
        return (Action::Update, vec![field], Some(Reason::SourceChanged));
    }
    if let Some((pushed, found)) = diff.overwritten(&wanted.address) {
        let field = field("digest", Some(json!(found)), json!(pushed));
        return (Action::Update, vec![field], Some(Reason::Overwritten));
    }
    (Action::NoOp, Vec::new(), None)
}

/// Whether a registry that nest runs is made by the plan.
fn is_new(diff: &EngineDiff<'_>, registry: &PushRegistry) -> bool {
    let PushRegistry::Container(name) = registry else {
        return false;
    };
    let is_made = |change: &Change| change.object == *name && change.action == Action::Create;
    diff.containers.iter().any(is_made)
}

impl EngineDiff<'_> {
    /// By which digest a registry had what was pushed to it, and by which it has something else under that name now.
    pub(crate) fn overwritten(&self, address: &Address) -> Option<(&str, &str)> {
        let pushed = self.record.pushed_digests.get(address)?;
        let found = self.observed?.pushed.get(address)?.as_ref()?;
        (found != pushed).then_some((pushed, found))
    }

    /// What an image of the engine contains when the plan has brought it, where that is known.
    pub(crate) fn content_of(&self, reference: &ImageReference) -> Option<Digest> {
        if let Some(content) = self.arriving().remove(reference) {
            return content;
        }
        let images = &self.observed?.images;
        images.get(reference).map(|image| image.content.clone())
    }
}
