//! Files that include each other.

use miette::Diagnostic;
use thiserror::Error;

use crate::source::Span;

/// A file that another one includes.
#[derive(Debug, Clone, PartialEq, Eq, Error, Diagnostic)]
pub enum IncludeProblem {
    /// A file that `include` names cannot be read. Its path starts from the folder of the file that names it.
    #[error("cannot read `{path}`: {reason}")]
    #[diagnostic(
        code(nest::unreadable_include),
        help("check the path: it starts from the folder of the file that includes it")
    )]
    Unreadable {
        /// The file.
        path: String,
        /// What the operating system says.
        reason: String,
        /// Where it is named.
        #[label("included here")]
        at: Span,
    },

    /// A file includes itself, through other files perhaps, so that reading would go on without end.
    #[error("files include each other: {cycle}")]
    #[diagnostic(
        code(nest::include_cycle),
        help("remove one of these `include` entries")
    )]
    Cycle {
        /// The files, from one back to itself.
        cycle: String,
        /// The entry that closes the circle.
        #[label("this leads back to where it started")]
        at: Span,
    },

    /// All files together include more files than people write. Two files that each include the next twice are enough to
    /// read a file a million times.
    #[error("more than {limit} files are included")]
    #[diagnostic(
        code(nest::too_many_includes),
        help("include each file once, from the file that needs it")
    )]
    TooMany {
        /// The most.
        limit: usize,
        /// The first one too many.
        #[label("no more files are read from here on")]
        at: Span,
    },

    /// Files include each other in too long a row.
    #[error("more than {limit} files include each other in a row")]
    #[diagnostic(
        code(nest::includes_too_deep),
        help("include the file from one further up, such as the first")
    )]
    TooDeep {
        /// The most.
        limit: usize,
        /// The entry that goes past it.
        #[label("no more files are read from here on")]
        at: Span,
    },

    /// An included file declares something that the including file, or another included one, declares too, but not the
    /// same way. Including never replaces: an override file does.
    #[error("`{name}` of `{section}` is declared twice, and not the same way")]
    #[diagnostic(
        code(nest::include_conflict),
        help(
            "rename one of the two; to change what an included file says, write it into `nest.override.yaml`"
        )
    )]
    Conflict {
        /// The key it stands under.
        section: String,
        /// Its name.
        name: String,
        /// The declaration that was there.
        #[label(primary, "declared here")]
        here: Span,
        /// The included declaration.
        #[label("included with this")]
        included: Span,
    },
}
