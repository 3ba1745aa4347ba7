//! What becomes of images that registries should have.

use serde_json::json;

use crate::desired::push::DesiredPush;
use crate::model::image::ImageReference;
use crate::plan::change::{Action, Change, FieldDiff, Impact, Reason};
use crate::plan::diff::EngineDiff;
use crate::plan::diff::attribute::Attributes;
use crate::resource::Kind;
use crate::resource::digest::Digest;
use crate::resource::push::PushRegistry;

/// Decides on every image that a registry should have. One that it has and the file no longer lists stays there.
pub(crate) fn pushes(diff: &mut EngineDiff<'_>) {
    for wanted in diff.desired.pushes.values() {
        let (action, fields) = decide(diff, wanted);
        let mut change = diff.change(
            wanted.address.clone(),
            Kind::Image,
            wanted.reference.as_str(),
            (action, Impact::None),
            fields,
            Attributes::new(),
        );
        if action == Action::Update {
            change.reason = Some(Reason::SourceChanged);
        }
        diff.pushes.push(change);
    }
}

/// An image is missing where the registry does not have its name, and stale where it is another one than was pushed.
/// A registry that cannot be asked has what it was given.
fn decide(diff: &EngineDiff<'_>, wanted: &DesiredPush) -> (Action, Vec<FieldDiff>) {
    let is_there = match diff.observed.and_then(|it| it.pushed.get(&wanted.address)) {
        Some(is_there) => *is_there,
        None => !is_new(diff, &wanted.place.registry),
    };
    let Some(pushed) = diff.record.pushed.get(&wanted.address).filter(|_| is_there) else {
        return (Action::Create, Vec::new());
    };
    let content = diff.content_of(&wanted.reference);
    let is_same = match (pushed, &content) {
        (Some(pushed), Some(content)) => pushed == content,
        // What comes is another one.
        (_, None) => false,
        // It was brought by the same plan that pushed it.
        (None, Some(_)) => !diff.arriving().contains_key(&wanted.reference),
    };
    if is_same {
        return (Action::NoOp, Vec::new());
    }
    let after = content.map_or(json!("as it is published"), |content| json!(content));
    let field = FieldDiff {
        name: "content".to_owned(),
        before: pushed.as_ref().map(|pushed| json!(pushed)),
        after: Some(after),
        forces_replacement: false,
    };
    (Action::Update, vec![field])
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
    /// What an image of the engine contains when the plan has brought it, where that is known.
    pub(crate) fn content_of(&self, reference: &ImageReference) -> Option<Digest> {
        if let Some(content) = self.arriving().remove(reference) {
            return content;
        }
        let images = &self.observed?.images;
        images.get(reference).map(|image| image.content.clone())
    }
}
