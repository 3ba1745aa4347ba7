//! Images.

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::spec::decode::Field;

/// An image that an engine should have.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(rename = "Image", untagged)]
pub(crate) enum ImageSpec {
    /// The image, from wherever it is found first.
    #[schemars(title = "image", example = &"alpine:3.20")]
    Scalar(String),
    /// The image, and where it comes from.
    #[schemars(title = "image and source")]
    Mapping(ImageMapping),
}

/// An image, and where it comes from.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["image"]))]
pub(crate) struct ImageMapping {
    /// The name that the image has in the engine.
    #[schemars(example = &"app:dev")]
    pub(crate) image: Field<String>,
    /// Where it comes from. Default: `auto`.
    pub(crate) source: Field<ImageOrigin>,
}

/// Where an image comes from.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(untagged)]
pub(crate) enum ImageOrigin {
    /// A place that nest knows.
    #[schemars(title = "place", with = "ImagePlace")]
    Scalar(String),
    /// A file.
    #[schemars(title = "file")]
    Mapping(ImageFile),
}

/// A place that images come from.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ImagePlace {
    /// The outer engine's store if it has the image, else the engine pulls it itself.
    Auto,
    /// The outer engine's store.
    Outer,
}

/// A file that holds images.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["archive"]))]
pub(crate) struct ImageFile {
    /// A file in docker-archive or OCI layout, plain, gzip or zstd.
    #[schemars(example = &"images/app.tar")]
    pub(crate) archive: Field<String>,
    /// How to build the image. Not supported yet, so what it holds is not looked at.
    #[schemars(skip)]
    pub(crate) build: Field<IgnoredAny>,
}
