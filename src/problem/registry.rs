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

    /// The `mirror` or the `host` of a registry is no host as image references write it, such as `docker.io`.
    #[error("`{text}` is no registry host: {reason}")]
    #[diagnostic(
        code(nest::invalid_registry_host),
        help(
            "write the host as image references do, `docker.io` or `ghcr.io`; an address of its API goes to `upstream`, that of a mirror to its `host`"
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

    /// The `upstream` of a registry, or the `host` of a mirror, is no address of an HTTP API, or holds a user name or password, which would
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
        #[label(primary, "an address of what?")]
        at: Span,
        /// The registry.
        #[label("this mirrors nothing")]
        registry: Span,
    },

    /// A key about the container of a registry, beside `host`, which says that the registry exists. nest runs no
    /// container for it, so the key would have no effect.
    #[error("`{key}` is about a registry that nest runs, and `host` says that this one exists")]
    #[diagnostic(
        code(nest::registry_not_run),
        help("remove `host` to let nest run the registry, or remove `{key}`")
    )]
    NotRun {
        /// The key.
        key: String,
        /// Its place.
        #[label(primary, "nest would not use this")]
        at: Span,
        /// Where `host` is set.
        #[label("because of this")]
        host: Span,
    },

    /// A mirror has `images`. A pull-through cache is filled by what is pulled through it and refuses pushes.
    #[error("a mirror cannot be pushed to")]
    #[diagnostic(
        code(nest::mirror_pushed_to),
        help("declare another registry without `mirror` for these images")
    )]
    MirrorPushedTo {
        /// The images.
        #[label(primary, "to be pushed to it")]
        at: Span,
        /// Where it is said to be a mirror.
        #[label("a pull-through cache")]
        mirror: Span,
    },

    /// A registry that nest runs has a user name, a password or `credentials`, but mirrors nothing: nest runs it
    /// without a login, so there is nobody to log in to.
    #[error("`{key}` has no meaning for a registry that nest runs and that mirrors nothing")]
    #[diagnostic(
        code(nest::login_without_host),
        help(
            "say whose it is with `host` or `mirror`, or remove `{key}`: nest runs registries without a login"
        )
    )]
    LoginWithoutHost {
        /// The key.
        key: String,
        /// Its place.
        #[label(primary, "to log in to what?")]
        at: Span,
        /// The registry.
        #[label("nest runs this one")]
        registry: Span,
    },

    /// The `ca` of a registry is no file that nest can read, or holds no certificate.
    #[error("cannot use `{path}` as the certificate of an authority: {reason}")]
    #[diagnostic(
        code(nest::unusable_authority),
        help(
            "name a file with a certificate in PEM form, seen from the file that writes it: `ca: ./company-ca.pem`"
        )
    )]
    UnusableAuthority {
        /// The file.
        path: String,
        /// What is wrong with it.
        reason: String,
        /// Its place in the nest file.
        #[label("this file")]
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
