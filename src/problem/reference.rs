//! Names that stand for nothing, or for the wrong thing.

use miette::{Diagnostic, SourceSpan};
use thiserror::Error;

use crate::source::Span;

/// A name that stands for nothing, or for the wrong thing.
#[derive(Debug, Clone, PartialEq, Eq, Error, Diagnostic)]
pub enum ReferenceProblem {
    /// A volume that the scope does not declare.
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

    /// A registry that the file does not declare.
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

    /// An environment that the scope does not declare.
    #[error("no environment `{name}` is declared")]
    #[diagnostic(code(nest::undeclared_environment), help("{hint}"))]
    UndeclaredEnvironment {
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

    /// Environments that wait for each other.
    #[error("environments wait for each other: {cycle}")]
    #[diagnostic(
        code(nest::dependency_cycle),
        help(
            "remove one of these `depends_on` entries: none of the environments could start first"
        )
    )]
    DependencyCycle {
        /// The names, from one back to itself.
        cycle: String,
        /// Each `depends_on` entry of the cycle.
        #[label(collection, "waits for the next")]
        entries: Vec<SourceSpan>,
    },

    /// A list names the same thing twice.
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
