//! Keys and the shape of their values.

use miette::Diagnostic;
use thiserror::Error;

use crate::source::Span;

/// Keys and the shape of their values.
#[derive(Debug, Clone, PartialEq, Eq, Error, Diagnostic)]
pub enum ShapeProblem {
    /// A key that nest does not know.
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

    /// A key that belongs elsewhere.
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

    /// A value of the wrong type.
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

    /// A word that is not one of those that a key takes.
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

    /// A key that must be there.
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

    /// Keys that say two things at once.
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

    /// Part of the format that this version does not act on.
    #[error("{what} is not supported yet")]
    #[diagnostic(code(nest::not_supported_yet), help("{hint}"))]
    NotSupportedYet {
        /// The key or value.
        what: String,
        /// What to do until then.
        hint: String,
        /// Its place.
        #[label("nest does not act on this in this version")]
        at: Span,
    },
}
