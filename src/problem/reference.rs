//! Names that stand for nothing, or for the wrong thing.

use miette::{Diagnostic, SourceSpan};
use thiserror::Error;

use crate::source::Span;

/// A name that stands for nothing, or for the wrong thing.
#[derive(Debug, Clone, PartialEq, Eq, Error, Diagnostic)]
pub enum ReferenceProblem {
    /// A mount, a data root or a registry names a volume that its scope does not declare. A path begins with `./`,
    /// `/` or `~/`; anything else is the name of a volume.
    #[error("no volume `{name}` is declared")]
    #[diagnostic(code(nest::undeclared_volume), help("{hint}"))]
    UndeclaredVolume {
        /// The name.
        name: String,
        /// The nearest name, or how to declare it.
        hint: String,
        /// Where it is used.
        #[label(primary, "used here")]
        at: Span,
        /// Where volumes are declared.
        #[label("the volumes of this scope")]
        section: Option<SourceSpan>,
    },

    /// An environment lists a registry that the top of the file does not declare.
    #[error("no registry `{name}` is declared")]
    #[diagnostic(code(nest::undeclared_registry), help("{hint}"))]
    UndeclaredRegistry {
        /// The name.
        name: String,
        /// The nearest name, or how to declare it.
        hint: String,
        /// Where it is used.
        #[label(primary, "used here")]
        at: Span,
        /// Where registries are declared.
        #[label("the registries of this file")]
        section: Option<SourceSpan>,
    },

    /// A `depends_on` names something that the same scope does not declare, or a `docker_host` no environment of it.
    #[error("no {what} `{name}` is declared")]
    #[diagnostic(code(nest::undeclared_environment), help("{hint}"))]
    UndeclaredEnvironment {
        /// What it should be.
        what: &'static str,
        /// The name.
        name: String,
        /// The nearest name, or how to declare it.
        hint: String,
        /// Where it is used.
        #[label(primary, "used here")]
        at: Span,
        /// Where environments are declared.
        #[label("the environments of this scope")]
        section: Option<SourceSpan>,
    },

    /// A `depends_on` names something that belongs to profiles of which none is active, so that it is left out.
    #[error("`{name}` is left out: none of its profiles is active")]
    #[diagnostic(
        code(nest::inactive_dependency),
        help(
            "activate one with `--profile`, give this one the same profiles, or say `required: false`"
        )
    )]
    InactiveDependency {
        /// The name.
        name: String,
        /// Where it is used.
        #[label(primary, "waits for it")]
        at: Span,
        /// Its profiles.
        #[label("left out without one of these")]
        profiles: Span,
    },

    /// Environments or services wait for each other in a circle, so that none could start first.
    #[error("containers wait for each other: {cycle}")]
    #[diagnostic(
        code(nest::dependency_cycle),
        help("remove one of these: none of the containers could start first")
    )]
    DependencyCycle {
        /// The names, from one back to itself.
        cycle: String,
        /// Each `depends_on` entry of the cycle.
        #[label(collection, "waits for the next")]
        entries: Vec<SourceSpan>,
    },

    /// A list of names holds one name twice, which is most often a slip for another name.
    #[error("`{name}` is listed twice")]
    #[diagnostic(code(nest::listed_twice), help("remove one of the two"))]
    ListedTwice {
        /// The name.
        name: String,
        /// The first time.
        #[label("first listed here")]
        first: Span,
        /// The second time.
        #[label(primary, "listed again here")]
        again: Span,
    },
}
