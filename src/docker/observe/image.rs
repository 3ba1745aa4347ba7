//! Images, by the names that are asked for.

use std::collections::BTreeSet;

use crate::docker::answer::{ImageInspected, Published};
use crate::docker::client::Client;
use crate::docker::convert;
use crate::docker::identity::ApiVersion;
use crate::docker::observe::PHRASE;
use crate::engine::EngineError;
use crate::model::image::ImageReference;
use crate::observed::{ObservedImage, Question};
use crate::resource::record::Record;

/// From this API version on an engine tells of an image for a platform.
const TELLS_PLATFORMS: ApiVersion = ApiVersion::one(49);

/// An image by one of its names: the one for a platform, where the engine has it for several.
pub(super) async fn read_image(
    client: &Client,
    reference: &ImageReference,
    platform: Option<&String>,
) -> Result<Option<ObservedImage>, EngineError> {
    let path = format!("/images/{reference}/json");
    if let Some(platform) = platform.filter(|_| client.speaks(TELLS_PLATFORMS)) {
        let path = format!("{path}?platform={}", encoded(platform));
        // One that it has for others only is not found by that.
        let inspected: Option<ImageInspected> = client.get(&path, PHRASE).await?;
        if let Some(inspected) = inspected {
            return Ok(Some(convert::image(inspected)));
        }
    }
    let inspected: Option<ImageInspected> = client.get(&path, PHRASE).await?;
    Ok(inspected.map(convert::image))
}

/// A platform such as `linux/arm/v7` as engines take it in an address: JSON, whose signs are encoded.
fn encoded(platform: &str) -> String {
    let keys = ["os", "architecture", "variant"];
    let parts = keys.iter().zip(platform.splitn(3, '/'));
    let parts: Vec<String> = parts
        .map(|(key, part)| format!("%22{key}%22%3A%22{part}%22"))
        .collect();
    format!("%7B{}%7D", parts.join("%2C"))
}

/// What the registry has under a name, if it tells. Podman has no such question.
pub(super) async fn read_published(
    client: &Client,
    reference: &ImageReference,
) -> Option<(ImageReference, String)> {
    let path = format!("/distribution/{reference}/json");
    let told = client.transport.get::<Published>(&path).await;
    let digest = told.ok().flatten()?.descriptor.digest;
    Some((reference.clone(), digest))
}

/// The images that are asked for, and those that the engine's record names.
pub(super) fn references(question: &Question, record: &Record) -> BTreeSet<ImageReference> {
    let all = question.images.iter().chain(record.images.keys()).cloned();
    all.filter(is_addressable).collect()
}

/// Whether a reference can stand in a request's path as it is. A record may hold anything.
fn is_addressable(reference: &ImageReference) -> bool {
    let text = reference.as_str();
    !text.is_empty()
        && !text
            .split('/')
            .any(|part| part.is_empty() || part == "." || part == "..")
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-/:@+".contains(&byte))
}
