//! Containers: settings that contradict each other.

use miette::{Diagnostic, SourceSpan};
use thiserror::Error;

use crate::source::Span;

/// Settings of containers that contradict each other, or lead nowhere.
#[derive(Debug, Clone, PartialEq, Eq, Error, Diagnostic)]
pub enum ContainerProblem {
    /// Two settings contradict each other: a reservation above its limit, a soft limit above the hard one, more
    /// processors than the container around has. Engines refuse such a container, or cannot start it.
    #[error("`{key}` is {relation} `{other}`")]
    #[diagnostic(code(nest::contradicting_limits), help("{hint}"))]
    ContradictingLimits {
        /// One setting.
        key: String,
        /// How they contradict: "above", "below".
        relation: &'static str,
        /// The other setting.
        other: String,
        /// How to resolve it.
        hint: String,
        /// The one's place.
        #[label(primary, "{relation} the other")]
        at: Span,
        /// The other's place.
        #[label("the other")]
        other_at: Span,
    },

    /// A container that uses the network of another container, or of the host, has none of its own: ports, addresses
    /// and host names are those of the other.
    #[error("`{key}` needs a network of the container's own")]
    #[diagnostic(code(nest::network_of_another), help("{hint}"))]
    NetworkOfAnother {
        /// The setting.
        key: String,
        /// What to do.
        hint: String,
        /// Its place.
        #[label(primary, "belongs to the network")]
        at: Span,
        /// Where the other network is chosen.
        #[label("it uses this one")]
        mode_at: Span,
    },

    /// `service:NAME` names a container that the same scope does not declare.
    #[error("no environment or service `{name}` is declared")]
    #[diagnostic(code(nest::undeclared_container), help("{hint}"))]
    UndeclaredContainer {
        /// The name.
        name: String,
        /// The nearest name, or what can stand here.
        hint: String,
        /// Where it is used.
        #[label("used here")]
        at: Span,
    },

    /// A container, a registry or a build names a network, a secret or a config that its scope does not declare. The
    /// network `default` needs no declaration.
    #[error("no {kind} `{name}` is declared")]
    #[diagnostic(code(nest::undeclared_in_scope), help("{hint}"))]
    UndeclaredInScope {
        /// "network", "secret", "config".
        kind: &'static str,
        /// The name.
        name: String,
        /// The nearest name, or how to declare it.
        hint: String,
        /// Where it is used.
        #[label(primary, "used here")]
        at: Span,
        /// Where such are declared.
        #[label("the {kind}s of this scope")]
        section: Option<SourceSpan>,
    },

    /// A fixed address needs a network whose subnet is fixed too: engines refuse it on a network that gets a free one.
    #[error("a fixed address needs a subnet, and the network `{network}` has none")]
    #[diagnostic(
        code(nest::address_without_subnet),
        help(
            "declare it: `networks: {{ {network}: {{ ipam: {{ config: [{{ subnet: 172.30.0.0/16 }}] }} }} }}`, or remove the address"
        )
    )]
    AddressWithoutSubnet {
        /// The network.
        network: String,
        /// The address.
        #[label("a fixed address")]
        at: Span,
    },

    /// Each replica is a container of its own, so what only one container can have cannot be given to all.
    #[error("{replicas} replicas cannot share one `{key}`")]
    #[diagnostic(
        code(nest::fixed_with_replicas),
        help("remove `{key}`, so that each replica gets its own, or keep one replica")
    )]
    FixedWithReplicas {
        /// The setting.
        key: String,
        /// How many there are.
        replicas: u32,
        /// The setting's place.
        #[label(primary, "only one container can have it")]
        at: Span,
        /// The place of the number of replicas.
        #[label("several containers")]
        replicas_at: Span,
    },

    /// A file of environment variables cannot be read, or a line of it sets none. nest reads these files itself; the
    /// engine never sees them. A file that need not be there says `required: false`.
    #[error("the variables of `{path}` cannot be used: {reason}")]
    #[diagnostic(
        code(nest::env_file_not_usable),
        help(
            "paths are beside the file that names them; `{{ path: {path}, required: false }}` lets it be missing"
        )
    )]
    EnvFileNotUsable {
        /// The path.
        path: String,
        /// What is wrong with it.
        reason: String,
        /// Its place.
        #[label("named here")]
        at: Span,
    },

    /// A container publishes ports, and every network that it is on is `internal`: nothing outside reaches those.
    /// Engines accept it and publish nothing.
    #[error("no network of the container leads outside, so its ports cannot be published")]
    #[diagnostic(
        code(nest::ports_on_internal_networks),
        help(
            "attach it to another network too, such as `default`, or remove `internal` or `ports`"
        )
    )]
    PortsOnInternalNetworks {
        /// The ports.
        #[label(primary, "published nowhere")]
        at: Span,
        /// Where its networks are made internal.
        #[label(collection, "leads nowhere outside")]
        internal: Vec<SourceSpan>,
    },

    /// How many containers there are of an environment is about the environment, not about one container.
    #[error("`{key}` does not belong in `outer`")]
    #[diagnostic(code(nest::replicas_in_outer), help("write `replicas` beside `outer`"))]
    ReplicasInOuter {
        /// The key.
        key: String,
        /// Its place.
        #[label("in the wrong place")]
        at: Span,
    },
}
