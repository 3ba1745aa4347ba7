//! What becomes of an image that is built: it is built again when something differs of what it was built from.

use crate::desired::build::DesiredBuild;
use crate::model::image::ImageReference;
use crate::observed::ObservedImage;
use crate::plan::change::{Action, Reason};
use crate::plan::diff::attribute;
use crate::plan::diff::image::Decision;
use crate::plan::route::Route;
use crate::resource::build::BuildSettings;
use crate::resource::label;
use crate::resource::secret::SecretKey;

/// Decides on an image that is built. Its labels remember what it was built from; those of an image that was made from
/// it are another's.
pub(super) fn decide(
    reference: &ImageReference,
    build: &DesiredBuild,
    present: Option<&ObservedImage>,
    key: &SecretKey,
) -> Decision {
    let own = present.filter(|image| {
        let name = image.labels.get(label::NAME);
        name.is_some_and(|name| name == reference.as_str())
    });
    let before: Option<BuildSettings> = own.and_then(|image| attribute::remembered(&image.labels));
    let mut after = attribute::build(&build.settings.without_secrets(key));
    let known = before.as_ref().map(attribute::build);
    if let Some(known) = &known {
        attribute::keep_untold(&mut after, known, key);
    }
    let fields = attribute::differences(&known.unwrap_or_default(), &after).fields;
    let (action, reason) = match (present, before) {
        (None, _) => (Action::Create, None),
        (Some(_), Some(_)) if fields.is_empty() => (Action::NoOp, None),
        (Some(_), Some(_)) => (Action::Update, None),
        (Some(_), None) => (Action::Update, Some(Reason::NotBuiltSo)),
    };
    Decision {
        action,
        reason,
        route: (action != Action::NoOp).then(|| Route::Build(Box::new(build.clone()))),
        fields,
        content_there: None,
    }
}
