//! What the official images of `dockerd` have in common.
//!
//! Their entrypoint adds a TCP listener and makes certificates only when it is started without a command or with flags;
//! an explicit `dockerd` is run as it stands
//! (<https://github.com/docker-library/docker/blob/master/dockerd-entrypoint.sh>).

use crate::mode::Certificates;

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
