//! Variables in values.

use miette::Diagnostic;
use thiserror::Error;

use crate::source::Span;

/// A variable in a value.
#[derive(Debug, Clone, PartialEq, Eq, Error, Diagnostic)]
pub enum VariableProblem {
    /// A variable that a value uses is not set and has no default, so it becomes empty text, as in Compose.
    /// Variables come from the process, else from the file `.env` beside the nest file.
    #[error("the variable `{name}` is not set and becomes empty")]
    #[diagnostic(
        severity(Warning),
        code(nest::undefined_variable),
        help(
            "set it, give it a default with `${{{name}:-default}}`, or write `$$` for a dollar sign"
        )
    )]
    Undefined {
        /// Its name.
        name: String,
        /// Where it is used.
        #[label("not set")]
        at: Span,
    },

    /// A variable written with `?` is not set, and the file says that it must be. With `:?` an empty one counts as
    /// not set.
    #[error("the variable `{name}` must be set{message}")]
    #[diagnostic(
        code(nest::required_variable),
        help("set it in the environment, or in a file `.env` beside this one: `{name}=…`")
    )]
    Required {
        /// Its name.
        name: String,
        /// What the file says about it, after a colon; empty if nothing.
        message: String,
        /// Where it is used.
        #[label("required here")]
        at: Span,
    },

    /// A `$` in a value is followed by something that is no variable. nest reads `$NAME`, `${NAME}` and the forms
    /// with `:-`, `-`, `:?`, `?`, `:+` and `+`; a dollar sign of your own is written `$$`.
    #[error("cannot fill in a variable: {reason}")]
    #[diagnostic(
        code(nest::invalid_interpolation),
        help("write `${{NAME}}` or `${{NAME:-default}}` for a variable, `$$` for a dollar sign")
    )]
    Invalid {
        /// What is wrong.
        reason: String,
        /// The wrong text.
        #[label("this is no variable")]
        at: Span,
    },

    /// With its variables filled in, a value has more than a mebibyte, or all such values together more than sixteen.
    /// Variables that stand for each other twice, line by line, would soon take all memory.
    #[error("the value is too long with its variables filled in")]
    #[diagnostic(
        code(nest::value_too_long),
        help("use fewer variables, or shorter ones; long text belongs into a file of its own")
    )]
    TooLong {
        /// The value.
        #[label("this becomes too long")]
        at: Span,
    },

    /// A line of the file `.env` beside the nest file sets no variable.
    #[error("cannot read this line of variables: {reason}")]
    #[diagnostic(
        code(nest::invalid_env_file),
        help("a line is `NAME=value`, `NAME=\"value\"`, or a comment that starts with `#`")
    )]
    InvalidEnvFile {
        /// What is wrong.
        reason: String,
        /// The line.
        #[label("here")]
        at: Span,
    },
}
