//! What is mounted where, and which ports are published.

use miette::Diagnostic;
use thiserror::Error;

use crate::source::Span;

/// What is mounted where, and which ports are published.
#[derive(Debug, Clone, PartialEq, Eq, Error, Diagnostic)]
pub enum MountProblem {
    /// Two mounts of one environment have the same path in the container, and only one of them could be seen.
    #[error("two mounts share the path `{target}`")]
    #[diagnostic(
        code(nest::path_mounted_twice),
        help("give one of them another path in the container")
    )]
    PathMountedTwice {
        /// The path.
        target: String,
        /// The first mount.
        #[label("first mounted here")]
        first: Span,
        /// The second mount.
        #[label(primary, "mounted again here")]
        again: Span,
    },

    /// A mount lies on the data root of the engine inside, where its images and containers live. Declared as
    /// `data`, nest checks that no two engines use it.
    #[error("`{target}` is the data root of the engine inside")]
    #[diagnostic(
        code(nest::data_root_mounted),
        help(
            "say `outer: {{ data: … }}` instead: nest then knows that one engine only may use it"
        )
    )]
    DataRootMounted {
        /// The path.
        target: String,
        /// The mount.
        #[label("this would be its images and containers")]
        at: Span,
    },

    /// A mount would hide a path that nest needs in the container: the engine's socket, or the folder `/nest` with
    /// the socket for clients.
    #[error("a mount at `{target}` hides `{hidden}`, which nest needs")]
    #[diagnostic(
        code(nest::reserved_path),
        help(
            "choose another path in the container: a service gets the engine's socket by `docker_host`"
        )
    )]
    ReservedPath {
        /// The path.
        target: String,
        /// What it hides.
        hidden: String,
        /// The mount.
        #[label("mounted over it")]
        at: Span,
    },

    /// The `dind` image mounts memory on `/tmp` when it starts, so a mount below `/tmp` is not visible inside.
    #[error("`{target}` lies under `{folder}`, where the container mounts memory when it starts")]
    #[diagnostic(
        code(nest::hidden_by_tmpfs),
        help("choose a path outside `{folder}`; what is mounted below it is not visible inside")
    )]
    HiddenByTmpfs {
        /// Where the memory is mounted.
        folder: String,
        /// The path.
        target: String,
        /// The mount.
        #[label("not visible inside")]
        at: Span,
    },

    /// The folder or file that is mounted is not there, and `create_host_path: false` says not to make it. The engine
    /// would refuse to start the container.
    #[error("there is no `{path}` to mount")]
    #[diagnostic(
        code(nest::bind_source_missing),
        help("make it, correct the path, or remove `create_host_path: false`")
    )]
    BindSourceMissing {
        /// The path.
        path: String,
        /// Its place.
        #[label(primary, "not there")]
        at: Span,
        /// Where making it is ruled out.
        #[label("and not to be made")]
        create: Span,
    },

    /// The folder that is mounted is not there. The engine makes it, empty and owned by root, as with Compose; that
    /// hides a misspelt path.
    #[error("there is no `{path}` to mount: it would be made, as an empty folder")]
    #[diagnostic(
        severity(Warning),
        code(nest::bind_source_created),
        help("make it, or correct the path; with `create_host_path: false` it is an error")
    )]
    BindSourceCreated {
        /// The path.
        path: String,
        /// Its place.
        #[label("not there")]
        at: Span,
    },

    /// A volume that an environment mounts is a volume of its engine by that, under the same name. The inner scope
    /// declares another of that name.
    #[error("the inner scope declares the volume `{name}`, which is shared from outside")]
    #[diagnostic(
        code(nest::volume_declared_again),
        help("remove the inner declaration, or mount the outer volume with `inner: false`")
    )]
    VolumeDeclaredAgain {
        /// The volume.
        name: String,
        /// The mount.
        #[label("shared with the engine inside")]
        mount: Span,
        /// The declaration.
        #[label(primary, "declared again here")]
        again: Span,
    },

    /// Two mounts with different sources would be one volume of the engine inside.
    #[error("two mounts are the volume `{name}` inside")]
    #[diagnostic(
        code(nest::inner_name_used_twice),
        help(
            "give one of them another name with `inner: NAME`, or hide it from the engine with `inner: false`"
        )
    )]
    InnerNameUsedTwice {
        /// The name.
        name: String,
        /// The first mount.
        #[label("this is `{name}` inside")]
        first: Span,
        /// The second mount.
        #[label(primary, "and so is this")]
        again: Span,
    },

    /// Two containers publish the same port of the host, and the second could not start.
    #[error("the host's port {port} is published twice")]
    #[diagnostic(
        code(nest::port_published_twice),
        help("choose another port of the host for one of them, or leave it out for a free one")
    )]
    PortPublishedTwice {
        /// The port.
        port: String,
        /// The first one.
        #[label("published here")]
        first: Span,
        /// The second one.
        #[label(primary, "and again here")]
        again: Span,
    },

    /// An environment with several replicas publishes fewer ports of the host than it has replicas.
    #[error("{replicas} replicas cannot all publish the host's port {port}")]
    #[diagnostic(
        code(nest::port_with_replicas),
        help(
            "write only the container's port, so that each replica gets a free port of the host, or a port for each: \
             `8000-8009:80`"
        )
    )]
    PortWithReplicas {
        /// The port.
        port: String,
        /// How many containers there are.
        replicas: u32,
        /// The port's place.
        #[label("one port of the host")]
        at: Span,
        /// The number of replicas.
        #[label("several containers")]
        replicas_at: Span,
    },
}
