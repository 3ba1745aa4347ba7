//! Secrets and where they come from.

use miette::Diagnostic;
use thiserror::Error;

use crate::source::Span;

/// A secret and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Error, Diagnostic)]
pub enum SecretProblem {
    /// A secret comes from a variable that is not set. Variables come from the process, else from the files of
    /// variables. One that is set to nothing is set.
    #[error("the variable `{name}`, which holds a secret, is not set")]
    #[diagnostic(
        code(nest::secret_not_set),
        help("set it in the environment, or in a file `.env` that is not committed: `{name}=…`")
    )]
    NotSet {
        /// The variable.
        name: String,
        /// Its name in the file.
        #[label("not set")]
        at: Span,
    },

    /// A secret comes from a file that cannot be read, or that holds no text. The text after the colon is what the
    /// operating system says.
    #[error("cannot read the secret in `{path}`: {reason}")]
    #[diagnostic(
        code(nest::unreadable_secret),
        help("check the path, which is seen from the file that writes it, and its permissions")
    )]
    Unreadable {
        /// The file.
        path: String,
        /// What the operating system says.
        reason: String,
        /// Its place in the nest file.
        #[label("this file")]
        at: Span,
    },

    /// A password is written as text, or with a variable in it. Files are copied, shared and committed, and what a
    /// variable puts into a file is shown with it; so a password is only ever named by where it comes from. The text
    /// is shown nowhere.
    #[error("a password is written as text")]
    #[diagnostic(
        code(nest::password_as_text),
        help(
            "say where it comes from: `password: {{ env: NAME }}`, or `password: {{ file: PATH }}`"
        )
    )]
    PasswordAsText {
        /// Its place; the text is not shown.
        #[label("the text is not shown")]
        at: Span,
    },
}
