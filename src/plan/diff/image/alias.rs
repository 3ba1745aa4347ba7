//! What becomes of the names that images have besides their own.

use serde_json::json;

use crate::model::image::ImageReference;
use crate::plan::change::{Action, FieldDiff, Reason};
use crate::plan::diff::EngineDiff;
use crate::plan::diff::image::Decision;
use crate::plan::route::Route;
use crate::resource::digest::Digest;

/// Decides on every further name of an image of the engine, when it is known what becomes of that image. What is refused
/// has no other names either.
pub(super) fn names(diff: &mut EngineDiff<'_>) {
    let desired = diff.desired;
    let arriving = diff.arriving();
    let mut is_any = false;
    for (name, wanted) in &desired.images {
        let Some(image) = desired.named_by(name) else {
            continue;
        };
        let content = match arriving.get(image) {
            Some(content) => content.clone(),
            None => match diff.observed.and_then(|it| it.images.get(image)) {
                Some(there) => Some(there.content.clone()),
                None => continue,
            },
        };
        let decision = decide(diff, name, (image, content));
        diff.decided((name, wanted), decision);
        is_any = true;
    }
    if is_any {
        diff.images
            .sort_by(|one, other| one.object.cmp(&other.object));
    }
}

/// Decides on one name of an image that contains this, where that is known.
fn decide(
    diff: &EngineDiff<'_>,
    name: &ImageReference,
    (image, content): (&ImageReference, Option<Digest>),
) -> Decision {
    let present = diff.observed.and_then(|it| it.images.get(name));
    let (action, reason, field) = match present {
        Some(present) if content.as_ref() == Some(&present.content) => (Action::NoOp, None, None),
        Some(present) => {
            let is_own = diff.record.images.contains_key(name) || diff.given.contains_key(name);
            let is_moved = content.as_ref().is_some_and(|it| was(diff, name, it));
            let reason = match is_own {
                true if is_moved => Reason::Moved,
                true => Reason::SourceChanged,
                false => Reason::NameTaken,
            };
            let unknown = || json!(diff.content_to_come(image));
            let field = FieldDiff {
                name: "content".to_owned(),
                before: Some(json!(present.content)),
                after: Some(content.as_ref().map_or_else(unknown, |it| json!(it))),
                forces_replacement: false,
            };
            (Action::Update, Some(reason), Some(field))
        }
        None => {
            let field = FieldDiff {
                name: "names".to_owned(),
                before: None,
                after: Some(json!(image)),
                forces_replacement: false,
            };
            (Action::Create, None, Some(field))
        }
    };
    let is_noted = diff.record.contents.contains_key(name);
    Decision {
        action,
        reason,
        route: (action != Action::NoOp).then(|| Route::Name(image.clone())),
        fields: field.into_iter().collect(),
        // What the engine pulls is not known before, by no name.
        content_there: match diff.contents.get(image.as_str()) {
            Some(known) => Some(known.clone()),
            None => content.filter(|_| action != Action::NoOp || is_noted),
        },
    }
}

/// Whether this is what stood by the name when it was last applied.
pub(super) fn was(diff: &EngineDiff<'_>, name: &ImageReference, content: &Digest) -> bool {
    diff.record.contents.get(name) == Some(content)
}
