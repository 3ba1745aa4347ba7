//! Mode `podman`: podman's service inside a container.

use std::time::Duration;

use crate::mode::{Mode, ModeEngine, OwnEngine, SmallerSet};

/// `quay.io/podman/stable`, which serves Docker's API on one socket, that for clients. It has no daemon to configure.
pub(super) const PODMAN: Mode = Mode {
    name: "podman",
    summary: "podman's service inside the container, which answers to Docker's API",
    starter: include_str!("podman.yaml"),
    image: "quay.io/podman/stable",
    command: &[],
    home: "/root",
    init: false,
    privileged: true,
    // To mount layers and make devices, with `fuse-overlayfs` where the kernel's own overlay is not allowed.
    unprivileged: Some(SmallerSet {
        capabilities: &["SYS_ADMIN", "MKNOD"],
        security_options: &["seccomp=unconfined", "apparmor=unconfined", "label=disable"],
        devices: &["/dev/fuse"],
    }),
    runtime: None,
    without_runtime: "",
    engine: ModeEngine::Own(&OwnEngine {
        is_podman: true,
        socket: "/nest/docker.sock",
        client_folder: "/nest",
        user: 0,
        data_root: "/var/lib/containers",
        certificates_folder: "/etc/containers/certs.d",
        daemon_file: None,
        daemon_check: &[],
        registries_file: Some("/etc/containers/registries.conf.d/nest.conf"),
        client: "podman",
        daemon_command: &[
            "podman",
            "--log-level=info",
            "system",
            "service",
            "--time=0",
            "unix:///nest/docker.sock",
        ],
        environment: &[],
        dial: &[
            "podman",
            "--remote",
            "--url=unix:///nest/docker.sock",
            "system",
            "dial-stdio",
        ],
        dial_environment: &["CONTAINER_HOST=", "CONTAINER_CONNECTION="],
        log_line: "API service listening on",
        certificates: None,
        memory_folder: None,
        lowest_port: 1,
        ready_timeout: Duration::from_mins(1),
        stop_timeout: Duration::from_mins(1),
        seed: None,
    }),
};
