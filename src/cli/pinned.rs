//! `nest config --lock-image-digests`

use serde_json::Value;

use crate::cli::error::CommandError;
use crate::cli::options::Options;
use crate::cli::output::Output;
use crate::cli::project::{connect_to, endpoint};
use crate::docker::ImageDigest;
use crate::model::Project;
use crate::model::image::ImageReference;
use crate::model::locked::{Digests, floating_images, locked_images};
use crate::report::words;
use crate::source::SourceMap;

/// A file that goes over the project's own and gives its images their digests. What has none is told.
pub(crate) async fn locked(
    (project, sources): (&Project, &SourceMap),
    options: &Options,
    output: &Output,
) -> Result<Value, CommandError> {
    let endpoint = endpoint(options, Some((project, sources)))?;
    let engine = connect_to(&endpoint, options).await?;
    let mut digests = Digests::new();
    for reference in floating_images(project) {
        match engine
            .image_digest(&ImageReference::new(&reference))
            .await?
        {
            ImageDigest::Known(digest) => {
                digests.insert(reference, digest);
            }
            ImageDigest::Unknown(reason) => {
                let line = format!("warning: `{reference}` is left as it is: {reason}");
                output.talk(&format!("{}\n", words::escaped(&line)));
            }
        }
    }
    Ok(locked_images(project, &digests))
}
