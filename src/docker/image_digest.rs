//! Which digest an image's name stands for.

use serde::Deserialize;

use crate::docker::Docker;
use crate::docker::error::printable;
use crate::engine::EngineError;
use crate::model::image::ImageReference;

/// What an image's name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImageDigest {
    /// The image that registries have under this digest.
    Known(String),
    /// Nothing that a registry knows, and why.
    Unknown(String),
}

/// `/images/NAME/json`, as far as it is about registries.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Stored {
    repo_digests: Option<Vec<String>>,
}

/// `/distribution/NAME/json`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Distributed {
    descriptor: Descriptor,
}

#[derive(Debug, Deserialize)]
struct Descriptor {
    digest: String,
}

impl Docker {
    /// The digest of the image that the outer engine has under a name; where it has none, of the one that it would pull.
    pub async fn image_digest(
        &self,
        reference: &ImageReference,
    ) -> Result<ImageDigest, EngineError> {
        let phrase = format!("look up image `{reference}`");
        let path = format!("/images/{reference}/json");
        let stored: Option<Stored> = self.outer.get(&path, &phrase).await?;
        if let Some(stored) = stored {
            let digests = stored.repo_digests.unwrap_or_default();
            return Ok(match own_digest(reference, &digests) {
                Some(digest) => ImageDigest::Known(digest),
                None => ImageDigest::Unknown("the engine has it from no registry".to_owned()),
            });
        }
        let path = format!("/distribution/{reference}/json");
        match self.outer.get(&path, &phrase).await {
            Ok(Some(Distributed { descriptor })) => Ok(ImageDigest::Known(descriptor.digest)),
            Ok(None) => Ok(ImageDigest::Unknown("no registry has it".to_owned())),
            Err(EngineError::Refused { message, .. }) => {
                Ok(ImageDigest::Unknown(printable(&message)))
            }
            Err(error) => Err(error),
        }
    }
}

/// Of the digests under which registries have an image, the one of the registry and repository that it is named after.
fn own_digest(reference: &ImageReference, digests: &[String]) -> Option<String> {
    let digests = digests
        .iter()
        .filter_map(|text| ImageReference::parse(text).ok());
    let mut own = digests.filter_map(|other| {
        let (repository, digest) = other.as_str().split_once('@')?;
        (repository == reference.repository()).then(|| digest.to_owned())
    });
    own.next()
}
