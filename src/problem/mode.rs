//! What does not go with a mode, and how its engine listens.

use miette::Diagnostic;
use thiserror::Error;

use crate::source::Span;

/// What does not go with a mode, and how its engine listens.
#[derive(Debug, Clone, PartialEq, Eq, Error, Diagnostic)]
pub enum ModeProblem {
    /// The runtime that isolates the container of an environment does not run inside itself: an environment of that
    /// mode cannot hold another one, at any depth.
    #[error("mode `{mode}` does not run inside itself")]
    #[diagnostic(
        code(nest::runtime_in_itself),
        help("choose another mode for one of the two; mode `dind` runs inside `{mode}`")
    )]
    RuntimeInItself {
        /// The mode.
        mode: String,
        /// The outer one.
        #[label("the runtime `{runtime}` here")]
        first: Span,
        /// The inner one.
        #[label(primary, "and once more inside it")]
        again: Span,
        /// The runtime.
        runtime: String,
    },

    /// The runtime of a mode and the `runtime` of the container do not agree. A runtime that isolates has a mode of its own,
    /// which asks for no privileges with it; under that mode the container has no other.
    #[error("the runtime `{runtime}` does not go with mode `{mode}`")]
    #[diagnostic(code(nest::runtime_and_mode), help("{hint}"))]
    RuntimeAndMode {
        /// The mode.
        mode: String,
        /// The runtime.
        runtime: String,
        /// What to do.
        hint: String,
        /// The runtime's place.
        #[label(primary, "this runtime")]
        at: Span,
        /// Where the mode is chosen.
        #[label("and this mode")]
        mode_at: Span,
    },

    /// The runtime of a mode isolates the container by a user namespace, and refuses to start it with all privileges.
    #[error("mode `{mode}` cannot be privileged")]
    #[diagnostic(
        code(nest::privileged_under_runtime),
        help("remove `privileged`: the engine inside needs none under `{runtime}`")
    )]
    PrivilegedUnderRuntime {
        /// The mode.
        mode: String,
        /// Its runtime.
        runtime: String,
        /// Where it is asked for.
        #[label(primary, "`{runtime}` refuses it")]
        at: Span,
        /// Where the mode is chosen.
        #[label("because of this")]
        mode_at: Span,
    },

    /// The runtime of a mode isolates the container by a user namespace, and refuses to start it in the network, process
    /// or user namespace of the host.
    #[error("mode `{mode}` cannot have `{key}: host`")]
    #[diagnostic(
        code(nest::host_namespace_under_runtime),
        help(
            "remove `{key}`, or choose another mode: `{runtime}` keeps its containers apart from the host"
        )
    )]
    HostNamespaceUnderRuntime {
        /// The key.
        key: String,
        /// The mode.
        mode: String,
        /// Its runtime.
        runtime: String,
        /// Where it is asked for.
        #[label(primary, "`{runtime}` refuses it")]
        at: Span,
        /// Where the mode is chosen.
        #[label("because of this")]
        mode_at: Span,
    },

    /// A daemon without root's rights cannot publish ports under 1024, unless the host allows it by
    /// `net.ipv4.ip_unprivileged_port_start`. What is published on such a port inside cannot be reached from outside.
    #[error("the engine of mode `{mode}` cannot publish port {port}: it is under {lowest}")]
    #[diagnostic(
        severity(Warning),
        code(nest::low_port),
        help(
            "use a port from {lowest} on in the container, such as {suggested}; the port of the host may stay"
        )
    )]
    LowPort {
        /// The mode.
        mode: String,
        /// The port in the container.
        port: u16,
        /// The lowest that it can publish.
        lowest: u16,
        /// A port that can be used instead.
        suggested: u16,
        /// The port's place.
        #[label(primary, "needs rights that the engine does not have")]
        at: Span,
        /// Where the mode is chosen.
        #[label("it runs without root's rights")]
        mode_at: Span,
    },

    /// The engine can be reached over TCP without TLS, on port 2375 or another. Whoever reaches the port commands the
    /// engine, and in a privileged container that is root on the host.
    #[error("{what} lets whoever reaches it command the engine")]
    #[diagnostic(
        severity(Warning),
        code(nest::plain_tcp),
        help(
            "leave it out: clients use a socket in a volume by default; `listen: tls` asks them for certificates"
        )
    )]
    PlainTcp {
        /// What opens it.
        what: String,
        /// Its place.
        #[label("no password, no certificate")]
        at: Span,
    },

    /// The mode's image makes no certificates, so its engine cannot listen with TLS.
    #[error("mode `{mode}` makes no certificates, so its engine cannot listen with TLS")]
    #[diagnostic(
        code(nest::tls_not_possible),
        help("remove `listen`: clients then use a socket, without any TCP port")
    )]
    TlsNotPossible {
        /// The mode.
        mode: String,
        /// Where it is asked to.
        #[label(primary, "not with this mode")]
        at: Span,
        /// Where the mode is chosen.
        #[label("because of this")]
        mode_at: Span,
    },

    /// With `listen: tls` clients compare the name by which they reach the engine with the names in its certificate. nest
    /// puts in all of them, unless the variable is set by hand, and then some are missing. Clients that use one refuse
    /// the connection.
    #[error("clients reach it as {names}, which its certificate does not name")]
    #[diagnostic(
        severity(Warning),
        code(nest::name_not_in_certificate),
        help("remove `{variable}`, so that nest puts in all names, or add {additions}")
    )]
    NameNotInCertificate {
        /// The names, quoted.
        names: String,
        /// The variable.
        variable: String,
        /// What to add to it.
        additions: String,
        /// The variable's place.
        #[label(primary, "these names only")]
        at: Span,
        /// Where TLS is chosen.
        #[label("clients compare names because of this")]
        listen: Span,
    },
}
