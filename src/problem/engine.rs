//! Environments and their engines.

use miette::Diagnostic;
use thiserror::Error;

use crate::source::Span;

/// An environment and its engine.
#[derive(Debug, Clone, PartialEq, Eq, Error, Diagnostic)]
pub enum EngineProblem {
    /// Two engines on one data root.
    #[error("two environments share one data root, {place}")]
    #[diagnostic(
        code(nest::data_root_shared),
        help("give each its own: two engines on one data root destroy it")
    )]
    DataRootShared {
        /// The volume or path.
        place: String,
        /// The first environment's.
        #[label("first used here")]
        first: Span,
        /// The second environment's.
        #[label(primary, "used again here")]
        again: Span,
    },

    /// The engines of all replicas on one data root.
    #[error("{replicas} replicas cannot share one data root, {place}")]
    #[diagnostic(
        code(nest::data_root_with_replicas),
        help("remove `data`, so that each replica gets a volume of its own")
    )]
    DataRootWithReplicas {
        /// The volume or path.
        place: String,
        /// How many engines there are.
        replicas: u32,
        /// The data root.
        #[label("one data root")]
        at: Span,
        /// The number of replicas.
        #[label("several engines")]
        replicas_at: Span,
    },

    /// The engine inside on the data root of the engine outside.
    #[error("`{path}` is the data root of the outer engine itself")]
    #[diagnostic(
        code(nest::host_data_root),
        help(
            "name a volume or another folder, or remove `data` for a volume of the environment's own"
        )
    )]
    HostDataRoot {
        /// The path.
        path: String,
        /// Its place.
        #[label("two engines on it destroy it")]
        at: Span,
    },

    /// A setting of an engine that the environment does not have.
    #[error("`{key}` needs an engine of the environment's own, and mode `{mode}` has none")]
    #[diagnostic(
        code(nest::no_engine_of_its_own),
        help("remove `{key}`, or choose another mode: `outer: {{ mode: dind }}`")
    )]
    NoEngineOfItsOwn {
        /// The setting.
        key: String,
        /// The mode.
        mode: String,
        /// Its place.
        #[label(primary, "no engine to apply this to")]
        at: Span,
        /// Where the mode is set.
        #[label("the engine outside is used")]
        mode_at: Span,
    },

    /// A key of the engine's configuration that nest writes itself.
    #[error("nest sets the engine's `{key}` itself")]
    #[diagnostic(code(nest::set_by_nest), help("{hint}"))]
    SetByNest {
        /// The key.
        key: String,
        /// What to write instead.
        hint: String,
        /// Its place.
        #[label("set here too")]
        at: Span,
    },

    /// Certificates switched on or off past nest.
    #[error("`DOCKER_TLS_CERTDIR` has no effect: nest chooses where the engine listens")]
    #[diagnostic(
        code(nest::certificates_by_hand),
        help(
            "remove it and say `listen`: with `listen: socket`, the default, there is no TCP port and no certificate"
        )
    )]
    CertificatesByHand {
        /// The variable.
        #[label("set by hand")]
        at: Span,
    },

    /// The outer engine's socket in a container.
    #[error("mode `{mode}` hands the outer engine's socket to the container")]
    #[diagnostic(
        severity(Warning),
        code(nest::socket_is_root),
        help("whoever runs in it is root on the host; mode `dind` has an engine of its own")
    )]
    SocketIsRoot {
        /// The mode.
        mode: String,
        /// Where it is chosen.
        #[label("chosen here")]
        at: Span,
    },

    /// A volume whose name differs inside.
    #[error("inside, the volume `{name}` has another name: `{real_name}`")]
    #[diagnostic(
        severity(Warning),
        code(nest::volume_name_differs),
        help(
            "`docker run -v {name}:…` in this environment would make another volume; give the volume an explicit `name`"
        )
    )]
    VolumeNameDiffers {
        /// The volume.
        name: String,
        /// Its name on the engine.
        real_name: String,
        /// The mount.
        #[label(primary, "the outer engine's own volume")]
        at: Span,
        /// The declaration.
        #[label("declared without `name`")]
        declared: Span,
    },

    /// A folder whose path differs inside.
    #[error("`{target}` in the container is `{path}` on the host")]
    #[diagnostic(
        severity(Warning),
        code(nest::bind_path_differs),
        help(
            "containers started through the socket find folders by the host's paths; mount it at the same path with `{source_text}:same`"
        )
    )]
    BindPathDiffers {
        /// The path on the host.
        path: String,
        /// The path in the container.
        target: String,
        /// The source as the file writes it.
        source_text: String,
        /// The mount.
        #[label("another path inside")]
        at: Span,
    },

    /// A limit that what is started through the socket escapes.
    #[error("`{key}` does not bound the containers that are started through the socket")]
    #[diagnostic(
        severity(Warning),
        code(nest::limit_does_not_bind),
        help(
            "it holds for the environment's own container only; mode `dind` bounds all that runs inside"
        )
    )]
    LimitDoesNotBind {
        /// The limit.
        key: String,
        /// Its place.
        #[label("for this container only")]
        at: Span,
    },
}
