//! Services, and how they reach an environment's engine.

use miette::Diagnostic;
use thiserror::Error;

use crate::source::Span;

/// A service.
#[derive(Debug, Clone, PartialEq, Eq, Error, Diagnostic)]
pub enum ServiceProblem {
    /// A service has neither an image nor says how one is built, in none of the files that are put over each other and in
    /// nothing that it extends.
    #[error("the service `{name}` has no image")]
    #[diagnostic(
        code(nest::service_without_image),
        help("say what it runs, `image: nginx:1`, or how its image is built, `build: .`")
    )]
    WithoutImage {
        /// The service.
        name: String,
        /// Its name's place.
        #[label("nothing to run")]
        at: Span,
    },

    /// A service with `docker_host` says by hand what `docker_host` says already: a variable such as `DOCKER_HOST`, or a
    /// mount of an engine's socket. One of both would win, and not always the same one.
    #[error("{what} says by hand how to reach an engine, and so does `docker_host`")]
    #[diagnostic(
        code(nest::connection_by_hand),
        help("remove it: with `docker_host` the service finds the engine by itself")
    )]
    ConnectionByHand {
        /// The variable or mount.
        what: String,
        /// Its place.
        #[label(primary, "by hand")]
        at: Span,
        /// The `docker_host`.
        #[label("this is enough")]
        docker_host: Span,
    },

    /// A `docker_host` asks for a replica that its environment does not have. Replicas are counted from 1.
    #[error("`{environment}` has no replica {replica}")]
    #[diagnostic(code(nest::no_such_replica), help("{hint}"))]
    NoSuchReplica {
        /// The environment.
        environment: String,
        /// The replica.
        replica: String,
        /// Which there are.
        hint: String,
        /// Where it is asked for.
        #[label("asked for here")]
        at: Span,
    },

    /// A service and the environment whose client it is have different numbers of replicas, so that they cannot be one to
    /// one.
    #[error("the numbers of replicas differ: {environment} of `{name}`, {service} of the service")]
    #[diagnostic(code(nest::replicas_differ), help("{hint}"))]
    ReplicasDiffer {
        /// How many the service has.
        service: u32,
        /// How many the environment has.
        environment: u32,
        /// The environment.
        name: String,
        /// What to write.
        hint: String,
        /// The `docker_host`.
        #[label("which of them?")]
        at: Span,
    },

    /// A service starts its command in a folder that is mounted. What it starts on the engine of its environment looks for
    /// that folder at the same path there, and the environment does not have it.
    #[error("`{environment}` does not have `{target}`, in which the service works")]
    #[diagnostic(
        severity(Warning),
        code(nest::working_dir_not_shared),
        help(
            "containers that it starts there with `-v $PWD:…` would see another folder: mount the same in the environment's \
             `volumes`, at the same path"
        )
    )]
    WorkingDirNotShared {
        /// The environment.
        environment: String,
        /// The path in the container.
        target: String,
        /// The folder.
        #[label(primary, "works here")]
        at: Span,
        /// The mount.
        #[label("which is mounted here")]
        mount: Span,
    },

    /// A mount of a service says how the engine inside sees it, and a service has no engine inside.
    #[error("`inner` means nothing in a service")]
    #[diagnostic(
        code(nest::inner_of_service),
        help("remove it: only an environment has an engine inside")
    )]
    InnerOfService {
        /// The key.
        #[label("no engine to share this with")]
        at: Span,
    },

    /// Two containers answer to one name on a network, so that those who ask get one or the other. That may be what you want,
    /// or a slip of the pen, or what `extends` took over.
    #[error("two containers would both answer to `{name}` on the network `{network}`")]
    #[diagnostic(
        severity(Warning),
        code(nest::alias_used_twice),
        help(
            "who asks for it gets one or the other; replica I of `NAME` answers to `NAME-I`, and to `NAME` if it is the only one"
        )
    )]
    AliasUsedTwice {
        /// The name.
        name: String,
        /// The network.
        network: String,
        /// What answers to it first.
        #[label("first here")]
        first: Span,
        /// What answers to it too.
        #[label(primary, "and here too")]
        again: Span,
    },
}
