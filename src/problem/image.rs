//! Images: which one, for what, and from where.

use miette::Diagnostic;
use thiserror::Error;

use crate::source::Span;

/// An image that an engine should have.
#[derive(Debug, Clone, PartialEq, Eq, Error, Diagnostic)]
pub enum ImageProblem {
    /// The text is no platform: a system and a processor that images are made for, and perhaps the processor's
    /// variant. Several spellings are understood: `linux/x86_64` is `linux/amd64`, and `arm64` alone is Linux's.
    #[error("`{text}` is no platform: {reason}")]
    #[diagnostic(code(nest::invalid_platform), help("{hint}"))]
    InvalidPlatform {
        /// The value.
        text: String,
        /// What is wrong with it.
        reason: String,
        /// The nearest platform, or how to write one.
        hint: String,
        /// Its place.
        #[label("here")]
        at: Span,
    },

    /// One image is listed for two platforms in one engine. An engine has one image of a name, so the second would
    /// take the name from the first.
    #[error("the image `{image}` is listed for two platforms, `{first_platform}` and `{platform}`")]
    #[diagnostic(
        code(nest::image_platforms_clash),
        help("keep one, or give one of them another name: an engine has one image of a name")
    )]
    PlatformsClash {
        /// The image.
        image: String,
        /// The first platform.
        first_platform: String,
        /// The first time.
        #[label("first listed here")]
        first: Span,
        /// The second platform.
        platform: String,
        /// The second time.
        #[label(primary, "for another platform here")]
        again: Span,
    },

    /// The image is wanted for a platform that its build does not build for.
    #[error("the image is wanted for `{platform}`, and its build makes others")]
    #[diagnostic(
        code(nest::platform_not_built),
        help("add `{platform}` to `platforms`, or remove one of the two keys")
    )]
    PlatformNotBuilt {
        /// The platform.
        platform: String,
        /// Where it is wanted.
        #[label(primary, "wanted")]
        at: Span,
        /// The platforms of the build.
        #[label("built")]
        platforms: Span,
    },

    /// Two builds make an image of one name, and are not the same. An engine has one image of a name, so the second would
    /// take the name from the first.
    #[error("the image `{image}` is built in two ways")]
    #[diagnostic(
        code(nest::image_built_twice),
        help("give one of them another name with `image`, or build both in the same way")
    )]
    BuiltTwice {
        /// The image.
        image: String,
        /// The first build.
        #[label("built so here")]
        first: Span,
        /// The second build.
        #[label(primary, "and otherwise here")]
        again: Span,
    },

    /// `pull_policy: build` says that the image is built and never pulled, and nothing says how it is built.
    #[error("the image is to be built, and nothing says how")]
    #[diagnostic(
        code(nest::nothing_to_build),
        help("say how, `build: .`, or remove `pull_policy`")
    )]
    NothingToBuild {
        /// The value of `pull_policy`.
        #[label("no `build` beside it")]
        at: Span,
    },

    /// `pull` says when the engine pulls the image, and `source` says something that cannot hold at the same time: a
    /// place that nothing is pulled from, or the registry for an image that is never pulled.
    #[error("`pull: {pull}` cannot hold for an image with the source `{image_source}`")]
    #[diagnostic(
        code(nest::pull_contradicts_source),
        help(
            "remove one of the two: an image is pulled with the source `auto` or `registry` only"
        )
    )]
    PullContradictsSource {
        /// The value of `pull`.
        pull: String,
        /// The source.
        image_source: String,
        /// The place of `pull`.
        #[label(primary, "when it is pulled")]
        at: Span,
        /// The place of the source.
        #[label("where it comes from")]
        source_at: Span,
    },

    /// A registry is called `localhost` where an engine inside an environment would ask it. There, `localhost` is the
    /// environment's own container, so a registry of the machine outside does not answer. An image that the outer
    /// engine has by that name is found all the same; a registry that runs inside answers too.
    #[error("inside an environment, `{host}` is the environment's own container")]
    #[diagnostic(
        severity(Warning),
        code(nest::localhost_registry_inside),
        help(
            "for a registry outside, list it in `registries` and use `NAME.nest:5000`; for an image that the outer engine has, say `source: outer`"
        )
    )]
    LocalhostInside {
        /// The host.
        host: String,
        /// Its place.
        #[label("not the machine outside")]
        at: Span,
    },
}
