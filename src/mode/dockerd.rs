//! What the official images of `dockerd` have in common.
//!
//! Their entrypoint adds a TCP listener and makes certificates only when it is started without a command or with flags;
//! an explicit `dockerd` is run as it stands
//! (<https://github.com/docker-library/docker/blob/master/dockerd-entrypoint.sh>).

use crate::mode::{Certificates, SeedFiles};

/// Reads a `daemon.json` and says what is wrong with it.
pub(super) const CHECK: &[&str] = &["dockerd", "--validate", "--config-file=/dev/stdin"];

/// The docker CLI joins its standard streams to the socket in `DOCKER_HOST`.
pub(super) const DIAL: &[&str] = &["docker", "system", "dial-stdio"];

/// Nothing else that the CLI would look at.
pub(super) const DIAL_ENVIRONMENT: &[&str] = &[
    "DOCKER_CONTEXT=default",
    "DOCKER_TLS_VERIFY=",
    "DOCKER_TLS=",
];

/// What `dockerd` logs for each of its sockets.
pub(super) const LOG_LINE: &str = "API listen on";

/// The certificates that the entrypoint makes.
pub(super) const CERTIFICATES: Certificates = Certificates {
    folder_variable: "DOCKER_TLS_CERTDIR",
    names_variable: "DOCKER_TLS_SAN",
    names: &["docker", "localhost"],
};

/// The `dind` script of the image mounts memory there where it starts as root.
pub(super) const MEMORY_FOLDER: &str = "/tmp";

/// What holds images, with a storage driver and in containerd. Layers and contents are written once. The names of images
/// come last: an engine that finds layers without them has no images, and loses nothing but room.
pub(super) const SEED: SeedFiles = SeedFiles {
    folders: &["overlay2", "fuse-overlayfs", "containerd", "image"],
    immutable: &[
        "overlay2",
        "fuse-overlayfs",
        "containerd/daemon/io.containerd.content.v1.content/blobs",
        "containerd/daemon/io.containerd.snapshotter.v1.overlayfs/snapshots",
    ],
    overlay_options: "userxattr,",
    store_keys: &["storage-driver", "storage-opts", "features"],
    foreign_keys: &["data-root", "graph", "userns-remap", "containerd"],
    store_variables: &["DOCKER_DRIVER"],
};
