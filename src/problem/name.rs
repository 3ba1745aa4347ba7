//! Names of the things of a file.

use miette::Diagnostic;
use thiserror::Error;

use crate::source::Span;

/// The name of a thing of the file.
#[derive(Debug, Clone, PartialEq, Eq, Error, Diagnostic)]
pub enum NameProblem {
    /// A name that some engine would refuse, or that would not work as a host name. Names have 2 to 63 characters
    /// and begin with a letter or a digit.
    #[error("`{name}` cannot be the name of {what}")]
    #[diagnostic(code(nest::invalid_name), help("{rule}"))]
    Invalid {
        /// The name.
        name: String,
        /// What it names.
        what: String,
        /// What such names look like.
        rule: String,
        /// Its place.
        #[label("{reason}")]
        at: Span,
        /// What is wrong with it.
        reason: String,
    },

    /// Neither the file, a flag nor the name of the folder gives a usable name for the project. Folder names are
    /// brought into form as Compose does it; of this one too little is left.
    #[error("the project has no usable name: {origin} gives `{name}`")]
    #[diagnostic(
        code(nest::no_project_name),
        help(
            "set `name:` at the top of the file, or use `--project-name`, with 2 to 63 lower-case letters, digits, `-` or `_`"
        )
    )]
    NoProjectName {
        /// Where the name came from.
        origin: String,
        /// What is left of it.
        name: String,
        /// The file's start.
        #[label("`name:` could stand here")]
        at: Span,
    },

    /// An environment and a registry have one name. Both answer to their name on the network that they share, so
    /// the names must differ.
    #[error("`{name}` names both an environment and a registry")]
    #[diagnostic(
        code(nest::shared_name),
        help("rename one of the two: both answer to their name on the scope's network")
    )]
    Shared {
        /// The name.
        name: String,
        /// The registry.
        #[label("a registry")]
        registry: Span,
        /// The environment.
        #[label(primary, "an environment")]
        environment: Span,
    },
}
