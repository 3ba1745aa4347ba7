//! Values with a grammar of their own.

use miette::Diagnostic;
use thiserror::Error;

use crate::source::Span;

/// A value with a grammar of its own.
#[derive(Debug, Clone, PartialEq, Eq, Error, Diagnostic)]
pub enum ValueProblem {
    /// The text is no image reference. References are read by the same rules as those of the docker CLI.
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

    /// The text is no port as Compose writes them, in the short form or the long one.
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

    /// The text is no size, or less than the 6 MiB of memory that engines accept as a limit. Units are binary: `1k`
    /// is 1024 bytes.
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

    /// The text is no duration, or one of no time at all.
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

    /// The text is no number of processors that a container can have.
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

    /// The text is no mount. A source that begins with `./`, `/` or `~/` is a folder, any other the name of a
    /// volume; the path in the container begins with `/`.
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

    /// An entry of `environment` has a name that no variable can have, or a value that none can hold.
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

    /// A `command` on one line is split into words as a shell would do it, and this one cannot be split. Nothing
    /// else of a shell is done: no variables, no pipes.
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

    /// A number is too small or too large for its key.
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

    /// A text that its key cannot use, for the reason given.
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

    /// A value looks like an access token or a private key. Files are copied, shared and committed, so nest refuses
    /// it, and shows the text nowhere. Revoke the secret if the file has left your machine.
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

    /// The file that holds a secret or a config does not exist, or the variable that holds it is not set. It may be there
    /// when it is needed; services that are given it cannot start without.
    #[error("{what} has no text: {reason}")]
    #[diagnostic(
        severity(Warning),
        code(nest::material_missing),
        help("check the name, or provide it before services need it")
    )]
    MaterialMissing {
        /// The secret or config.
        what: String,
        /// What is not there.
        reason: String,
        /// Where it is named.
        #[label("not there now")]
        at: Span,
    },

    /// One image is listed twice for one engine, perhaps in two spellings: `alpine` is `alpine:latest`.
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

    /// A secret or a config that is `external` would be one that the engine keeps. Engines keep none: only a swarm does, and
    /// its services alone can have them.
    #[error("{what} is `external`, and engines keep no secrets and configs of their own")]
    #[diagnostic(
        code(nest::external_material),
        help("say where it comes from: `file: ./token`, or `environment: TOKEN`")
    )]
    ExternalMaterial {
        /// The secret or the config.
        what: String,
        /// Where `external` is set.
        #[label("only a swarm has these")]
        at: Span,
    },

    /// A volume that is `external` exists already and is not made by nest, so settings for making it would have no
    /// effect.
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
