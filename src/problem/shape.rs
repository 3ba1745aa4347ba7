//! Keys and the shape of their values.

use miette::Diagnostic;
use thiserror::Error;

use crate::source::Span;

/// Keys and the shape of their values.
#[derive(Debug, Clone, PartialEq, Eq, Error, Diagnostic)]
pub enum ShapeProblem {
    /// A key that nest does not know in this place. Help names the nearest known key, or all of them. Keys that
    /// begin with `x-` are free for your own use.
    #[error("unknown key `{key}`")]
    #[diagnostic(code(nest::unknown_key), help("{hint}"))]
    UnknownKey {
        /// The key.
        key: String,
        /// The nearest key, or all of them.
        hint: String,
        /// The key's place.
        #[label("not known here")]
        at: Span,
    },

    /// A key that nest knows, in the wrong place. What only the container sees stands in `outer`; what the engine
    /// inside holds stands in `inner`; what both see stands beside the two.
    #[error("`{key}` does not belong here")]
    #[diagnostic(code(nest::misplaced_key), help("{hint}"))]
    MisplacedKey {
        /// The key.
        key: String,
        /// Where it belongs.
        hint: String,
        /// The key's place.
        #[label("in the wrong place")]
        at: Span,
    },

    /// A value of another type than its key takes: text in place of a number, a list in place of a mapping, or the
    /// like.
    #[error("{owner} takes {expected}, not {found}")]
    #[diagnostic(code(nest::wrong_type), help("{hint}"))]
    WrongType {
        /// Whose value it is: a key, an item of a list.
        owner: String,
        /// What it takes.
        expected: String,
        /// What it was given.
        found: String,
        /// How to write it.
        hint: String,
        /// The value.
        #[label("{found}")]
        at: Span,
    },

    /// A key takes one of a few words, and this is none of them.
    #[error("{owner} does not take `{word}`")]
    #[diagnostic(code(nest::unknown_word), help("{hint}"))]
    UnknownWord {
        /// Whose value it is: a key, an item of a list.
        owner: String,
        /// The word.
        word: String,
        /// The nearest word, or all of them.
        hint: String,
        /// The value.
        #[label("not known here")]
        at: Span,
    },

    /// A key that must be there is not, such as the `outer` of an environment.
    #[error("{what} has no `{key}`")]
    #[diagnostic(code(nest::missing_key), help("{hint}"))]
    MissingKey {
        /// Whose key it is.
        what: String,
        /// The key.
        key: String,
        /// How to write it.
        hint: String,
        /// Where it should be.
        #[label("`{key}` is missing here")]
        at: Span,
    },

    /// Keys that say the same thing in two ways, or two things that cannot both hold.
    #[error("{what} takes only one of {keys}")]
    #[diagnostic(code(nest::conflicting_keys), help("keep the one that you mean"))]
    ConflictingKeys {
        /// Whose keys they are.
        what: String,
        /// The keys.
        keys: String,
        /// One.
        #[label("either this")]
        first: Span,
        /// The other.
        #[label("or this")]
        second: Span,
    },

    /// Part of the format that this version of nest reads and checks, but does not act on. The file is valid, and
    /// `nest validate` and `nest config` say so; `nest plan` and `nest up` refuse it, because they would carry out
    /// only part of it.
    #[error("{what} is not supported yet")]
    #[diagnostic(severity(Warning), code(nest::not_supported_yet), help("{reason}"))]
    NotSupportedYet {
        /// The key or value.
        what: String,
        /// Why not, and what to do.
        reason: String,
        /// Its place.
        #[label("nest does not act on this in this version")]
        at: Span,
    },
}
