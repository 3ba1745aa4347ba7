//! Images.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::spec::build::BuildSpec;
use crate::spec::decode::Field;
use crate::spec::names::NamesSpec;

/// An image that an engine should have.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(rename = "Image", untagged)]
pub(crate) enum ImageSpec {
    /// The image, from wherever it is found first.
    #[schemars(title = "image", example = &"alpine:3.20")]
    Scalar(String),
    /// The image, and where it comes from.
    #[schemars(title = "image and source")]
    Mapping(Box<ImageMapping>),
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
    #[schemars(example = &"outer")]
    pub(crate) source: Field<ImageOrigin>,
    /// What its programs run on. Default: the engine's own.
    #[schemars(example = &"linux/arm64")]
    pub(crate) platform: Field<String>,
    /// When the engine pulls it. Default: `missing`.
    #[schemars(with = "PullSchema", example = &"always")]
    pub(crate) pull: Field<String>,
    /// More names that the image gets in the engine.
    #[schemars(example = &"app:latest")]
    #[serde(rename = "as")]
    pub(crate) aliases: Field<NamesSpec>,
}

/// Where an image comes from.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(untagged)]
pub(crate) enum ImageOrigin {
    /// A place that nest knows.
    #[schemars(title = "place", with = "ImagePlace")]
    Scalar(String),
    /// A file, or a build.
    #[schemars(title = "file or build")]
    Mapping(ImageFile),
}

/// A place that images come from.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
#[expect(dead_code, reason = "it describes the words, for the schema only")]
enum ImagePlace {
    /// The outer engine's store if it has the image, else the engine pulls it itself.
    Auto,
    /// The outer engine's store.
    Outer,
    /// The engine pulls it itself, whatever the outer engine has.
    Registry,
}

/// When an engine pulls an image.
#[derive(JsonSchema)]
#[schemars(rename = "ImagePull", rename_all = "lowercase")]
#[expect(dead_code, reason = "it describes the words, for the schema only")]
enum PullSchema {
    /// When it does not have the image.
    Missing,
    /// Whenever the registry has another one.
    Always,
    /// Never: it must be there, or come from the outer engine.
    Never,
}

/// A file that holds images, or how the image is built.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("oneOf" = serde_json::json!([{ "required": ["archive"] }, { "required": ["build"] }])))]
pub(crate) struct ImageFile {
    /// A file in docker-archive or OCI layout, plain, gzip or zstd.
    #[schemars(example = &"images/app.tar")]
    pub(crate) archive: Field<String>,
    /// How the image is built, as in Compose.
    #[schemars(example = &".")]
    pub(crate) build: Field<BuildSpec>,
}
