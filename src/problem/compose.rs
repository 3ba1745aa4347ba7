//! Services that extend others, and Compose files.

use miette::{Diagnostic, SourceSpan};
use thiserror::Error;

use crate::source::Span;

/// Services that extend others, and Compose files.
#[derive(Debug, Clone, PartialEq, Eq, Error, Diagnostic)]
pub enum ComposeProblem {
    /// A file that `extends` or `compose` names cannot be read. Its path starts from the folder of the file that names it.
    #[error("cannot read `{path}`: {reason}")]
    #[diagnostic(
        code(nest::unreadable_named_file),
        help("check the path: it starts from the folder of the file that names it")
    )]
    Unreadable {
        /// The file.
        path: String,
        /// What the operating system says.
        reason: String,
        /// Where it is named.
        #[label("named here")]
        at: Span,
    },

    /// A service extends another one that its scope does not declare, or the file that it names. As in Compose, a service
    /// of an included file or of another file on the command line cannot be extended by its name alone.
    #[error("there is no service `{name}` to extend")]
    #[diagnostic(code(nest::unknown_extended_service), help("{hint}"))]
    UnknownExtended {
        /// The service.
        name: String,
        /// The nearest name, or how to find it.
        hint: String,
        /// Where it is named.
        #[label(primary, "extended here")]
        at: Span,
        /// Where the services are that could be meant.
        #[label("the services that there are")]
        section: Option<SourceSpan>,
    },

    /// Services extend each other in a circle, so that none says what it is.
    #[error("services extend each other: {cycle}")]
    #[diagnostic(code(nest::extends_cycle), help("remove one of these `extends`"))]
    ExtendsCycle {
        /// The services, from one back to itself.
        cycle: String,
        /// The entry that closes the circle.
        #[label("this leads back to where it started")]
        at: Span,
    },

    /// Services extend others that extend others, further than people write it, or take over so much in all that a small
    /// file grows without end.
    #[error("too much is extended: {what}")]
    #[diagnostic(
        code(nest::too_many_extends),
        help("write the services out, or extend fewer of them")
    )]
    TooManyExtends {
        /// The limit that is passed.
        what: String,
        /// Where it is passed.
        #[label("the limit is passed here")]
        at: Span,
    },

    /// A key that Compose does not know in this place of a Compose file. Compose refuses it too.
    #[error("Compose has no key `{key}` here")]
    #[diagnostic(code(nest::unknown_compose_key), help("{hint}"))]
    UnknownKey {
        /// The key.
        key: String,
        /// The nearest key, or all of them.
        hint: String,
        /// Its place.
        #[label("not known here")]
        at: Span,
    },

    /// A key of a Compose file that Compose acts on and nest does not. The rest of the file means what it says.
    #[error("nest does not act on Compose's `{key}`")]
    #[diagnostic(
        severity(Warning),
        code(nest::compose_key_ignored),
        help("it changes nothing here; remove it if you do not need it elsewhere")
    )]
    Ignored {
        /// The key.
        key: String,
        /// Its place.
        #[label("this has no effect")]
        at: Span,
    },

    /// A Compose file declares something that the scope, or another of its Compose files, declares too. Neither goes over
    /// the other: an override file would.
    #[error("`{name}` of `{section}` is declared here and in a Compose file")]
    #[diagnostic(
        code(nest::compose_conflict),
        help(
            "rename one of the two; to change what a Compose file says, write it into `nest.override.yaml`"
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
        /// That of the Compose file.
        #[label("the Compose file declares it too")]
        compose: Span,
    },
}
