//! Registries and mirrors.

use miette::Diagnostic;
use thiserror::Error;

use crate::source::Span;

/// A registry.
#[derive(Debug, Clone, PartialEq, Eq, Error, Diagnostic)]
pub enum RegistryProblem {
    /// An environment inside an environment lists a registry that the one around it does not list. Engines reach a registry
    /// that nest runs through the engines outside them, so each on the way has to list it.
    #[error("`{environment}`, around this environment, does not list the registry `{registry}`")]
    #[diagnostic(
        code(nest::registry_not_listed_outside),
        help(
            "registries are listed at each depth: add `{registry}` to the `registries` of `{environment}` too"
        )
    )]
    NotListedOutside {
        /// The registry.
        registry: String,
        /// The environment around.
        environment: String,
        /// Where it is listed.
        #[label(primary, "cannot be reached from here")]
        at: Span,
        /// The environment around.
        #[label("does not list it")]
        outer: Span,
    },

    /// The `mirror` of a registry is no host as image references write it, such as `docker.io`.
    #[error("`{text}` is no registry host: {reason}")]
    #[diagnostic(
        code(nest::invalid_registry_host),
        help(
            "write the host as image references do, `docker.io` or `ghcr.io`; an address of its API goes to `upstream`"
        )
    )]
    InvalidHost {
        /// The value.
        text: String,
        /// What is wrong with it.
        reason: String,
        /// Its place.
        #[label("here")]
        at: Span,
    },

    /// The `upstream` of a registry is no address of an HTTP API, or holds a user name or password, which would
    /// stand in the container's settings for all to read.
    #[error("`{text}` is no address of a registry: {reason}")]
    #[diagnostic(
        code(nest::invalid_upstream),
        help(
            "write an address such as `https://registry-1.docker.io`, without user name and password"
        )
    )]
    InvalidUpstream {
        /// The value.
        text: String,
        /// What is wrong with it.
        reason: String,
        /// Its place.
        #[label("here")]
        at: Span,
    },

    /// An `upstream` without a `mirror`. A registry without `mirror` is one that is filled by pushing to it, and
    /// has nothing upstream.
    #[error("`upstream` without `mirror` has no meaning")]
    #[diagnostic(
        code(nest::upstream_without_mirror),
        help("say which host it is the address of, `mirror: docker.io`, or remove it")
    )]
    UpstreamWithoutMirror {
        /// Its place.
        #[label("an address of what?")]
        at: Span,
    },

    /// An entry of `registry-mirrors` in `daemon` that the engine would refuse, and then not start.
    #[error("`{text}` cannot be one of the engine's `registry-mirrors`: {reason}")]
    #[diagnostic(
        code(nest::invalid_mirror_address),
        help(
            "write an address such as `https://mirror.example.org`, without user name and password"
        )
    )]
    InvalidMirrorAddress {
        /// The value, without its credentials.
        text: String,
        /// What is wrong with it.
        reason: String,
        /// Its place.
        #[label("here")]
        at: Span,
    },

    /// An environment without an engine of its own lists registries. It uses the outer engine, which nest does not
    /// configure, so the registries' names mean nothing to it.
    #[error("mode `{mode}` uses the outer engine, which nest does not configure for registries")]
    #[diagnostic(
        severity(Warning),
        code(nest::registries_without_engine),
        help(
            "the outer engine does not find registries by these names: pull from one with a `port` by `localhost:PORT`, or choose mode `dind`"
        )
    )]
    WithoutEngine {
        /// The mode.
        mode: String,
        /// The list.
        #[label(primary, "no engine to tell of these")]
        at: Span,
        /// Where the mode is set.
        #[label("the engine outside is used")]
        mode_at: Span,
    },

    /// An environment lists a mirror of another registry than Docker Hub. The mirror setting of Docker's engine
    /// serves `docker.io` only, so the mirror would never be asked.
    #[error("the engine inside cannot use a mirror of `{host}`")]
    #[diagnostic(
        code(nest::mirror_not_possible),
        help(
            "Docker's mirror setting serves `docker.io` only; remove `{registry}` from this list"
        )
    )]
    MirrorNotPossible {
        /// The mirrored host.
        host: String,
        /// The registry.
        registry: String,
        /// Where it is listed.
        #[label(primary, "listed here")]
        at: Span,
        /// Where it is declared.
        #[label("a mirror of another host")]
        mirror: Span,
    },
}
