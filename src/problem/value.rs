//! Values with a grammar of their own.

use miette::Diagnostic;
use thiserror::Error;

use crate::source::Span;

/// A value with a grammar of its own.
#[derive(Debug, Clone, PartialEq, Eq, Error, Diagnostic)]
pub enum ValueProblem {
    /// No image reference.
    #[error("`{text}` is no image reference: {reason}")]
    #[diagnostic(
        code(nest::invalid_image),
        help("an image is written `alpine:3.20`, `ghcr.io/owner/app:tag` or `name@sha256:…`")
    )]
    InvalidImage {
        /// The value.
        text: String,
        /// What is wrong with it.
        reason: String,
        /// Its place.
        #[label("here")]
        at: Span,
    },

    /// No port.
    #[error("`{text}` is no port: {reason}")]
    #[diagnostic(
        code(nest::invalid_port),
        help(
            "a port is written `8080`, `\"8080:80\"`, `\"127.0.0.1:8080:80\"` or `\"8000-8010:80-90/udp\"`"
        )
    )]
    InvalidPort {
        /// The value.
        text: String,
        /// What is wrong with it.
        reason: String,
        /// Its place.
        #[label("here")]
        at: Span,
    },

    /// No size.
    #[error("`{text}` is no size: {reason}")]
    #[diagnostic(
        code(nest::invalid_size),
        help(
            "a size is a number with a unit, `512m` or `1.5g`; the smallest limit of memory is `6m`"
        )
    )]
    InvalidSize {
        /// The value.
        text: String,
        /// What is wrong with it.
        reason: String,
        /// Its place.
        #[label("here")]
        at: Span,
    },

    /// No duration.
    #[error("`{text}` is no duration: {reason}")]
    #[diagnostic(
        code(nest::invalid_duration),
        help(
            "a duration is written with units, `90s` or `1m30s`; units are `us`, `ms`, `s`, `m`, `h`"
        )
    )]
    InvalidDuration {
        /// The value.
        text: String,
        /// What is wrong with it.
        reason: String,
        /// Its place.
        #[label("here")]
        at: Span,
    },

    /// No number of processors.
    #[error("`{text}` is no number of processors: {reason}")]
    #[diagnostic(
        code(nest::invalid_cpus),
        help("write how many processors, `2` or `0.5`")
    )]
    InvalidCpus {
        /// The value.
        text: String,
        /// What is wrong with it.
        reason: String,
        /// Its place.
        #[label("here")]
        at: Span,
    },

    /// No mount.
    #[error("`{text}` cannot be mounted: {reason}")]
    #[diagnostic(
        code(nest::invalid_mount),
        help("a mount is written `cache:/cache`, `./src:/workspace:ro` or `./src:same`")
    )]
    InvalidMount {
        /// The value.
        text: String,
        /// What is wrong with it.
        reason: String,
        /// Its place.
        #[label("here")]
        at: Span,
    },

    /// No variable of a container.
    #[error("`{text}` sets no environment variable: {reason}")]
    #[diagnostic(
        code(nest::invalid_environment),
        help("write `NAME=value`, or `NAME` alone to pass on the variable of that name")
    )]
    InvalidEnvironment {
        /// The value.
        text: String,
        /// What is wrong with it.
        reason: String,
        /// Its place.
        #[label("here")]
        at: Span,
    },

    /// No command line.
    #[error("the command cannot be split into words: {reason}")]
    #[diagnostic(
        code(nest::invalid_command),
        help("write the words as a list: `[sleep, infinity]`")
    )]
    InvalidCommand {
        /// What is wrong with it.
        reason: String,
        /// Its place.
        #[label("here")]
        at: Span,
    },

    /// A number that is too small or too large.
    #[error("`{key}` takes {range}, not `{text}`")]
    #[diagnostic(code(nest::out_of_range), help("choose a number in that range"))]
    OutOfRange {
        /// The key.
        key: String,
        /// What it takes.
        range: String,
        /// The value.
        text: String,
        /// Its place.
        #[label("out of range")]
        at: Span,
    },

    /// Text that no container takes.
    #[error("`{key}` does not take `{text}`: {reason}")]
    #[diagnostic(code(nest::invalid_value), help("{hint}"))]
    InvalidValue {
        /// The key.
        key: String,
        /// The value.
        text: String,
        /// What is wrong with it.
        reason: String,
        /// How to write it.
        hint: String,
        /// Its place.
        #[label("here")]
        at: Span,
    },

    /// A secret in the text of the file.
    #[error("{what} is written into the file")]
    #[diagnostic(
        code(nest::token_written_inline),
        help(
            "whoever reads this file can use it: revoke it, and take the new one from a variable, `${{TOKEN}}`"
        )
    )]
    TokenWrittenInline {
        /// What it looks like.
        what: String,
        /// Its place; the text is not shown.
        #[label("this looks like a secret and is not shown")]
        at: Span,
    },

    /// One image twice in a scope.
    #[error("the image `{image}` is listed twice")]
    #[diagnostic(
        code(nest::image_listed_twice),
        help("keep one: an engine has one image of a name")
    )]
    ImageListedTwice {
        /// The image.
        image: String,
        /// The first time.
        #[label("first listed here")]
        first: Span,
        /// The second time.
        #[label(primary, "listed again here")]
        again: Span,
    },

    /// Settings of a volume that nest does not make.
    #[error("`{key}` says how to make the volume `{volume}`, but `external` says that it exists")]
    #[diagnostic(
        code(nest::external_volume_settings),
        help("remove `external` to let nest make the volume, or remove `{key}`")
    )]
    ExternalVolumeSettings {
        /// The setting.
        key: String,
        /// The volume.
        volume: String,
        /// Its place.
        #[label(primary, "nest would not use this")]
        at: Span,
        /// Where `external` is set.
        #[label("because of this")]
        external: Span,
    },
}
