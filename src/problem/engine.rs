//! Environments and their engines.

use miette::Diagnostic;
use thiserror::Error;

use crate::source::Span;

/// An environment and its engine.
#[derive(Debug, Clone, PartialEq, Eq, Error, Diagnostic)]
pub enum EngineProblem {
    /// Two environments use one volume or folder as their data root, or a folder in that of the other. Two engines that
    /// write to one data root at the same time destroy it.
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

    /// All replicas of an environment would use one volume or folder as their data root. Each replica is an engine
    /// of its own and needs a data root of its own.
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

    /// The data root of the engine inside would be where the engine outside usually keeps its own data, or a folder
    /// above or below that.
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

    /// A seed is asked for where a data root cannot start from one: seeds are for engines of modes `dind` and `rootless`
    /// with their data in a volume. A seed that nobody asks for is not missed there.
    #[error("`seed: {seed}` does nothing: {reason}")]
    #[diagnostic(
        severity(Warning),
        code(nest::seed_not_used),
        help("remove `seed`; images are brought to the engine one by one")
    )]
    SeedNotUsed {
        /// How it is asked for.
        seed: String,
        /// Why there is none.
        reason: String,
        /// Its place.
        #[label("not used")]
        at: Span,
    },

    /// A setting for an engine, in an environment whose mode has no engine of its own: mode `socket` uses the
    /// engine outside.
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

    /// A key of the engine's configuration that nest sets itself. The engine would refuse to start with two
    /// settings, or nest would not find it.
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

    /// The variable `DOCKER_TLS_CERTDIR` tells the image's own start script where to put certificates. nest starts
    /// the engine itself, on sockets, so it has no effect.
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

    /// The environment has mode `socket`: whoever can run commands in it commands the outer engine, and so is root
    /// on its host. That may be what you want; nest says so each time.
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

    /// In mode `socket` commands inside talk to the outer engine, where the volume has the project's name in front.
    /// A volume with an explicit `name` is called the same everywhere.
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

    /// In mode `socket` the outer engine starts the containers, and looks for folders on its own host. A folder
    /// that has another path in the container is not found there, or another one is.
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

    /// In mode `socket` what is started through the socket runs beside the container, not inside it, and so is not
    /// bounded by its limits.
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
