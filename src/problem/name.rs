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

    /// The explicit name of a volume is one that nest keeps for its own records on the engine.
    #[error("the name `{name}` is nest's own")]
    #[diagnostic(
        code(nest::reserved_name),
        help(
            "choose another name: nest keeps what it must remember in volumes that are called so"
        )
    )]
    Reserved {
        /// The name.
        name: String,
        /// Its place.
        #[label("kept for nest's records")]
        at: Span,
    },

    /// Two volumes of the file are one object on the engine, or have one address in plans. A volume that nest makes for
    /// an environment or a registry is called after it: `PROJECT_NAME-I-data`, `PROJECT_NAME-I-socket`, `PROJECT_NAME-data`.
    #[error("two volumes would both be `{name}` {place}")]
    #[diagnostic(
        code(nest::volumes_clash),
        help("rename one of the two: nest could not tell one from the other")
    )]
    VolumesClash {
        /// The name that both have.
        name: String,
        /// Where they have it.
        place: &'static str,
        /// What has it first.
        first_what: String,
        /// Its place.
        #[label("{first_what}")]
        first: Span,
        /// What has it too.
        second_what: String,
        /// Its place.
        #[label(primary, "{second_what}")]
        second: Span,
    },

    /// Two containers answer to one name on the network of their scope. Replica *I* of the environment `builder` answers
    /// to `builder-I`, and to `builder` if it is the only one; the registry `hub` to `hub`, `hub-1` and `hub.nest`.
    #[error("two containers would both answer to `{name}` on the network")]
    #[diagnostic(
        code(nest::hosts_clash),
        help(
            "rename one of the two: replica I of `NAME` answers to `NAME-I`, a registry to `NAME.nest` too"
        )
    )]
    HostsClash {
        /// The name on the network.
        name: String,
        /// What answers to it first.
        first_what: String,
        /// Its place.
        #[label("{first_what}")]
        first: Span,
        /// What answers to it too.
        second_what: String,
        /// Its place.
        #[label(primary, "{second_what}")]
        second: Span,
    },

    /// A container has a `container_name` and several replicas, of which only one could have the name.
    #[error("{replicas} replicas cannot all be called `{name}`")]
    #[diagnostic(
        code(nest::container_name_with_replicas),
        help("remove `container_name`: replica I of `NAME` is called `PROJECT-NAME-I`")
    )]
    ContainerNameWithReplicas {
        /// The name.
        name: String,
        /// How many containers there are.
        replicas: u32,
        /// The name's place.
        #[label(primary, "one name")]
        at: Span,
        /// The number of replicas.
        #[label("several containers")]
        replicas_at: Span,
    },

    /// Two of environments, services and registries have one name. All answer to their name on the network that they share,
    /// so the names must differ.
    #[error("`{name}` names both {second_what} and {first_what}")]
    #[diagnostic(
        code(nest::shared_name),
        help("rename one of the two: both answer to their name on the scope's network")
    )]
    Shared {
        /// The name.
        name: String,
        /// What the first is.
        first_what: &'static str,
        /// The first.
        #[label("{first_what}")]
        first: Span,
        /// What the second is.
        second_what: &'static str,
        /// The second.
        #[label(primary, "{second_what}")]
        second: Span,
    },

    /// Two engines answer to one name on a network: environments with the same alias, an alias that is another
    /// environment's name, or an alias of several replicas. Clients reach now the one and now the other, and with
    /// certificates most connections fail.
    #[error("two engines answer to `{alias}` on the network `{network}`")]
    #[diagnostic(
        severity(Warning),
        code(nest::alias_shared),
        help("give each a name of its own, or put them on different networks")
    )]
    AliasShared {
        /// The alias.
        alias: String,
        /// The network.
        network: String,
        /// The other engine, or what makes several of this one.
        #[label("one here")]
        first: Span,
        /// The alias.
        #[label(primary, "and so does this")]
        again: Span,
    },
}
