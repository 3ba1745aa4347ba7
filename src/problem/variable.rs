//! Variables in values.

use miette::Diagnostic;
use thiserror::Error;

use crate::source::Span;

/// A variable in a value.
#[derive(Debug, Clone, PartialEq, Eq, Error, Diagnostic)]
pub enum VariableProblem {
    /// A variable that is not set.
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

    /// A variable that must be set.
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

    /// A `$` without a variable.
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

    /// A line of the variables' file that sets nothing.
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
