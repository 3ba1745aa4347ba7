//! Mode `rootless`: a daemon without root's rights inside a container.

use std::time::Duration;

use crate::mode::{Mode, ModeEngine, OwnEngine, SeedFiles, SmallerSet, dockerd};

/// `docker:dind-rootless`, which runs `dockerd` as user 1000 in a user namespace that `rootlesskit` makes.
pub(super) const ROOTLESS: Mode = Mode {
    name: "rootless",
    summary: "a daemon of its own that runs without root's rights inside the container",
    starter: include_str!("rootless.yaml"),
    image: "docker:dind-rootless",
    command: &[],
    home: "/home/rootless",
    init: false,
    privileged: true,
    // To make namespaces of its own, to mount `/proc` and `/sys` in them, and for the network and the layers inside.
    unprivileged: Some(SmallerSet {
        capabilities: &[],
        security_options: &[
            "seccomp=unconfined",
            "apparmor=unconfined",
            "systempaths=unconfined",
        ],
        devices: &["/dev/net/tun", "/dev/fuse"],
    }),
    runtime: None,
    without_runtime: "",
    engine: ModeEngine::Own(&OwnEngine {
        is_podman: false,
        socket: "/run/user/1000/docker.sock",
        client_folder: "/nest",
        user: 1000,
        data_root: "/home/rootless/.local/share/docker",
        certificates_folder: "/home/rootless/.config/docker/certs.d",
        daemon_file: Some("/home/rootless/.config/docker/daemon.json"),
        daemon_check: dockerd::CHECK,
        registries_file: None,
        client: "docker",
        daemon_command: &[
            "dockerd",
            "--host=unix:///run/user/1000/docker.sock",
            "--host=unix:///nest/docker.sock",
        ],
        environment: &[("DOCKER_HOST", "unix:///run/user/1000/docker.sock")],
        dial: dockerd::DIAL,
        dial_environment: dockerd::DIAL_ENVIRONMENT,
        log_line: dockerd::LOG_LINE,
        certificates: Some(dockerd::CERTIFICATES),
        memory_folder: None,
        lowest_port: 1024,
        ready_timeout: Duration::from_mins(2),
        stop_timeout: Duration::from_mins(1),
        // Without root's rights layers use the attributes of users.
        seed: Some(SeedFiles {
            overlay_options: "",
            ..dockerd::SEED
        }),
    }),
};
