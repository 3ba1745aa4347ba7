//! Images that are to run on a platform that the file says.

use serde_json::json;

use crate::desired::{DesiredImage, DesiredImageSource};
use crate::model::image::{ImageReference, Pull};
use crate::observed::ObservedImage;
use crate::plan::change::{Action, FieldDiff};
use crate::plan::diff::EngineDiff;
use crate::plan::diff::image::Decision;
use crate::plan::refusal::RefusalCause;
use crate::plan::route::{Route, Store, nearest, nearest_platform, runs_on};

/// What becomes of an image that is there, or where it comes from, for another platform than it is to run on; nothing
/// where that is no matter.
pub(super) fn decide(
    (reference, diff): (&ImageReference, &EngineDiff<'_>),
    wanted: &DesiredImage,
    present: Option<&ObservedImage>,
    outward: &[Store<'_>],
) -> Option<Result<Decision, RefusalCause>> {
    let platform = diff.platforms.get(reference)?;
    let found = nearest(reference, Some(platform), outward);
    let refused = |place: &str, found: &str| {
        let cause = RefusalCause::OtherPlatform {
            image: reference.to_string(),
            there: format!("{place} has `{reference}` for {found}"),
            wanted: platform.clone(),
        };
        Some(Err(cause))
    };
    let other = present.filter(|present| !runs_on(&present.platform, platform));
    let (route, content) = match (&wanted.source, found) {
        // None of those found is for it.
        (DesiredImageSource::Outer, None) => {
            return refused("the outer engine", nearest_platform(reference, outward)?);
        }
        (DesiredImageSource::Archive(archive), _) if !runs_on(&archive.platform, platform) => {
            return refused("its archive", &archive.platform);
        }
        (DesiredImageSource::Auto, Some((from, content))) => (Route::Transfer(from), content),
        (DesiredImageSource::Auto, None) if wanted.pull == Pull::Never => {
            return refused("the engine", &other?.platform);
        }
        (DesiredImageSource::Auto | DesiredImageSource::Registry, _) => (Route::Pull, None),
        _ => return None,
    };
    let field = FieldDiff {
        name: "platform".to_owned(),
        before: Some(json!(other?.platform)),
        after: Some(json!(platform)),
        forces_replacement: false,
    };
    Some(Ok(Decision {
        action: Action::Update,
        reason: None,
        route: Some(route),
        fields: vec![field],
        content_there: content,
    }))
}
