//! Outer engines besides the one that nest connects to.

use miette::{Diagnostic, SourceSpan};
use thiserror::Error;

use crate::source::Span;

/// An outer engine that the file declares, or names.
#[derive(Debug, Clone, PartialEq, Eq, Error, Diagnostic)]
pub enum OuterEngineProblem {
    /// The `engine` of an environment names none of the file's `engines`.
    #[error("no engine `{name}` is declared")]
    #[diagnostic(code(nest::undeclared_engine), help("{hint}"))]
    Undeclared {
        /// The name.
        name: String,
        /// The nearest name, or how to declare it.
        hint: String,
        /// Where it is used.
        #[label(primary, "used here")]
        at: Span,
        /// Where engines are declared.
        #[label("the engines of this file")]
        section: Option<SourceSpan>,
    },

    /// An environment inside an environment says which outer engine it lives on. It lives on the engine of the
    /// environment around it.
    #[error("an environment inside an environment lives on the engine of that one")]
    #[diagnostic(
        code(nest::engine_inside),
        help(
            "remove `engine` here: the outermost environment says on which outer engine all of it lives"
        )
    )]
    Inside {
        /// Its place.
        #[label(primary, "no choice here")]
        at: Span,
        /// The environment around.
        #[label("inside this one")]
        outer: Span,
    },

    /// Two environments on different outer engines use one volume of the file. A volume lives on one engine, so they
    /// would see two volumes of one name, with different content.
    #[error("the volume `{volume}` would be on two engines")]
    #[diagnostic(
        code(nest::volume_on_two_engines),
        help("declare a volume for each engine, or let both environments live on one")
    )]
    VolumeOnTwo {
        /// The volume.
        volume: String,
        /// The environment that uses it first.
        #[label("used here, on one engine")]
        first: Span,
        /// The environment that uses it too.
        #[label(primary, "used here too, on another")]
        again: Span,
    },

    /// Something waits for an environment or a service that lives on another outer engine, or shares its namespaces. What
    /// lives on one engine is started, stopped and reached there only.
    #[error("`{name}` and `{other}` are on different engines")]
    #[diagnostic(
        code(nest::dependency_across_engines),
        help("let both live on one engine, or let them do without each other")
    )]
    DependencyAcross {
        /// What waits.
        name: String,
        /// What it waits for.
        other: String,
        /// Where it says so.
        #[label(primary, "this one is on another engine")]
        at: Span,
    },

    /// The `host` of an engine is no address that engines are reached at.
    #[error("`{text}` is no address of an engine: {reason}")]
    #[diagnostic(
        code(nest::invalid_engine_address),
        help(
            "write it as `DOCKER_HOST` has it: `unix:///var/run/docker.sock`, `tcp://HOST:2376`, `ssh://USER@HOST`"
        )
    )]
    InvalidAddress {
        /// The value.
        text: String,
        /// What is wrong with it.
        reason: String,
        /// Its place.
        #[label("here")]
        at: Span,
    },

    /// `engines.default` leads to no engine on this machine: a docker context that it does not have, a certificate that is
    /// not there. It counts where neither `--host`, `--context`, `DOCKER_HOST` nor `DOCKER_CONTEXT` names an engine.
    #[error("cannot use {subject}")]
    #[diagnostic(
        code(nest::unusable_engine),
        help(
            "mend it, or name another engine with `--host`, `--context` or `DOCKER_HOST`: they win over the file"
        )
    )]
    Unusable {
        /// What of it.
        subject: String,
        /// Why.
        reason: String,
        /// Its place.
        #[label("{reason}")]
        at: Span,
    },
}
